"""Supervisors tell of themselves, so that others can tell whether any is there."""

from __future__ import annotations

import os
from datetime import datetime, timedelta

from syncadmin.models import Worker
from syncadmin.services.cycle.lease import machine

#: How often a worker tells of itself; and since when it must have been silent to be taken for gone.
EVERY, GONE = timedelta(seconds=15), timedelta(minutes=1)
#: A worker that has been gone for so long is forgotten.
FORGET = timedelta(days=1)
_told: dict[str, datetime] = {}


def tell(now: datetime) -> None:
    """Called every second by every supervisor; one statement every fifteen seconds."""
    name = f"{machine()}:{os.getpid()}"
    if name in _told and timedelta() <= now - _told[name] < EVERY:
        return
    if not Worker.objects.filter(pk=name).update(seen_at=now):
        Worker.objects.update_or_create(name=name, defaults={"started_at": now, "seen_at": now})
        Worker.objects.filter(seen_at__lt=now - FORGET).delete()
    _told[name] = now
