"""What a review found: records that were doubled, lost, or held up all the others."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from people import bulk
from people.models import LeadOwner, Person
from syncadmin.models import Connection, PendingCreate, SyncFailure, SyncState
from syncadmin.salesforce.org import SalesforceOrg
from syncadmin.services import sync_people
from syncadmin.sync.assignment import KEEP, RULES
from syncadmin.sync.fields import FieldRule, ObjectRules
from syncadmin.sync.pushes import PushSettings, decide_push
from syncadmin.sync.records import LinkedPerson
from tests.cycle.conftest import Ada, Desk

pytestmark = pytest.mark.django_db


def sync(*people: Person, assign_to: str = "rules") -> list[Any]:
    return sync_people([p.pk for p in people], assign_to, now=timezone.now(), source="test")


def test_of_two_people_with_one_email_one_gets_the_one_record_and_the_other_is_held(
    desk: Desk, emulator: Any
) -> None:
    twins = [desk.person(last_name=name, company="Navy", email="g@example.com") for name in ("A", "B")]
    sfdc_id = emulator.create(LastName="Hopper", Company="Navy", Email="g@example.com")
    other = desk.person(last_name="Other", company="Navy", email="o@example.com")
    outcomes = sync(*twins, other)
    assert [outcome.status for outcome in outcomes] == ["done", "failed", "done"]
    assert SyncState.objects.get(pk=sfdc_id).person == twins[0]
    assert SyncFailure.objects.get().code == "SEVERAL_MATCHES"


def test_a_field_that_is_hidden_stops_syncing_and_stops_nothing_else(
    desk: Desk, emulator: Any, ada: Ada
) -> None:
    person, sfdc_id = ada
    emulator.rules(field_level_security=[{"object": "Lead", "field": "Title", "visible": False}])
    emulator.edit("Lead", sfdc_id, Phone="2")
    desk.done()
    person.refresh_from_db()
    assert (person.phone, person.job_title) == ("2", "Countess")
    assert desk.done().api_calls == 1


def test_a_lead_that_was_merged_a_moment_ago_is_not_created_anew_by_a_click(
    desk: Desk, emulator: Any, ada: Ada
) -> None:
    person, sfdc_id = ada
    master = emulator.create(LastName="King", Company="Engines", Email="king@example.com")
    desk.done()
    emulator.control("merge", {"object": "Lead", "master": master, "losers": [sfdc_id]})
    sync(person)
    desk.done()
    assert [lead["Id"] for lead in emulator.query("SELECT Id FROM Lead")] == [master]
    assert Person.objects.get().sfdc_id == master


def test_a_lead_with_a_default_company_whose_create_is_under_way_is_nobody_new(
    desk: Desk, emulator: Any
) -> None:
    Connection.objects.update(default_company="[unknown]")
    person = desk.person(last_name="Hopper")
    sfdc_id = emulator.create(LastName="Hopper", Company="[unknown]")
    PendingCreate.objects.create(person=person, started_at=timezone.now())
    desk.done()
    assert Person.objects.count() == 1
    PendingCreate.objects.update(is_lost=True)
    desk.done()
    assert Person.objects.get().sfdc_id == sfdc_id


def test_a_create_is_noted_with_its_own_time_however_long_the_selection_took(
    desk: Desk, emulator: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = desk.person(last_name="Hopper", company="Navy")
    noted: list[Any] = []
    write = SalesforceOrg.write

    def look(org: SalesforceOrg, writes: Any) -> Any:
        noted.extend(PendingCreate.objects.values_list("started_at", flat=True))
        return write(org, writes)

    monkeypatch.setattr(SalesforceOrg, "write", look)
    begun = timezone.now() - timedelta(minutes=10)
    sync_people([person.pk], "rules", now=begun, source="test")
    assert noted[0] > begun + timedelta(minutes=5)


def test_a_lead_that_the_pull_linked_while_its_answer_was_on_the_way_is_remembered_once(
    desk: Desk, emulator: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = desk.person(last_name="Hopper", company="Navy", email="g@example.com")
    write = SalesforceOrg.write

    def answer_late(org: SalesforceOrg, writes: Any) -> Any:
        results = write(org, writes)
        monkeypatch.setattr(SalesforceOrg, "write", write)
        PendingCreate.objects.update(is_lost=True)
        desk.done()  # its recovery finds the Lead and links it
        return results

    monkeypatch.setattr(SalesforceOrg, "write", answer_late)
    (outcome,) = sync(person)
    assert outcome.status == "done"
    assert (Person.objects.count(), SyncState.objects.count()) == (1, 1)


@pytest.fixture
def contact(desk: Desk, emulator: Any) -> Person:
    account = emulator.create("Account", Name="Engines")
    emulator.create("Contact", LastName="Babbage", AccountId=account, Email="c@example.com")
    desk.done()
    return desk.by_email("c@example.com")


def _queue() -> str:
    return f"queue:{LeadOwner.objects.filter(kind='queue').values_list('pk', flat=True)[0]}"


def test_a_duplicate_lead_for_a_queue_whose_answer_is_lost_is_made_once(
    desk: Desk, emulator: Any, contact: Person
) -> None:
    emulator.fault(drop="after", match="*composite*", after=1, times=1)
    (outcome,) = sync(contact, assign_to=_queue())
    assert outcome.status == "done", outcome
    (lead,) = emulator.query("SELECT Id FROM Lead")
    state = SyncState.objects.get(pk=lead["Id"])
    assert (state.person, state.is_duplicate) == (contact, True)
    contact.refresh_from_db()
    assert contact.sfdc_type == "Contact"
    desk.done()
    assert (Person.objects.count(), PendingCreate.objects.count()) == (1, 0)


def test_two_clicks_make_one_duplicate_lead(
    desk: Desk, emulator: Any, contact: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, queue = SalesforceOrg.write, _queue()

    def click_again(org: SalesforceOrg, writes: Any) -> Any:
        monkeypatch.setattr(SalesforceOrg, "write", write)
        assert [outcome.status for outcome in sync(contact, assign_to=queue)] == ["skipped"]
        return write(org, writes)

    monkeypatch.setattr(SalesforceOrg, "write", click_again)
    sync(contact, assign_to=queue)
    assert len(emulator.query("SELECT Id FROM Lead")) == 1


def test_linking_somebody_whose_lead_was_deleted_to_another_lead_is_no_restoration(
    desk: Desk, emulator: Any, ada: Ada
) -> None:
    person, sfdc_id = ada
    emulator.delete("Lead", sfdc_id)
    desk.done()
    new = emulator.create(LastName="Byron", Company="Engines", Email="ada@example.com")
    desk.done()
    person.refresh_from_db()
    assert (person.sfdc_id, person.sfdc_is_deleted) == (new, False)
    assert not desk.log(person, "restored_in_sfdc")


def test_a_held_record_that_is_deleted_waits_for_nobody_any_more(desk: Desk, emulator: Any, ada: Ada) -> None:
    twin = emulator.create(LastName="Byron", Company="Other", Email="ada@example.com")
    desk.done()
    emulator.delete("Lead", twin)
    desk.done()
    assert SyncFailure.objects.get(sfdc_id=twin).state == "resolved"


def test_what_the_database_refuses_is_told_in_djangos_errors(desk: Desk, ada: Ada) -> None:
    columns = ("sfdc_id", "object", "person_id", "base", "is_duplicate", "is_deleted", "system_modstamp",
               "synced_at")  # fmt: skip
    row = (ada[1], "Lead", ada[0].pk, "{}", True, False, "", "2026-01-01 00:00:00")
    with pytest.raises(IntegrityError), transaction.atomic():
        bulk.insert_rows(SyncState, columns, [row])


def test_what_salesforce_lets_nobody_write_never_joins_the_base() -> None:
    rules = ObjectRules("Lead", (
        FieldRule("last_name", "LastName"),
        FieldRule("made", "Made__c", updateable=False),
        FieldRule("later", "Later__c", createable=False),
    ))  # fmt: skip
    settings = PushSettings({"Lead": rules})
    values = {"last_name": "a", "made": "b", "later": "c"}
    new = decide_push(LinkedPerson(1, 1, values), None, RULES, settings)
    assert new.to_remote == {"last_name": "a", "made": "b"}
    known = LinkedPerson(1, 1, values, "Lead", "00Q1", base=dict.fromkeys(values, "old"))
    remote = {"Id": "00Q1", "LastName": "old", "Made__c": "old", "Later__c": "old"}
    assert decide_push(known, remote, KEEP, settings).to_remote == {"last_name": "a", "later": "c"}


def test_a_page_read_before_a_click_does_not_set_the_clicks_value_back(
    desk: Desk, emulator: Any, ada: Ada, monkeypatch: pytest.MonkeyPatch
) -> None:
    person, sfdc_id = ada
    emulator.edit("Lead", sfdc_id, Phone="2")
    poll = SalesforceOrg.poll

    def click_meanwhile(org: SalesforceOrg, polls: Any) -> Any:
        answer = poll(org, polls)
        monkeypatch.setattr(SalesforceOrg, "poll", poll)
        desk.edit(person, city="London")
        sync_people([person.pk], "rules", now=timezone.now(), source="test")
        return answer

    monkeypatch.setattr(SalesforceOrg, "poll", click_meanwhile)
    desk.done()
    desk.done()
    person.refresh_from_db()
    assert (person.city, person.phone, emulator.read("Lead", sfdc_id)["City"]) == ("London", "2", "London")
    assert not [entry for entry in desk.log(person, "change_data_value") if entry.attributes["new"] is None]


def test_what_another_job_stored_first_costs_nobody_else_the_answer(
    desk: Desk, emulator: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [desk.person(last_name=f"L{n}", company="C", email=f"l{n}@example.com") for n in range(3)]
    stranger = desk.person(last_name="X", email="x@example.com")
    write = SalesforceOrg.write

    def taken_meanwhile(org: SalesforceOrg, writes: Any) -> Any:
        results = write(org, writes)
        SyncState.objects.create(
            sfdc_id=results[1].id, object="Lead", person=stranger, synced_at=timezone.now()
        )
        return results

    monkeypatch.setattr(SalesforceOrg, "write", taken_meanwhile)
    outcomes = sync_people([p.pk for p in people], "rules", now=timezone.now(), source="test")
    assert [outcome.status for outcome in outcomes] == ["done", "failed", "done"]
    assert SyncState.objects.filter(person__in=people).count() == 2


def test_external_ids_are_of_this_installation(desk: Desk, connection: Connection) -> None:
    assert len(connection.installation_key) == 8
    assert Connection.objects.get().installation_key == connection.installation_key


def test_salesforces_own_defaults_are_nobody_elses_doing(desk: Desk, emulator: Any, marketer: Any) -> None:
    person = desk.person(last_name="Hopper", company="Navy")
    sync_people([person.pk], "rules", now=timezone.now(), source="test", actor_id=marketer.pk)
    (default,) = desk.log(person, "change_data_value")
    assert (default.attributes["field"], default.actor) == ("status", None)
    assert desk.log(person, "sync_to_sfdc")[0].actor == marketer
