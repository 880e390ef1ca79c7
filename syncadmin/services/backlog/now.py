"""The backlog at this moment, line by line: how much, whether it grows, how fast it goes, and when it is done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from syncadmin.models import BacklogSample, Connection
from syncadmin.services.backlog import samples
from syncadmin.store import backlog as store
from syncadmin.store.backlog import Reading
from syncadmin.sync.backlog import HOURS, Drain, Figures, Rate, Trend, Waiting, drain, rate, trend

#: By whose work a line gets shorter: Leads and Contacts are pushed together.
WORK_OF = {"push:Lead": "push", "push:Contact": "push", "push:": "create"}


@dataclass(frozen=True, slots=True)
class Line:
    """One object in one direction. ``key``: "push:Lead", "push:" (people to be created), "pull:Contact", "steps"."""

    key: str
    waiting: Waiting
    trend: Trend
    before: int | None
    """How much waited six hours before; None if that wasn't measured."""
    rate: Rate | None
    drain: Drain

    @property
    def number(self) -> int:
        return self.waiting.total

    @property
    def is_growing(self) -> bool:
        return self.trend is Trend.GROWING


@dataclass(frozen=True, slots=True)
class Backlog:
    """Everything that waits. ``at``: when it was counted."""

    at: datetime
    lines: list[Line]
    readings: Mapping[str, Reading] = field(default_factory=dict)
    is_paused: bool = False

    @property
    def total(self) -> int:
        """People and records that wait, without those whom administrators keep from syncing."""
        return sum(line.waiting.counted for line in self.lines)

    @property
    def moving(self) -> int:
        """How many of them need nobody to do anything."""
        return sum(line.waiting.moving for line in self.lines)

    @property
    def growing(self) -> list[Line]:
        return [line for line in self.lines if line.is_growing]

    @property
    def is_growing(self) -> bool:
        return bool(self.growing)

    @property
    def grows_in(self) -> str:
        """In which direction most is added: "pull" or "push"."""
        most = max(self.growing, key=lambda line: line.waiting.counted - (line.before or 0), default=None)
        return "pull" if most is not None and most.key.startswith("pull") else "push"

    @property
    def is_first_read(self) -> bool:
        """Something is being read from the beginning."""
        return any(reading.is_first and reading.left for reading in self.readings.values())

    def of(self, key: str) -> Line:
        return next(line for line in self.lines if line.key == key)


def backlog_now(now: datetime) -> Backlog:
    """For the page, the dashboard and the alerts. A constant number of statements."""
    figures, at = samples.current(now)
    before, recently = samples.earlier(now)
    work = store.work_since(now - timedelta(hours=HOURS), now)
    rates = {key: rate(work[key], now) for key in ("push", "create", "pull:Lead", "pull:Contact")}
    connection = Connection.objects.only("is_paused", "next_cycle_at").first()
    paused = connection is None or connection.is_paused
    to_next = (connection.next_cycle_at if connection and connection.next_cycle_at else now) - now
    lines = [
        _line(key, waiting, before, recently, rates, _together(key, figures), to_next, paused=paused)
        for key, waiting in _waiting(figures).items()
    ]
    return Backlog(at, lines, store.to_read(), paused)


def is_growing(now: datetime) -> bool:
    """Whether anything grows, by the samples alone: three statements, whatever there is to count."""
    last = BacklogSample.objects.first()
    if last is None or last.at < now - samples.TOLERANCE:
        return False
    before, recently = (_counted(figures) for figures in samples.earlier(now))
    return any(
        trend(number, before.get(key), recently.get(key)) is Trend.GROWING
        for key, number in samples.figures_of(last).counted().items()
    )


def _counted(figures: Figures | None) -> dict[str, int]:
    return figures.counted() if figures else {}


def _waiting(figures: Figures) -> dict[str, Waiting]:
    """What waits, line by line; a record to be read waits for nothing but its turn."""
    push = {f"push:{object}": waiting for object, waiting in figures.push.items()}
    pull = {f"pull:{object}": Waiting(due=number) for object, number in figures.pull.items()}
    return {**push, **pull, "steps": Waiting(due=figures.steps)}


def _together(key: str, figures: Figures) -> int:
    """How many are worked off before the last of this line is done."""
    waiting = _waiting(figures)
    group = [each for each in waiting if WORK_OF.get(each, each) == WORK_OF.get(key, key)]
    return sum(waiting[each].moving for each in group) if waiting[key].moving else 0


def _line(
    key: str, waiting: Waiting, before: Figures | None, recently: Figures | None, rates: Mapping[str, Rate],
    together: int, to_next: timedelta, *, paused: bool,
) -> Line:  # fmt: skip
    then, lately = _counted(before).get(key), _counted(recently).get(key)
    found = rates.get(WORK_OF.get(key, key))
    # A flow step doesn't wait for the cycle, and works while the background sync is paused.
    stops = paused and key != "steps"
    done = drain(together, found.speed if found else None, to_next, paused=stops)
    return Line(key, waiting, trend(waiting.counted, then, lately), then, found, done)
