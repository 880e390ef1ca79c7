"""A person's timeline: every decision in order, in words; filtered, paged, linked to, exported."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from people.models import Activity, Person
from people.services import merge_people
from syncadmin.models import Connection, Decision, FieldSync, SyncConflict, SyncFailure
from syncadmin.services.timeline.entries import Filter, every_entry, place_of, read_page
from syncadmin.services.timeline.words import Group

NOW = timezone.now()
CHANGE = {"field": "city", "label": "City", "old": "Ulm", "new": "Bonn <b>"}
Maker = Callable[..., Any]


@pytest.fixture
def person(make_person: Callable[..., Person]) -> Person:
    return make_person(last_name="Byron", sfdc_type="Lead", sfdc_id="00Q000000000001AAA")


@pytest.fixture
def log(person: Person) -> Maker:
    def make(type: str, minutes: int = 0, **values: Any) -> Activity:
        attributes = values.pop("attributes", {})
        return Activity.objects.create(
            person=values.pop("person", person), type=type, at=NOW - timedelta(minutes=minutes),
            attributes=attributes, **values,
        )  # fmt: skip

    return make


@pytest.fixture
def decide(person: Person) -> Maker:
    def make(kind: str, minutes: int = 0, **values: Any) -> Decision:
        at = NOW - timedelta(minutes=minutes)
        given = {"person": person, "object": "Lead", "sfdc_id": "00Q000000000001AAA", "since": at, "first_at": at,
                 "at": at, "by": "Salesforce: Maria Gomez"}  # fmt: skip
        return Decision.objects.create(kind=kind, **{**given, **values})

    return make


def text_of(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200, answer
    return answer.content.decode()


def titles(client: Client, url: str) -> list[str]:
    return [entry.told.title for entry in client.get(url).context["entries"]]


# --- What it shows ------------------------------------------------------------------------------------------
def test_entries_of_both_kinds_stand_in_order_the_newest_first(
    client: Client, person: Person, log: Maker, decide: Maker
) -> None:
    log("new_person", 50, attributes={"sfdc_id": "00Q000000000001AAA", "object": "Lead"})
    decide("unchanged", 40)
    log("change_data_value", 30, attributes=CHANGE, source="Edit page")
    decide("excluded", 20, details={"reason": "Country is Germany"}, by="")
    log("sync_updates_to_sfdc", 10, attributes={"object": "Lead", "fields": ["City"], "way": "bulk 750X"})
    page = f"/people/{person.pk}/timeline/"
    assert titles(client, page) == [
        "Pushed to Salesforce", "Not pushed: excluded by a rule", "City changed here", "Seen changed in Salesforce",
        "New Person",
    ]  # fmt: skip
    text = text_of(client, page)
    for words in (
        "By the Bulk API: job 750X.",
        "Country is Germany",
        "Maria Gomez changed the Lead",
        "Bonn &lt;b&gt;",
    ):
        assert words in text


def test_an_empty_timeline_says_what_comes_here_and_how_the_person_stands(
    client: Client, make_person: Callable[..., Person]
) -> None:
    page = text_of(client, f"/people/{make_person().pk}/timeline/")
    assert "Nothing happened yet" in page
    assert "Not in Salesforce, and not created there" in page
    assert "Salesforce is not connected" in page


def test_repeats_are_folded_with_the_first_time(client: Client, person: Person, decide: Maker) -> None:
    decide("echo", 5, times=14, first_at=NOW - timedelta(days=2))
    assert "14 times, for the first time" in text_of(client, f"/people/{person.pk}/timeline/")


def test_a_change_of_a_field_that_does_not_go_to_salesforce_says_so(
    client: Client, person: Person, log: Maker
) -> None:
    log("change_data_value", attributes=CHANGE, source="Edit page")
    page = f"/people/{person.pk}/timeline/"
    assert "isn’t matched with one of Salesforce" in text_of(client, page)
    from people.models import PersonField

    sync = FieldSync.objects.create(
        field=PersonField.objects.get(name="city"), lead_field="City", direction="off"
    )
    assert "direction is Off" in text_of(client, page)
    FieldSync.objects.filter(pk=sync.pk).update(direction="from_salesforce")
    assert "comes from Salesforce alone, and the next sync sets it back" in text_of(client, page)
    FieldSync.objects.filter(pk=sync.pk).update(direction="both")
    assert "It is not pushed" not in text_of(client, page)


def test_a_refusal_says_what_became_of_it_and_how_to_go_on(
    client: Client, acme: Connection, person: Person, log: Maker
) -> None:
    values = {"code": "UNABLE_TO_LOCK_ROW", "message": "locked", "fields": ["city"]}
    entry = log("sync_failed", 3, attributes=values)
    failure = SyncFailure.objects.create(
        person=person, direction="push", object="Lead", code=values["code"], message="locked", fields=["city"],
        attempts=3, tries=3, retry_at=NOW + timedelta(minutes=12), first_at=NOW, last_at=entry.at, is_permanent=False,
    )  # fmt: skip
    page = text_of(client, f"/people/{person.pk}/timeline/")
    for words in (
        "locked (UNABLE_TO_LOCK_ROW)",
        "Tried again with the next sync cycle",
        "Retry",
        f"/sync/failures/{failure.pk}/",
    ):
        assert words in page
    SyncFailure.objects.update(state="resolved", resolved_at=NOW)
    page = text_of(client, f"/people/{person.pk}/timeline/")
    assert ("Resolved" in page, "Tried again" in page) == (True, False)


def test_the_other_value_of_a_conflict_can_be_taken_by_those_who_may(
    as_user: Callable[[str], Client], person: Person, log: Maker
) -> None:
    values = {"field": "city", "label": "City", "ours": "", "theirs": "Rome", "winner": "ours",
              "reason": "both_changed"}  # fmt: skip
    entry = log("conflict", attributes=values)
    SyncConflict.objects.create(id=entry.pk, person=person, at=entry.at, **{"label": "City", **values})
    page = f"/people/{person.pk}/timeline/"
    assert f"/sync/conflicts/{entry.pk}/take/" in text_of(as_user("marketer"), page)
    assert f"/sync/conflicts/{entry.pk}/take/" not in text_of(as_user("viewer"), page)
    answer = as_user("marketer").post(f"/sync/conflicts/{entry.pk}/take/", {"back": f"{page}a{entry.pk}/"})
    assert answer["Location"] == f"{page}a{entry.pk}/"
    assert "The other value was taken" in text_of(as_user("marketer"), page)


# --- Filters, pages, addresses -------------------------------------------------------------------------------
@pytest.fixture
def mixed(log: Maker, decide: Maker) -> None:
    log("change_data_value", 1, attributes=CHANGE, source="Edit page")
    log("change_data_value", 2, attributes=CHANGE, source="Salesforce: Maria Gomez")
    log("sync_to_sfdc", 3, attributes={"note": "created"})
    log("sync_to_sfdc", 4, attributes={"note": "linked", "object": "Lead"})
    log("sync_to_sfdc", 5, attributes={"note": "excluded", "reason": "X"})
    log("sync_updates_to_sfdc", 6)
    log("conflict", 7, attributes={"label": "City", "winner": "ours"})
    log("sync_failed", 8, attributes={"code": "X", "message": "no"})
    log("change_owner", 9, attributes={"old": "A", "new": "B"})
    log("convert_person", 10, attributes={"from": "00Q", "to": "003"})
    for place, kind in enumerate(Decision.Kind.values):
        decide(kind, 11 + place)


@pytest.mark.parametrize(("kind", "number"), [
    ("changed", 1), ("pulled", 1), ("pushed", 2), ("matched", 2), ("skipped", 9), ("conflict", 1), ("refused", 1),
    ("owner", 1), ("life", 1), ("", 19), ("nonsense", 19),
])  # fmt: skip
def test_a_kind_filters_what_its_entries_say_they_are(
    client: Client, person: Person, mixed: None, kind: str, number: int
) -> None:
    entries = client.get(f"/people/{person.pk}/timeline/?kind={kind}").context["entries"]
    assert len(entries) == number
    if kind in set(Group):
        assert {entry.told.group.value for entry in entries} == {kind}


def test_days_narrow_it_and_nothing_found_leads_back(client: Client, person: Person, mixed: None) -> None:
    tomorrow = timezone.localtime(NOW) + timedelta(days=1)
    page = text_of(client, f"/people/{person.pk}/timeline/?since={tomorrow:%Y-%m-%d}")
    assert "Nothing matches these filters" in page
    assert len(titles(client, f"/people/{person.pk}/timeline/?until={tomorrow:%Y-%m-%d}")) == 19


@pytest.mark.parametrize(
    "query", ["since=x", "since=0000-00-00", "kind=%00", "from=a", "from=a0", "from=z9", "from=d99"]
)
def test_no_query_string_breaks_the_page(client: Client, person: Person, mixed: None, query: str) -> None:
    assert client.get(f"/people/{person.pk}/timeline/?{query}").status_code == 200
    assert client.get(f"/people/{person.pk}/timeline/export/?{query}").status_code == 200


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_pages_have_every_entry_once_whatever_shares_a_moment(
    person: Person, log: Maker, decide: Maker, size: int
) -> None:
    for minutes in (0, 0, 0, 1, 2, 2):
        log("change_owner", minutes)
        decide("unchanged", minutes, since=timezone.now())
    everything = [place_of(row) for rows in every_entry(Filter(person.pk)) for row in rows]
    assert everything == sorted(everything, reverse=True)
    assert len(everything) == 12
    found, pages, start = [], [], None
    while True:
        page = read_page(Filter(person.pk), start, size)
        pages.append(page)
        found += [place_of(row) for row in page.rows]
        if not page.older:
            break
        start = next(place for place in everything if place.key == page.older)
    assert found == everything
    for before, page in pairwise(pages):
        assert page.newer == place_of(before.rows[0]).key


def test_an_entry_has_an_address_for_good(client: Client, person: Person, mixed: None) -> None:
    entry = Activity.objects.get(type="conflict")
    address = f"/people/{person.pk}/timeline/a{entry.pk}/"
    assert address in text_of(client, f"/people/{person.pk}/timeline/")
    answer = client.get(address)
    assert answer.context["entries"][0].row == entry
    assert 'aria-current="true"' in answer.content.decode()
    assert client.get(f"/people/{person.pk}/timeline/a999999/").status_code == 404


def test_the_address_of_somebody_merged_away_leads_to_who_it_became(
    client: Client, person: Person, make_person: Callable[..., Person], log: Maker, decide: Maker
) -> None:
    entry, note = log("change_owner"), decide("echo")
    winner, loser_id = make_person(), person.pk
    merge_people(winner.pk, person.pk, source="test", now=NOW)
    assert client.get(f"/people/{loser_id}/timeline/")["Location"] == f"/people/{winner.pk}/timeline/"
    for key in (f"a{entry.pk}", f"d{note.pk}"):
        answer = client.get(f"/people/{loser_id}/timeline/{key}/", follow=True)
        assert answer.redirect_chain[-1][0] == f"/people/{winner.pk}/timeline/{key}/"
        assert answer.status_code == 200
    assert client.get("/people/999999/timeline/").status_code == 404


def test_the_export_has_what_the_filters_found_in_words(client: Client, person: Person, mixed: None) -> None:
    def rows(query: str = "") -> list[dict[str, str]]:
        text = client.get(f"/people/{person.pk}/timeline/export/{query}").getvalue().decode("utf-8-sig")
        return list(csv.DictReader(io.StringIO(text)))

    assert len(rows()) == 19
    (pulled,) = rows("?kind=pulled")
    assert (pulled["field"], pulled["before"], pulled["after"]) == ("city", "Ulm", "Bonn <b>")
    assert pulled["why"] == "Seen changed in Salesforce by Maria Gomez, and taken over."
    assert pulled["source"] == "Salesforce: Maria Gomez"


def test_a_page_costs_as_many_statements_with_very_many_entries(
    client: Client, acme: Connection, person: Person, mixed: None
) -> None:
    def count(url: str) -> int:
        with CaptureQueriesContext(database) as queries:
            assert client.get(url).status_code == 200
        return len(queries)

    page = f"/people/{person.pk}/timeline/"
    few = count(page)
    Activity.objects.bulk_create(
        Activity(person=person, type="sync_failed", at=NOW - timedelta(hours=n), attributes={"code": f"C{n}"})
        for n in range(300)
    )
    assert count(page) <= few <= 30
    last = Activity.objects.order_by("at").first()
    assert count(f"{page}a{last.pk}/") <= few + 4  # type: ignore[union-attr]


# --- Roles ---------------------------------------------------------------------------------------------------
EVERYBODY, ACTORS = {"viewer", "marketer", "administrator"}, {"marketer", "administrator"}
PAGES = [
    ("/people/{pk}/timeline/", "get", EVERYBODY), ("/people/{pk}/timeline/export/", "get", EVERYBODY),
    ("/people/{pk}/explain/", "get", EVERYBODY), ("/people/{pk}/explain/", "post", EVERYBODY),
    ("/people/{pk}/check/", "get", ACTORS), ("/people/{pk}/check/", "post", ACTORS),
    ("/people/{pk}/check/repair/", "post", ACTORS), ("/people/{pk}/fields/city/", "get", EVERYBODY),
    ("/people/{pk}/fields/city/set-back/", "post", ACTORS), ("/sync/trace/", "get", EVERYBODY),
]  # fmt: skip


@pytest.mark.parametrize("role", sorted(EVERYBODY))
@pytest.mark.parametrize(("page", "method", "allowed"), PAGES)
def test_viewers_look_and_marketers_act(
    page: str, method: str, allowed: set[str], role: str, make_person: Callable[..., Person],
    as_user: Callable[[str], Client],
) -> None:  # fmt: skip
    status = getattr(as_user(role), method)(page.format(pk=make_person().pk)).status_code
    assert (status == 403) is (role not in allowed)
    assert status < 500


@pytest.mark.parametrize(("page", "method", "allowed"), PAGES)
def test_whoever_is_not_logged_in_is_sent_to_the_login(
    page: str, method: str, allowed: set[str], person: Person, browser_of: Callable[[User | None], Client]
) -> None:
    answer = getattr(browser_of(None), method)(page.format(pk=person.pk))
    assert answer["Location"].startswith("/login/")


@pytest.mark.parametrize("page", [page for page, method, _ in PAGES if method == "post"])
def test_a_post_without_its_token_is_refused(page: str, person: Person, administrator: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(administrator)
    assert browser.post(page.format(pk=person.pk)).status_code == 403


def test_the_persons_page_leads_to_all_of_it(client: Client, acme: Connection, person: Person) -> None:
    page = text_of(client, f"/people/{person.pk}/")
    for address in ("timeline/", "explain/", "check/", "fields/city/"):
        assert f"/people/{person.pk}/{address}" in page
