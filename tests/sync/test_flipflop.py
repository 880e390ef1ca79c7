"""When a field bounces, and what the memory of its rounds holds: pure, with the clock passed in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncadmin.sync.fields import Direction, FieldRule, Winner
from syncadmin.sync.flipflop import (
    CLOSE,
    ROUNDS,
    close_in_time,
    go_on,
    in_play,
    let_push,
    remember,
    stop,
    to_stop,
)
from syncadmin.sync.values import Value

START = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
VALUES = st.one_of(st.none(), st.booleans(), st.integers(-9, 9), st.text(max_size=5))


def stops(
    pushes: Sequence[tuple[Value, int]], value: Value, minute: int, *, close: timedelta = CLOSE
) -> bool:
    """Whether ``value`` would be stopped at ``minute`` after these (value, minute) were pushed."""
    memory: dict[str, Any] = {}
    for pushed, at in pushes:
        memory = remember(memory, {"f": pushed}, START + timedelta(minutes=at))
    return bool(to_stop(memory, {"f": value}, {"f": "x"}, START + timedelta(minutes=minute), close))


@pytest.mark.parametrize(
    ("pushes", "value", "minute", "stopped"),
    [
        ([], "a", 0, False),
        ([("a", 0)], "a", 5, False),
        ([("a", 0), ("a", 5)], "a", 10, False),
        ([("a", 0), ("a", 5), ("a", 10)], "a", 15, True),
        ([("a", 0), ("a", 5), ("a", 10)], "b", 15, False),
        ([("a", 0), ("a", 5), ("b", 7), ("a", 10)], "a", 15, False),
        ([("b", 0), ("a", 5), ("a", 10), ("a", 15)], "a", 20, True),
        # a round may be an hour from the next, and no more
        ([("a", 0), ("a", 60), ("a", 120)], "a", 180, True),
        ([("a", 0), ("a", 61), ("a", 120)], "a", 180, False),
        ([("a", 0), ("a", 60), ("a", 120)], "a", 181, False),
        # only the last rounds count
        ([("a", 0), ("a", 1000), ("a", 1005), ("a", 1010)], "a", 1015, True),
        # over days
        ([("a", 0), ("a", 1440), ("a", 2880)], "a", 4320, False),
        # a clock that was set back proves nothing
        ([("a", 60), ("a", 65), ("a", 10)], "a", 15, False),
        # blanks and ticks are values
        ([(None, 0), (None, 5), (None, 10)], None, 15, True),
        ([(False, 0), (False, 5), (False, 10)], None, 15, False),
    ],
)
def test_the_same_value_pushed_three_times_close_in_time_is_stopped_the_fourth_time(
    pushes: list[tuple[Value, int]], value: Value, minute: int, stopped: bool
) -> None:
    assert stops(pushes, value, minute) is stopped


@pytest.mark.parametrize(("pause", "close"), [(5, 60), (20, 60), (30, 90), (240, 720)])  # minutes
def test_with_slow_cycles_rounds_may_be_further_apart(pause: int, close: int) -> None:
    assert close_in_time(timedelta(minutes=pause)) == timedelta(minutes=close)


@given(values=st.lists(VALUES, min_size=1, max_size=30), gaps=st.lists(st.integers(0, 90), min_size=30))
def test_whatever_is_pushed_nothing_is_stopped_before_it_was_pushed_three_times(
    values: list[Value], gaps: list[int]
) -> None:
    memory: dict[str, Any] = {}
    pushed: list[Value] = []
    now = START
    for value, gap in zip(values, gaps, strict=False):
        now += timedelta(minutes=gap)
        if to_stop(memory, {"f": value}, {}, now, CLOSE):
            assert len(pushed) >= ROUNDS
            assert all(repr(each) == repr(value) for each in pushed[-ROUNDS:])
            return
        memory = remember(memory, {"f": value}, now)
        pushed.append(value)


@given(value=VALUES)
def test_a_bounce_ends_after_three_rounds(value: Value) -> None:
    memory: dict[str, Any] = {}
    for number in range(10):
        now = START + timedelta(minutes=5 * number)
        if to_stop(memory, {"f": value}, {}, now, CLOSE):
            break
        memory = remember(memory, {"f": value}, now)
    assert number == ROUNDS


def test_fields_are_remembered_apart() -> None:
    memory: dict[str, Any] = {}
    for minute in (0, 5, 10):
        at = START + timedelta(minutes=minute)
        memory = remember(memory, {"f": "a", "g": minute}, at)
    found = to_stop(memory, {"f": "a", "g": 10, "h": "a"}, {"f": "b"}, START + timedelta(minutes=15), CLOSE)
    assert list(found) == ["f"]
    assert (found["f"].ours, found["f"].theirs, found["f"].since) == ("a", "b", int(START.timestamp()))


# --- What is stopped ------------------------------------------------------------------------------------------
STOPPED = {"f": {"value": "x", "at": [1, 2, 3], "stopped": True}}
TEXT, OTHER = FieldRule("f", "F"), FieldRule("g", "G")
TICK = FieldRule("f", "F", type="boolean", winner=Winner.OPTED_OUT)


def test_a_stopped_field_takes_no_part_and_the_others_do() -> None:
    playing, found = in_play(STOPPED, {"f": "a", "g": "c"}, {"f": "b", "g": "d"}, [TEXT, OTHER])
    assert [rule.name for rule in playing] == ["g"]
    assert (dict(found.standing), found.ended) == ({"f": "b"}, ())


def test_a_stopped_field_that_is_equal_goes_on() -> None:
    playing, found = in_play(STOPPED, {"f": "a"}, {"f": "a"}, [TEXT, OTHER])
    assert [rule.name for rule in playing] == ["f", "g"]
    assert (dict(found.standing), found.ended) == ({}, ("f",))


@pytest.mark.parametrize(("ours", "theirs", "comes"), [(False, True, True), (True, False, False)])
def test_of_a_stopped_checkbox_a_tick_there_still_comes_here_and_none_goes_there(
    ours: bool, theirs: bool, comes: bool
) -> None:
    playing, _ = in_play(STOPPED, {"f": ours}, {"f": theirs}, [TICK])
    assert [rule.direction for rule in playing] == ([Direction.FROM_SALESFORCE] if comes else [])


def test_without_a_memory_nothing_is_looked_at() -> None:
    rules = [TEXT]
    playing, found = in_play({}, {}, {}, rules)
    assert playing is rules
    assert not found


def test_stopping_and_going_on_change_the_mark_alone() -> None:
    memory = remember({}, {"f": "a", "g": "b"}, START)
    stopped = stop(memory, ["f"])
    assert stopped["f"]["stopped"]
    assert "stopped" not in stopped["g"]
    assert go_on(stopped, ["f"]) == memory


@pytest.mark.parametrize("times", [0, 1, 2, 3])
def test_a_value_that_may_be_pushed_so_many_times_is_stopped_after_them(times: int) -> None:
    memory = let_push(STOPPED, "f", "a", times, START)
    for number in range(times):
        at = START + timedelta(minutes=5 * (number + 1))
        assert not to_stop(memory, {"f": "a"}, {}, at, CLOSE)
        memory = remember(memory, {"f": "a"}, at)
    assert to_stop(memory, {"f": "a"}, {}, START + timedelta(minutes=5 * (times + 1)), CLOSE)
