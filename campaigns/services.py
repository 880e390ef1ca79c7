"""Run flow steps: one code path for the button, a selection and a campaign."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Count, F, Q
from django.utils import timezone

from campaigns.models import FlowStep, FlowStepItem, FlowStepRun
from people.models import Person
from syncadmin import services as sync

#: People between two looks at the progress bar.
BATCH = 200
#: A run that hasn't told of itself for so long has lost its job or its worker.
PATIENCE = timedelta(minutes=3)
#: A job that was begun so often and never ended kills its worker: it is not begun again.
MAX_ATTEMPTS = 3
JOB = "campaigns.tasks.run_flow_step"


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
            requested_at=now, total=len(person_ids),
        )  # fmt: skip
        known = Person.objects.filter(pk__in=person_ids).order_by("pk").values_list("pk", flat=True)
        items = [FlowStepItem(run=run, person_id=person_id) for person_id in known]
        FlowStepItem.objects.bulk_create(items, batch_size=2_000)
        FlowStepRun.objects.filter(pk=run.pk).update(total=len(items))
        sync.enqueue(JOB, run.pk, queue="now")
    return run


def work_on(run_id: int) -> FlowStepRun | None:
    """Do what is left of a run; may be begun again at any time, by anybody. None if there is nothing to do."""
    run = _begin(run_id, timezone.now())
    if run is None:
        return None
    source = f"{run.get_step_display()}"
    while items := list(run.items.filter(state=FlowStepItem.State.QUEUED).order_by("pk")[:BATCH]):
        ids = [item.person_id for item in items]
        outcomes = sync.sync_people(
            ids, run.parameters["assign_to"], now=timezone.now(), source=source, actor_id=run.requested_by_id
        )
        _store(items, outcomes)
        FlowStepRun.objects.filter(pk=run.pk).update(heartbeat_at=timezone.now())
    _end(run)
    return run


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
    lost = FlowStepRun.objects.filter(
        Q(state=FlowStepRun.State.QUEUED, requested_at__lt=now - PATIENCE)
        | Q(state=FlowStepRun.State.RUNNING, heartbeat_at__lt=now - PATIENCE)
    )
    for run in lost:
        if run.attempts >= MAX_ATTEMPTS:
            _give_up(run)
        elif FlowStepRun.objects.filter(pk=run.pk, requested_at=run.requested_at).update(requested_at=now):
            sync.enqueue(JOB, run.pk, queue="now")


def _give_up(run: FlowStepRun) -> None:
    message = (
        "The worker stopped in the middle several times. Whoever is left here was not synced; try again."
    )
    for item in run.items.filter(state=FlowStepItem.State.QUEUED):
        item.state, item.outcome = FlowStepItem.State.FAILED, {"code": "WORKER_GONE", "message": message}
        item.save(update_fields=["state", "outcome"])
    _end(run, message)


def progress(run: FlowStepRun) -> dict[str, int]:
    """How many people are queued, done, skipped and failed, in one query."""
    states = FlowStepItem.State.values
    counts = {state: Count("pk", filter=Q(state=state)) for state in states}
    found = run.items.aggregate(**counts)
    return {**found, "finished": sum(found[state] for state in states if state != "queued")}
