"""How many API calls may be made: what the window of 24 hours holds, and who has to wait until when.

Calls are counted by the hour. Salesforce's window slides; ours moves by whole hours and holds the first of them to its
end, so that it never shows less than was used.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

WINDOW, HOUR = timedelta(hours=24), timedelta(hours=1)
#: Background work waits from so many percent of our allowance on: the rest is for clicks and flow steps.
BACKGROUND_SHARE = 75
#: The sync waits in the background from so many percent of the org's limit on, whoever used them: the last ones are
#: for the org's other apps.
ORG_SHARE = 95
#: Salesforce tells the use of the org with each answer alone; so often one is asked for to hear of it.
LOOK_AGAIN = timedelta(minutes=30)


class Lane(StrEnum):
    """Who asks: the background (scheduled cycles, full checks, backfills), or somebody who waits for it."""

    BACKGROUND = "background"
    ASKED = "asked"


class Reason(StrEnum):
    """What is used up: our allowance, the share of it that is for the background, or the calls of the whole org."""

    ALLOWANCE = "allowance"
    BACKGROUND = "background"
    ORG = "org"


@dataclass(frozen=True, slots=True)
class Hour:
    """The calls of an hour. ``start``: when it began."""

    start: datetime
    calls: int


@dataclass(frozen=True, slots=True)
class OrgUse:
    """Calls of the last 24 hours by all apps, and their limit, as Salesforce told at a moment; 0 of 0: never."""

    used: int = 0
    limit: int = 0
    told_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Hold:
    """Why something has to wait: so many calls are ``used`` of ``most``. It may go on at ``until``."""

    reason: Reason
    used: int
    most: int
    until: datetime


def hour_of(moment: datetime) -> datetime:
    """When its hour began."""
    return moment.replace(minute=0, second=0, microsecond=0)


def in_window(hours: Sequence[Hour], now: datetime) -> int:
    """Our calls of the last 24 hours."""
    first = hour_of(now - WINDOW)
    return sum(hour.calls for hour in hours if hour.start >= first)


def allowed(allowance: int | None, org_limit: int) -> int:
    """How many calls we may make in 24 hours: what the administrator says, at most what the org has. 0: not known."""
    if allowance is None:
        return org_limit
    return min(allowance, org_limit) if org_limit else allowance


def decide(hours: Sequence[Hour], most: int, org: OrgUse, lane: Lane, now: datetime) -> Hold | None:
    """Whether this has to wait. ``most``: see :func:`allowed`; 0 holds nobody, for nothing is known yet."""
    share = most if lane is Lane.ASKED else most * BACKGROUND_SHARE // 100
    used = in_window(hours, now)
    if most and used >= share:
        reason = Reason.ALLOWANCE if used >= most else Reason.BACKGROUND
        return Hold(reason, used, most, free_at(hours, share, now))
    if lane is Lane.BACKGROUND and _is_short(org) and org.told_at and now < org.told_at + LOOK_AGAIN:
        return Hold(Reason.ORG, org.used, org.limit, org.told_at + LOOK_AGAIN)
    return None


def _is_short(org: OrgUse) -> bool:
    return bool(org.limit) and org.used * 100 >= org.limit * ORG_SHARE


def free_at(hours: Sequence[Hour], share: int, now: datetime) -> datetime:
    """When less than ``share`` is used, if no more calls are made until then.

    An hour leaves the window 24 hours after its end.
    """
    left = in_window(hours, now)
    for hour in sorted(hours, key=lambda hour: hour.start):
        if hour.start < hour_of(now - WINDOW):
            continue
        left -= hour.calls
        if left < share:
            return hour.start + HOUR + WINDOW
    return now + WINDOW  # a share of nothing is never free
