"""A cycle that would change an unusual share of the people stops before it writes anything."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from people.models import Activity, Person
from syncadmin.models import Connection, GuardStop, PullCursor, SyncRun, SyncState
from syncadmin.services import run_sync_cycle
from syncadmin.services.preview.guard import allow, check_again
from tests.cycle.conftest import Desk
from tests.emulated import Emulated

pytestmark = pytest.mark.django_db
NUMBER = 10


@pytest.fixture
def crowd(desk: Desk, emulator: Emulated) -> list[str]:
    """Ten people in step; the guard stops at three of them (20 % and at least 3)."""
    ids = [
        emulator.create(LastName=f"L{n}", Company="C", Email=f"p{n}@example.com", City="London", Title="T")
        for n in range(NUMBER)
    ]
    Connection.objects.update(guard_share=20, guard_least=3)
    desk.done()
    assert desk.done().api_calls == 1
    return ids


def stopped(desk: Desk) -> SyncRun:
    run = desk.cycle()
    assert run.state == "stopped", (run.state, run.error_message)
    return run


def everything() -> list[Any]:
    models = (Person, SyncState, Activity)
    # The schema's stamp isn't among them: users, queues and fields are learned before the guard looks.
    read = ("object", "polled_at", "began_at", "position_stamp", "position_id", "filter_key")
    rows: list[Any] = [list(model.objects.order_by("pk").values()) for model in models]
    return [*rows, list(PullCursor.objects.order_by("pk").values(*read))]


def overwrite(emulator: Emulated, ids: list[str], **values: Any) -> None:
    for sfdc_id in ids:
        emulator.edit("Lead", sfdc_id, **(values or {"City": "Nowhere"}))


def test_overwriting_too_many_people_stops_it_before_anything_is_written(
    desk: Desk, emulator: Emulated, crowd: list[str]
) -> None:
    overwrite(emulator, crowd[:3])
    desk.edit(desk.by_email("p9@example.com"), job_title="Ours")
    before, there = everything(), emulator.read("Lead", crowd[9])
    run = stopped(desk)
    assert everything() == before
    assert emulator.read("Lead", crowd[9])["SystemModstamp"] == there["SystemModstamp"]
    assert run.error_code == "GUARD"
    for words in ("Of 10 people, 3 would be overwritten here", "City", "Integration User"):
        assert words in run.error_message


def test_one_person_fewer_is_no_reason_to_stop(desk: Desk, emulator: Emulated, crowd: list[str]) -> None:
    overwrite(emulator, crowd[:2])
    desk.done()


def test_filling_blanks_and_new_people_hurt_nobody(desk: Desk, emulator: Emulated, crowd: list[str]) -> None:
    overwrite(emulator, crowd, Phone="1")
    for n in range(20, 30):
        emulator.create(LastName=f"L{n}", Company="C", Email=f"p{n}@example.com")
    desk.done()
    assert Person.objects.filter(phone="1").count() == NUMBER


def test_a_first_pull_into_an_empty_database_never_stops(desk: Desk, emulator: Emulated) -> None:
    Connection.objects.update(guard_share=1, guard_least=1)
    for n in range(5):
        emulator.create(LastName=f"L{n}", Company="C", Email=f"p{n}@example.com", City="London")
    assert desk.done().api_calls == 1


def test_deleting_too_many_stops_it(desk: Desk, emulator: Emulated, crowd: list[str]) -> None:
    for sfdc_id in crowd[:3]:
        emulator.delete("Lead", sfdc_id)
    assert "3 would be marked as deleted" in stopped(desk).error_message
    assert not Person.objects.filter(sfdc_is_deleted=True).exists()


def test_merging_too_many_away_stops_it(desk: Desk, emulator: Emulated, crowd: list[str]) -> None:
    emulator.control("merge", {"object": "Lead", "master": crowd[0], "losers": crowd[1:3]})
    emulator.control("merge", {"object": "Lead", "master": crowd[0], "losers": crowd[3:5]})
    assert "4 would be merged into others" in stopped(desk).error_message
    assert Person.objects.count() == NUMBER


def test_overwriting_too_many_records_of_salesforce_stops_it(
    desk: Desk, emulator: Emulated, crowd: list[str]
) -> None:
    for n in range(3):
        desk.edit(desk.by_email(f"p{n}@example.com"), city="Elsewhere")
    assert "3 would be overwritten in Salesforce" in stopped(desk).error_message
    assert emulator.read("Lead", crowd[0])["City"] == "London"


def test_a_share_of_0_switches_it_off(desk: Desk, emulator: Emulated, crowd: list[str]) -> None:
    Connection.objects.update(guard_share=0)
    overwrite(emulator, crowd)
    desk.done()


def test_a_usual_cycle_costs_what_it_cost_without_a_guard(
    desk: Desk, emulator: Emulated, crowd: list[str]
) -> None:
    overwrite(emulator, crowd[:1])
    assert desk.done().api_calls == 1


def test_while_it_is_stopped_each_cycle_stops_after_one_call(
    desk: Desk, emulator: Emulated, crowd: list[str], django_assert_max_num_queries: Any
) -> None:
    overwrite(emulator, crowd)
    first = stopped(desk)
    with django_assert_max_num_queries(66):
        second = stopped(desk)
    assert (second.api_calls, second.error_message) == (1, first.error_message)
    emulator.create(LastName="Late", Company="C", Email="late@example.com")
    assert stopped(desk).api_calls == 1
    assert GuardStop.objects.count() == 1


def test_it_goes_on_by_itself_when_the_change_was_undone(
    desk: Desk, emulator: Emulated, crowd: list[str]
) -> None:
    overwrite(emulator, crowd)
    stopped(desk)
    overwrite(emulator, crowd, City="London")
    desk.done()
    assert not GuardStop.objects.filter(closed_at=None).exists()


def test_it_goes_on_by_itself_when_the_share_is_raised(
    desk: Desk, emulator: Emulated, crowd: list[str]
) -> None:
    overwrite(emulator, crowd[:3])
    stopped(desk)
    Connection.objects.update(guard_share=50)
    desk.done()


def test_checking_again_looks_at_every_record(desk: Desk, emulator: Emulated, crowd: list[str]) -> None:
    overwrite(emulator, crowd)
    stopped(desk)
    overwrite(emulator, crowd[1:], City="London")  # the first record, by which a reading is known, stays
    check_again(GuardStop.objects.get().pk)
    desk.done()


def test_run_anyway_lets_one_cycle_run_and_says_who_did(
    desk: Desk, emulator: Emulated, crowd: list[str]
) -> None:
    overwrite(emulator, crowd)
    stopped(desk)
    assert allow(GuardStop.objects.get().pk, by="Maria", now=timezone.now())
    run = desk.done()
    assert run.unguarded_by == "Maria"
    assert Person.objects.filter(city="Nowhere").count() == NUMBER
    overwrite(emulator, crowd, City="Again")
    stopped(desk)


def test_the_command_line_can_run_anyway(desk: Desk, emulator: Emulated, crowd: list[str]) -> None:
    overwrite(emulator, crowd)
    run = run_sync_cycle("command", timezone.now, unguarded_by="the command line")
    assert run is not None
    assert (run.state, run.unguarded_by) == ("done", "the command line")


def test_what_was_allowed_is_settled_only_once(desk: Desk, emulator: Emulated, crowd: list[str]) -> None:
    overwrite(emulator, crowd)
    stopped(desk)
    stop = GuardStop.objects.get()
    allow(stop.pk, by="Maria", now=timezone.now())
    desk.done()
    assert not allow(stop.pk, by="Maria", now=timezone.now())


def test_people_who_were_here_before_the_connection_are_guarded_too(desk: Desk, emulator: Emulated) -> None:
    Connection.objects.update(guard_share=20, guard_least=3, lead_winner="salesforce")
    for n in range(4):
        desk.person(last_name=f"L{n}", company="C", email=f"p{n}@example.com", city="Here")
        emulator.create(LastName=f"L{n}", Company="C", Email=f"p{n}@example.com", City="There")
    assert "4 would be overwritten here" in stopped(desk).error_message
