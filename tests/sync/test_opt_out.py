"""Unsubscribed: an opt-out is never lost, unless somebody chose otherwise for the field."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncadmin.sync.fields import Direction, FieldRule, Winner
from syncadmin.sync.reconcile import Reason, reconcile

UNKNOWN: Any = object()
OPTED_OUT, OURS, THEIRS = Winner.OPTED_OUT, Winner.OURS, Winner.SALESFORCE


def rule(winner: Winner, direction: Direction = Direction.BOTH) -> FieldRule:
    return FieldRule("unsubscribed", "HasOptedOutOfEmail", "boolean", direction, winner)


def after(base: Any, ours: Any, theirs: Any, winner: Winner = OPTED_OUT) -> tuple[Any, Any]:
    """What both sides hold when all is done."""
    known = {} if base is UNKNOWN else {"unsubscribed": base}
    outcome = reconcile(known, {"unsubscribed": ours}, {"unsubscribed": theirs}, [rule(winner)])
    return outcome.to_local.get("unsubscribed", ours), outcome.to_remote.get("unsubscribed", theirs)


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "expected"),
    [
        # opted out on either side
        (False, True, False, True),
        (False, False, True, True),
        (False, True, True, True),
        # opted in again, on one side or on both: a change like any other
        (True, False, True, False),
        (True, True, False, False),
        (True, False, False, False),
        # first link, or the Contact that a Lead became: nobody knows who was first
        (UNKNOWN, True, False, True),
        (UNKNOWN, False, True, True),
        (UNKNOWN, None, True, True),
        (UNKNOWN, True, True, True),
    ],
)
def test_opted_out_wins(base: Any, ours: Any, theirs: Any, expected: bool) -> None:
    assert after(base, ours, theirs) == (expected, expected)


@pytest.mark.parametrize(
    ("winner", "ours", "theirs", "expected"),
    [
        (OURS, False, True, False),
        (OURS, True, False, True),
        (THEIRS, False, True, True),
        (THEIRS, True, False, False),
    ],
)
def test_at_a_first_link_somebody_elses_choice_counts_and_is_logged(
    winner: Winner, ours: bool, theirs: bool, expected: bool
) -> None:
    assert after(UNKNOWN, ours, theirs, winner) == (expected, expected)
    (conflict,) = reconcile({}, {"unsubscribed": ours}, {"unsubscribed": theirs}, [rule(winner)]).conflicts
    assert (conflict.winner, conflict.reason) == (winner, Reason.FIRST_LINK)


@pytest.mark.parametrize("base", [UNKNOWN, None, False])
def test_a_checkbox_that_was_never_touched_is_one_that_isnt_ticked(base: Any) -> None:
    assert after(base, None, False) == (None, False)
    assert after(base, None, True) == (True, True)


def test_a_blank_is_never_sent_as_a_checkbox() -> None:
    outcome = reconcile({"unsubscribed": True}, {"unsubscribed": None}, {"unsubscribed": True}, [rule(OURS)])
    assert outcome.to_remote == {"unsubscribed": False}


@given(
    base=st.sampled_from([UNKNOWN, None, True, False]),
    ours=st.sampled_from([None, True, False]),
    theirs=st.booleans(),
)
def test_an_opt_out_that_the_other_side_never_saw_is_never_lost(base: Any, ours: Any, theirs: bool) -> None:
    if base is not True and (ours or theirs):
        assert after(base, ours, theirs) == (True, True)


@given(
    base=st.sampled_from([UNKNOWN, True, False]),
    ours=st.booleans(),
    theirs=st.booleans(),
    winner=st.sampled_from(Winner),
)
def test_whoever_wins_both_sides_end_equal_and_a_second_look_does_nothing(
    base: Any, ours: bool, theirs: bool, winner: Winner
) -> None:
    known = {} if base is UNKNOWN else {"unsubscribed": base}
    first = reconcile(known, {"unsubscribed": ours}, {"unsubscribed": theirs}, [rule(winner)])
    here, there = after(base, ours, theirs, winner)
    assert here == there
    agreed = {**known, **first.agreed, **first.to_remote}
    again = reconcile(agreed, {"unsubscribed": here}, {"unsubscribed": there}, [rule(winner)])
    assert (again.to_local, again.to_remote, again.conflicts) == ({}, {}, [])
