"""What monitors ask, answered in a statement or two: is the database there and up to date, and do the cycles go on?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Literal

from django.conf import settings
from django.db import connection as database
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from syncadmin import queries
from syncadmin.models import Connection, SyncRun
from syncadmin.services.cycle.lease import LEASE

Name = Literal[
    "fresh", "running", "stale", "stalled", "failed", "stopped", "paused", "unstarted", "unconnected"
]
#: Somebody wanted it so, or hasn't come to it yet: no reason to wake anybody.
WANTED: frozenset[Name] = frozenset({"paused", "unstarted", "unconnected"})
WELL: frozenset[Name] = frozenset({"fresh", "running"})


@dataclass(frozen=True, slots=True)
class Freshness:
    """Whether the sync keeps up. ``within``: how old the last good cycle may be."""

    name: Name
    good_at: datetime | None
    within: timedelta

    def is_well(self, *, strictly: bool = False) -> bool:
        """Whether a monitor should be content; strictly: only if the cycles go on."""
        return self.name in WELL or (not strictly and self.name in WANTED)


def freshness(now: datetime) -> Freshness:
    """How the sync stands. Three statements at most."""
    connection, last = queries.connection(), queries.last_run()
    good_at = last_good_end(last) if last else None
    pause = connection.pause_minutes if connection else 0
    within = timedelta(minutes=pause + settings.SYNC_FRESH_MINUTES)
    return Freshness(_name(connection, last, good_at, now, within), good_at, within)


def last_good_end(last: SyncRun) -> datetime | None:
    """When a cycle last ended well."""
    if last.state == SyncRun.State.DONE:
        return last.ended_at
    good = SyncRun.objects.filter(state=SyncRun.State.DONE).order_by("-pk")
    return good.values_list("ended_at", flat=True).first()


def _name(
    connection: Connection | None, last: SyncRun | None, good_at: datetime | None, now: datetime, within: timedelta
) -> Name:  # fmt: skip
    """What stops the cycles comes first; then whether one goes on; then how long ago one went well."""
    if connection is None or not connection.is_ready:
        return "unconnected"
    if last is not None and last.state == SyncRun.State.RUNNING:
        return "running" if last.heartbeat_at >= now - LEASE else "stalled"
    if connection.awaits_start:
        return "unstarted"
    if connection.is_paused:
        return "paused"
    if connection.health == Connection.Health.STOPPED:
        return "stopped"
    # A cycle that failed is tried again; it is told as failed only when nothing has gone well for too long.
    since = good_at or connection.started_at or connection.health_at or now
    if since >= now - within:
        return "fresh"
    return "failed" if connection.health == Connection.Health.FAILED else "stale"


def missing_migrations() -> list[str]:
    """Changes to the database that this code needs, and that were not made. One statement; DatabaseError without it."""
    with database.cursor() as cursor:
        if MigrationRecorder.Migration._meta.db_table not in database.introspection.table_names(cursor):
            return sorted(f"{app}.{name}" for app, name in _needed())
    applied = set(MigrationRecorder.Migration.objects.using(database.alias).values_list("app", "name"))
    return sorted(f"{app}.{name}" for app, name in _needed() - applied)


@cache
def _needed() -> frozenset[tuple[str, str]]:
    """The migrations of this code, read from its files once."""
    return frozenset(MigrationLoader(None, ignore_no_migrations=True).disk_migrations)
