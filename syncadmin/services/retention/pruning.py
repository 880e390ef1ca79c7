"""The job that removes what is older than the settings say: daily, a portion at a time, and after everybody else.

Each portion is a transaction of its own, with the note of what was removed; killed, the job goes on with the oldest
rows that are left. It waits while a cycle is under way or a click is being worked on, and rests as long as it worked.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

import structlog
from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, transaction
from django.db.models import F, Min, QuerySet
from django.utils import timezone

from syncadmin import queues
from syncadmin.models import Pruning, Retention, SyncRun
from syncadmin.services.retention.kinds import Kind, kinds
from syncadmin.services.retention.settings import kept
from syncadmin.services.slices import QUEUED, RUNNING, CancelledError, Slices

SLICES: Slices[Pruning] = Slices(Pruning, "syncadmin.tasks.run_pruning")
#: The hour from which on the daily job is due, in the installation's time zone.
HOUR = 2
#: Rows of a portion: the first one, and the bounds. A portion should take a quarter of a second at most.
FIRST, LEAST, MOST, SECONDS = 200, 20, 2_000, 0.25
#: A turn on the queue of the cycles.
TURN = timedelta(seconds=10)
#: How long it waits for a cycle, or a click, before it looks again.
PATIENCE = timedelta(seconds=20)
KEPT = 30
Clock = Callable[[], datetime]
log = structlog.get_logger(__name__)


class WaitingError(Exception):
    """Somebody else goes first."""


# --- Beginning ----------------------------------------------------------------------------------------
def start_daily(now: datetime) -> Pruning | None:
    """Today's job, if it is time and nobody has begun it; whoever adds its row begins it."""
    local = timezone.localtime(now, timezone.get_default_timezone())
    if local.hour < HOUR or Pruning.objects.filter(day=local.date()).exists():
        return None
    return start_pruning(now, day=local.date())


def start_pruning(
    now: datetime, user: AbstractBaseUser | None = None, day: date | None = None
) -> Pruning | None:
    """Queue a job; the one under way, if there is one. None if somebody else has just begun today's."""
    if under_way := SLICES.open().first():
        return under_way
    try:
        with transaction.atomic():
            made = Pruning.objects.create(day=day, requested_by=user, requested_at=now, heartbeat_at=now)
            SLICES.enqueue(made.pk)
    except IntegrityError:
        return None
    return made


def cancel_pruning(pk: int, now: datetime) -> bool:
    """Stop it after the portion it is at. False if it has ended already."""
    return SLICES.cancel(pk, now)


# --- What every supervisor does once in a while ---------------------------------------------------------
_looked: dict[str, datetime] = {}
EVERY = timedelta(seconds=15)


def look_after(now: datetime) -> None:
    """Called every second by every supervisor; looks every fifteen."""
    if "at" in _looked and timedelta() <= now - _looked["at"] < EVERY:
        return
    _looked["at"] = now
    start_daily(now)
    wake(now)
    SLICES.requeue_lost(now)


def wake(now: datetime) -> None:
    """Go on with a job that let others go first, once they are through."""
    for job in Pruning.objects.filter(state=RUNNING, waits_until__lte=now):
        if _others_first(now):
            SLICES.save(job.pk, now, waits_until=now + PATIENCE)
            continue
        same = Pruning.objects.filter(pk=job.pk, state=RUNNING, waits_until=job.waits_until)
        if same.update(state=QUEUED, waits_until=None, heartbeat_at=now):
            SLICES.enqueue(job.pk)


# --- Working ------------------------------------------------------------------------------------------
def work_on(pk: int, clock: Clock, *, rest: Callable[[float], None] = time.sleep) -> Pruning | None:
    """A turn of a job, by whoever comes. None if there is nothing to do. ``rest``: how to sleep."""
    job = SLICES.begin(pk, clock())
    if job is None:
        return None
    until = clock() + TURN
    try:
        if _take_turn(job, clock, until, rest):
            _finish(job, clock())
        else:
            SLICES.yield_turn(job.pk)
    except WaitingError:
        now = clock()
        SLICES.save(job.pk, now, waits_until=now + PATIENCE, attempts=0)
    except CancelledError:
        pass
    job.refresh_from_db()
    return job


