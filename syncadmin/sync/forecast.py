"""How many calls the next 24 hours will take, from the last hours and the same hours of earlier days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from syncadmin.sync.allowance import HOUR, Hour, hour_of

#: Earlier days that are looked at, and the last hours whose rate tells how today differs from them.
DAYS, RECENT = 7, 3
#: Today is taken to differ from earlier days by so much at most: a quiet hour makes no quiet day, a burst no busy one.
LEAST, MOST = 0.25, 4.0


@dataclass(frozen=True, slots=True)
class Forecast:
    """What the window of 24 hours will hold: ``tomorrow`` at this time, and at ``midnight``.

    ``peak``: the most until tomorrow, and ``peak_at`` when; ``over_at``: when it first holds as many as was asked for.
    """

    tomorrow: int
    midnight: int
    peak: int
    peak_at: datetime
    over_at: datetime | None = None


def forecast(hours: Sequence[Hour], now: datetime, midnight: datetime, share: int = 0) -> Forecast | None:
    """The calls to come; None while less than an hour is known. ``hours``: of up to eight days, ours alone.

    ``midnight``: the next one, in the reader's zone. ``share``: of which it is asked when it is reached; 0: of none.
    """
    counted = {hour.start: hour.calls for hour in hours}
    if not counted or now - min(counted) < HOUR:
        return None
    course = _course(counted, now)
    peak_at, peak = max(course, key=lambda point: point[1])
    over = next((at for at, number in course if number >= share), None) if share else None
    at_midnight = min(course, key=lambda point: abs(point[0] - midnight))[1]
    return Forecast(course[-1][1], at_midnight, peak, peak_at, over)


def _course(counted: Mapping[datetime, int], now: datetime) -> list[tuple[datetime, int]]:
    """What the last 24 hours hold: now, and at the end of each of the next 24 hours."""
    this = hour_of(now)
    first = min(counted)
    to_come = {
        this + HOUR * ahead: _expected(counted, first, this + HOUR * ahead, now) for ahead in range(25)
    }
    passed = (now - this) / HOUR
    points = [(now, float(sum(counted.get(this - HOUR * back, 0) for back in range(25))))]
    whole = {**counted, this: counted.get(this, 0) + to_come[this] * (1 - passed)}
    whole |= {start: calls for start, calls in to_come.items() if start > this}
    for ahead in range(1, 25):
        end = this + HOUR * ahead
        points.append((end, sum(whole.get(end - HOUR * back, 0) for back in range(1, 25))))
    return [(at, round(number)) for at, number in points]


def _expected(counted: Mapping[datetime, int], first: datetime, start: datetime, now: datetime) -> float:
    """The calls of an hour to come."""
    usual = _usual(counted, first, start, now)
    rate, usual_rate = _recent(counted, first, now)
    if usual is None:
        return rate
    if not usual_rate:
        return usual
    return usual * min(MOST, max(LEAST, rate / usual_rate))


def _usual(counted: Mapping[datetime, int], first: datetime, start: datetime, now: datetime) -> float | None:
    """What the same hour of earlier days took, in the middle; None unless two of them are known in full.

    In the middle and not on average: a day that read everything once doesn't say that the next ones will.
    """
    days = (start - timedelta(days=back) for back in range(1, DAYS + 2))
    known = [counted.get(day, 0) for day in days if first <= day and day + HOUR <= now][:DAYS]
    return median(known) if len(known) > 1 else None


def _recent(counted: Mapping[datetime, int], first: datetime, now: datetime) -> tuple[float, float]:
    """Calls an hour of late, and what they usually are in these hours; 0 if that isn't known."""
    this = hour_of(now)
    begin = max(this - HOUR * RECENT, first)
    hours = [begin + HOUR * number for number in range(int((this - begin) / HOUR) + 1)]
    rate = sum(counted.get(hour, 0) for hour in hours) / max((now - begin) / HOUR, 1.0)
    usual = [_usual(counted, first, hour, now) for hour in hours]
    known = [each for each in usual if each is not None]
    return rate, sum(known) / len(known) if len(known) == len(hours) else 0.0
