"""What happened to this record? One box leads to the person, whatever became of the record."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from people.models import Person
from people.services import delete_people, merge_people
from syncadmin.models import SyncFailure, SyncState

NOW = timezone.now()
LEAD, FORMER, DUPLICATE = "00QFe0000000001MAA", "00QFe0000000002MAA", "00QFe0000000003MAA"
Maker = Callable[..., Person]


@pytest.fixture
def ada(make_person: Maker) -> Person:
    person = make_person(
        first_name="Ada", last_name="Byron", email="ada@example.com", sfdc_id=LEAD, sfdc_type="Lead"
    )
    for sfdc_id, values in (
        (LEAD, {}), (FORMER, {"is_deleted": True, "successor": LEAD}), (DUPLICATE, {"is_duplicate": True}),
    ):  # fmt: skip
        SyncState.objects.create(sfdc_id=sfdc_id, object="Lead", person=person, synced_at=NOW, **values)
    return person


@pytest.mark.parametrize("text", [
    LEAD, LEAD[:15], FORMER, FORMER[:15], DUPLICATE, f"  {LEAD} ", "ada@example.com", "ADA@Example.com", "Ada Byron",
    "ada byron", "Byron", "byr",
])  # fmt: skip
def test_whoever_it_must_be_is_shown_at_once(client: Client, ada: Person, text: str) -> None:
    answer = client.get("/sync/trace/", {"q": text})
    assert answer.status_code == 302, text
    assert answer["Location"] == f"/people/{ada.pk}/timeline/"


def test_several_are_listed(client: Client, ada: Person, make_person: Maker) -> None:
    make_person(first_name="Anne", last_name="Byron", email="anne@example.com")
    page = client.get("/sync/trace/", {"q": "Byron"}).content.decode()
    assert "ada@example.com" in page
    assert "anne@example.com" in page


@pytest.mark.parametrize("text", [LEAD, "ada@example.com"])
def test_who_was_merged_away_leads_to_who_it_became(
    client: Client, ada: Person, make_person: Maker, text: str
) -> None:
    other = make_person(last_name="Lovelace")
    merge_people(other.pk, ada.pk, source="test", now=NOW)
    SyncState.objects.filter(person=ada.pk).update(person=other)
    answer = client.get("/sync/trace/", {"q": text})
    assert answer["Location"] == f"/people/{other.pk}/timeline/"


@pytest.mark.parametrize("text", [LEAD, LEAD[:15], "ada@example.com", "Ada Byron"])
def test_who_was_deleted_here_is_told_from_its_tombstone(client: Client, ada: Person, text: str) -> None:
    delete_people([ada.pk], source="People list", now=NOW)
    page = client.get("/sync/trace/", {"q": text}).content.decode()
    assert "Deleted here, while Salesforce kept the record" in page
    assert "ada@example.com" in page


def test_a_record_that_is_held_leads_to_the_decision(client: Client, db: None) -> None:
    failure = SyncFailure.objects.create(
        direction="pull", object="Lead", sfdc_id=LEAD, code="SEVERAL_MATCHES", message="Lead Ada has …", first_at=NOW,
        last_at=NOW,
    )  # fmt: skip
    page = client.get("/sync/trace/", {"q": LEAD}).content.decode()
    assert f"/sync/failures/{failure.pk}/" in page


@pytest.mark.parametrize(
    "text", ["00QFe0000000009MAA", "nobody@example.com", "Nobody", "%", "\x00", "a" * 300]
)
def test_when_nobody_is_found_the_page_says_so_and_what_to_try(
    client: Client, ada: Person, text: str
) -> None:
    page = client.get("/sync/trace/", {"q": text}).content.decode()
    assert "Nobody here is or was" in page


def test_it_begins_empty(client: Client, db: None) -> None:
    page = client.get("/sync/trace/").content.decode()
    assert "E-mail address, Salesforce id" in page
    assert "Nobody here" not in page


def test_statements_do_not_grow_with_what_is_found(client: Client, make_person: Maker) -> None:
    counts = []
    for number in (2, 20):
        for n in range(number):
            make_person(last_name="Same", email=f"{number}-{n}@example.com")
        with CaptureQueriesContext(database) as queries:
            assert client.get("/sync/trace/", {"q": "Same"}).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]
