"""The cycle, over HTTP: what changes on one side arrives on the other; nothing is lost, doubled or bounced."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from django.utils import timezone

from people.models import Person
from syncadmin.models import Connection, PendingCreate, SyncFailure, SyncRun, SyncState
from syncadmin.services import run_sync_cycle, sync_people
from syncadmin.services.cycle import lease
from tests.cycle.conftest import Ada, Desk

pytestmark = pytest.mark.django_db


def test_a_lead_made_in_salesforce_becomes_a_person(desk: Desk, emulator: Any) -> None:
    sfdc_id = emulator.create(LastName="Hopper", FirstName="Grace", Company="Navy", Email="Grace@Example.com")
    run = desk.done()
    person = desk.by_email("grace@example.com")
    assert (person.last_name, person.company, person.sfdc_type, person.sfdc_id) == (
        "Hopper",
        "Navy",
        "Lead",
        sfdc_id,
    )
    assert person.owner is not None
    assert person.owner.name == "Integration User"
    assert person.sfdc_state == "in_step"
    assert [entry.type for entry in desk.log(person)] == ["new_person"]
    assert desk.counts(run) == {"new": 1}


def test_a_contact_becomes_a_person_with_its_accounts_name(desk: Desk, emulator: Any) -> None:
    account = emulator.create("Account", Name="Analytical Engines")
    emulator.create("Contact", LastName="Babbage", Email="c@example.com", AccountId=account)
    desk.done()
    person = desk.by_email("c@example.com")
    assert (person.sfdc_type, person.company) == ("Contact", "Analytical Engines")


def test_each_side_gets_the_others_change(desk: Desk, emulator: Any, ada: Ada) -> None:
    person, sfdc_id = ada
    emulator.edit("Lead", sfdc_id, Phone="+44 20 7946 0000")
    desk.edit(person, job_title="Programmer")
    run = desk.done()
    person.refresh_from_db()
    lead = emulator.read("Lead", sfdc_id)
    assert (person.phone, person.job_title) == ("+44 20 7946 0000", "Programmer")
    assert (lead["Phone"], lead["Title"]) == ("+44 20 7946 0000", "Programmer")
    assert desk.counts(run, "push", "Person") == {"updated": 1}
    change = next(e for e in desk.log(person, "change_data_value") if e.attributes["field"] == "phone")
    assert (change.attributes["old"], change.attributes["new"]) == ("1", "+44 20 7946 0000")
    assert change.source == "Salesforce: Integration User"


def test_changed_on_both_sides_ours_stays_and_both_values_are_on_the_log(
    desk: Desk, emulator: Any, ada: Ada
) -> None:
    person, sfdc_id = ada
    emulator.edit("Lead", sfdc_id, Title="Analyst")
    desk.edit(person, job_title="Programmer")
    run = desk.done()
    person.refresh_from_db()
    assert person.job_title == emulator.read("Lead", sfdc_id)["Title"] == "Programmer"
    (conflict,) = desk.log(person, "conflict")
    assert (conflict.attributes["ours"], conflict.attributes["theirs"]) == ("Programmer", "Analyst")
    assert conflict.attributes["winner"] == "ours"
    assert desk.counts(run)["conflicts"] == 1


def test_salesforce_wins_for_leads_if_so_configured(desk: Desk, emulator: Any, ada: Ada) -> None:
    person, sfdc_id = ada
    Connection.objects.update(lead_winner="salesforce")
    emulator.edit("Lead", sfdc_id, Title="Analyst")
    desk.edit(person, job_title="Programmer")
    desk.done()
    person.refresh_from_db()
    assert person.job_title == emulator.read("Lead", sfdc_id)["Title"] == "Analyst"


def test_after_any_change_comes_silence(desk: Desk, emulator: Any, ada: Ada) -> None:
    person, sfdc_id = ada
    emulator.edit("Lead", sfdc_id, Phone="2")
    desk.edit(person, job_title="Programmer", email="Ada.Byron@Example.com".lower())
    desk.done()
    before = emulator.read("Lead", sfdc_id)["SystemModstamp"]
    activities = len(desk.log(person))
    for _ in range(2):
        run = desk.done()
        assert run.api_calls == 1
    assert emulator.read("Lead", sfdc_id)["SystemModstamp"] == before
    assert len(desk.log(person)) == activities


def test_an_idle_cycle_costs_one_api_call_and_as_many_statements_for_many_people(
    desk: Desk, emulator: Any, django_assert_max_num_queries: Any
) -> None:
    for number in range(30):
        emulator.create(LastName=f"L{number}", Company="C", Email=f"p{number}@example.com")
    emulator.control("clock", {"advance_seconds": 3600})
    desk.done()
    emulator.control("clock", {"advance_seconds": 3600})
    desk.done()
    calls = emulator.api_calls()
    with django_assert_max_num_queries(66):
        run = desk.done()
    assert emulator.api_calls() - calls == run.api_calls == 1


def test_a_cleared_value_travels_both_ways(desk: Desk, emulator: Any, ada: Ada) -> None:
    person, sfdc_id = ada
    emulator.edit("Lead", sfdc_id, Phone=None)
    desk.edit(person, job_title="")
    desk.done()
    person.refresh_from_db()
    assert (person.phone, emulator.read("Lead", sfdc_id)["Title"]) == ("", None)


def test_a_change_made_while_the_request_is_under_way_is_not_lost(
    desk: Desk, emulator: Any, ada: Ada, monkeypatch: pytest.MonkeyPatch
) -> None:
    person, sfdc_id = ada
    desk.edit(person, job_title="first")
    from syncadmin.salesforce.org import SalesforceOrg

    write = SalesforceOrg.write

    def edit_meanwhile(org: SalesforceOrg, writes: Any) -> Any:
        monkeypatch.setattr(SalesforceOrg, "write", write)
        desk.edit(person, job_title="second", city="London")
        return org.write(writes)

    monkeypatch.setattr(SalesforceOrg, "write", edit_meanwhile)
    desk.done()
    person.refresh_from_db()
    assert (person.job_title, person.sfdc_state) == ("second", "waiting")
    desk.done()
    lead = emulator.read("Lead", sfdc_id)
    assert (lead["Title"], lead["City"]) == ("second", "London")


def test_deleted_in_salesforce_the_person_stays_and_says_so(desk: Desk, emulator: Any, ada: Ada) -> None:
    person, sfdc_id = ada
    desk.edit(person, city="London")
    emulator.delete("Lead", sfdc_id)
    run = desk.done()
    person.refresh_from_db()
    assert (person.sfdc_is_deleted, person.sfdc_state) == (True, "deleted")
    assert desk.counts(run)["deleted"] == 1
    assert desk.log(person, "deleted_from_sfdc")
    assert desk.done().api_calls == 1


def test_two_records_with_the_same_email_are_held_for_review(desk: Desk, emulator: Any, ada: Ada) -> None:
    twin = emulator.create(LastName="Byron", Company="Other", Email="ada@example.com")
    desk.done()
    failure = SyncFailure.objects.get()
    assert (failure.code, failure.sfdc_id, failure.direction) == ("SEVERAL_MATCHES", twin, "pull")
    assert Person.objects.count() == 1
    desk.done()
    assert SyncFailure.objects.count() == 1


def test_a_lead_with_the_email_of_one_free_person_is_linked(desk: Desk, emulator: Any) -> None:
    person = desk.person(last_name="Hopper", email="g@example.com", city="Arlington")
    sfdc_id = emulator.create(LastName="Hopper", Company="Navy", Email="g@example.com", Phone="7")
    desk.done()
    person.refresh_from_db()
    assert (person.sfdc_id, person.company, person.phone, person.city) == (sfdc_id, "Navy", "7", "Arlington")
    assert emulator.read("Lead", sfdc_id)["City"] == "Arlington"


def test_a_refused_person_holds_up_nobody_and_is_not_sent_again_unchanged(desk: Desk, emulator: Any) -> None:
    for name in ("bad", "good"):
        emulator.create(LastName=name, Company="C", Email=f"{name}@example.com")
    desk.done()
    emulator.rules(
        validation=[
            {
                "object": "Lead", "name": "No_London", "formula": 'City = "London"',
                "message": "London is closed.", "field": "City",
            }
        ]
    )  # fmt: skip
    bad, good = desk.by_email("bad@example.com"), desk.by_email("good@example.com")
    desk.edit(bad, city="London")
    desk.edit(good, city="Paris")
    run = desk.done()
    assert desk.counts(run, "push", "Person") == {"updated": 1, "failed": 1}
    bad.refresh_from_db()
    failure = SyncFailure.objects.get()
    assert (failure.code, failure.message) == ("FIELD_CUSTOM_VALIDATION_EXCEPTION", "London is closed.")
    assert (failure.fields, failure.values) == (["city"], {"city": "London"})
    assert bad.sfdc_state == "failing"
    assert desk.log(bad, "sync_failed")
    assert desk.done().api_calls == 1  # hopeless retries cost nothing
    desk.edit(bad, city="Paris")
    desk.done()
    bad.refresh_from_db()
    failure.refresh_from_db()
    assert (bad.sfdc_state, failure.state) == ("in_step", "resolved")


def test_two_cycles_never_run_at_once(desk: Desk) -> None:
    run = lease.begin_run("command", timezone.now())
    assert run is not None
    assert run_sync_cycle("command", timezone.now) is None


def test_a_dead_cycle_is_closed_and_its_work_is_done_again(desk: Desk, emulator: Any) -> None:
    dead = SyncRun.objects.create(
        started_at=timezone.now() - 2 * lease.LEASE, heartbeat_at=timezone.now() - 2 * lease.LEASE
    )
    emulator.create(LastName="Hopper", Company="Navy", Email="g@example.com")
    desk.done()
    dead.refresh_from_db()
    assert (dead.state, dead.error_code) == ("incomplete", "WORKER_GONE")
    assert desk.by_email("g@example.com")


def test_an_unreachable_salesforce_fails_the_cycle_in_words_and_loses_nothing(
    desk: Desk, emulator: Any, ada: Ada
) -> None:
    person, sfdc_id = ada
    desk.edit(person, city="London")
    emulator.fault(status=503, match="*composite*", times=50)
    run = desk.cycle()
    assert run.state == "failed"
    assert run.error_message
    emulator.clear_faults()
    desk.done()
    assert emulator.read("Lead", sfdc_id)["City"] == "London"


def test_a_lost_answer_to_an_update_is_not_lost(desk: Desk, emulator: Any, ada: Ada) -> None:
    person, sfdc_id = ada
    desk.edit(person, city="London")
    emulator.fault(drop="after", match="*composite*", after=2, times=1)
    desk.cycle()
    desk.done()
    person.refresh_from_db()
    assert (emulator.read("Lead", sfdc_id)["City"], person.sfdc_state) == ("London", "in_step")


@pytest.mark.parametrize("drop", ["before", "after"])
def test_a_create_whose_answer_is_lost_makes_one_lead(desk: Desk, emulator: Any, drop: str) -> None:
    person = desk.person(last_name="Hopper", company="Navy", email="g@example.com")
    emulator.fault(drop=drop, match="*composite*", after=1, times=1)
    (outcome,) = sync_people([person.pk], "rules", now=timezone.now(), source="test")
    assert outcome.status == "done", outcome
    leads = emulator.query("SELECT Id FROM Lead WHERE Email = 'g@example.com'")
    assert [lead["Id"] for lead in leads] == [outcome.sfdc_id]
    desk.done()
    assert Person.objects.count() == 1
    assert not PendingCreate.objects.exists()


def test_a_create_whose_worker_died_is_found_by_the_next_cycle(desk: Desk, emulator: Any) -> None:
    person = desk.person(last_name="Hopper", company="Navy")
    sfdc_id = emulator.create(LastName="Hopper", Company="Navy")
    PendingCreate.objects.create(person=person, started_at=timezone.now() - timezone.timedelta(minutes=7))
    desk.done()
    person.refresh_from_db()
    assert (person.sfdc_id, Person.objects.count(), PendingCreate.objects.count()) == (sfdc_id, 1, 0)


def test_a_lead_whose_create_is_under_way_does_not_become_a_second_person(desk: Desk, emulator: Any) -> None:
    person = desk.person(last_name="Hopper", company="Navy")
    emulator.create(LastName="Hopper", Company="Navy")
    PendingCreate.objects.create(person=person, started_at=timezone.now())
    desk.done()
    assert Person.objects.count() == 1


def test_converted_in_salesforce_the_same_person_becomes_a_contact(
    desk: Desk, emulator: Any, ada: Ada
) -> None:
    person, sfdc_id = ada
    contact = emulator.convert(sfdc_id)
    desk.done()
    person.refresh_from_db()
    assert (person.sfdc_type, person.sfdc_id, Person.objects.count()) == ("Contact", contact, 1)
    assert desk.log(person, "convert_person")
    assert SyncState.objects.get(pk=sfdc_id).is_deleted
    desk.edit(person, city="London")
    desk.done()
    assert emulator.read("Contact", contact)["MailingCity"] == "London"


def test_a_cycle_whose_worker_process_is_gone_is_closed_at_once(desk: Desk) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    dead = SyncRun.objects.create(
        started_at=timezone.now(),
        heartbeat_at=timezone.now(),
        worker=f"{lease.machine()}:{gone.pid}",
    )
    desk.done()
    dead.refresh_from_db()
    assert dead.state == "incomplete"


def test_a_cycle_on_another_machine_keeps_its_lease(desk: Desk) -> None:
    SyncRun.objects.create(started_at=timezone.now(), heartbeat_at=timezone.now(), worker="elsewhere:1")
    assert run_sync_cycle("command", timezone.now) is None


def test_two_records_that_may_both_be_one_person_are_both_held(desk: Desk, emulator: Any) -> None:
    person = desk.person(last_name="Hopper", email="g@example.com")
    for company in ("Navy", "Army"):
        emulator.create(LastName="Hopper", Company=company, Email="g@example.com")
    desk.done()
    person.refresh_from_db()
    assert (person.sfdc_id, SyncFailure.objects.count(), Person.objects.count()) == ("", 2, 1)
