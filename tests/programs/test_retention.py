"""Retention: what is old goes, a little at a time and after everybody else; what is open or newest stays."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django_q.models import OrmQ

from campaigns.models import FlowStepItem, FlowStepRun
from people.models import Activity, ActivityType, Person
from syncadmin import queues
from syncadmin.models import (
    GuardStop,
    PreviewItem,
    Pruning,
    ReconcileFinding,
    ReconcileRun,
    Retention,
    SyncFailure,
    SyncPreview,
    SyncRun,
    SyncStep,
)
from syncadmin.services.queue import enqueue
from syncadmin.services.retention import kinds, pruning, settings
from tests.conftest import NOW

OLD = NOW - timedelta(days=400)
MakeRun = Callable[..., SyncRun]


@pytest.fixture(autouse=True)
def _nobody_has_looked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Supervisors remember when they looked."""
    monkeypatch.setattr(pruning, "_looked", {})


def keep(**days: int | None) -> None:
    settings.save(days, None, NOW)


def prune(now: datetime = NOW) -> Pruning:
    """A whole job, as the worker does it turn by turn."""
    job = pruning.start_pruning(now)
    assert job is not None
    OrmQ.objects.all().delete()
    for _ in range(1000):
        done = pruning.work_on(job.pk, lambda: now, rest=lambda _: None)
        OrmQ.objects.all().delete()
        if done is None or not done.is_open or done.waits_until:
            break
    job.refresh_from_db()
    return job


def ids(queryset: Any) -> list[int]:
    return list(queryset.order_by("pk").values_list("pk", flat=True))


# --- What goes, what stays ---------------------------------------------------------------------------------
def test_failures_go_when_they_have_been_over_for_long(make_failure: Callable[..., SyncFailure]) -> None:
    make_failure("resolved", at=OLD)
    make_failure("ignored", at=OLD)
    kept = [make_failure(at=OLD), make_failure("resolved", at=OLD, resolved_at=NOW), make_failure("resolved")]
    job = prune()
    assert (job.state, job.removed["failures"]) == ("done", 2)
    assert ids(SyncFailure.objects) == [each.pk for each in kept]


def test_cycles_go_with_their_steps(make_run: MakeRun) -> None:
    make_run(at=OLD)
    make_run("failed", at=OLD)
    kept = make_run()
    assert prune().removed["runs"] == 2
    assert ids(SyncRun.objects) == [kept.pk]
    assert set(SyncStep.objects.values_list("run", flat=True)) == {kept.pk}


def test_the_newest_cycle_and_the_newest_good_one_stay_however_old(make_run: MakeRun) -> None:
    make_run(at=OLD)
    good, newest = make_run(at=OLD), make_run("failed", at=OLD)
    prune()
    assert ids(SyncRun.objects) == [good.pk, newest.pk]


def test_a_cycle_stays_while_something_of_it_is_open(
    make_run: MakeRun, make_failure: Callable[..., SyncFailure]
) -> None:
    with_failure, stopped, through, last = (make_run(at=OLD) for _ in range(4))
    failure = make_failure(at=OLD, run=with_failure)
    values = {"at": OLD, "last_at": OLD, "share": 20, "least": 100, "people": 10}
    GuardStop.objects.create(run=stopped, **values)
    GuardStop.objects.create(run=through, closed_at=OLD, **values)
    prune()
    assert ids(SyncRun.objects) == [with_failure.pk, stopped.pk, last.pk]
    SyncFailure.objects.filter(pk=failure.pk).update(state="resolved", resolved_at=NOW)
    prune(NOW + timedelta(days=1))
    assert ids(SyncRun.objects) == [stopped.pk, last.pk]
    assert SyncFailure.objects.get().run is None


def test_activities_are_kept_for_ever_unless_somebody_decides(make_activity: Callable[..., Activity]) -> None:
    for kind in ActivityType.values:
        make_activity(kind, at=OLD)
    prune()
    assert Activity.objects.count() == len(ActivityType.values)
    keep(activity_values=365)
    assert prune().removed == {"activity_values": 1}
    assert not Activity.objects.filter(type="change_data_value").exists()
    assert Activity.objects.count() == len(ActivityType.values) - 1


def test_where_a_person_came_from_stays_unless_just_that_is_decided(
    make_activity: Callable[..., Activity],
) -> None:
    make_activity("new_person", at=OLD)
    keep(**{name: 7 for name, *_ in kinds.FAMILIES if name != "activity_new"})
    prune()
    assert Activity.objects.filter(type="new_person").exists()
    keep(activity_new=365)
    prune()
    assert not Activity.objects.exists()


def test_every_type_of_activity_belongs_to_one_family() -> None:
    types = [type for _, _, _, types in kinds.FAMILIES for type in types]
    assert sorted(types) == sorted(ActivityType)


