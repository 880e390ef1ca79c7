"""Records that match somebody here, or several there, wait for a decision; those that don't fit are read again."""

from __future__ import annotations

from typing import Any

import pytest

from people.models import Person
from people.services import delete_people
from syncadmin.models import PullCursor, SyncFailure, SyncState
from tests.flow import Stage


@pytest.fixture
def held(stage: Stage) -> SyncFailure:
    """A Lead with the e-mail of a person who is another Lead already."""
    stage.person_as("lead")
    stage.emulator.create(
        FirstName="Augusta", LastName="King", Company="Other", Email="ada@acme.example", City="Ulm"
    )
    stage.cycle()
    return SyncFailure.objects.get(direction="pull")


def test_a_record_with_the_email_of_somebody_here_is_held(stage: Stage, held: SyncFailure) -> None:
    assert (held.code, held.state, held.person) == ("SEVERAL_MATCHES", "open", None)
    page = stage.browser.get(f"/sync/failures/{held.pk}/").content.decode()
    assert "Somebody here has this e-mail already" in page
    assert "Create as a new person" in page
    assert "Link to this person" not in page  # that one is a Lead already


def test_a_held_record_can_become_a_person_of_its_own(stage: Stage, held: SyncFailure) -> None:
    answer = stage.browser.post(f"/sync/failures/{held.pk}/create/")
    person = Person.objects.get(sfdc_id=held.sfdc_id)
    assert answer["Location"] == person.get_absolute_url()
    assert (person.last_name, person.city, person.sfdc_type) == ("King", "Ulm", "Lead")
    assert SyncState.objects.get(pk=held.sfdc_id).person == person
    assert str(stage.log(person, "new_person")[0].actor) == "marketer"
    held.refresh_from_db()
    assert held.state == "resolved"
    stage.cycle()
    assert Person.objects.count() == 2


def test_a_decision_is_made_once(stage: Stage, held: SyncFailure) -> None:
    stage.browser.post(f"/sync/failures/{held.pk}/create/")
    answer = stage.browser.post(f"/sync/failures/{held.pk}/create/", follow=True)
    assert "This was decided already." in answer.content.decode()
    assert Person.objects.count() == 2


def test_a_held_record_can_be_linked_to_a_person_who_is_not_in_salesforce(stage: Stage) -> None:
    people = [stage.person(first_name=name, city="") for name in ("Ada", "Augusta")]
    sfdc_id = stage.emulator.create(LastName="King", Company="Other", Email="ada@acme.example", City="Ulm")
    stage.cycle()
    held = SyncFailure.objects.get(direction="pull")
    assert stage.browser.get(f"/sync/failures/{held.pk}/").content.decode().count("Link to this person") == 2

    stage.browser.post(f"/sync/failures/{held.pk}/link/", {"person": people[1].pk})

    person = Person.objects.get(pk=people[1].pk)
    assert (person.sfdc_id, person.sfdc_type, person.city) == (sfdc_id, "Lead", "Ulm")
    assert person.last_name == "Byron"  # ours wins, and the other value is on the log
    assert [entry.attributes["field"] for entry in stage.log(person, "conflict")]
    stage.cycle()
    assert stage.leads()[0]["LastName"] == "Byron"
    held.refresh_from_db()
    assert held.state == "resolved"


@pytest.mark.parametrize(
    "data", [{}, {"person": "x"}, {"person": "999999"}, {"sfdc_id": "00Q000000000001AAA"}]
)
def test_nobody_else_can_be_linked(stage: Stage, held: SyncFailure, data: dict[str, str]) -> None:
    stage.browser.post(f"/sync/failures/{held.pk}/link/", data)
    held.refresh_from_db()
    assert held.state == "open"
    assert not SyncState.objects.filter(pk=held.sfdc_id).exists()


def test_a_person_who_is_linked_already_can_not_be_linked_again(stage: Stage, held: SyncFailure) -> None:
    person = Person.objects.get()
    answer = stage.browser.post(f"/sync/failures/{held.pk}/link/", {"person": person.pk}, follow=True)
    assert "in the meantime" in answer.content.decode()
    person.refresh_from_db()
    assert person.sfdc_id != held.sfdc_id


