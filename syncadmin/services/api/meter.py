"""Whether there are API calls left for something, and until when it has to wait otherwise."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

import structlog
from django.utils import timezone

from syncadmin.models import Connection
from syncadmin.services.org import told_usage
from syncadmin.store.api_use import hours_in_window
from syncadmin.sync.allowance import LOOK_AGAIN, Hold, Hour, Lane, OrgUse, Reason, allowed, decide, hour_of
from syncadmin.sync.ports import Org, SyncError

if TYPE_CHECKING:
    from syncadmin.salesforce.receipt import Usage

#: What a refusal for want of calls is called: ours, and Salesforce's own.
ALLOWANCE, ORG_SHORT, USED_UP = "API_ALLOWANCE", "API_ORG_SHORT", "REQUEST_LIMIT_EXCEEDED"
CODES = frozenset({ALLOWANCE, ORG_SHORT, USED_UP})
Clock = Callable[[], datetime]
log = structlog.get_logger(__name__)


class OutOfCallsError(SyncError):
    """There are no calls left for this; ``until``: when it may be tried again. The message says all of it."""

    def __init__(self, code: str, message: str, until: datetime) -> None:
        super().__init__(code, message)
        self.until = until


class Meter:
    """The calls of the last 24 hours, as they stood when the work began, and what it has used itself since."""

    def __init__(self, connection: Connection, lane: Lane, clock: Clock) -> None:
        self.connection, self.lane, self.clock = connection, lane, clock
        self._hours = hours_in_window(clock())

    def check(self, org: Org | None = None) -> None:
        """OutOfCallsError if this has to wait. ``org``: the one that the work asks, if it has begun. No statement."""
        now = self.clock()
        hours = self._hours if org is None else [*self._hours, Hour(hour_of(now), org.api_calls)]
        use = _org_use(self.connection, told_usage(org), now)
        most = allowed(self.connection.api_allowance, use.limit)
        held = decide(hours, most, use, self.lane, now)
        if held is not None:
            log.warning(
                "waits for API calls", reason=str(held.reason), used=held.used, most=held.most,
                until=held.until.isoformat(), lane=str(self.lane),
            )  # fmt: skip
            raise OutOfCallsError(
                ORG_SHORT if held.reason is Reason.ORG else ALLOWANCE, _words(held), held.until
            )


def _org_use(connection: Connection, told: Usage | None, now: datetime) -> OrgUse:
    if told is not None and told.limit:
        return OrgUse(told.used, told.limit, now)
    return OrgUse(connection.api_used or 0, connection.api_limit or 0, connection.api_told_at)


def ensure_calls(connection: Connection, now: datetime, lane: Lane = Lane.ASKED) -> None:
    """OutOfCallsError if nothing may be asked now. One statement."""
    Meter(connection, lane, lambda: now).check()


def out_of_calls(error: SyncError, now: datetime) -> OutOfCallsError | None:
    """An error that means that calls ran out, whoever noticed: with the time at which it is tried again."""
    if isinstance(error, OutOfCallsError):
        return error
    if error.code != USED_UP or "concurrent" in error.message.lower():
        return None
    until = now + LOOK_AGAIN
    message = f"Salesforce takes no more calls: those of the org for 24 hours are used up ({error.message})"
    return OutOfCallsError(USED_UP, f"{message.rstrip('.)')}). It is tried again at {at_time(until)}.", until)


def _words(held: Hold) -> str:
    """What a hold means. Written where no reader is known: in English, as every message of a run."""
    when = at_time(held.until)
    if held.reason is Reason.ORG:
        return (
            f"The org’s apps have used {held.used:,} of the {held.most:,} API calls that it has in 24 hours. The last "
            f"of them are left to the others; the background sync looks again at {when}."
        )
    made = f"Syncadmin has made {held.used:,} of the {held.most:,} API calls that it may make in 24 hours."
    if held.reason is Reason.BACKGROUND:
        return f"{made} The rest is kept for clicks and flow steps; the background sync goes on at {when}."
    return f"{made} Enough of them come free at {when}."


def at_time(moment: datetime) -> str:
    """A moment in the installation's zone; with the day, as it may be tomorrow."""
    return timezone.localtime(moment, timezone.get_default_timezone()).strftime("%H:%M (%Z) on %-d %b")
