"""A field that bounces between two values is stopped after three rounds, and the rest of the person goes on syncing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from people.models import Person
from people.services import edit_person
from syncadmin.models import Connection, FieldSync, FlipFlop, SyncState
from syncadmin.services import sync_people
from syncadmin.sync import bulk as limits
from tests.cycle.conftest import Ada, Desk
from tests.emulated import Emulated

OURS, THEIRS = "Dr", "Mx"
FLOW = {"name": "Titles", "object": "Lead", "field": "Title", "formula": f'"{THEIRS}"'}


class Campaign:
    """Something here that sets the title again whenever it is another one."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def run(self, person: Person, now: Any = None, **more: Any) -> None:
        at, values = now or timezone.now(), {"job_title": OURS, **more}
        edit_person(person.pk, values, source="Campaign: titles", now=at)


@pytest.fixture
def campaign(desk: Desk) -> Campaign:
    return Campaign(desk)


def bounce(desk: Desk, campaign: Campaign, person: Person, rounds: int) -> list[int]:
    """So many rounds: set ours, push it, have it rewritten, pull that. The API calls of each cycle."""
    calls = []
    for _ in range(rounds):
        campaign.run(person)
        calls += [desk.done().api_calls, desk.done().api_calls]
    return calls


@pytest.fixture
def stopped(desk: Desk, emulator: Emulated, ada: Ada, campaign: Campaign) -> FlipFlop:
    emulator.rules(automation=FLOW)
    bounce(desk, campaign, ada[0], 4)
    return FlipFlop.objects.get()


def title(person: Person) -> str:
    person.refresh_from_db()
    return person.job_title


def test_a_field_that_an_org_rewrites_is_pushed_three_times_and_then_no_more(
    desk: Desk, emulator: Emulated, ada: Ada, campaign: Campaign
) -> None:
    person, lead = ada
    emulator.rules(automation=FLOW)
    calls = bounce(desk, campaign, person, 6)
    assert [
        entry["new"] for entry in reversed(emulator.control(f"history?id={lead}", method="GET")["history"])
    ] == [THEIRS]  # the flow lets nothing else be seen in Salesforce
    pushes = desk.log(person, "sync_updates_to_sfdc")
    assert len(pushes) == 3
    assert calls[-4:] == [1, 1, 1, 1], calls


def test_what_bounces_is_reported_with_both_values_and_their_authors(stopped: FlipFlop, ada: Ada) -> None:
    assert (stopped.person, stopped.field, stopped.label) == (ada[0], "job_title", "Job Title")
    assert (stopped.ours, stopped.theirs, stopped.rounds) == (OURS, THEIRS, 3)
    assert stopped.ours_by == "Campaign: titles"
    assert stopped.in_our_save, "rewritten in the very save of our push"
    assert stopped.since < stopped.stopped_at


def test_it_is_on_the_activity_log(stopped: FlipFlop, desk: Desk, ada: Ada) -> None:
    (entry,) = desk.log(ada[0], "field_stopped")
    assert (entry.attributes["ours"], entry.attributes["theirs"]) == (OURS, THEIRS)
    assert entry.attributes["rounds"] == 3


def test_somebody_else_who_writes_theirs_is_named(
    desk: Desk, emulator: Emulated, ada: Ada, campaign: Campaign
) -> None:
    person, lead = ada
    for _ in range(4):
        campaign.run(person)
        desk.done()
        emulator.edit("Lead", lead, Title=THEIRS)
        desk.done()
    report = FlipFlop.objects.get()
    assert report.theirs_by.startswith("Salesforce")


def test_the_other_fields_go_on_syncing_both_ways(
    stopped: FlipFlop, desk: Desk, emulator: Emulated, ada: Ada
) -> None:
    person, lead = ada
    desk.edit(person, city="Ulm")
    emulator.edit("Lead", lead, Phone="2")
    desk.done()
    person.refresh_from_db()
    record = emulator.read("Lead", lead)
    assert (record["City"], person.phone) == ("Ulm", "2")
    assert (record["Title"], person.job_title) == (THEIRS, OURS)
    desk.done()
    assert desk.done().api_calls == 1


