"""The arithmetic of the backlog: does it grow, how fast does it go, when is it done, which samples stay."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncadmin.sync.backlog import (
    LEAST,
    Drain,
    Figures,
    Trend,
    Until,
    Waiting,
    Work,
    bucket,
    drain,
    per_hour,
    rate,
    to_drop,
    trend,
)

NOW = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


# --- Growing or normal ------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("now", "before", "recently", "expected"),
    [
        (500, 200, 400, Trend.GROWING),
        (500, 200, 500, Trend.GROWING),  # it stands, and is more than six hours before
        (500, 200, None, Trend.GROWING),  # not measured an hour ago: six hours are enough to tell
        (500, 200, 900, Trend.NORMAL),  # a mass change, being worked off
        (500, 500, 400, Trend.NORMAL),  # no more than six hours before
        (500, 900, 400, Trend.NORMAL),
        (400_000, None, None, Trend.NORMAL),  # the first sync begins with everything there is
        (400_000, None, 500_000, Trend.NORMAL),
        (400_000, 0, 500_000, Trend.NORMAL),  # connected yesterday, started today, draining
        (LEAST, 0, 0, Trend.NORMAL),  # what the next cycle takes along
        (LEAST + 1, 0, 0, Trend.GROWING),
        (0, 0, 0, Trend.NORMAL),
    ],
)
def test_what_counts_as_growing(now: int, before: int | None, recently: int | None, expected: Trend) -> None:
    assert trend(now, before, recently) is expected


NUMBERS = st.one_of(st.none(), st.integers(0, 10**7))


@given(st.integers(0, 10**7), NUMBERS, NUMBERS)
def test_more_waiting_never_turns_growing_into_normal(
    now: int, before: int | None, recently: int | None
) -> None:
    if trend(now, before, recently) is Trend.GROWING:
        assert trend(now + 1, before, recently) is Trend.GROWING


def test_whom_administrators_keep_from_syncing_makes_no_backlog() -> None:
    waiting = Waiting(due=1, retrying=2, held=4, excluded=8, outside=16, in_bulk=32)
    assert (waiting.total, waiting.moving, waiting.still, waiting.counted) == (63, 35, 28, 39)
    figures = Figures({"Lead": waiting, "": Waiting(due=5)}, {"Contact": 7}, 3)
    assert figures.counted() == {"push:Lead": 39, "push:": 5, "pull:Contact": 7, "steps": 3}
    assert figures.total == 54


# --- When it is done --------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("moving", "speed", "paused", "expected"),
    [
        (0, None, False, Drain(Until.NOTHING)),
        (0, 10.0, True, Drain(Until.NOTHING)),
        (5_000, 10.0, True, Drain(Until.PAUSED)),
        (3, None, False, Drain(Until.NEXT_CYCLE)),
        (1_000, 10.0, False, Drain(Until.NEXT_CYCLE)),
        (1_001, None, False, Drain(Until.UNKNOWN)),
        (50_000, 100_000.0, False, Drain(Until.IN, timedelta(minutes=34))),
    ],
)
def test_when_what_waits_is_done(moving: int, speed: float | None, paused: bool, expected: Drain) -> None:
    assert drain(moving, speed, timedelta(minutes=4), paused=paused) == expected


def test_a_cycle_that_is_due_or_running_delays_nothing() -> None:
    assert drain(2_000, 1_000.0, -HOUR, paused=False).time == 2 * HOUR


# --- Speed ------------------------------------------------------------------------------------------
def test_a_step_of_several_hours_counts_in_each_of_them() -> None:
    hours = per_hour([Work(NOW - 2 * HOUR, NOW, 3_000)], NOW)
    assert [round(hour) for hour in hours] == [0] * 22 + [1_500, 1_500]


def test_what_was_done_more_than_a_day_ago_doesnt_count() -> None:
    assert per_hour([Work(NOW - 25 * HOUR, NOW - 23 * HOUR, 1_000)], NOW)[:2] == [500, 0]
    assert rate([Work(NOW - 30 * HOUR, NOW - 29 * HOUR, 1_000)], NOW).most == 0


def test_the_speed_is_that_of_the_time_at_work_and_the_average_that_of_the_day() -> None:
    found = rate([Work(NOW - 6 * MINUTE, NOW, 2_400)], NOW)
    assert (found.least, found.average, found.most) == (0, 100, 2_400)
    assert found.speed == pytest.approx(24_000)


def test_a_handful_of_records_says_nothing_of_the_speed() -> None:
    assert rate([Work(NOW - MINUTE, NOW, 3)], NOW).speed is None
    assert rate([Work(NOW - timedelta(seconds=1), NOW, 900)], NOW).speed is None
    assert rate([], NOW).speed is None


WORK = st.builds(
    lambda back, length, records: Work(NOW - back * MINUTE, NOW - back * MINUTE + length * MINUTE, records),
    st.integers(0, 24 * 60 - 1), st.integers(0, 300), st.integers(1, 10**6),
)  # fmt: skip


@given(st.lists(WORK, max_size=5))
def test_no_record_is_counted_twice_or_lost_within_the_day(work: list[Work]) -> None:
    inside = [each for each in work if each.ended <= NOW]
    assert sum(per_hour(inside, NOW)) == pytest.approx(sum(each.records for each in inside))


# --- Samples ----------------------------------------------------------------------------------------
def test_samples_get_sparser_with_age() -> None:
    every = [(n, NOW - n * 5 * MINUTE) for n in range(100 * 24 * 12)][::-1]
    dropped = set(to_drop(every, NOW))
    kept = [NOW - at for key, at in every if key not in dropped]
    within = lambda low, high: sum(timedelta(days=low) <= age < timedelta(days=high) for age in kept)  # noqa: E731
    assert within(0, 1) == 288
    assert within(2, 3) == 24
    assert within(20, 21) == 6
    assert within(91, 100) == 0


@given(st.lists(st.integers(0, 60 * 24 * 100), max_size=50))
def test_thinning_twice_drops_nothing_more(minutes: list[int]) -> None:
    samples: list[tuple[int, Any]] = list(enumerate(sorted(NOW - m * MINUTE for m in minutes)))
    gone = set(to_drop(samples, NOW))
    assert to_drop([sample for sample in samples if sample[0] not in gone], NOW) == []


def test_slots_begin_with_the_day() -> None:
    assert bucket(datetime(2026, 11, 27, 11, 59, tzinfo=UTC), 4 * HOUR).hour == 8
