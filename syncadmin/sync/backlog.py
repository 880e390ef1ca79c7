"""How much waits, whether it grows, and when it will be done: arithmetic on values alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from enum import StrEnum

#: A backlog is compared with what it was so long before, and with what it was a while ago.
BEFORE, RECENTLY = timedelta(hours=6), timedelta(hours=1)
#: Fewer than these are what a cycle takes along: no backlog that grows.
LEAST = 100
#: What a cycle takes along in any case.
ONE_CYCLE = 1_000
#: Fewer records than these, or fewer seconds at work, say nothing of how fast the sync is.
SPEED_FROM, SPEED_SECONDS = 200, 5
HOURS = 24


@dataclass(frozen=True, slots=True)
class Waiting:
    """People of one object whose change waits, by what it waits for; each is counted once."""

    due: int = 0
    retrying: int = 0
    """Refused, and tried again at a time that is set."""
    held: int = 0
    """Refused, until somebody corrects something."""
    excluded: int = 0
    outside: int = 0
    """Their record doesn't meet the record filter."""
    in_bulk: int = 0
    """Sent with a bulk job that hasn't answered yet."""

    @property
    def total(self) -> int:
        return self.moving + self.still

    @property
    def moving(self) -> int:
        """Whose turn comes by itself."""
        return self.due + self.retrying + self.in_bulk

    @property
    def still(self) -> int:
        """Who goes nowhere before somebody does something."""
        return self.held + self.excluded + self.outside

    @property
    def counted(self) -> int:
        """What makes a backlog: everybody but those whom administrators keep from syncing."""
        return self.moving + self.held

    def plus(self, other: Waiting) -> Waiting:
        return Waiting(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(Waiting)))


@dataclass(frozen=True, slots=True)
class Figures:
    """How much waited at a moment. ``push``: by object, "" for people who are to be created in Salesforce;
    ``pull``: records to be read, by object; ``steps``: people in flow steps and clicks."""

    push: Mapping[str, Waiting]
    pull: Mapping[str, int]
    steps: int = 0

    def counted(self) -> dict[str, int]:
        """The lines of the backlog: {"push:Lead": 3, "push:": 1, "pull:Contact": 0, "steps": 2 …}"""
        push = {f"push:{object}": waiting.counted for object, waiting in self.push.items()}
        return {
            **push,
            **{f"pull:{object}": number for object, number in self.pull.items()},
            "steps": self.steps,
        }

    @property
    def total(self) -> int:
        return sum(self.counted().values())


class Trend(StrEnum):
    GROWING = "growing"
    NORMAL = "normal"


def trend(now: int, before: int | None, recently: int | None) -> Trend:
    """Whether a backlog grows: more than six hours before, and not falling since an hour ago.

    None: it wasn't measured then. What was never measured before isn't called growing, so the first sync, which
    begins with everything there is, is normal; and so is a mass change while the sync works it off.
    """
    if before is None or now <= max(before, LEAST):
        return Trend.NORMAL
    return Trend.NORMAL if recently is not None and now < recently else Trend.GROWING


# --- Speed ----------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Work:
    """A step of a cycle: so many records between two moments."""

    began: datetime
    ended: datetime
    records: int


@dataclass(frozen=True, slots=True)
class Rate:
    """Records per hour in the last day. ``speed``: while the sync was at it; None if too little was done to tell."""

    least: int = 0
    average: int = 0
    most: int = 0
    speed: float | None = None


def rate(work: Iterable[Work], now: datetime) -> Rate:
    """The slowest, the average and the busiest hour of the last day, and the speed while working."""
    since = now - timedelta(hours=HOURS)
    done = [each for each in work if each.records and each.ended > since]
    hours = per_hour(done, now)
    records, busy = sum(each.records for each in done), sum(_seconds(each) for each in done)
    speed = records / busy * 3600 if records >= SPEED_FROM and busy >= SPEED_SECONDS else None
    return Rate(round(min(hours)), round(sum(hours) / HOURS), round(max(hours)), speed)


def per_hour(work: Iterable[Work], now: datetime) -> list[float]:
    """Records in each hour of the last day, the oldest first. A step of several hours counts evenly in each."""
    found = [0.0] * HOURS
    since, hour = now - timedelta(hours=HOURS), timedelta(hours=1)
    for each in work:
        length = timedelta(seconds=_seconds(each))
        began = each.ended - length
        for index in range(max((began - since) // hour, 0), min((each.ended - since) // hour, HOURS - 1) + 1):
            start = since + index * hour
            shared = min(each.ended, start + hour) - max(began, start)
            found[index] += each.records * (shared / length)
    return found


def _seconds(work: Work) -> float:
    return max((work.ended - work.began).total_seconds(), 0.001)


# --- When it is done ------------------------------------------------------------------------------
class Until(StrEnum):
    NOTHING = "nothing"
    PAUSED = "paused"
    NEXT_CYCLE = "next_cycle"
    UNKNOWN = "unknown"
    IN = "in"


@dataclass(frozen=True, slots=True)
class Drain:
    """When what waits will be gone, if nothing is added. ``time``: from now on; given if ``until`` is IN."""

    until: Until
    time: timedelta = timedelta()


def drain(moving: int, speed: float | None, to_next_cycle: timedelta, *, paused: bool) -> Drain:
    """When so many, who move by themselves, are done. ``speed``: records per hour while working."""
    if not moving:
        return Drain(Until.NOTHING)
    if paused:
        return Drain(Until.PAUSED)
    if moving <= ONE_CYCLE:
        return Drain(Until.NEXT_CYCLE)
    if not speed:
        return Drain(Until.UNKNOWN)
    return Drain(Until.IN, max(to_next_cycle, timedelta()) + timedelta(hours=moving / speed))


# --- Samples --------------------------------------------------------------------------------------
#: How long samples are kept, and how far apart the older ones are.
KEPT = timedelta(days=90)
SPARSER = ((timedelta(days=14), timedelta(hours=4)), (timedelta(days=1), timedelta(hours=1)))


def to_drop(samples: Sequence[tuple[int, datetime]], now: datetime) -> list[int]:
    """Which samples ((id, moment), the oldest first) are too many for their age: one of each slot stays."""
    dropped, met = [], set()
    for key, at in samples:
        if at < now - KEPT:
            dropped.append(key)
            continue
        slot = next((length for age, length in SPARSER if at < now - age), None)
        if slot is None:
            continue
        mark = (slot, bucket(at, slot))
        if mark in met:
            dropped.append(key)
        met.add(mark)
    return dropped


def bucket(at: datetime, length: timedelta) -> datetime:
    """The beginning of the slot in which a moment lies; slots begin with the days of UTC."""
    day = at.replace(hour=0, minute=0, second=0, microsecond=0)
    return day + (at - day) // length * length
