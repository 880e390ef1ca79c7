"""What the next 24 hours will take."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncadmin.sync.allowance import HOUR, Hour
from syncadmin.sync.forecast import Forecast, forecast

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 23, tzinfo=UTC)


def hours(calls: dict[int, int]) -> list[Hour]:
    """{hours ago: calls}"""
    return [Hour(NOW - HOUR * ago, number) for ago, number in calls.items()]


def looked(calls: dict[int, int], share: int = 0, now: datetime = NOW) -> Forecast | None:
    return forecast(hours(calls), now, MIDNIGHT, share)


STEADY = dict.fromkeys(range(1, 8 * 24), 100)


@pytest.mark.parametrize(
    ("calls", "tomorrow"),
    [
        ({}, None),
        ({0: 12}, None),  # minutes say nothing of a day
        ({1: 50}, 50 * 24),  # an hour is all there is
        ({3: 90, 2: 90, 1: 120}, 100 * 24),
        ({**dict.fromkeys(range(1, 24), 100), 20: 5_000}, 2_400),  # the first pull doesn't come again
        ({5: 9_000, 3: 10, 2: 10, 1: 10}, 10 * 24),  # the last hours count, not a burst before them
        (STEADY, 2_400),
        ({**STEADY, 1: 200, 2: 200, 3: 200}, 4_800),  # today is twice as busy as its hours usually are
        ({**STEADY, 1: 0, 2: 0, 3: 0}, 600),  # a quiet hour makes no quiet day
        ({**STEADY, 1: 5_000, 2: 5_000, 3: 5_000}, 9_600),  # nor a burst a busy one
    ],
)
def test_a_day_is_reckoned_from_the_last_hours_and_from_earlier_days(
    calls: dict[int, int], tomorrow: int | None
) -> None:
    found = looked(calls)
    assert (found.tomorrow if found else None) == (tomorrow and pytest.approx(tomorrow, rel=0.05))


def test_what_happens_every_night_is_expected_this_night() -> None:
    calls = dict.fromkeys(range(1, 7 * 24), 10)
    calls |= {10 + 24 * day: 2_000 for day in range(7)}  # at two
    found = looked(calls)
    assert found is not None
    assert found.tomorrow == pytest.approx(2_000 + 23 * 10, rel=0.02)


def test_it_says_when_the_allowance_will_be_reached() -> None:
    found = looked(dict.fromkeys(range(1, 5), 100), share=1_000)
    assert found is not None
    assert found.over_at == NOW + HOUR * 6
    assert found.midnight == 1_600
    assert looked(dict.fromkeys(range(1, 5), 100), share=10_000).over_at is None  # type: ignore[union-attr]


def test_a_burst_of_yesterday_leaves_the_window_again() -> None:
    found = looked({20: 5_000, 2: 10, 1: 10})
    assert found is not None
    assert (found.peak_at, found.peak) == (NOW + HOUR * 4, 5_000 + 20 + 27)
    assert found.tomorrow < 5_000


@given(
    st.dictionaries(st.integers(0, 200), st.integers(0, 1_000), max_size=60),
    st.integers(0, 59),
    st.integers(0, 5_000),
)
def test_it_is_never_negative_and_its_peak_is_the_most(
    calls: dict[int, int], minute: int, share: int
) -> None:
    found = looked(calls, share, NOW + timedelta(minutes=minute))
    if found is not None:
        assert min(found.tomorrow, found.midnight) >= 0
        assert found.peak >= max(found.tomorrow, found.midnight)
        assert found.over_at is None or found.peak >= share
