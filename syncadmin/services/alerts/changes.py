"""When something that is watched counts as changed. Values in, values out.

A bad state must hold for a while before it is told, if its watcher says so; what goes to and fro is told once, with
how often, and is over only when it has kept quiet for half an hour.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

#: So often within this time is to and fro.
FLAPS, WITHIN = 3, timedelta(hours=1)
#: What went to and fro is over when it has been good for so long.
CALM = timedelta(minutes=30)
AT_ONCE = timedelta()


@dataclass(frozen=True, slots=True)
class Memory:
    """What is remembered: as it was told, as it was last seen, and since when it has been seen so."""

    is_bad: bool
    is_seen_bad: bool
    seen_since: datetime


@dataclass(frozen=True, slots=True)
class Step:
    """What is to be remembered from now on; ``is_news``: whether the change is to be told."""

    before: Memory
    after: Memory

    @property
    def is_news(self) -> bool:
        return self.before.is_bad != self.after.is_bad


def decide(
    memory: Memory, is_bad: bool, now: datetime, *, hold: timedelta = AT_ONCE, recent: int = 0
) -> Step | None:
    """What seeing this at this moment changes; None if nothing. ``recent``: how often it was told within the hour."""
    if now < memory.seen_since:
        return None  # somebody slow: what is known is newer
    since = memory.seen_since if memory.is_seen_bad == is_bad else now
    seen = Memory(memory.is_bad, is_bad, since)
    if is_bad != memory.is_bad and now - since >= _needed(is_bad, hold, recent):
        seen = Memory(is_bad, is_bad, since)
    return Step(memory, seen) if seen != memory else None


def _needed(is_bad: bool, hold: timedelta, recent: int) -> timedelta:
    if is_bad:
        return hold
    return CALM if recent >= FLAPS else AT_ONCE
