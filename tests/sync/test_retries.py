"""When a refusal is tried again, and when no more."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncadmin.sync.retries import BACK_OFF, Retry, Stopped, Tried, after_refusal

NOW = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
EXHAUSTED, CANCELLED = Stopped.EXHAUSTED, Stopped.CANCELLED


def once_more(
    before: Tried,
    *,
    version: int = 1,
    settings: int = 1,
    permanent: bool = False,
    by_hand: bool = False,
    most: int = 10,
) -> Retry:
    return after_refusal(
        before,
        version=version,
        settings=settings,
        is_permanent=permanent,
        by_hand=by_hand,
        most=most,
        now=NOW,
    )


def tried(tries: int, stopped: Stopped = Stopped.NOT, *, record_changed: bool = False) -> Tried:
    return Tried(tries, tries, 1, 1, record_changed, stopped)


def minutes(number: int) -> datetime:
    return NOW + timedelta(minutes=number)


@pytest.mark.parametrize(("before", "more", "after"), [
    # first, second, … tries, after longer and longer pauses
    (Tried(), {}, (1, minutes(1), "")),
    (tried(1), {}, (2, minutes(2), "")),
    (tried(8), {}, (9, minutes(60), "")),
    # the last one
    (tried(9), {}, (10, None, EXHAUSTED)),
    (tried(10, EXHAUSTED), {}, (11, None, EXHAUSTED)),
    (Tried(), {"most": 1}, (1, None, EXHAUSTED)),
    # what is permanent isn't tried again
    (Tried(), {"permanent": True}, (1, None, "")),
    (tried(3), {"permanent": True}, (4, None, "")),
    # something has changed, or somebody wants it: a new series
    (tried(9), {"version": 2}, (1, minutes(1), "")),
    (tried(9), {"settings": 2}, (1, minutes(1), "")),
    (tried(9, record_changed=True), {}, (1, minutes(1), "")),
    (tried(10, EXHAUSTED), {"by_hand": True}, (1, minutes(1), "")),
    (tried(4, CANCELLED), {"by_hand": True}, (1, minutes(1), "")),
    (tried(4, CANCELLED), {"version": 2}, (1, minutes(1), "")),
    # cancelled while the try was under way
    (tried(4, CANCELLED), {}, (5, None, CANCELLED)),
])  # fmt: skip
def test_a_refusal_is_tried_again_a_limited_number_of_times(
    before: Tried, more: dict[str, int], after: tuple[int, datetime | None, str]
) -> None:
    retry = once_more(before, **more)  # type: ignore[arg-type]
    assert (retry.tries, retry.at, retry.stopped) == after
    assert retry.attempts == before.attempts + 1


@given(st.integers(1, 30))
def test_every_series_ends_after_the_set_number_of_tries(most: int) -> None:
    before, sent, last = Tried(), 0, NOW
    while True:
        retry = once_more(before, most=most)
        sent += 1
        if retry.at is None:
            break
        assert retry.at >= last
        before, last = Tried(retry.tries, retry.attempts, 1, 1), retry.at
    assert (sent, retry.stopped) == (most, EXHAUSTED)


def test_ten_tries_take_about_four_hours() -> None:
    assert sum(BACK_OFF[min(n, len(BACK_OFF)) - 1] for n in range(1, 10)) == 258