def _take_turn(job: Pruning, clock: Clock, until: datetime, rest: Callable[[float], None]) -> bool:
    """Work until the turn is over; True if nothing is left to do."""
    for each in kept():
        if each.days is None or _is_behind(job, each.kind):
            continue
        cutoff = job.requested_at - timedelta(days=each.days)
        for took in _portions(job, each.kind, cutoff, clock):
            if clock() >= until:
                return False
            rest(took)
    return True


def _is_behind(job: Pruning, kind: Kind) -> bool:
    """Whether the job was through with a kind in an earlier turn."""
    names = [each.name for each in kinds()]
    return job.kind in names and names.index(kind.name) < names.index(job.kind)


def _portions(job: Pruning, kind: Kind, cutoff: datetime, clock: Clock) -> Iterator[float]:
    """Remove what is older, a portion at a time; yields the seconds that each took."""
    size = FIRST
    for part in kind.older_than(cutoff):
        while True:
            if _others_first(clock()):
                raise WaitingError
            began = time.monotonic()
            if not _remove(job, kind, part, size, clock()):
                break
            took = time.monotonic() - began
            size = _next_size(size, took)
            yield took


def _next_size(size: int, took: float) -> int:
    """So many rows that the next portion takes neither long nor next to no time."""
    if took > SECONDS:
        return max(LEAST, size // 2)
    return min(MOST, size * 2) if took < SECONDS / 4 else size


def _remove(job: Pruning, kind: Kind, part: QuerySet[Any], size: int, now: datetime) -> int:
    """One portion: what belongs to the rows while there is any, else the rows. How many were removed."""
    ids = list(part.values_list("pk", flat=True)[:size])
    if not ids:
        return 0
    with transaction.atomic():
        removed = _belonging(kind, ids, size)
        rows = 0
        if not removed:
            # The part once more: somebody may have opened one of them since.
            _, by_model = part.order_by().filter(pk__in=ids).delete()
            rows = by_model.get(part.model._meta.label, 0)
        _note(job, kind, rows, now)
    return removed + rows


def _belonging(kind: Kind, ids: list[int], size: int) -> int:
    for model, key in kind.parts_of:
        portion = model._default_manager.filter(**{f"{key}__in": ids}).values_list("pk", flat=True)
        if found := list(portion[:size]):
            return model._default_manager.filter(pk__in=found).delete()[0]
    return 0


def _note(job: Pruning, kind: Kind, rows: int, now: datetime) -> None:
    """What was removed, in the same transaction; CancelledError undoes it if the job isn't ours any more."""
    removed = {**job.removed, kind.name: job.removed.get(kind.name, 0) + rows}
    SLICES.save(job.pk, now, kind=kind.name, removed=removed, attempts=0)
    job.kind, job.removed = kind.name, removed


def _others_first(now: datetime) -> bool:
    """A cycle is under way or about to begin, or somebody's click waits."""
    if SyncRun.objects.filter(state=SyncRun.State.RUNNING).exists():
        return True
    return any(queues.has_waiting(name, now) for name in queues.NAMES)


# --- The end ------------------------------------------------------------------------------------------
def _finish(job: Pruning, now: datetime) -> None:
    """Count what is left, say what was done, and forget the jobs of long ago."""
    for kind in kinds():
        _count(kind, job.removed.get(kind.name, 0), now)
    with transaction.atomic():
        SLICES.save(job.pk, now, state=Pruning.State.DONE, ended_at=now, kind="")
        old = Pruning.objects.order_by("-pk").values_list("pk", flat=True)[KEPT:]
        Pruning.objects.filter(pk__in=list(old)).delete()
    if sum(job.removed.values()):
        log.info("old rows removed", **job.removed)


def _count(kind: Kind, removed: int, now: datetime) -> None:
    counted = [
        (part.order_by().count(), part.order_by().aggregate(at=Min(kind.moment))["at"])
        for part in kind.rows()
    ]
    oldest = [at for _, at in counted if at is not None]
    values = {
        "rows": sum(number for number, _ in counted), "oldest_at": min(oldest) if oldest else None,
        "counted_at": now, "pruned_at": now, "pruned": removed,
    }  # fmt: skip
    Retention.objects.update_or_create(
        kind=kind.name, defaults={**values, "pruned_ever": F("pruned_ever") + removed},
        create_defaults={**values, "pruned_ever": removed},
    )  # fmt: skip


def last_pruned() -> list[Pruning]:
    """The last jobs, newest first."""
    return list(Pruning.objects.select_related("requested_by")[:10])
