"""What waits for API calls, and may go on because somebody allowed more."""

from __future__ import annotations

from datetime import datetime

from syncadmin.models import Backfill, Connection, ReconcileRun, SyncRun
from syncadmin.services.api.meter import CODES
from syncadmin.services.slices import PATIENCE, QUEUED


def waiting_run() -> SyncRun | None:
    """The newest cycle, if it had to stop for want of calls."""
    last = SyncRun.objects.order_by("-pk").first()
    return last if last is not None and last.state == SyncRun.State.WAITING else None


def go_on(now: datetime) -> None:
    """Let everything that waits look again at once: what may be made has changed. It waits on if nothing came of it."""
    if waiting_run():
        Connection.objects.update(next_cycle_at=now)
    for model in (Backfill, ReconcileRun):
        waits = model.objects.filter(state=QUEUED, error_code__in=CODES)
        waits.update(heartbeat_at=now - 2 * PATIENCE)
