"""Everything the watchers look at, taken at one moment in a constant number of statements."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from syncadmin import queries
from syncadmin.models import AlertClock, AlertState, Connection, SyncRun
from syncadmin.services.alerts import sources
from syncadmin.services.alerts.sources import ApiUse, Backlog, FailureGroup, FieldNews, LostField
from syncadmin.services.preview.guard import open_stop

#: The newest cycles that have ended; two of them tell a mishap from a fault.
LOOKED_AT = 2


@dataclass(frozen=True, slots=True)
class Snapshot:
    """``bad``: the keys of what has been told as bad. ``ended``: the newest cycles that have ended, newest first."""

    now: datetime
    bad: frozenset[str] = frozenset()
    worker_at: datetime | None = None
    connection: Connection | None = None
    running: SyncRun | None = None
    ended: tuple[SyncRun, ...] = ()
    guard_people: int | None = None
    guard_text: str = ""
    api: ApiUse = field(default_factory=ApiUse)
    failures: tuple[FailureGroup, ...] = ()
    backlog: Backlog = field(default_factory=Backlog)
    lost_fields: tuple[LostField, ...] = ()
    field_news: tuple[FieldNews, ...] = ()

    @property
    def last(self) -> SyncRun | None:
        """The newest cycle that has ended."""
        return self.ended[0] if self.ended else None

    @property
    def is_ready(self) -> bool:
        """Connected, and somebody has started the sync once."""
        return self.connection is not None and self.connection.is_ready and not self.connection.awaits_start


def take(now: datetime) -> Snapshot:
    """As things stand."""
    connection = queries.connection()
    runs = list(SyncRun.objects.order_by("-pk")[: LOOKED_AT + 1])
    stop = open_stop()
    return Snapshot(
        now=now,
        bad=frozenset(AlertState.objects.filter(is_bad=True).values_list("key", flat=True)),
        worker_at=AlertClock.objects.values_list("worker_at", flat=True).first(),
        connection=connection,
        running=next((run for run in runs if run.state == SyncRun.State.RUNNING), None),
        ended=tuple(run for run in runs if run.state != SyncRun.State.RUNNING)[:LOOKED_AT],
        guard_people=stop.people if stop and not stop.is_allowed else None,
        guard_text=_guard_words(runs),
        api=sources.api_use(connection, now),
        failures=sources.failure_groups(),
        backlog=sources.backlog(now),
        lost_fields=sources.lost_fields(),
        field_news=sources.field_news(),
    )


def _guard_words(runs: list[SyncRun]) -> str:
    return next((run.error_message for run in runs if run.state == SyncRun.State.STOPPED), "")
