"""When something counts as changed: decided with values."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncadmin.services.alerts.changes import CALM, FLAPS, Memory, decide
from tests.conftest import NOW

MINUTE = timedelta(minutes=1)
GOOD, BAD = Memory(False, False, NOW), Memory(True, True, NOW)


def test_what_becomes_bad_is_told_at_once() -> None:
    step = decide(GOOD, True, NOW + MINUTE)
    assert step is not None
    assert step.is_news
    assert step.after == Memory(True, True, NOW + MINUTE)


def test_what_stays_as_it_is_changes_nothing() -> None:
    assert decide(GOOD, False, NOW + MINUTE) is None
    assert decide(BAD, True, NOW + MINUTE) is None


def test_what_must_hold_is_told_when_it_has_held_and_since_when_it_was_so() -> None:
    seen = decide(GOOD, True, NOW, hold=5 * MINUTE)
    assert seen is not None
    assert not seen.is_news
    assert decide(seen.after, True, NOW + 4 * MINUTE, hold=5 * MINUTE) is None
    told = decide(seen.after, True, NOW + 5 * MINUTE, hold=5 * MINUTE)
    assert told is not None
    assert told.is_news
    assert told.after.seen_since == NOW


def test_what_did_not_hold_is_never_told() -> None:
    seen = decide(GOOD, True, NOW, hold=5 * MINUTE)
    assert seen is not None
    gone = decide(seen.after, False, NOW + MINUTE, hold=5 * MINUTE)
    assert gone is not None
    assert not gone.is_news


def test_what_goes_to_and_fro_is_over_only_when_it_has_kept_quiet() -> None:
    seen = decide(BAD, False, NOW + MINUTE, recent=FLAPS)
    assert seen is not None
    assert not seen.is_news
    assert decide(seen.after, False, NOW + CALM, recent=FLAPS) is None
    over = decide(seen.after, False, NOW + MINUTE + CALM, recent=FLAPS)
    assert over is not None
    assert over.is_news


def test_whoever_looked_earlier_than_what_is_known_changes_nothing() -> None:
    assert decide(GOOD, True, NOW - MINUTE) is None


@given(
    looks=st.lists(st.tuples(st.booleans(), st.integers(0, 900)), max_size=40),
    hold=st.integers(0, 10),
    recent=st.integers(0, 5),
)
def test_news_alternate_and_what_is_told_has_been_seen(
    looks: list[tuple[bool, int]], hold: int, recent: int
) -> None:
    memory, now, told = GOOD, NOW, [False]
    for is_bad, seconds in looks:
        now += timedelta(seconds=seconds)
        step = decide(memory, is_bad, now, hold=hold * MINUTE, recent=recent)
        if step:
            if step.is_news:
                assert step.after.is_bad is is_bad
                told.append(is_bad)
            memory = step.after
    assert all(earlier != later for earlier, later in pairwise(told))
    assert memory.is_bad is told[-1]


@pytest.mark.parametrize("is_bad", [True, False])
def test_whatever_lasts_is_told_in_the_end(is_bad: bool) -> None:
    memory = BAD if not is_bad else GOOD
    for minutes in range(1, 80):
        step = decide(memory, is_bad, NOW + minutes * MINUTE, hold=10 * MINUTE, recent=FLAPS)
        memory = step.after if step else memory
    assert memory.is_bad is is_bad
