"""What would the next cycle do? A preview is a job: asked for, worked on, kept for a while."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import F, Q

from people.models import Person
from syncadmin.models import Connection, PreviewItem, Purpose, SyncPreview
from syncadmin.services.api.meter import ensure_calls
from syncadmin.services.org import close_org, open_org
from syncadmin.services.owners import owner_names
from syncadmin.services.people import ready_connection
from syncadmin.services.preview.rehearsal import Rehearsal
from syncadmin.services.queue import enqueue
from syncadmin.store.batch import Origin
from syncadmin.store.rules import load_rules
from syncadmin.sync.findings import Findings, Item
from syncadmin.sync.guards import Guard
from syncadmin.sync.ports import SyncError
from syncadmin.sync.records import Tally

#: Items kept of one preview, and previews kept.
ITEMS, KEPT = 1_000, 10
#: A preview that hasn't told of itself for so long has lost its job or its worker.
PATIENCE = timedelta(minutes=10)
MAX_ATTEMPTS = 3
JOB = "syncadmin.tasks.run_preview"
COUNTS = ("new", "updated", "deleted", "failed", "skipped", "conflicts")
Clock = Callable[[], datetime]
log = structlog.get_logger(__name__)


def request_preview(now: datetime, user: AbstractBaseUser | None = None) -> SyncPreview:
    """Queue a preview; the one under way, if there is one. NotConnectedError without a connection."""
    connection = ready_connection()
    with transaction.atomic():
        Connection.objects.select_for_update().only("pk").get(pk=connection.pk)
        if under_way := _alive(now).first():
            return under_way
        preview = SyncPreview.objects.create(
            asked_by=user,
            asked_at=now,
            is_first=connection.awaits_start,
            org_url=connection.instance_url,
        )
        enqueue(JOB, preview.pk, queue="background")
    return preview


def requeue_lost(now: datetime) -> None:
    """Queue again what a queue has lost; give up what kills its worker."""
    lost = _unfinished().filter(
        Q(heartbeat_at__lt=now - PATIENCE) | Q(heartbeat_at=None, asked_at__lt=now - PATIENCE)
    )
    for preview in lost:
        if preview.attempts >= MAX_ATTEMPTS:
            _fail(preview, "WORKER_GONE", "The worker stopped in the middle several times.", now)
        elif lost.filter(pk=preview.pk).update(heartbeat_at=now):
            enqueue(JOB, preview.pk, queue="background")


def _unfinished() -> Any:
    return SyncPreview.objects.filter(state__in=[SyncPreview.State.QUEUED, SyncPreview.State.RUNNING])


def _alive(now: datetime) -> Any:
    return _unfinished().filter(Q(heartbeat_at__gte=now - PATIENCE) | Q(asked_at__gte=now - PATIENCE))


def run_preview(preview_id: int, clock: Clock) -> SyncPreview | None:
    """Work on a preview; begun again from the start if it was interrupted. None if there is nothing to do."""
    preview = _claim(preview_id, clock())
    if preview is None:
        return None
    try:
        connection = ready_connection()
        ensure_calls(connection, clock())
        org = open_org(connection, Purpose.PREVIEW)
        rehearsal = rehearse(connection, org, clock, _progress_of(preview, clock))
        close_org(connection, org)
    except SyncError as error:
        _fail(preview, error.code, error.message, clock())
    except BaseException:
        _fail(
            preview,
            "UNEXPECTED",
            "Something went wrong that shouldn't; the worker's log has the details.",
            clock(),
        )
        raise
    else:
        _keep(preview, rehearsal, clock())
        _prune()
    return preview


def preview_now(clock: Clock) -> SyncPreview:
    """A preview in the foreground (``manage.py sync --dry-run``), kept like any other."""
    connection = ready_connection()
    preview = SyncPreview.objects.create(
        asked_at=clock(), is_first=connection.awaits_start, org_url=connection.instance_url
    )
    return run_preview(preview.pk, clock) or preview


def rehearse(
    connection: Connection, org: Any, clock: Clock, progress: Callable[[int, int], None]
) -> Rehearsal:
    """Go through a whole cycle without writing."""
    origin = Origin(clock(), "Preview", owners=owner_names())
    rehearsal = Rehearsal(
        org, connection, clock, load_rules(connection), origin, Findings(keep=ITEMS), progress
    )
    rehearsal.run()
    return rehearsal


def _claim(preview_id: int, now: datetime) -> SyncPreview | None:
    free = Q(state=SyncPreview.State.QUEUED) | Q(state=SyncPreview.State.RUNNING, heartbeat_at__lte=now)
    claimed = SyncPreview.objects.filter(free, pk=preview_id, attempts__lt=MAX_ATTEMPTS).update(
        state=SyncPreview.State.RUNNING, started_at=now, heartbeat_at=now, attempts=F("attempts") + 1
    )
    return SyncPreview.objects.get(pk=preview_id) if claimed else None


def _progress_of(preview: SyncPreview, clock: Clock) -> Callable[[int, int], None]:
    def tell(done: int, total: int) -> None:
        SyncPreview.objects.filter(pk=preview.pk).update(done=done, total=total, heartbeat_at=clock())

    return tell


def _fail(preview: SyncPreview, code: str, message: str, now: datetime) -> None:
    preview.state, preview.ended_at = SyncPreview.State.FAILED, now
    preview.error_code, preview.error_message = code, message
    preview.save(update_fields=["state", "ended_at", "error_code", "error_message"])


def _keep(preview: SyncPreview, rehearsal: Rehearsal, now: datetime) -> None:
    found = rehearsal.findings
    preview.state, preview.ended_at = SyncPreview.State.DONE, now
    preview.api_calls, preview.calls_to_come = rehearsal.org.api_calls, rehearsal.calls_to_come
    preview.people, preview.changes = Person.objects.count(), sum(found.kinds.values())
    preview.counts = {
        "steps": [
            {"object": s.object, "operation": s.operation, **_columns(s.tally)} for s in rehearsal.steps
        ],
        "kinds": dict(found.kinds),
        "fields": [
            {"kind": kind, "label": label, "number": number}
            for (kind, label), number in found.fields.most_common()
        ],
        "is_guarded": _guard_of(rehearsal.connection).trips(found.impact, preview.people),
    }
    with transaction.atomic():
        preview.items.all().delete()
        PreviewItem.objects.bulk_create([_item(preview, item) for item in found.items], batch_size=500)
        preview.save()


def _guard_of(connection: Connection) -> Guard:
    return Guard(connection.guard_share, connection.guard_least)


def _columns(tally: Tally) -> dict[str, int]:
    return {name: getattr(tally, name) for name in COUNTS}


def _item(preview: SyncPreview, item: Item) -> PreviewItem:
    return PreviewItem(
        preview=preview, kind=item.kind, person_id=item.who.person_id, name=item.who.name[:200],
        object=item.who.object, sfdc_id=item.who.sfdc_id, field=item.field, label=item.label[:255],
        old=item.old, new=item.new, winner=item.winner, reason=item.reason[:200],
    )  # fmt: skip


def _prune() -> None:
    kept = SyncPreview.objects.order_by("-pk").values_list("pk", flat=True)[:KEPT]
    SyncPreview.objects.exclude(pk__in=list(kept)).filter(ended_at__isnull=False).delete()


def first_preview(connection: Connection) -> SyncPreview | None:
    """A preview of the first sync of this connection, that is done and may have been seen."""
    done = SyncPreview.objects.filter(is_first=True, state=SyncPreview.State.DONE)
    return done.filter(org_url=connection.instance_url).first()
