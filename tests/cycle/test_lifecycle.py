"""Every life a record can lead in Salesforce, and what becomes of its person."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from people.models import LeadOwner, Person
from people.services import delete_people
from syncadmin.models import Connection, PendingCreate, SyncFailure, SyncState, Tombstone
from syncadmin.salesforce.org import SalesforceOrg
from syncadmin.services import sync_people
from syncadmin.services.owners import refresh_owners
from syncadmin.services.review.deleted_here import bring_back
from syncadmin.sync.ports import Owner
from tests.cycle.conftest import Ada, Desk

pytestmark = pytest.mark.django_db


def sync(*people: Person, assign_to: str = "rules") -> list[Any]:
    return sync_people([p.pk for p in people], assign_to, now=timezone.now(), source="test")


def fresh(person: Person) -> Person:
    return Person.objects.get(pk=person.pk)


@pytest.fixture
def contact(desk: Desk, emulator: Any) -> Person:
    account = emulator.create("Account", Name="Engines")
    emulator.create(
        "Contact", LastName="Babbage", AccountId=account, Email="c@example.com", MailingCity="Bonn"
    )
    desk.done()
    return desk.by_email("c@example.com")


# --- Converted --------------------------------------------------------------------------------------
def test_a_change_that_waited_when_its_lead_was_converted_goes_to_the_contact(
    desk: Desk, emulator: Any, ada: Ada
) -> None:
    person, lead = ada
    desk.edit(person, city="London")
    contact = emulator.convert(lead)
    desk.done()
    assert emulator.read("Contact", contact)["MailingCity"] == "London"
    assert emulator.read("Lead", lead)["City"] is None
    assert not SyncFailure.objects.exists()
    assert fresh(person).sfdc_state == "in_step"


def test_a_click_on_somebody_who_was_converted_a_moment_ago_pushes_to_the_contact(
    desk: Desk, emulator: Any, ada: Ada
) -> None:
    person, lead = ada
    desk.edit(person, city="London")
    contact = emulator.convert(lead)
    (outcome,) = sync(person)
    assert (outcome.status, outcome.object, outcome.sfdc_id) == ("done", "Contact", contact)
    assert emulator.read("Contact", contact)["MailingCity"] == "London"


def test_converted_into_a_contact_that_is_nobody_here_its_values_win_and_blanks_are_filled(
    desk: Desk, emulator: Any, ada: Ada
) -> None:
    person, lead = ada
    contact = emulator.create("Contact", LastName="Lovelace", Email="lady@example.com", MailingCity="Rome")
    SyncState.objects.filter(pk=contact).delete()
    emulator.control("convert", {"lead_id": lead, "contact_id": contact})
    desk.done()
    now = fresh(person)
    assert (now.sfdc_type, now.sfdc_id, now.last_name, now.city) == ("Contact", contact, "Lovelace", "Rome")
    assert (now.job_title, Person.objects.count()) == ("Countess", 1)
    assert emulator.read("Contact", contact)["Title"] == "Countess"


def test_converted_into_a_contact_that_is_a_person_the_two_become_one(
    desk: Desk, emulator: Any, ada: Ada, contact: Person
) -> None:
    lead_person, lead = ada
    desk.edit(lead_person, website="https://ada.example")
    emulator.control("convert", {"lead_id": lead, "contact_id": contact.sfdc_id})
    desk.done()
    now = Person.objects.get()
    assert (now.pk, now.last_name, now.job_title) == (contact.pk, "Babbage", "Countess")
    kinds = [entry.type for entry in desk.log(now)]
    assert {"merge_people", "convert_person"} <= set(kinds)
    assert kinds.count("new_person") == 2
    (merge,) = desk.log(now, "merge_people")
    assert merge.attributes["lost"]["last_name"] == ["Babbage", "Byron"]
    assert SyncState.objects.get(pk=lead).successor == contact.sfdc_id


def test_a_lead_that_was_converted_and_then_deleted_is_its_contact_all_the_same(
    desk: Desk, emulator: Any, ada: Ada
) -> None:
    person, lead = ada
    contact = emulator.convert(lead)
    emulator.delete("Lead", lead)
    desk.done()
    assert (fresh(person).sfdc_id, fresh(person).sfdc_is_deleted) == (contact, False)


def test_converted_and_the_contact_deleted_before_anybody_looked(desk: Desk, emulator: Any, ada: Ada) -> None:
    person, lead = ada
    contact = emulator.convert(lead)
    emulator.delete("Contact", contact)
    desk.done()
    now = fresh(person)
    assert (now.sfdc_type, now.sfdc_id, now.sfdc_state) == ("Contact", contact, "deleted")


# --- Deleted ----------------------------------------------------------------------------------------
def test_deleted_undeleted_and_in_step_again(desk: Desk, emulator: Any, ada: Ada) -> None:
    person, lead = ada
    emulator.delete("Lead", lead)
    desk.done()
    desk.edit(person, city="London")
    desk.done()
    assert fresh(person).sfdc_state == "deleted"
    emulator.control("undelete", {"ids": [lead]})
    desk.done()
    assert (fresh(person).sfdc_state, emulator.read("Lead", lead)["City"]) == ("in_step", "London")
    assert desk.log(person, "restored_in_sfdc")


def test_deleted_and_synced_again_it_is_a_new_lead_and_the_old_one_is_held_if_it_comes_back(
    desk: Desk, emulator: Any, ada: Ada
) -> None:
    person, lead = ada
    emulator.delete("Lead", lead)
    desk.done()
    (outcome,) = sync(person)
    assert outcome.action == "created"
    emulator.control("undelete", {"ids": [lead]})
    desk.done()
    assert (fresh(person).sfdc_id, Person.objects.count()) == (outcome.sfdc_id, 1)
    held = SyncFailure.objects.get(state="open")
    assert (held.code, held.sfdc_id, held.values["candidates"]) == ("SEVERAL_MATCHES", lead, [person.pk])


@pytest.mark.parametrize("setting", Connection.DeletedHere.values)
def test_deleted_here_and_kept_there_nobody_is_back_until_it_changes(
    desk: Desk, emulator: Any, ada: Ada, setting: str
) -> None:
    Connection.objects.update(deleted_here=setting)
    person, lead = ada
    delete_people([person.pk], source="test", now=timezone.now())
    desk.done()
    desk.done()
    assert not Person.objects.exists()
    emulator.control("clock", {"advance_seconds": 5})
    _as_rep(emulator, lead, Phone="2")
    desk.done()
    back = setting == Connection.DeletedHere.COMES_BACK
    assert Person.objects.exists() is back
    assert Tombstone.objects.exists() is not back


def test_who_stays_away_comes_back_when_somebody_lets_it(desk: Desk, emulator: Any, ada: Ada) -> None:
    Connection.objects.update(deleted_here=Connection.DeletedHere.STAYS_AWAY)
    person, lead = ada
    delete_people([person.pk], source="test", now=timezone.now())
    assert bring_back([lead], timezone.now()) == 1
    assert (Person.objects.get().sfdc_id, Tombstone.objects.count()) == (lead, 0)


def test_a_person_with_the_email_of_one_who_stays_away_is_linked_to_the_record_if_asked(
    desk: Desk, emulator: Any, ada: Ada
) -> None:
    Connection.objects.update(deleted_here=Connection.DeletedHere.STAYS_AWAY)
    person, lead = ada
    delete_people([person.pk], source="test", now=timezone.now())
    again = desk.person(last_name="Byron", company="Engines", email="ada@example.com")
    desk.done()
    assert fresh(again).sfdc_id == ""
    sync(again)
    assert (fresh(again).sfdc_id, Tombstone.objects.count()) == (lead, 0)


def test_deleted_on_both_sides_nothing_is_left(desk: Desk, emulator: Any, ada: Ada) -> None:
    person, lead = ada
    delete_people([person.pk], source="test", now=timezone.now())
    emulator.delete("Lead", lead)
    desk.done()
    assert not Person.objects.exists()
    assert not Tombstone.objects.exists()


def test_deleted_here_while_its_lead_is_being_created(
    desk: Desk, emulator: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = desk.person(last_name="Hopper", company="Navy", email="g@example.com")
    write = SalesforceOrg.write

    def delete_meanwhile(org: SalesforceOrg, writes: Any) -> Any:
        results = write(org, writes)
        delete_people([person.pk], source="test", now=timezone.now())
        return results

    monkeypatch.setattr(SalesforceOrg, "write", delete_meanwhile)
    sync(person)
    desk.done()
    assert not Person.objects.exists()
    (lead,) = emulator.query("SELECT Id FROM Lead")
    assert Tombstone.objects.get().sfdc_id == lead["Id"]
    _as_rep(emulator, lead["Id"], Phone="3")
    desk.done()
    assert Person.objects.get().sfdc_id == lead["Id"]


def _as_rep(emulator: Any, lead: str, **fields: Any) -> None:
    """Somebody else than the sync user changes a Lead."""
    Connection.objects.update(user_id="005000000000000AAA")
    emulator.edit("Lead", lead, **fields)


# --- The duplicate Lead of a queue ------------------------------------------------------------------
@pytest.fixture
def queued(desk: Desk, emulator: Any, contact: Person) -> tuple[Person, str]:
    """A Contact, and the Lead that was made for a queue beside it."""
    queue = emulator.query("SELECT Id FROM Group WHERE Type = 'Queue'")[0]["Id"]
    (outcome,) = sync(contact, assign_to=f"queue:{queue}")
    return contact, outcome.duplicate_id


def _owned_by_a_user(emulator: Any, lead: str) -> None:
    user = emulator.query("SELECT Id FROM User WHERE IsActive = TRUE")[0]["Id"]
    emulator.edit("Lead", lead, OwnerId=user)


def _convert_into_its_own(emulator: Any, contact: Person, lead: str) -> None:
    _owned_by_a_user(emulator, lead)
    emulator.control("convert", {"lead_id": lead, "contact_id": contact.sfdc_id})


def _convert_into_another(emulator: Any, contact: Person, lead: str) -> None:
    _owned_by_a_user(emulator, lead)
    emulator.control("convert", {"lead_id": lead})


def _delete(emulator: Any, contact: Person, lead: str) -> None:
    emulator.delete("Lead", lead)


def _merge_into_another(emulator: Any, contact: Person, lead: str) -> None:
    other = emulator.create(LastName="Other", Company="X", Email="other@example.com")
    emulator.control("merge", {"object": "Lead", "master": other, "losers": [lead]})


@pytest.mark.parametrize(
    ("life", "people", "held", "note"),
    [
        (_convert_into_its_own, 1, 0, "duplicate_converted"),
        (_convert_into_another, 1, 1, "duplicate_converted"),
        (_delete, 1, 0, "duplicate_deleted"),
        (_merge_into_another, 2, 0, "duplicate_merged"),
    ],
)
def test_whatever_becomes_of_a_duplicate_lead_its_person_stays_one(
    desk: Desk, emulator: Any, queued: tuple[Person, str], life: Any, people: int, held: int, note: str
) -> None:
    contact, lead = queued
    life(emulator, contact, lead)
    desk.done()
    now = fresh(contact)
    assert (now.sfdc_type, now.sfdc_id, now.sfdc_is_deleted) == ("Contact", contact.sfdc_id, False)
    assert Person.objects.count() == people
    assert SyncFailure.objects.filter(state="open", code="SEVERAL_MATCHES").count() == held
    assert SyncState.objects.get(pk=lead).is_deleted
    assert note in [entry.attributes.get("note") for entry in desk.log(now)]


def test_a_deleted_duplicate_lead_that_comes_back_is_the_duplicate_again(
    desk: Desk, emulator: Any, queued: tuple[Person, str]
) -> None:
    contact, lead = queued
    emulator.delete("Lead", lead)
    desk.done()
    emulator.control("undelete", {"ids": [lead]})
    desk.done()
    state = SyncState.objects.get(pk=lead)
    assert (state.is_deleted, state.is_duplicate, state.person) == (False, True, contact)
    assert Person.objects.count() == 1


def test_a_lead_made_for_a_queue_is_the_duplicate_even_if_its_contact_was_deleted_meanwhile(
    desk: Desk, emulator: Any, contact: Person
) -> None:
    lead = emulator.create(LastName="Babbage", Company="Engines", Email="c@example.com")
    PendingCreate.objects.create(person=contact, started_at=timezone.now(), is_lost=True, is_duplicate=True)
    emulator.delete("Contact", contact.sfdc_id)
    desk.done()
    state = SyncState.objects.get(pk=lead)
    assert (state.is_duplicate, state.person) == (True, contact)
    assert fresh(contact).sfdc_state == "deleted"


# --- The Account of a Contact -----------------------------------------------------------------------
def test_an_account_that_is_renamed_renames_the_company_of_its_contacts_at_no_cost(
    desk: Desk, emulator: Any, contact: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert contact.company == "Engines"
    monkeypatch.setattr("syncadmin.sync.overlap.OVERLAP", timezone.timedelta(0))
    emulator.control("clock", {"advance_seconds": 60})
    desk.done()
    account = emulator.read("Contact", contact.sfdc_id)["AccountId"]
    emulator.edit("Account", account, Name="Analytical Engines")
    run = desk.done()
    assert (fresh(contact).company, run.api_calls) == ("Analytical Engines", 1)
    assert desk.counts(run, object="Contact")["updated"] == 1
    emulator.control("clock", {"advance_seconds": 60})
    desk.done()
    assert desk.counts(desk.done(), object="Contact") == {}


# --- What the sync user can't see -------------------------------------------------------------------
def test_a_record_that_sharing_hides_is_not_taken_for_deleted_and_syncs_once_it_is_seen(
    desk: Desk, emulator: Any, ada: Ada
) -> None:
    person, lead = ada
    user = emulator.query("SELECT Id FROM User WHERE Name != 'Integration User' AND IsActive = TRUE")[0]["Id"]
    emulator.edit("Lead", lead, OwnerId=user)
    desk.done()
    emulator.rules(sharing=[{"object": "Lead", "access": "private"}])
    desk.edit(person, city="London")
    desk.done()
    now = fresh(person)
    assert (now.sfdc_is_deleted, now.sfdc_state) == (False, "failing")
    failure = SyncFailure.objects.get()
    assert failure.code == "NOT_VISIBLE"
    emulator.rules(sharing=[{"object": "Lead", "access": "public"}])
    emulator.edit("Lead", lead, Phone="7")
    desk.done()
    now = fresh(person)
    assert (now.sfdc_state, now.phone, emulator.read("Lead", lead)["City"]) == ("in_step", "7", "London")


def test_a_record_that_was_deleted_for_good_is_deleted_and_can_be_created_again(
    desk: Desk, emulator: Any, ada: Ada
) -> None:
    person, lead = ada
    emulator.control("hard_delete", {"ids": [lead]})
    emulator.control("clock", {"advance_seconds": 2})
    desk.edit(person, city="London")
    desk.done()
    assert fresh(person).sfdc_state == "deleted"
    assert desk.log(person, "deleted_from_sfdc")
    (outcome,) = sync(person)
    assert (outcome.action, emulator.read("Lead", outcome.sfdc_id)["City"]) == ("created", "London")


def test_a_click_on_somebody_whose_record_was_deleted_for_good_creates_a_new_lead(
    desk: Desk, emulator: Any, ada: Ada
) -> None:
    person, lead = ada
    emulator.control("hard_delete", {"ids": [lead]})
    emulator.control("clock", {"advance_seconds": 2})
    (outcome,) = sync(person)
    assert outcome.action == "created"
    assert fresh(person).sfdc_id == outcome.sfdc_id != lead


# --- Owners -----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("kind", "left", "words"),
    [("user", [Owner("005000000000001AAA", "user", "Left", is_active=False)], "is inactive"),
     ("queue", [], "any more")],
)  # fmt: skip
def test_an_owner_that_is_gone_is_inactive_and_refused_with_advice(
    desk: Desk, ada: Ada, kind: str, left: list[Owner], words: str
) -> None:
    owner_id = "005000000000001AAA" if kind == "user" else "00G000000000001AAA"
    refresh_owners([Owner(owner_id, kind, "Left")], timezone.now())
    refresh_owners(left, timezone.now())
    assert not LeadOwner.objects.get(pk=owner_id).is_active
    with pytest.raises(ValueError, match=rf"{words}.*Choose another owner"):
        sync(ada[0], assign_to=f"{kind}:{owner_id}")


def test_an_owner_changed_on_either_side_is_the_owner_on_both(desk: Desk, emulator: Any, ada: Ada) -> None:
    person, lead = ada
    users = [
        row["Id"]
        for row in emulator.query("SELECT Id FROM User WHERE IsActive = TRUE AND UserType = 'Standard'")
    ]
    owner = emulator.read("Lead", lead)["OwnerId"]
    first, second = [user for user in users if user != owner][:2]
    emulator.edit("Lead", lead, OwnerId=first)
    desk.done()
    assert fresh(person).owner_id == first
    (outcome,) = sync(person, assign_to=f"user:{second}")
    assert (outcome.owner_id, fresh(person).owner_id) == (second, second)
    assert emulator.read("Lead", lead)["OwnerId"] == second
