"""Long lists: counted so far as it matters, and looked up row by row for the page alone."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from people import paging, search
from people.models import Person
from tests.people.conftest import NOW

pytestmark = pytest.mark.django_db
Make = Callable[..., Person]


@pytest.fixture
def few_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "MOST", 30)


def crowd(number: int) -> None:
    Person.objects.bulk_create(
        Person(first_name="Ada", last_name=f"L{n:02}", created_at=NOW, updated_at=NOW) for n in range(number)
    )


def text(page: str) -> str:
    return re.sub(r"\s+", " ", page)


@pytest.mark.usefixtures("few_at_most")
def test_more_than_so_many_are_not_counted_and_the_page_says_so(client: Client) -> None:
    crowd(31)
    page = text(client.get("/people/").content.decode())
    assert "1–25 of more than 30" in page
    assert "Select all people that match" in page
    assert "Export all people found as CSV" in page
    assert 'data-total="30+"' in page


@pytest.mark.usefixtures("few_at_most")
def test_exactly_so_many_are_counted(client: Client) -> None:
    crowd(30)
    page = text(client.get("/people/").content.decode())
    assert "1–25 of 30" in page
    assert "Select all 30 people that match" in page


@pytest.mark.usefixtures("few_at_most")
def test_the_last_page_is_that_of_the_last_one_can_turn_to(client: Client) -> None:
    crowd(60)
    page = text(client.get("/people/?sort=name&page=99").content.decode())
    assert "26–30 of more than 30" in page
    assert "L29" in page
    assert "L30" not in page


@pytest.mark.usefixtures("few_at_most")
def test_everybody_is_chosen_and_exported_all_the_same(client: Client) -> None:
    crowd(60)
    exported = client.get("/people/export/?all=1").getvalue().decode()
    assert len(exported.splitlines()) == 61


def test_a_page_costs_the_same_statements_wherever_it_is(client: Client) -> None:
    crowd(60)
    costs = []
    for query in ("", "page=2", "page=3&sort=owner", "sort=-state"):
        client.get(f"/people/?{query}")
        with CaptureQueriesContext(
            connection,
        ) as found:
            client.get(f"/people/?{query}")
        costs.append(len(found))
        assert sum("COUNT" in each["sql"] and "people_person" in each["sql"] for each in found) == 1
    assert len(set(costs)) == 1, costs


@pytest.mark.parametrize("few", [0, 1_000])
def test_many_who_are_found_are_the_same_as_few(
    few: int, client: Client, make_person: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Few are named to the database by their ids, many are found again with the page."""
    monkeypatch.setattr(search, "FEW", few)
    for name in ("Anna", "Hanna", "Bo"):
        make_person(first_name=name, last_name="Lee", company="Acme", email=f"{name}@x.example")
    page = client.get("/people/?q=anna+acm&sort=name").content.decode()
    assert re.findall(r'<a class="fw-medium" href="/people/\d+/">(\w+)', page) == ["Anna", "Hanna"]


@pytest.mark.parametrize(
    ("query", "found"), [("xe", {"Xenia"}), ("x", {"Xenia"}), ("en", set()), ("eni", {"Xenia"})]
)
def test_a_word_of_two_letters_begins_a_name(
    query: str, found: set[str], client: Client, make_person: Make
) -> None:
    make_person(first_name="Xenia", last_name="Lee", email="a@x.example", company="Acme")
    page = client.get(f"/people/?q={query}").content.decode()
    assert set(re.findall(r'<a class="fw-medium" href="/people/\d+/">(\w+)', page)) == found


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="an index of PostgreSQL")
def test_postgresql_has_an_index_for_the_search() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        people = search._called(Person.objects.order_by(), ["zzz"]).values("pk")
        assert "person_search" in people.explain()