def test_whoever_waits_for_a_stopped_field_alone_is_looked_at_once(
    stopped: FlipFlop, desk: Desk, ada: Ada
) -> None:
    person, _ = ada
    person.refresh_from_db()
    assert person.changed_at is None
    assert desk.done().api_calls == 1


def test_a_stopped_field_goes_on_by_itself_once_both_sides_are_equal(
    stopped: FlipFlop, desk: Desk, emulator: Emulated, ada: Ada
) -> None:
    person, lead = ada
    emulator.rules(automation={**FLOW, "active": False})
    emulator.edit("Lead", lead, Title=OURS)
    desk.done()
    stopped.refresh_from_db()
    assert (stopped.state, stopped.decision) == ("ended", "equal")
    emulator.edit("Lead", lead, Title="Baroness")
    desk.done()
    assert title(person) == "Baroness"


def test_it_ends_as_well_when_somebody_here_types_what_salesforce_holds(
    stopped: FlipFlop, desk: Desk, ada: Ada
) -> None:
    desk.edit(ada[0], job_title=THEIRS)
    desk.done()
    stopped.refresh_from_db()
    assert stopped.state == "ended"
    assert not SyncState.objects.get().rounds["job_title"].get("stopped")


def test_ended_and_bouncing_again_it_is_stopped_again_at_once(
    stopped: FlipFlop, desk: Desk, ada: Ada, campaign: Campaign
) -> None:
    desk.edit(ada[0], job_title=THEIRS)
    desk.done()
    pushed = len(desk.log(ada[0], "sync_updates_to_sfdc"))
    campaign.run(ada[0])
    desk.done()
    assert len(desk.log(ada[0], "sync_updates_to_sfdc")) == pushed
    assert FlipFlop.objects.filter(state="stopped").count() == 1


def test_the_report_follows_what_salesforce_holds(
    stopped: FlipFlop, desk: Desk, emulator: Emulated, ada: Ada
) -> None:
    emulator.rules(automation={**FLOW, "active": False})
    emulator.edit("Lead", ada[1], Title="Dame")
    desk.done()
    stopped.refresh_from_db()
    assert (stopped.theirs, title(ada[0])) == ("Dame", OURS)


def test_somebody_who_changes_a_value_back_and_forth_over_days_is_no_flip_flop(
    desk: Desk, emulator: Emulated, ada: Ada, monkeypatch: pytest.MonkeyPatch
) -> None:
    person, lead = ada
    now, day = timezone.now(), timedelta(0)
    monkeypatch.setattr(timezone, "now", lambda: now + day)
    for number in range(6):
        day = timedelta(days=number)
        desk.edit(person, job_title=OURS)
        desk.done()
        emulator.edit("Lead", lead, Title=THEIRS)
        desk.done()
    assert not FlipFlop.objects.exists()
    assert title(person) == THEIRS


def test_somebody_here_who_changes_their_mind_is_no_flip_flop_however_quickly(
    desk: Desk, ada: Ada, emulator: Emulated
) -> None:
    person, lead = ada
    for number in range(9):
        desk.edit(person, job_title=(OURS, THEIRS)[number % 2])
        desk.done()
    assert not FlipFlop.objects.exists()
    assert emulator.read("Lead", lead)["Title"] == OURS


def test_a_rep_who_changes_their_mind_is_no_flip_flop_however_quickly(
    desk: Desk, ada: Ada, emulator: Emulated
) -> None:
    person, lead = ada
    for number in range(9):
        emulator.edit("Lead", lead, Title=(OURS, THEIRS)[number % 2])
        desk.done()
    assert not FlipFlop.objects.exists()
    assert title(person) == OURS


def test_slow_cycles_are_no_excuse(
    desk: Desk, emulator: Emulated, ada: Ada, monkeypatch: pytest.MonkeyPatch, campaign: Campaign
) -> None:
    """With a pause of four hours the rounds are eight hours apart."""
    Connection.objects.update(pause_minutes=240)
    emulator.rules(automation=FLOW)
    now, passed = timezone.now(), timedelta(0)
    monkeypatch.setattr(timezone, "now", lambda: now + passed)
    for number in range(4):
        passed = timedelta(hours=8 * number)
        campaign.run(ada[0], now + passed)
        desk.done()
        desk.done()
    assert FlipFlop.objects.filter(state="stopped").exists()


