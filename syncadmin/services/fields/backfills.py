"""Bring fields into step for everybody who is linked, whenever their records were last changed.

A cycle reads what was changed since the last one; the values that were there before a field was switched on, and
formulas, whose change moves no stamp, have to be fetched. The job takes turns with the cycles on their queue.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

import structlog
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from people.models import PersonField
from syncadmin.models import Backfill, FieldSync, ObjectField, Purpose, SObject
from syncadmin.services.api.meter import ensure_calls, out_of_calls
from syncadmin.services.fields.backfill_stages import FETCH, SLICES, STAGES, Turn, total_of
from syncadmin.services.org import close_org, open_org
from syncadmin.services.owners import owner_names
from syncadmin.services.people import NotConnectedError, ready_connection
from syncadmin.services.slices import MAX_ATTEMPTS
from syncadmin.store.backfills import links
from syncadmin.store.batch import Origin
from syncadmin.sync.allowance import Lane
from syncadmin.sync.ports import SyncError

#: Steps of a turn; then a cycle that has become due goes first.
STEPS = 10
Clock = Callable[[], datetime]
log = structlog.get_logger(__name__)


class AlreadyOpenError(ValueError):
    """One of the fields is being backfilled at this moment."""


def open_backfills() -> list[Backfill]:
    """Those that are queued or under way, oldest first."""
    return list(SLICES.open())


def start_backfill(
    names: Sequence[str], kind: str, now: datetime, user: AbstractBaseUser | None = None
) -> Backfill:
    """Queue it for these person fields. AlreadyOpenError if one of them is in an open one: one at a time per field."""
    labels = dict(PersonField.objects.filter(name__in=list(names)).values_list("name", "label"))
    wanted = [name for name in names if name in labels]
    with transaction.atomic():
        # Locks the fields, so that two clicks don't both find none of them busy.
        list(PersonField.objects.select_for_update().filter(name__in=wanted).order_by("pk").values_list("pk"))
        busy = {name for job in open_backfills() for name in job.fields}
        if both := [labels[name] for name in wanted if name in busy]:
            raise AlreadyOpenError(
                f"{', '.join(both)}: a backfill is under way. Wait for its end, or cancel it."
            )
        job = Backfill.objects.create(
            kind=kind, fields=wanted, labels=[labels[name] for name in wanted], requested_by=user,
            requested_at=now, heartbeat_at=now,
        )  # fmt: skip
        SLICES.enqueue(job.pk)
    return job


def calls_to_backfill(*, reads: bool = True, pushes: bool = False) -> int:
    """About how many API calls it takes: one for 10,000 records to read, two for 1,000 people to push."""
    sizes = [links(object).count() for object in SObject.values]
    read = sum(-(-size // FETCH) for size in sizes) if reads else 0
    return read + (2 * -(-sum(sizes) // 1_000) if pushes else 0)


def formula_fields() -> list[str]:
    """Person fields fed by formulas and the like, whose changes move no stamp."""
    calculated = {(f.object, f.name) for f in ObjectField.objects.filter(is_calculated=True, is_present=True)}
    syncs = FieldSync.objects.exclude(direction=FieldSync.Direction.OFF).select_related("field")
    return [
        sync.field.name
        for sync in syncs
        if {("Lead", sync.lead_field), ("Contact", sync.contact_field)} & calculated
        or "." in sync.contact_field
    ]


def cancel_backfill(backfill_id: int, now: datetime) -> bool:
    """Stop it after the page it is at; what it has done stays. False if it has ended already.

    A conversion can't be cancelled half-way: a part of the values would be of the old type.
    """
    converting = Backfill.objects.filter(kind=Backfill.Kind.CONVERT, stage__in=["", "convert"])
    return SLICES.cancel(backfill_id, now, unless=converting)


def work_on_backfill(backfill_id: int, clock: Clock) -> Backfill | None:
    """A turn of a backfill; may be begun again at any time, by anybody. None if there is nothing to do."""
    job = _begin(backfill_id, clock())
    if job is None:
        return None
    try:
        connection = ready_connection()
    except NotConnectedError as error:
        SLICES.fail(job.pk, "NOT_CONNECTED", str(error), clock())
        return _fresh(job)
    org = open_org(connection, Purpose.BACKFILL)
    origin = Origin(clock(), str(job), owners=owner_names(), actor_id=job.requested_by_id)
    try:
        ensure_calls(connection, clock(), Lane.BACKGROUND)
        _take_turn(Turn(job, connection, org, origin, clock))
    except SyncError as error:
        log.warning("backfill stopped", backfill=job.pk, code=error.code)
        if short := out_of_calls(error, clock()):
            SLICES.postpone(job.pk, short.until, short.code, short.message)
        elif error.permanent or job.attempts >= MAX_ATTEMPTS:
            SLICES.fail(job.pk, error.code, error.message, clock())
        else:
            SLICES.rest(job.pk, error.code, error.message)
    finally:
        close_org(connection, org)
    return _fresh(job)


def _take_turn(turn: Turn) -> None:
    for _ in range(STEPS):
        if not turn.step():
            return
    SLICES.yield_turn(turn.job.pk)


def _begin(backfill_id: int, now: datetime) -> Backfill | None:
    job = SLICES.begin(backfill_id, now)
    if job is not None and job.started_at is None:
        job.started_at, job.stage, job.total = now, STAGES[0], total_of(job)
        job.save(update_fields=["started_at", "stage", "total"])
    return job


def _fresh(job: Backfill) -> Backfill:
    job.refresh_from_db()
    return job