def test_what_a_waiting_or_failing_person_still_needs_stays(
    make_activity: Callable[..., Activity], make_person: Callable[..., Person]
) -> None:
    keep(activity_values=7, activity_troubles=7)
    waiting, failing, settled = make_person(changed_at=NOW), make_person(failed_at=NOW), make_person()
    kept = [
        make_activity(person=waiting, at=OLD).pk,
        make_activity("sync_failed", person=failing, at=OLD).pk,
    ]
    make_activity(person=settled, at=OLD)
    make_activity("sync_failed", person=settled, at=OLD)
    prune()
    assert ids(Activity.objects) == kept


def test_previews_checks_and_flow_steps_go_with_what_belongs_to_them(
    make_person: Callable[..., Person],
) -> None:
    preview = SyncPreview.objects.create(state="done", asked_at=OLD, ended_at=OLD)
    PreviewItem.objects.bulk_create([PreviewItem(preview=preview, kind="new") for _ in range(900)])
    check = ReconcileRun.objects.create(state="done", requested_at=OLD, ended_at=OLD)
    ReconcileFinding.objects.bulk_create(
        [ReconcileFinding(run=check, kind="differs", reason="waiting", object="Lead") for _ in range(900)]
    )
    newest = ReconcileRun.objects.create(state="done", requested_at=OLD, ended_at=OLD)
    step = FlowStepRun.objects.create(
        step="sync_person_to_sfdc", state="done", requested_at=OLD, ended_at=OLD
    )
    FlowStepItem.objects.create(run=step, person=make_person(), state="done")
    open_one = FlowStepRun.objects.create(step="sync_person_to_sfdc", requested_at=OLD)
    keep(flow_steps=30)
    assert prune().removed == {"previews": 1, "checks": 1, "flow_steps": 1}
    assert ids(ReconcileRun.objects) == [newest.pk]
    assert ids(FlowStepRun.objects) == [open_one.pk]
    assert (PreviewItem.objects.count(), ReconcileFinding.objects.count()) == (0, 0)


def test_people_are_never_removed(db: None) -> None:
    assert Person not in {part.model for kind in kinds.kinds() for part in kind.rows()}


# --- Settings ----------------------------------------------------------------------------------------------
def test_what_a_setting_would_remove_is_said_before_it_is_saved(
    make_activity: Callable[..., Activity], make_run: MakeRun
) -> None:
    for days in (1, 40, 50, 400):
        make_activity(at=NOW - timedelta(days=days))
        make_run(at=NOW - timedelta(days=days))
    found = settings.effects({"activity_values": 45, "runs": 30, "previews": 30}, NOW)
    assert {each.kind.name: each.rows for each in found} == {"activity_values": 2, "runs": 3 - 1}
    assert Activity.objects.count() == 4
    keep(activity_values=45, runs=30)
    assert prune().removed == {"activity_values": 2, "runs": 2}


@pytest.mark.parametrize("days", [0, -1, settings.LONGEST + 1])
def test_a_senseless_setting_is_refused(days: int, db: None) -> None:
    with pytest.raises(ValueError, match="out of range"):
        keep(runs=days)
    assert not Retention.objects.exists()


def test_for_ever_is_a_decision_too(make_run: MakeRun) -> None:
    make_run(at=OLD)
    make_run()
    keep(runs=None)
    prune()
    assert SyncRun.objects.count() == 2
    assert {each.kind.name: each.days for each in settings.kept()}["runs"] is None


# --- The job -----------------------------------------------------------------------------------------------
def test_it_counts_what_is_left(make_activity: Callable[..., Activity], make_run: MakeRun) -> None:
    make_run(at=OLD)
    make_run()
    first = make_activity(at=OLD)
    make_activity()
    prune()
    rows = {row.kind: row for row in Retention.objects.all()}
    assert (rows["activity_values"].rows, rows["activity_values"].oldest_at) == (2, first.at)
    assert (rows["runs"].pruned, rows["runs"].pruned_ever, rows["runs"].pruned_at) == (1, 1, NOW)
    assert rows["failures"].rows == 0
    prune(NOW + timedelta(days=1))
    assert Retention.objects.get(kind="runs").pruned == 0
    assert Retention.objects.get(kind="runs").pruned_ever == 1


def test_it_runs_once_a_day_from_two_o_clock_on(db: None) -> None:
    night = datetime(2026, 11, 23, 1, 59, tzinfo=UTC)
    assert pruning.start_daily(night) is None
    job = pruning.start_daily(night + timedelta(minutes=1))
    assert job is not None
    assert pruning.start_daily(night + timedelta(hours=2)) is None
    Pruning.objects.update(state="done")
    assert pruning.start_daily(night + timedelta(hours=20)) is None
    assert pruning.start_daily(night + timedelta(hours=25)) is not None


