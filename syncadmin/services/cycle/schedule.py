"""When the next cycle runs. Called often, by every supervisor and by django-q2's scheduler; one of them wins."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q

from syncadmin.models import Connection, SyncRun
from syncadmin.services.cycle.lease import close_dead_runs
from syncadmin.services.queue import enqueue

#: A cycle that was queued and hasn't begun by then is queued again; a doubled job finds the lease taken.
QUEUE_PATIENCE = timedelta(minutes=2)
RUN_CYCLE = "syncadmin.tasks.run_cycle"


def start_due_cycle(now: datetime) -> bool:
    """Queue a cycle if one is due; True if this call did. One statement if none is."""
    connection = (
        Connection.objects.filter(Q(next_cycle_at=None) | Q(next_cycle_at__lte=now), is_paused=False)
        .exclude(org_id="")
        .only("next_cycle_at")
        .first()
    )
    if connection is None or _is_running(now):
        return False
    return _claim(connection, now, SyncRun.Trigger.SCHEDULE)


def request_cycle(now: datetime) -> bool:
    """*Sync now*: queue a cycle at once, paused or not; False if one is under way, or none was started yet."""
    connection = (
        Connection.objects.exclude(org_id="")
        .only("next_cycle_at", "org_id", "is_paused", "started_at")
        .first()
    )
    if connection is None or connection.awaits_start or _is_running(now):
        return False
    return _claim(connection, now, SyncRun.Trigger.CLICK)


def _is_running(now: datetime) -> bool:
    close_dead_runs(now)
    return SyncRun.objects.filter(state=SyncRun.State.RUNNING).exists()


def _claim(connection: Connection, now: datetime, trigger: str) -> bool:
    """Whoever moves the due time queues the job. It is moved a little only, so a lost job is queued again."""
    moved = Connection.objects.filter(pk=connection.pk, next_cycle_at=connection.next_cycle_at).update(
        next_cycle_at=now + QUEUE_PATIENCE
    )
    if moved:
        enqueue(RUN_CYCLE, trigger, queue="background")
    return bool(moved)


class NotStartedError(Exception):
    """Nobody has seen yet what the first sync would do; the message says where to look."""

    def __init__(self) -> None:
        super().__init__(
            "The sync hasn’t been started yet. Look at the preview of the first sync, and start it there."
        )


def pause(*, paused: bool, now: datetime) -> None:
    """Pause or resume the background sync. Single syncs go on; a cycle under way ends as usual.

    NotStartedError if it was never started: the first time is :func:`start_syncing`.
    """
    if not paused and Connection.objects.filter(started_at=None, is_paused=True).exists():
        raise NotStartedError
    Connection.objects.update(is_paused=paused, **({} if paused else {"next_cycle_at": now}))


def start_syncing(now: datetime) -> None:
    """Somebody knows what the first sync does, and lets the background sync begin."""
    Connection.objects.exclude(org_id="").update(is_paused=False, started_at=now, next_cycle_at=now)