def test_a_record_that_is_gone_needs_no_decision(stage: Stage, held: SyncFailure) -> None:
    stage.emulator.delete("Lead", held.sfdc_id)
    answer = stage.browser.post(f"/sync/failures/{held.pk}/create/", follow=True)
    assert "nothing to decide" in answer.content.decode()
    held.refresh_from_db()
    assert held.state == "resolved"


def test_a_held_person_can_be_linked_to_one_of_the_records(stage: Stage) -> None:
    ids = [stage.emulator.create(LastName=f"B{n}", Company="X", Email="ada@acme.example") for n in (1, 2)]
    person = stage.person()
    stage.sync(person)
    failure = stage.failure(person)
    assert (
        stage.browser.get(f"/sync/failures/{failure.pk}/").content.decode().count("Link to this record") == 2
    )

    stage.browser.post(f"/sync/failures/{failure.pk}/link/", {"sfdc_id": ids[1]})

    person.refresh_from_db()
    assert (person.sfdc_id, person.failed_at) == (ids[1], None)
    failure.refresh_from_db()
    assert failure.state == "resolved"


# --- Read again ---------------------------------------------------------------------------------------------
def test_a_retry_reads_the_record_again_and_stores_it_once_nothing_stands_in_the_way(
    stage: Stage, held: SyncFailure
) -> None:
    delete_people([Person.objects.get().pk], source="test", now=held.first_at)
    cursor = PullCursor.objects.get(object="Lead")
    calls = stage.emulator.api_calls()

    answer = stage.browser.post("/campaigns/retry/", {"only": held.pk}, follow=True)

    assert "1 record was stored." in answer.content.decode()
    assert stage.emulator.api_calls() - calls == 1
    assert Person.objects.get().sfdc_id == held.sfdc_id
    assert PullCursor.objects.get(object="Lead").position_id == cursor.position_id
    held.refresh_from_db()
    assert held.state == "resolved"


def test_a_retry_that_changes_nothing_says_so_and_counts(stage: Stage, held: SyncFailure) -> None:
    answer = stage.browser.post(
        "/campaigns/retry/", {"code": "SEVERAL_MATCHES", "direction": "pull"}, follow=True
    )
    assert "1 is still held." in answer.content.decode()
    held.refresh_from_db()
    assert (held.state, held.attempts) == ("open", 2)


def test_a_retry_without_salesforce_says_what_is_wrong(stage: Stage, held: SyncFailure) -> None:
    stage.emulator.fault(error_code="API_CURRENTLY_DISABLED")
    answer = stage.browser.post("/campaigns/retry/", {"only": held.pk}, follow=True)
    stage.emulator.clear_faults()
    assert "API is currently disabled" in answer.content.decode()
    held.refresh_from_db()
    assert held.state == "open"


def test_a_record_that_can_not_be_stored_is_kept_and_read_again(stage: Stage, monkeypatch: Any) -> None:
    def too_much(*args: object) -> None:
        raise ValueError("too much")

    monkeypatch.setattr("syncadmin.store.pulls.write_new", too_much)
    stage.emulator.create(LastName="King", Company="Other", Email="king@acme.example")
    stage.cycle()
    failure = SyncFailure.objects.get()
    assert failure.code == "NOT_STORED"
    monkeypatch.undo()
    stage.browser.post("/campaigns/retry/", {"only": failure.pk})
    assert Person.objects.get().last_name == "King"
    failure.refresh_from_db()
    assert failure.state == "resolved"


def test_a_person_who_was_held_and_is_linked_by_a_cycle_fails_no_more(stage: Stage) -> None:
    there = [stage.emulator.create(LastName=f"B{n}", Company="X", Email="ada@acme.example") for n in (1, 2)]
    person = stage.person()
    stage.sync(person)
    assert stage.failure(person).code == "SEVERAL_MATCHES"
    stage.emulator.delete("Lead", there[0])
    stage.cycle()
    person.refresh_from_db()
    assert (person.sfdc_id, person.failed_at) == (there[1], None)
    assert not SyncFailure.objects.filter(state="open").exists()
