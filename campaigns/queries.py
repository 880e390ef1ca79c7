"""Questions about flow step runs, answered in SQL."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Count, QuerySet

from campaigns.models import FlowStepItem, FlowStepRun
from people.models import Person

#: Longer than a worker that is alive needs to begin.
LONG = timedelta(seconds=20)


def runs() -> QuerySet[FlowStepRun]:
    """All runs, newest first."""
    return FlowStepRun.objects.select_related("requested_by").order_by("-requested_at", "-pk")


def counts_of(runs: Iterable[FlowStepRun]) -> dict[int, dict[str, int]]:
    """{run id: {"done": 3, "failed": 1, …}}, in one query."""
    rows = FlowStepItem.objects.filter(run__in=[run.pk for run in runs]).order_by()
    found: dict[int, dict[str, int]] = {}
    for run_id, state, number in rows.values_list("run_id", "state").annotate(Count("pk")):
        found.setdefault(run_id, {})[state] = number
    return found


def items(run: FlowStepRun, state: str = "") -> QuerySet[FlowStepItem]:
    """The people of a run, in one state if asked."""
    found = run.items.select_related("person").order_by("pk")
    return found.filter(state=state) if state in FlowStepItem.State.values else found


def is_waiting_long(run: FlowStepRun, now: datetime) -> bool:
    """Nobody has begun to work on it, though a worker would have."""
    return run.state == FlowStepRun.State.QUEUED and now - (run.heartbeat_at or run.requested_at) > LONG


def twin(person_ids: Collection[int], assign_to: str, user: AbstractBaseUser | None) -> FlowStepRun | None:
    """The same step for the same people, asked for by the same user and not begun yet: a second click."""
    waiting = FlowStepRun.objects.filter(
        state=FlowStepRun.State.QUEUED,
        requested_by=user,
        total=len(person_ids),
        parameters={"assign_to": assign_to},
    )
    for run in waiting.order_by("-pk")[:3]:
        if set(run.items.values_list("person_id", flat=True)) == set(person_ids):
            return run
    return None


def latest_item(person: Person, run_id: str = "") -> FlowStepItem | None:
    """The person's item of this run; without one, of a run that is still under way."""
    found = person.flow_step_items.select_related("run", "person").order_by("-pk")
    if run_id.isascii() and run_id.isdecimal() and len(run_id) < 19:
        return found.filter(run=int(run_id)).first()
    return found.exclude(run__state=FlowStepRun.State.DONE).first()


def waiting() -> int:
    """People in runs that are under way, whose turn hasn't come."""
    return FlowStepItem.objects.filter(run__in=open_runs(), state=FlowStepItem.State.QUEUED).count()


def open_runs() -> QuerySet[FlowStepRun]:
    """Runs that haven't ended."""
    return FlowStepRun.objects.filter(state__in=[FlowStepRun.State.QUEUED, FlowStepRun.State.RUNNING])
