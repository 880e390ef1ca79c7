"""One sync cycle: users and queues → schema → recover → pull → push → close.

Every page is stored in a transaction of its own, with the cursor; a cycle that is killed anywhere is simply done
again, from where its last page ended. The steps themselves are in ``steps``.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from syncadmin.models import Connection, Purpose, SObject, SyncRun
from syncadmin.services.api.meter import Meter, OutOfCallsError, out_of_calls
from syncadmin.services.backlog.samples import take_after_cycle
from syncadmin.services.cycle import lease
from syncadmin.services.cycle.creating import create_newcomers
from syncadmin.services.cycle.polling import poll_and_refresh
from syncadmin.services.cycle.steps import Clock, Cycle
from syncadmin.services.org import close_org, errand, open_org, recorder_of
from syncadmin.services.owners import owner_names
from syncadmin.services.preview import guard
from syncadmin.store.batch import Origin
from syncadmin.store.rules import load_rules
from syncadmin.sync.allowance import Lane
from syncadmin.sync.ports import SyncError

log = structlog.get_logger(__name__)


def run_sync_cycle(trigger: str, clock: Clock, *, unguarded_by: str = "") -> SyncRun | None:
    """Run one cycle in the foreground; None if one is under way, or if there is nothing to connect to.

    What fails is told in the run (state, error_code, error_message), never raised, unless it is a bug.
    ``unguarded_by``: who says that it is to run whatever the guard thinks of it.
    """
    connection = Connection.objects.first()
    if connection is None or not connection.is_ready:
        return None
    run = lease.begin_run(trigger, clock())
    if run is None:
        return None
    structlog.contextvars.bind_contextvars(run=run.pk)
    org = open_org(connection, Purpose.POLL)
    if recorder := recorder_of(org):
        recorder.run_id = run.pk
    origin = Origin(clock(), f"Sync cycle #{run.pk}", run_id=run.pk, owners=owner_names())
    lane = Lane.BACKGROUND if trigger == SyncRun.Trigger.SCHEDULE else Lane.ASKED
    cycle = Cycle(run, connection, org, clock, load_rules(connection), origin, Meter(connection, lane, clock))
    try:
        _work(cycle, unguarded_by)
    except lease.LeaseLostError:
        log.warning("cycle closed by another worker")
        run.refresh_from_db()
        return run
    except guard.StoppedByGuardError as stopped:
        _stop(cycle, str(stopped))
    except SyncError as error:
        if short := out_of_calls(error, clock()):
            _wait(cycle, short)
        else:
            _fail(cycle, error.code, error.message)
    except BaseException:
        _fail(cycle, "UNEXPECTED", "Something went wrong that shouldn't; the worker's log has the details.")
        raise
    else:
        _succeed(cycle)
    finally:
        structlog.contextvars.unbind_contextvars("run")
    take_after_cycle(clock())
    return run


def _work(cycle: Cycle, unguarded_by: str) -> None:
    cycle.check_calls()
    with errand(cycle.org, Purpose.BULK_PUSH):
        cycle.settle_bulk()
    answer = poll_and_refresh(cycle)
    cycle.check_calls()  # what it told of the org's other apps
    with errand(cycle.org, Purpose.PREVIEW):
        guard.check(cycle, answer, unguarded_by)
    cycle.begin_reading(answer)
    cycle.recover()
    for object in SObject.values:
        cycle.pull(object, answer)
    cycle.push()
    with errand(cycle.org, Purpose.CREATE):
        create_newcomers(cycle)


def _succeed(cycle: Cycle) -> None:
    lease.end_run(cycle.run, SyncRun.State.DONE, cycle.clock(), api_calls=cycle.org.api_calls)
    _close(cycle, Connection.Health.OK, "")


def _stop(cycle: Cycle, message: str) -> None:
    """The connection works; somebody has to look at what the cycle would do."""
    calls, state = cycle.org.api_calls, SyncRun.State.STOPPED
    lease.end_run(cycle.run, state, cycle.clock(), api_calls=calls, code=guard.CODE, message=message)
    _close(cycle, Connection.Health.STOPPED, "")


def _wait(cycle: Cycle, short: OutOfCallsError) -> None:
    """Nothing is wrong but the time: what was done is kept, and the rest is done when there are calls again."""
    calls, state = cycle.org.api_calls, SyncRun.State.WAITING
    lease.end_run(cycle.run, state, cycle.clock(), api_calls=calls, code=short.code, message=short.message)
    _close(cycle, Connection.Health.OK, "", not_before=short.until)


def _fail(cycle: Cycle, code: str, message: str) -> None:
    lease.end_run(
        cycle.run,
        SyncRun.State.FAILED,
        cycle.clock(),
        api_calls=cycle.org.api_calls,
        code=code,
        message=message,
    )
    _close(cycle, Connection.Health.FAILED, message)


def _close(cycle: Cycle, health: str, message: str, not_before: datetime | None = None) -> None:
    """Tell how it went, and when the next one is due: the pause counts from the end of this one."""
    now, connection = cycle.clock(), cycle.connection
    connection.refresh_from_db(fields=["pause_minutes"])
    due = max(now + timedelta(minutes=connection.pause_minutes), not_before or now)
    Connection.objects.filter(pk=connection.pk).update(
        health=health, health_message=message, health_at=now, next_cycle_at=due
    )
    close_org(connection, cycle.org)