def test_two_supervisors_begin_one_job(db: None) -> None:
    day = NOW.date()
    Pruning.objects.create(day=day, requested_at=NOW, state="done")
    assert pruning.start_pruning(NOW, day=day) is None
    assert Pruning.objects.count() == 1


def test_supervisors_look_once_in_a_while(db: None) -> None:
    pruning.look_after(NOW)
    with CaptureQueriesContext(database) as captured:
        pruning.look_after(NOW + timedelta(seconds=1))
    assert len(captured) == 0
    assert Pruning.objects.count() == 1


def test_a_portion_costs_the_same_statements_however_many_rows(
    make_activity: Callable[..., Activity],
) -> None:
    keep(activity_values=30)
    person = make_activity().person

    def statements(number: int) -> int:
        rows = [Activity(person=person, type="change_data_value", at=OLD) for _ in range(number)]
        Activity.objects.bulk_create(rows)
        with CaptureQueriesContext(database) as captured:
            assert prune().removed["activity_values"] == number
        return len(captured)

    few = statements(10)
    assert statements(pruning.FIRST) <= few + 10  # one portion more, in which nothing is found


def test_portions_shrink_when_they_take_long_and_grow_when_not() -> None:
    assert pruning._next_size(200, 0.5) == 100
    assert pruning._next_size(30, 0.5) == pruning.LEAST
    assert pruning._next_size(200, 0.01) == 400
    assert pruning._next_size(1500, 0.01) == pruning.MOST
    assert pruning._next_size(200, 0.1) == 200


def test_it_rests_as_long_as_it_worked(make_run: MakeRun, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pruning, "FIRST", 2)
    for _ in range(9):
        make_run(at=OLD)
    rests: list[float] = []
    job = pruning.start_pruning(NOW)
    assert job is not None
    OrmQ.objects.all().delete()
    pruning.work_on(job.pk, lambda: NOW, rest=rests.append)
    assert len(rests) >= 2
    assert all(rest > 0 for rest in rests)


def test_after_its_turn_it_queues_behind_the_others(
    make_run: MakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pruning, "TURN", timedelta())
    for _ in range(3):
        make_run(at=OLD)
    job = pruning.start_pruning(NOW)
    assert job is not None
    done = pruning.work_on(job.pk, lambda: NOW, rest=lambda _: None)
    assert done is not None
    assert (done.state, done.removed) == ("queued", {"runs": 2})


def test_a_cycle_goes_first(make_run: MakeRun) -> None:
    for _ in range(3):
        make_run(at=OLD)
    running = make_run("running")
    job = prune()
    assert (job.state, job.removed) == ("running", {})
    assert job.waits_until is not None
    pruning.wake(job.waits_until)
    assert Pruning.objects.get().state == "running"
    SyncRun.objects.filter(pk=running.pk).update(state="done", ended_at=NOW)
    later = NOW + timedelta(minutes=1)
    pruning.wake(later)
    assert Pruning.objects.get().state == "queued"
    OrmQ.objects.all().delete()
    pruning.work_on(job.pk, lambda: later, rest=lambda _: None)
    job.refresh_from_db()
    assert (job.state, job.removed) == ("done", {"runs": 3})


@pytest.mark.parametrize("queue", ["now", "background"])
def test_a_click_and_a_queued_cycle_go_first(
    queue: Any, db: None, django_capture_on_commit_callbacks: Any
) -> None:
    assert not pruning._others_first(datetime.now(UTC))
    with django_capture_on_commit_callbacks(execute=True):
        enqueue("syncadmin.tasks.start_due_cycle", queue=queue)
    assert pruning._others_first(datetime.now(UTC))
    OrmQ.objects.update(lock=datetime.now(UTC) + timedelta(hours=1))  # somebody works on it
    assert not pruning._others_first(datetime.now(UTC))
    assert set(queues.lengths()) == {"now", "background"}


def test_cancelled_it_removes_no_more(make_run: MakeRun, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pruning, "FIRST", 1)
    monkeypatch.setattr(pruning, "MOST", 1)
    for _ in range(4):
        make_run(at=OLD)
    job = pruning.start_pruning(NOW)
    assert job is not None
    pruning.work_on(job.pk, lambda: NOW, rest=lambda _: pruning.cancel_pruning(job.pk, NOW) and None)
    job.refresh_from_db()
    assert (job.state, job.removed) == ("cancelled", {"runs": 1})
    assert SyncRun.objects.count() == 3


def test_jobs_of_long_ago_are_forgotten(db: None) -> None:
    for number in range(40):
        Pruning.objects.create(state="done", requested_at=NOW - timedelta(days=number), ended_at=NOW)
    prune()
    assert Pruning.objects.count() == pruning.KEPT
