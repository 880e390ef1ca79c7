"""When a refusal is tried again, and when no more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

#: Minutes until the next try of a transient refusal, by the number of tries so far.
BACK_OFF = (1, 2, 5, 10, 20, 40, 60)


class Stopped(StrEnum):
    """Why a transient refusal isn't tried again by itself."""

    NOT = ""
    EXHAUSTED = "exhausted"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Tried:
    """What is known of a refusal. ``tries`` count from the last time that something changed, or somebody retried it."""

    tries: int = 0
    attempts: int = 0
    version: int = 0
    settings: int = 0
    record_changed: bool = False
    stopped: Stopped = Stopped.NOT


@dataclass(frozen=True, slots=True)
class Retry:
    """What is kept of one more refusal. ``at`` None: it isn't tried again until something changes."""

    tries: int
    attempts: int
    at: datetime | None
    stopped: Stopped = Stopped.NOT


def after_refusal(
    before: Tried, *, version: int, settings: int, is_permanent: bool, by_hand: bool, most: int, now: datetime
) -> Retry:
    """The refusal came (again): when is the next try?

    ``version``, ``settings``: of the person and of the settings that were tried. ``by_hand``: somebody asked for this
    try, so that a new series of at most ``most`` begins, as it does when something has changed.
    """
    is_new = by_hand or before.record_changed or (before.version, before.settings) != (version, settings)
    tries, attempts = (1 if is_new else before.tries + 1), before.attempts + 1
    if is_permanent:
        return Retry(tries, attempts, None)
    if before.stopped is Stopped.CANCELLED and not is_new:
        return Retry(tries, attempts, None, Stopped.CANCELLED)
    if tries >= most:
        return Retry(tries, attempts, None, Stopped.EXHAUSTED)
    return Retry(tries, attempts, now + timedelta(minutes=BACK_OFF[min(tries, len(BACK_OFF)) - 1]))
