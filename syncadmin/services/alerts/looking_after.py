"""Who looks, and how often: the workers, every half minute; the web, if no worker does.

Called every second by every supervisor: one statement while nothing is due.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta

import structlog
from django.db import DatabaseError
from django.utils import timezone

from syncadmin.models import Alert, AlertClock
from syncadmin.services.alerts import deliveries, digest
from syncadmin.services.alerts.watching import forget, watch

log = structlog.get_logger(__name__)
EVERY = timedelta(seconds=30)
#: Nobody has looked for so long after it was due: the workers are gone.
OVERDUE = timedelta(minutes=2)
#: A web process asks so often whether that is so, in seconds.
STANDBY_EVERY = 30.0
KEPT = timedelta(days=90)
_asked = {"at": 0.0}


def look_after(now: datetime) -> bool:
    """Watch, send what is due, write the digests; True if this call did. For workers."""
    if not _claim(now, due_by=now, is_worker=True):
        return False
    _work(now)
    return True


def watch_after_cycle(now: datetime) -> None:
    """A cycle has ended: tell at once what it changed. Alerts must never be a cycle's undoing."""
    try:
        watch(now)
    except Exception:
        log.exception("alerts could not be looked at after a cycle")


def stand_in(now: datetime) -> bool:
    """For web processes: if no worker looks any more, look, and send what there is to tell."""
    if not AlertClock.objects.filter(next_at__lte=now - OVERDUE).exists() or not _claim(
        now, due_by=now - OVERDUE, is_worker=False
    ):
        return False
    _work(now)
    deliveries.deliver_all(now)
    return True


def after_request(**_: object) -> None:
    """Connected to the end of each request of a web process, when the answer has been sent."""
    if time.monotonic() - _asked["at"] < STANDBY_EVERY:
        return
    _asked["at"] = time.monotonic()
    try:
        stand_in(timezone.now())
    except DatabaseError as error:
        log.warning("alerts could not be looked at", error=str(error))


def last_look(now: datetime) -> tuple[datetime | None, bool]:
    """When somebody last looked, and whether that is too long ago."""
    next_at = AlertClock.objects.values_list("next_at", flat=True).first()
    return (next_at - EVERY, next_at < now - OVERDUE) if next_at else (None, False)


def _claim(now: datetime, *, due_by: datetime, is_worker: bool) -> bool:
    """Whoever moves the time looks; a worker says with it that there is one."""
    clock = AlertClock.objects.values_list("next_at", flat=True).first()
    if clock is None:
        AlertClock.objects.bulk_create([AlertClock(pk=1, next_at=now)], ignore_conflicts=True)
        clock = now
    if clock > due_by:
        return False
    seen = {"worker_at": now} if is_worker else {}
    return bool(AlertClock.objects.filter(next_at=clock).update(next_at=now + EVERY, **seen))


def _work(now: datetime) -> None:
    watch(now)
    digest.write_due(now)
    deliveries.queue_due(now)
    forget(now)
    Alert.objects.filter(closed_at__lt=now - KEPT).delete()
