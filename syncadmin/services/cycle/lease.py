"""One cycle at a time: a run is a row, its heartbeat is the lease."""

from __future__ import annotations

import contextlib
import os
import socket
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from syncadmin.models import SyncRun, SyncStep

#: A run that hasn't told of itself for so long is dead. A request may last two minutes and be tried again.
LEASE = timedelta(minutes=10)


class LeaseLostError(Exception):
    """The run was closed by somebody else, who took it for dead: it must write no more."""


def begin_run(trigger: str, now: datetime) -> SyncRun | None:
    """Open a run; None if one is under way. A dead one is closed as incomplete; its work is done again."""
    close_dead_runs(now)
    try:
        with transaction.atomic():
            return SyncRun.objects.create(
                trigger=trigger,
                started_at=now,
                heartbeat_at=now,
                worker=f"{machine()}:{os.getpid()}",
            )
    except IntegrityError:
        return None


def close_dead_runs(now: datetime) -> None:
    """Close runs whose worker died; whatever they had stored stays, for it was stored page by page."""
    for run in SyncRun.objects.filter(state=SyncRun.State.RUNNING):
        if run.heartbeat_at >= now - LEASE and not _is_known_dead(run.worker):
            continue
        SyncStep.objects.filter(run=run, state=SyncStep.State.RUNNING).update(
            state=SyncStep.State.INCOMPLETE, ended_at=now
        )
        SyncRun.objects.filter(pk=run.pk, state=SyncRun.State.RUNNING).update(
            state=SyncRun.State.INCOMPLETE, ended_at=now, error_code="WORKER_GONE",
            error_message="The worker stopped in the middle. What it had stored is kept; the next cycle does the rest.",
        )  # fmt: skip


def machine() -> str:
    """This machine, or container: a host name alone may be shared by several, whose process ids say nothing here."""
    processes = ""
    with contextlib.suppress(OSError):
        processes = os.readlink("/proc/self/ns/pid")
    return f"{socket.gethostname()[:40]}{processes}".replace(":", "")


def _is_known_dead(worker: str) -> bool:
    """The worker was a process of this machine, and it is gone: no need to wait until its lease runs out."""
    host, _, process = worker.rpartition(":")
    if host != machine() or not process.isdigit():
        return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def beat(run: SyncRun, now: datetime, api_calls: int) -> None:
    """Renew the lease and tell how many calls were made; LeaseLostError if it is somebody else's."""
    alive = SyncRun.objects.filter(pk=run.pk, state=SyncRun.State.RUNNING).update(
        heartbeat_at=now, api_calls=api_calls
    )
    if not alive:
        raise LeaseLostError(f"sync cycle {run.pk} was closed meanwhile")


def end_run(
    run: SyncRun, state: str, now: datetime, *, api_calls: int, code: str = "", message: str = ""
) -> None:
    """Close the run."""
    SyncRun.objects.filter(pk=run.pk, state=SyncRun.State.RUNNING).update(
        state=state,
        ended_at=now,
        heartbeat_at=now,
        api_calls=api_calls,
        error_code=code,
        error_message=message,
    )
    run.refresh_from_db()
