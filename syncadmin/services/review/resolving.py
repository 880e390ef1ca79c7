"""Decide about many conflicts or flip-flops at once: marked, and worked off in portions. Each portion is a transaction.

A portion stores what it decided with what it changed, so that a job that was killed, lost or doubled goes on with those
that are left, and changes nothing twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import F, Q, QuerySet

from syncadmin.models import FlipFlop, Resolution, SyncConflict
from syncadmin.services.review.releasing import release_portion
from syncadmin.services.review.taking import take_portion
from syncadmin.services.slices import CANCELLED, DONE, FAILED, CancelledError, Slices

#: People whose values change in one transaction.
PORTION = 500
#: Portions until the others of the queue have their turn.
SLICE = 20
#: So many are done at once, while the page loads.
AT_ONCE = 200
#: No job is about more; the rest is another one.
MOST = 50_000
SLICES = Slices(Resolution, "syncadmin.tasks.resolve", queue="now")
Clock = Callable[[], datetime]
_ENDED = Q(resolution=None) | Q(resolution__state__in=[DONE, CANCELLED, FAILED])


def request(
    chosen: QuerySet[SyncConflict] | QuerySet[FlipFlop],
    kind: str,
    now: datetime,
    user: AbstractBaseUser | None,
) -> Resolution | None:
    """Mark those of the chosen ones that are undecided, and begin; None if there are none. At most MOST.

    Few are done when this returns; many are left to the worker.
    """
    rows = SyncConflict if kind == Resolution.Kind.TAKE_OTHER else FlipFlop
    undecided = SyncConflict.State.STANDS if rows is SyncConflict else FlipFlop.State.STOPPED
    ids = chosen.filter(_ENDED, state=undecided).order_by("pk").values("pk")[:MOST]
    with transaction.atomic():
        job = Resolution.objects.create(kind=kind, requested_by=user, requested_at=now, heartbeat_at=now)
        job.total = rows._default_manager.filter(pk__in=ids).update(resolution=job)
        if not job.total:
            job.delete()
            return None
        job.save(update_fields=["total"])
        if job.total > AT_ONCE:
            SLICES.enqueue(job.pk)
            return job
    work_on(job.pk, lambda: now)
    job.refresh_from_db()
    return job


def work_on(pk: int, clock: Clock) -> Resolution | None:
    """A slice of the job; None if it isn't queued."""
    job = SLICES.begin(pk, clock())
    if job is None:
        return None
    try:
        for _ in range(SLICE):
            if not _portion(job, clock()):
                SLICES.save(pk, clock(), state=DONE, ended_at=clock())
                break
        else:
            SLICES.yield_turn(pk)
    except CancelledError:
        pass
    job.refresh_from_db()
    return job


def _portion(job: Resolution, now: datetime) -> bool:
    """False if nothing was left."""
    work = take_portion if job.kind == Resolution.Kind.TAKE_OTHER else release_portion
    with transaction.atomic():
        found: Counter[str] = work(job, PORTION, now)
        counted = {name: F(name) + number for name, number in found.items()}
        # Another worker may have begun the job anew: then it isn't ours any more.
        SLICES.save(job.pk, now, attempts=0, **counted)
    return bool(found)
