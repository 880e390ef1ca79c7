"""Calls are counted by what they are for; when they run short the background waits, and clicks go on for a while."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection as database
from django.db.models import Sum
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from syncadmin.models import ApiHour, ApiRequest, Connection, Purpose, ReconcileRun, SyncRun
from syncadmin.services import run_sync_cycle, start_due_cycle, sync_people
from syncadmin.services.api import recorder as recording
from syncadmin.services.api.meter import CODES, OutOfCallsError, ensure_calls
from syncadmin.services.fields.backfills import start_backfill
from syncadmin.services.preview.previews import preview_now
from syncadmin.services.reconcile import checks
from syncadmin.services.sync_settings import save_settings
from syncadmin.sync.allowance import Lane
from tests.cycle.conftest import Ada, Desk

pytestmark = pytest.mark.django_db


def calls() -> dict[str, int]:
    """What is stored: calls by purpose."""
    rows = ApiHour.objects.values_list("purpose").annotate(Sum("calls"))
    return {purpose: number for purpose, number in rows if number}


def use(number: int, *, hours_ago: int = 2) -> None:
    """Calls that were made some time ago."""
    hour = timezone.now().replace(minute=0, second=0, microsecond=0) - timedelta(hours=hours_ago)
    ApiHour.objects.create(hour=hour, purpose=Purpose.PUSH, calls=number, requests=number)


def scheduled() -> SyncRun:
    run = run_sync_cycle("schedule", timezone.now)
    assert run is not None
    return run


# --- counting -----------------------------------------------------------------------------------------
def test_every_call_is_counted_by_what_it_is_for(desk: Desk, emulator: Any, ada: Ada) -> None:
    person, _ = ada
    ApiHour.objects.all().delete()
    before = emulator.api_calls()
    desk.edit(person, city="London")
    desk.done()
    other = desk.person(last_name="Hopper", company="Navy", email="g@example.com")
    sync_people([other.pk], "rules", now=timezone.now(), source="test")
    preview_now(timezone.now)
    checks.check_now(timezone.now)
    found = calls()
    assert found == {
        Purpose.POLL: 1, Purpose.PUSH: 2, Purpose.CLICK: 3, Purpose.PREVIEW: 1, Purpose.CHECK: 4,
    }  # fmt: skip
    assert sum(found.values()) == emulator.api_calls() - before


def test_the_org_s_own_use_is_kept_as_it_was_told(desk: Desk, emulator: Any) -> None:
    emulator.control("limits", {"DailyApiRequests": {"Max": 5000, "Remaining": 4000}}, method="PUT")
    desk.done()
    row = ApiHour.objects.latest("told_at")
    assert (row.org_used, row.org_limit) == (1001, 5000)
    connection = Connection.objects.get()
    assert (connection.api_used, connection.api_limit) == (1001, 5000)
    assert connection.api_told_at is not None


def test_a_cycle_adds_the_same_few_statements_however_much_it_does(desk: Desk, emulator: Any) -> None:
    """Two for an idle one beside what it did before: counts and log. A cycle of many requests adds no more."""

    def statements(run: Any) -> int:
        with CaptureQueriesContext(database) as context:
            run()
        return sum("apihour" in query["sql"] or "apirequest" in query["sql"] for query in context)

    desk.done()
    idle = statements(desk.done)
    for number in range(40):
        emulator.create(LastName=f"L{number}", Company="C", Email=f"p{number}@example.com")
    busy = statements(desk.done)
    assert idle == 3  # what was used so far, counts, log
    assert busy == idle + 1  # and whom they were about


def test_what_a_request_can_not_be_taken_down_fails_nothing(
    desk: Desk, emulator: Any, monkeypatch: pytest.MonkeyPatch, ada: Ada
) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(recording.store, "add_calls", lambda rows: broken())
    assert desk.cycle().state == "done"
    monkeypatch.undo()
    monkeypatch.setattr(recording.Recorder, "__call__", broken)
    assert desk.cycle().state == "done"


# --- waiting ------------------------------------------------------------------------------------------
def test_the_background_waits_at_three_quarters_and_says_until_when(desk: Desk, emulator: Any) -> None:
    Connection.objects.update(api_allowance=100, is_paused=False)
    ApiHour.objects.all().delete()
    use(75)
    before = emulator.api_calls()
    run = scheduled()
    assert (run.state, run.error_code) == ("waiting", "API_ALLOWANCE")
    assert "75 of the 100 API calls" in run.error_message
    assert emulator.api_calls() == before
    connection = Connection.objects.get()
    assert connection.health == "ok"
    assert connection.next_cycle_at is not None
    assert connection.next_cycle_at > timezone.now() + timedelta(hours=22)
    assert not start_due_cycle(timezone.now())
    assert start_due_cycle(connection.next_cycle_at)


def test_sync_now_and_clicks_go_on_until_the_allowance_is_used_up(
    desk: Desk, emulator: Any, ada: Ada
) -> None:
    person, sfdc_id = ada
    Connection.objects.update(api_allowance=100)
    ApiHour.objects.all().delete()
    use(90)
    assert run_sync_cycle("click", timezone.now).state == "done"  # type: ignore[union-attr]
    desk.edit(person, city="London")
    (outcome,) = sync_people([person.pk], "rules", now=timezone.now(), source="test")
    assert outcome.status == "done"
    assert emulator.read("Lead", sfdc_id)["City"] == "London"
    use(10, hours_ago=3)
    desk.edit(person, city="Paris")
    (outcome,) = sync_people([person.pk], "rules", now=timezone.now(), source="test")
    assert (outcome.status, outcome.code) == ("failed", "API_ALLOWANCE")
    assert "come free at" in outcome.message
    assert emulator.read("Lead", sfdc_id)["City"] == "London"
    person.refresh_from_db()
    assert person.changed_at is not None  # nothing is forgotten: it is pushed later


def test_a_long_cycle_stops_between_two_pages_and_the_next_one_goes_on(desk: Desk, emulator: Any) -> None:
    emulator.reset(7_000)
    desk.connection.refresh_from_db()
    Connection.objects.update(api_allowance=20)
    ApiHour.objects.all().delete()
    use(13)
    run = scheduled()
    assert run.state == "waiting"
    assert run.steps.get(object="Lead", operation="pull").state == "incomplete"
    from people.models import Person

    stored = Person.objects.count()
    assert 0 < stored < 7_000
    save_settings({"api_allowance": 1_000})
    assert scheduled().state == "done"
    assert Person.objects.count() == 7_000


def test_more_is_allowed_and_what_waits_goes_on_at_once(desk: Desk) -> None:
    Connection.objects.update(api_allowance=100, is_paused=False)
    use(80)
    scheduled()
    check = checks.start_check(timezone.now())
    checks.work_on_check(check.pk, timezone.now)
    save_settings({"api_allowance": 1_000})
    connection = Connection.objects.get()
    assert connection.next_cycle_at is not None
    assert connection.next_cycle_at <= timezone.now()
    checks.SLICES.requeue_lost(timezone.now())
    assert checks.work_on_check(check.pk, timezone.now).error_code == ""  # type: ignore[union-attr]


def test_full_checks_and_backfills_wait_too_and_it_is_no_failed_attempt(desk: Desk, emulator: Any) -> None:
    emulator.create(LastName="Hopper", Company="Navy", Email="g@example.com")
    desk.done()
    Connection.objects.update(api_allowance=100)
    use(80)
    check = checks.start_check(timezone.now())
    backfill = start_backfill(["city"], "fill", timezone.now())
    from syncadmin.services import work_on_backfill

    before, now = emulator.api_calls(), timezone.now()
    for _ in range(7):  # more often than a job may fail
        for job in (
            checks.work_on_check(check.pk, timezone.now),
            work_on_backfill(backfill.pk, timezone.now),
        ):
            assert job is not None
            assert (job.state, job.error_code, job.attempts) == ("queued", "API_ALLOWANCE", 0)
    assert emulator.api_calls() == before
    checks.SLICES.requeue_lost(now + timedelta(hours=21))
    check.refresh_from_db()
    assert check.heartbeat_at is not None
    assert check.heartbeat_at > now + timedelta(hours=21)  # not looked at before its time
    ApiHour.objects.all().delete()
    done = checks.work_on_check(check.pk, timezone.now)
    assert done is not None
    assert (done.state, done.error_code) in (("done", ""), ("queued", ""))


def test_a_preview_that_somebody_asks_for_runs_until_the_allowance_is_used_up(desk: Desk) -> None:
    Connection.objects.update(api_allowance=100)
    use(90)
    assert preview_now(timezone.now).state == "done"
    use(90, hours_ago=3)
    failed = preview_now(timezone.now)
    assert (failed.state, failed.error_code) == ("failed", "API_ALLOWANCE")


# --- the org as a whole ---------------------------------------------------------------------------------
def test_the_last_calls_of_the_org_are_left_to_its_other_apps(desk: Desk, emulator: Any, ada: Ada) -> None:
    desk.edit(ada[0], city="London")
    emulator.control("limits", {"DailyApiRequests": {"Max": 1000, "Remaining": 45}}, method="PUT")
    run = scheduled()
    assert (run.state, run.error_code, run.api_calls) == (
        "waiting",
        "API_ORG_SHORT",
        1,
    )  # it had to ask to know
    run = scheduled()
    assert (run.state, run.api_calls) == ("waiting", 0)
    assert sync_people([ada[0].pk], "rules", now=timezone.now(), source="test")[0].status == "done"


def test_after_half_an_hour_the_org_is_asked_again(desk: Desk, emulator: Any) -> None:
    emulator.control("limits", {"DailyApiRequests": {"Max": 1000, "Remaining": 45}}, method="PUT")
    scheduled()
    connection = Connection.objects.get()
    assert connection.next_cycle_at is not None
    assert timedelta(minutes=29) < connection.next_cycle_at - timezone.now() <= timedelta(minutes=30)
    emulator.control("limits", {"DailyApiRequests": {"Max": 1000, "Remaining": 900}}, method="PUT")
    later = timezone.now() + timedelta(minutes=31)
    assert run_sync_cycle("schedule", lambda: later).state == "done"  # type: ignore[union-attr]


def test_salesforce_s_own_refusal_is_told_with_the_time_of_the_next_try(desk: Desk, emulator: Any) -> None:
    emulator.control("limits", {"DailyApiRequests": {"Max": 1000, "Remaining": 0}}, method="PUT")
    run = desk.cycle()
    assert (run.state, run.error_code) == ("waiting", "REQUEST_LIMIT_EXCEEDED")
    assert "It is tried again at" in run.error_message
    connection = Connection.objects.get()
    assert connection.health == "ok"
    assert connection.next_cycle_at is not None
    assert connection.next_cycle_at - timezone.now() > timedelta(minutes=29)


def test_too_many_requests_at_once_are_no_used_up_allowance(desk: Desk, emulator: Any) -> None:
    emulator.fault(
        error_code="REQUEST_LIMIT_EXCEEDED", message="ConcurrentRequests Limit exceeded.", match="*composite*"
    )
    assert desk.cycle().state == "failed"


def test_a_full_check_outlives_a_day_without_calls(desk: Desk, emulator: Any) -> None:
    emulator.control("limits", {"DailyApiRequests": {"Max": 1000, "Remaining": 0}}, method="PUT")
    check = checks.start_check(timezone.now())
    for _ in range(6):
        job = checks.work_on_check(check.pk, timezone.now)
        assert job is not None
        assert job.state == "queued"
        assert job.error_code in CODES
    assert ReconcileRun.objects.get().attempts == 0


# --- the meter -----------------------------------------------------------------------------------------
@pytest.mark.parametrize(("allowance", "lane", "waits"), [(None, "background", False), (100, "background", True),
                                                          (100, "asked", False), (80, "asked", True)])  # fmt: skip
def test_without_an_allowance_the_org_s_limit_counts(
    connection: Connection, allowance: int | None, lane: str, waits: bool
) -> None:
    use(80)
    connection.api_allowance, now = allowance, timezone.now()

    def is_held(at: datetime) -> bool:
        with suppress(OutOfCallsError):
            ensure_calls(connection, at, Lane(lane))
            return False
        return True

    assert is_held(now) is waits
    assert not is_held(now + timedelta(hours=24))
    assert ApiRequest.objects.exists()  # of making the connection