def test_a_blank_that_never_overwrites_is_not_pushed_for_ever_against_an_org_that_blanks(
    desk: Desk, emulator: Emulated, ada: Ada
) -> None:
    FieldSync.objects.filter(field__name="job_title").update(blank_never_overwrites=True)
    emulator.rules(automation={**FLOW, "formula": "null"})
    emulator.edit("Lead", ada[1], Phone="2")
    calls = [desk.done().api_calls for _ in range(8)]
    assert calls[-3:] == [1, 1, 1], calls
    report = FlipFlop.objects.get()
    assert (report.ours, report.theirs) == ("Countess", None)


def test_a_tick_is_never_lost_to_a_stop(desk: Desk, emulator: Emulated, ada: Ada) -> None:
    """Something here opts people in again and again, and the org opts them out."""
    person, _ = ada
    FieldSync.objects.filter(field__name="unsubscribed").update(winner="opted_out", direction="both")
    emulator.rules(automation={**FLOW, "field": "HasOptedOutOfEmail", "formula": "TRUE"})
    for _ in range(5):
        desk.edit(person, unsubscribed=True)
        desk.done()
        desk.edit(person, unsubscribed=False)
        desk.done()
        desk.done()
    person.refresh_from_db()
    assert person.unsubscribed


def test_a_create_and_a_first_pull_remember_nothing(desk: Desk, emulator: Emulated, ada: Ada) -> None:
    assert not SyncState.objects.exclude(rounds=None).exists()
    assert not FlipFlop.objects.exists()


def test_a_converted_lead_stays_stopped_as_a_contact(
    stopped: FlipFlop, desk: Desk, emulator: Emulated, ada: Ada
) -> None:
    emulator.convert(ada[1])
    for _ in range(3):
        desk.done()
    stopped.refresh_from_db()
    living = SyncState.objects.get(is_deleted=False)
    assert living.object == "Contact"
    is_stopped = bool((living.rounds or {}).get("job_title", {}).get("stopped"))
    assert is_stopped == (stopped.state == "stopped")


def test_deleted_in_salesforce_nothing_is_stopped_any_more(
    stopped: FlipFlop, desk: Desk, emulator: Emulated, ada: Ada
) -> None:
    emulator.delete("Lead", ada[1])
    desk.done()
    stopped.refresh_from_db()
    assert (stopped.state, stopped.decision) == ("ended", "gone")


def test_it_is_stopped_and_told_by_bulk_jobs_as_well_while_the_other_fields_go(
    desk: Desk, emulator: Emulated, ada: Ada, campaign: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "PUSH_FROM", 1)
    person, lead = ada
    emulator.rules(automation=FLOW)
    for number in range(4):
        campaign.run(person, city=f"City {number}")
        desk.done()
        desk.done()
    report = FlipFlop.objects.get()
    assert (report.ours, report.theirs, report.state) == (OURS, THEIRS, "stopped")
    assert (emulator.read("Lead", lead)["City"], title(person)) == ("City 3", OURS)
    assert desk.done().api_calls == 1


def test_a_click_pushes_it_no_more_either(stopped: FlipFlop, desk: Desk, ada: Ada) -> None:
    pushed = len(desk.log(ada[0], "sync_updates_to_sfdc"))
    sync_people([ada[0].pk], "rules", now=timezone.now(), source="test")
    assert len(desk.log(ada[0], "sync_updates_to_sfdc")) == pushed


def test_the_memory_costs_no_statement(desk: Desk, emulator: Emulated, ada: Ada) -> None:
    """A push that is remembered, and a pull of somebody who is, cost what they cost without a memory."""
    tables = ("syncadmin_syncstate", "syncadmin_flipflop", "people_activity", "syncadmin_connection")

    def statements() -> dict[str, int]:
        # Stamps are whole seconds: whether a record was written in the same one mustn't matter.
        emulator.control("clock", {"advance_seconds": 2})
        desk.edit(ada[0], city=f"c{timezone.now().timestamp()}")
        with CaptureQueriesContext(connection) as caught:
            desk.done()
        told = [query["sql"] for query in caught]
        return {table: sum(table in sql for sql in told) for table in tables}

    statements()  # whose record the next ones read once more
    first = statements()
    SyncState.objects.update(rounds=None)
    assert statements() == first
    assert SyncState.objects.get().rounds
    assert statements() == first
