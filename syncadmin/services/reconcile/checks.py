"""Full checks: both sides compared record by record, on demand or nightly, in slices that let the cycles pass.

A check writes nothing but its own findings. What repairs them is in ``repairs``.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from people.models import Person
from syncadmin.models import Connection, Purpose, ReconcileRun, SObject
from syncadmin.services.api.meter import ensure_calls, out_of_calls
from syncadmin.services.org import close_org, open_org
from syncadmin.services.people import NotConnectedError, ready_connection
from syncadmin.services.reconcile.reading import PAGE
from syncadmin.services.reconcile.stages import SLICES, Turn
from syncadmin.services.slices import MAX_ATTEMPTS, QUEUED, RUNNING
from syncadmin.store import findings
from syncadmin.sync.allowance import Lane
from syncadmin.sync.ports import SyncError

#: Pages of a slice: a few seconds, then a cycle that has become due goes first.
STEPS = 5
Clock = Callable[[], datetime]
log = structlog.get_logger(__name__)


def start_check(
    now: datetime, user: AbstractBaseUser | None = None, trigger: str = ReconcileRun.Trigger.CLICK
) -> ReconcileRun:
    """Queue a full check; the one under way, if there is one. NotConnectedError without a connection."""
    connection = ready_connection()
    with transaction.atomic():
        # Locks the connection, so that two clicks don't both find no check under way.
        Connection.objects.select_for_update().only("pk").get(pk=connection.pk)
        if under_way := SLICES.open().first():
            return under_way
        findings.forget_seen()
        run = ReconcileRun.objects.create(
            trigger=trigger, requested_by=user, requested_at=now, heartbeat_at=now
        )
        if trigger != ReconcileRun.Trigger.COMMAND:
            SLICES.enqueue(run.pk)
    return run


def cancel_check(run_id: int, now: datetime) -> bool:
    """Stop it after the page it is at; what it has found stays. False if it has ended already."""
    return SLICES.cancel(run_id, now)


def last_check() -> ReconcileRun | None:
    """The newest check that came to its end."""
    return ReconcileRun.objects.filter(state=ReconcileRun.State.DONE).first()


def calls_to_check() -> int:
    """About how many API calls a check takes: one for 2,000 records of either object, and one to count each."""
    sizes = [Person.objects.filter(sfdc_type=object).count() for object in SObject.values]
    return sum(1 + max(1, -(-size // PAGE)) for size in sizes)


def work_on_check(run_id: int, clock: Clock, *, steps: int | None = STEPS) -> ReconcileRun | None:
    """A slice of a check (all of it without ``steps``), by whoever comes. None if there is nothing to do."""
    run = SLICES.begin(run_id, clock())
    if run is None:
        return None
    try:
        connection = ready_connection()
    except NotConnectedError as error:
        SLICES.fail(run.pk, "NOT_CONNECTED", str(error), clock())
        return _fresh(run)
    org = open_org(connection, Purpose.CHECK)
    try:
        ensure_calls(connection, clock(), Lane.BACKGROUND)
        _take_turn(Turn(run, connection, org, clock), steps)
    except SyncError as error:
        log.warning("full check stopped", check=run.pk, code=error.code)
        if short := out_of_calls(error, clock()):
            SLICES.postpone(run.pk, short.until, short.code, short.message)
        elif error.permanent or run.attempts >= MAX_ATTEMPTS:
            SLICES.fail(run.pk, error.code, error.message, clock())
        else:
            SLICES.rest(run.pk, error.code, error.message)
    finally:
        close_org(connection, org)
    return _fresh(run)


def _take_turn(turn: Turn, steps: int | None) -> None:
    turn.run.waits_until = None
    done = 0
    while turn.step():
        done += 1
        if steps and done >= steps:
            SLICES.yield_turn(turn.run.pk)
            return


def _fresh(run: ReconcileRun) -> ReconcileRun:
    run.refresh_from_db()
    return run


def check_now(clock: Clock) -> ReconcileRun:
    """A whole check in the foreground (``manage.py reconcile``); the one under way is carried on to its end.

    If Salesforce can't be reached it is left for a worker to go on with: its state is running, with the reason.
    """
    run = start_check(clock(), trigger=ReconcileRun.Trigger.COMMAND)
    while run.is_open:
        if work_on_check(run.pk, clock, steps=None) is None:
            time.sleep(1)  # a worker has it, or Salesforce
            wake(clock())
            SLICES.requeue_lost(clock())
        run.refresh_from_db()
        if run.error_code:
            break
    return run


# --- What every supervisor does every few seconds ------------------------------------------------------
def look_after(now: datetime) -> None:
    """Begin the nightly check; go on with what waited for Salesforce, or lost its worker."""
    start_nightly(now)
    wake(now)
    SLICES.requeue_lost(now)


def wake(now: datetime) -> None:
    """Look again at the bulk job that a check waits for."""
    for run in ReconcileRun.objects.filter(state=RUNNING, waits_until__lte=now):
        same = ReconcileRun.objects.filter(pk=run.pk, state=RUNNING, waits_until=run.waits_until)
        if same.update(state=QUEUED, waits_until=None, heartbeat_at=now):
            SLICES.enqueue(run.pk)


def start_nightly(now: datetime) -> bool:
    """Begin the nightly check if it is due; whoever moves the due time begins it. One statement if it isn't."""
    due = Q(next_reconcile_at=None) | Q(next_reconcile_at__lte=now)
    connection = (
        Connection.objects.filter(due, reconcile_hour__isnull=False)
        .exclude(org_id="")
        .only("reconcile_hour", "next_reconcile_at")
        .first()
    )
    if connection is None or connection.reconcile_hour is None:
        return False
    moved = Connection.objects.filter(
        pk=connection.pk, next_reconcile_at=connection.next_reconcile_at
    ).update(next_reconcile_at=next_night(connection.reconcile_hour, now))
    if not moved or connection.next_reconcile_at is None:
        return False
    start_check(now, trigger=ReconcileRun.Trigger.SCHEDULE)
    return True


def next_night(hour: int, now: datetime) -> datetime:
    """The next time it is this hour, in the zone of the installation."""
    local = timezone.localtime(now, timezone.get_default_timezone())
    due = local.replace(hour=hour, minute=0, second=0, microsecond=0)
    return due if due > local else due + timedelta(days=1)
