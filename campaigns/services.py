"""Run flow steps: one code path for the button, a selection and a campaign."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Count, F, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from campaigns.models import FlowStep, FlowStepItem, FlowStepRun
from people.models import Person
from syncadmin import services as sync

#: People between two looks at the progress bar.
BATCH = 200
#: People in one statement.
PORTION = 2_000
#: A run that hasn't told of itself for so long has lost its job or its worker.
PATIENCE = timedelta(minutes=6)
#: A job that was begun so often and never ended kills its worker: it is not begun again.
MAX_ATTEMPTS = 3
JOB = "campaigns.tasks.run_flow_step"
WORKER_GONE = (
    "The worker stopped in the middle several times. Whoever is left here was not synced; try again."
)


def start_sync_to_sfdc(
    person_ids: Sequence[int], assign_to: str, *, user: AbstractBaseUser | None, now: datetime
) -> FlowStepRun:
    """Queue *Sync Person to SFDC* for these people. ValueError, in words, for an owner that can't be chosen."""
    sync.ready_connection()
    assign = sync.AssignTo.parse(assign_to)
    sync.check_owner(assign)
    with transaction.atomic():
        run = FlowStepRun.objects.create(
            step=FlowStep.SYNC_PERSON_TO_SFDC, parameters={"assign_to": str(assign)}, requested_by=user,
            requested_at=now,
        )  # fmt: skip
        run.total = _add_items(run, person_ids)
        run.save(update_fields=["total"])
        sync.enqueue(JOB, run.pk, queue="now")
    return run


def _add_items(run: FlowStepRun, person_ids: Sequence[int]) -> int:
    """An item for everybody who exists. In portions: a database takes only so many ids in one statement."""
    for start in range(0, len(person_ids), PORTION):
        known = Person.objects.filter(pk__in=person_ids[start : start + PORTION]).order_by("pk")
        items = [FlowStepItem(run=run, person_id=pk) for pk in known.values_list("pk", flat=True)]
        FlowStepItem.objects.bulk_create(items, ignore_conflicts=True)
    return run.items.count()


def work_on(run_id: int) -> FlowStepRun | None:
    """Do what is left of a run; may be begun again at any time, by anybody. None if there is nothing to do."""
    run = _begin(run_id, timezone.now())
    if run is None:
        return None
    if problem := _problem(run):
        _give_up(run, "NOT_POSSIBLE", problem)
        return run
    while items := list(run.items.filter(state=FlowStepItem.State.QUEUED).order_by("pk")[:BATCH]):
        _store(items, _sync(run, [item.person_id for item in items]))
        FlowStepRun.objects.filter(pk=run.pk).update(heartbeat_at=timezone.now())
    _end(run)
    return run


def _problem(run: FlowStepRun) -> str:
    """Why nobody can be synced: the connection, or the owner, may have gone between the click and now."""
    try:
        sync.ready_connection()
        sync.check_owner(sync.AssignTo.parse(run.parameters["assign_to"]))
    except (sync.NotConnectedError, ValueError) as error:
        return str(error)
    return ""


def _sync(run: FlowStepRun, person_ids: Sequence[int]) -> list[sync.SyncOutcome]:
    return sync.sync_people(
        person_ids,
        run.parameters["assign_to"],
        now=timezone.now(),
        source=str(run.get_step_display()),
        actor_id=run.requested_by_id,
        step_run_id=run.pk,
    )


def _begin(run_id: int, now: datetime) -> FlowStepRun | None:
    """Claim the run: whoever sets its heartbeat works on it."""
    free = Q(state=FlowStepRun.State.QUEUED) | Q(
        state=FlowStepRun.State.RUNNING, heartbeat_at__lt=now - PATIENCE
    )
    claimed = FlowStepRun.objects.filter(free, pk=run_id, attempts__lt=MAX_ATTEMPTS).update(
        state=FlowStepRun.State.RUNNING, heartbeat_at=now, attempts=F("attempts") + 1
    )
    if not claimed:
        return None
    FlowStepRun.objects.filter(pk=run_id, started_at=None).update(started_at=now)
    return FlowStepRun.objects.get(pk=run_id)


def _store(items: Sequence[FlowStepItem], outcomes: Sequence[sync.SyncOutcome]) -> None:
    by_person = {outcome.person_id: outcome for outcome in outcomes}
    for item in items:
        outcome = by_person[item.person_id]
        item.state, item.outcome = outcome.status, outcome.as_dict()
    FlowStepItem.objects.bulk_update(items, ["state", "outcome"], batch_size=BATCH)


def _end(run: FlowStepRun, error: str = "") -> None:
    FlowStepRun.objects.filter(pk=run.pk).update(
        state=FlowStepRun.State.DONE, ended_at=timezone.now(), error=error
    )
    run.refresh_from_db()


def requeue_lost(now: datetime) -> None:
    """Queue again the runs whose job or worker is gone; one that keeps killing its worker is ended, and says so."""
    silent = FlowStepRun.objects.annotate(seen_at=Coalesce("heartbeat_at", "requested_at"))
    for run in silent.exclude(state=FlowStepRun.State.DONE).filter(seen_at__lt=now - PATIENCE):
        if run.attempts >= MAX_ATTEMPTS:
            _give_up(run, "WORKER_GONE", WORKER_GONE)
        elif _reset(run, now):
            sync.enqueue(JOB, run.pk, queue="now")


def _reset(run: FlowStepRun, now: datetime) -> int:
    """Back into the queue, by one supervisor alone; the heartbeat says since when it waits there."""
    same = FlowStepRun.objects.filter(pk=run.pk, state=run.state, heartbeat_at=run.heartbeat_at)
    return same.update(state=FlowStepRun.State.QUEUED, heartbeat_at=now)


def _give_up(run: FlowStepRun, code: str, message: str) -> None:
    """Whoever is left fails with this message, and the run ends."""
    left = run.items.filter(state=FlowStepItem.State.QUEUED)
    left.update(state=FlowStepItem.State.FAILED, outcome={"code": code, "message": message})
    _end(run, message)


def progress(run: FlowStepRun) -> dict[str, int]:
    """How many people are queued, done, skipped and failed, in one query."""
    states = FlowStepItem.State.values
    counts = {state: Count("pk", filter=Q(state=state)) for state in states}
    found = run.items.aggregate(**counts)
    return {**found, "finished": sum(found[state] for state in states if state != "queued")}
