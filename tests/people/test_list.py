"""The list of people: search, filters, order, pages, and what can be done with a selection."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from people import queries
from people.models import LeadOwner, Person, PersonState
from tests.people.conftest import NOW

Make = Callable[..., Person]


def listed(client: Client, query: str = "") -> list[str]:
    """First names in the order of the page."""
    page = client.get(f"/people/?{query}").content.decode()
    return re.findall(r'<a class="fw-medium" href="/people/\d+/">(\w+)', page)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("anna", {"Anna"}),
        ("ACME", {"Anna", "Bo"}),
        ("anna acme", {"Anna"}),
        ("bo@", {"Bo"}),
        ("müller", {"Cy"}),
        ("MÜLLER", {"Cy"}),
        ("%", set()),
        ("_", set()),
        ("", {"Anna", "Bo", "Cy"}),
    ],
)
def test_search_finds_every_word_in_name_email_or_company(
    query: str, found: set[str], client: Client, make_person: Make
) -> None:
    make_person(first_name="Anna", last_name="Lee", email="a@x.example", company="Acme")
    make_person(first_name="Bo", last_name="Nowak", email="bo@x.example", company="acme Ltd")
    make_person(first_name="Cy", last_name="MÜLLER", email="c@x.example", company="Globex")
    assert set(listed(client, f"q={query.replace('%', '%25')}")) == found


@pytest.mark.django_db
def test_the_states_in_sql_are_those_of_the_row(make_person: Make) -> None:
    for failed, changed, deleted, sfdc_id in itertools.product(
        [None, NOW], [None, NOW], [True, False], ["", "00Q"]
    ):
        make_person(failed_at=failed, changed_at=changed, sfdc_is_deleted=deleted, sfdc_id=sfdc_id)
    people = list(Person.objects.all())
    for state in PersonState:
        expected = {person.pk for person in people if person.sfdc_state == state}
        assert expected
        assert set(queries.in_state(Person.objects.all(), state).values_list("pk", flat=True)) == expected


@pytest.mark.django_db
def test_the_counts_take_one_query(make_person: Make) -> None:
    make_person()
    make_person(sfdc_id="1", sfdc_type="Lead")
    make_person(sfdc_id="2", sfdc_type="Lead", failed_at=NOW)
    make_person(sfdc_id="3", sfdc_type="Contact", changed_at=NOW)
    make_person(sfdc_id="4", sfdc_type="Contact", sfdc_is_deleted=True)
    with CaptureQueriesContext(connection) as captured:
        counts = queries.counts()
    assert len(captured) == 1
    assert counts == queries.PeopleCounts(
        total=5, leads=2, contacts=1, not_in_sfdc=1, failing=1, waiting=1, deleted=1
    )


def test_the_list_is_filtered_by_state_type_and_owner(
    client: Client, make_person: Make, owner: LeadOwner
) -> None:
    make_person(first_name="Anna", sfdc_id="1", sfdc_type="Lead", owner=owner, failed_at=NOW)
    make_person(first_name="Bo", sfdc_id="2", sfdc_type="Contact", owner=owner)
    make_person(first_name="Cy")
    assert listed(client, "state=failing") == ["Anna"]
    assert listed(client, "type=Contact") == ["Bo"]
    assert set(listed(client, f"owner={owner.pk}")) == {"Anna", "Bo"}
    assert listed(client, "owner=null") == ["Cy"]
    assert listed(client, f"owner={owner.pk}&type=Lead&q=anna") == ["Anna"]


@pytest.mark.parametrize("query", ["state=nonsense", "owner=nobody", "type=Account", "q=%00"])
def test_a_filter_that_makes_no_sense_finds_nobody_and_says_so(
    query: str, client: Client, person: Person
) -> None:
    assert listed(client, query) == []
    assert b"invalid-feedback" in client.get(f"/people/?{query}").content


def test_the_list_is_sorted_by_any_column(client: Client, make_person: Make) -> None:
    late = NOW + timedelta(days=1)
    make_person(
        first_name="Anna", last_name="Zuse", company="B", sfdc_id="1", sfdc_type="Lead", updated_at=NOW
    )
    make_person(first_name="Bo", last_name="Abel", company="C", failed_at=NOW, updated_at=late)
    assert listed(client) == ["Bo", "Anna"]
    assert listed(client, "sort=updated_at") == ["Anna", "Bo"]
    assert listed(client, "sort=name") == ["Bo", "Anna"]
    assert listed(client, "sort=company") == ["Anna", "Bo"]
    assert listed(client, "sort=-sfdc_type") == ["Anna", "Bo"]
    assert listed(client, "sort=-state") == ["Bo", "Anna"], "failing first"


def test_pages_neither_repeat_nor_lose_anybody(client: Client, make_person: Make) -> None:
    people = {f"N{make_person(first_name='x').pk}" for _ in range(60)}
    for person in Person.objects.all():
        Person.objects.filter(pk=person.pk).update(
            first_name=f"N{person.pk}", last_name="Same", company="Same"
        )
    for sort in ("name", "-company", "state", "owner", "-updated_at"):
        pages = [listed(client, f"sort={sort}&page={page}") for page in (1, 2, 3)]
        assert [len(page) for page in pages] == [25, 25, 10]
        assert {name for page in pages for name in page} == people


def test_the_links_of_pages_and_columns_keep_the_filter(client: Client, make_person: Make) -> None:
    for _ in range(60):
        make_person()
    page = client.get("/people/?q=acme&sort=name&page=2").content.decode()
    links = re.findall(r'href="(\?[^"]*(?:page|sort)=[^"]*)"', page)
    assert links
    assert all("q=acme" in link for link in links)
    assert re.search(r'<input type="hidden"[^>]*name="sort"[^>]*value="name"', page), "the order stays too"


def test_the_queries_of_the_list_do_not_grow_with_the_people(
    client: Client, make_person: Make, owner: LeadOwner
) -> None:
    counts = []
    for number in (10, 90):
        for _ in range(number):
            make_person(owner=owner, sfdc_id="1", sfdc_type="Lead")
        with CaptureQueriesContext(connection) as captured:
            assert len(listed(client, "per_page=100")) in (10, 100)
        counts.append(len(captured))
    assert counts[0] == counts[1]


# --- What can be done with a selection -----------------------------------------------------------------


def _connect(ready: bool) -> None:
    from syncadmin.models import Connection

    Connection.objects.create(
        pk=1, instance_url="https://acme.my.salesforce.com", org_id="00D" if ready else ""
    )


@pytest.fixture
def with_other_pages(settings: object) -> None:
    settings.ROOT_URLCONF = "tests.people.all_urls"


@pytest.mark.usefixtures("with_other_pages")
def test_syncing_is_offered_once_salesforce_is_connected(client: Client, person: Person) -> None:
    page = client.get("/people/").content.decode()
    assert "sync-people" not in page
    assert "Salesforce is not connected" in page
    assert 'href="/sync/connection/"' in page
    _connect(ready=True)
    page = client.get("/people/").content.decode()
    assert 'formaction="/campaigns/sync-people/"' in page
    assert "not connected" not in page.split("<main")[1]


def test_viewers_are_offered_the_export_alone(
    viewer: User, browser_of: Callable[[User], Client], person: Person
) -> None:
    page = browser_of(viewer).get("/people/").content.decode()
    assert "Export CSV" in page
    for link in ("/people/new/", "/people/import/", 'formaction="/people/delete/"'):
        assert link not in page


def test_everybody_who_matches_can_be_selected_over_pages(client: Client, make_person: Make) -> None:
    for _ in range(30):
        make_person(company="Acme")
    make_person(company="Globex", email="g@x.example")
    page = client.get("/people/?q=acme&page=2&sort=name").content.decode()
    assert "Select all 30 people that match" in page
    assert '<input type="hidden" name="filter" value="q=acme">' in page


def test_deleting_asks_first_and_says_what_happens_in_salesforce(client: Client, make_person: Make) -> None:
    here, there = make_person(), make_person(sfdc_id="1", sfdc_type="Lead")
    page = client.get(f"/people/delete/?ids={here.pk}&ids={there.pk}").content.decode()
    assert "Delete 2 people?" in page
    assert "1 of them is in Salesforce. The record is kept there" in page
    assert Person.objects.count() == 2


def test_deleting_deletes_the_selection(client: Client, make_person: Make) -> None:
    gone, stays = make_person(), make_person()
    answer = client.post("/people/delete/", {"ids": [gone.pk], "expected": "1"}, follow=True)
    assert "1 person was deleted." in answer.content.decode()
    assert list(Person.objects.all()) == [stays]


def test_deleting_all_deletes_those_that_match_the_filter(client: Client, make_person: Make) -> None:
    for _ in range(30):
        make_person(company="Acme", email="")
    stays = make_person(company="Globex", email="")
    client.post("/people/delete/", {"all": "1", "filter": "q=acme", "expected": "30"})
    assert list(Person.objects.all()) == [stays]


@pytest.mark.parametrize(
    "data",
    [
        {"all": "1", "filter": "", "expected": "2"},
        {"all": "1", "filter": ""},
        {"all": "1", "filter": "state=nonsense", "expected": "3"},
        {"expected": "3"},
    ],
)
def test_nobody_is_deleted_unless_the_number_was_confirmed(
    data: dict[str, str], client: Client, make_person: Make
) -> None:
    for _ in range(3):
        make_person()
    assert client.post("/people/delete/", data).status_code == 409
    assert Person.objects.count() == 3


def test_without_people_the_page_says_how_to_get_some(client: Client) -> None:
    page = client.get("/people/").content.decode()
    assert "No people yet" in page
    assert "/people/import/" in page.split("<main")[1]
