"""Reconcile: the decision table, and what holds for all values."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncadmin.sync.fields import Direction, FieldRule, Winner
from syncadmin.sync.reconcile import Reason, reconcile

UNKNOWN: Any = object()
BOTH, FROM, TO = Direction.BOTH, Direction.FROM_SALESFORCE, Direction.TO_SALESFORCE
OURS, THEIRS = Winner.OURS, Winner.SALESFORCE
NOTHING, PULL, PUSH, CONFLICT_OURS, CONFLICT_THEIRS = "nothing", "pull", "push", "ours wins", "theirs wins"


def decide(base: Any, local: Any, remote: Any, *, carried: bool = False, **rule: Any) -> str:
    known = {} if base is UNKNOWN else {"f": base}
    outcome = reconcile(known, {"f": local}, {"f": remote}, [FieldRule("f", "F", **rule)], carried=carried)
    if outcome.conflicts:
        return CONFLICT_OURS if outcome.to_remote else CONFLICT_THEIRS
    if outcome.to_remote:
        return PUSH
    return PULL if outcome.to_local else NOTHING


@pytest.mark.parametrize(
    ("base", "local", "remote", "expected"),
    [
        # nobody changed it; both changed it to the same
        ("a", "a", "a", NOTHING),
        ("a", "b", "b", NOTHING),
        (None, None, None, NOTHING),
        # one side changed it
        ("a", "b", "a", PUSH),
        ("a", "a", "b", PULL),
        # a cleared value is a change like any other
        ("a", None, "a", PUSH),
        ("a", "a", None, PULL),
        # both sides changed it, to different values
        ("a", "b", "c", CONFLICT_OURS),
        ("a", None, "c", CONFLICT_OURS),
        ("a", "b", None, CONFLICT_OURS),
        # never agreed on: a value beats a blank, an opt-out beats none, two values are a conflict
        (UNKNOWN, "a", "a", NOTHING),
        (UNKNOWN, None, "b", PULL),
        (UNKNOWN, "a", None, PUSH),
        (UNKNOWN, "a", "b", CONFLICT_OURS),
        (UNKNOWN, True, False, PUSH),
        (UNKNOWN, False, True, PULL),
    ],
)
def test_both_ways(base: Any, local: Any, remote: Any, expected: str) -> None:
    assert decide(base, local, remote) == expected


@pytest.mark.parametrize(
    ("base", "local", "remote", "direction", "expected"),
    [
        ("a", "a", "a", BOTH, NOTHING),
        ("a", "a", "b", BOTH, PULL),  # the record that remains has its own value
        ("a", "a", None, BOTH, PUSH),  # Salesforce didn't carry the value over: nobody cleared it
        ("a", "b", "a", BOTH, PUSH),  # a change that waited
        ("a", "b", None, BOTH, PUSH),
        ("a", "b", "c", BOTH, CONFLICT_OURS),
        ("a", None, "a", BOTH, PUSH),  # a clearing that waited
        ("a", "a", None, TO, PUSH),  # the new record never got it
        ("a", "a", "b", TO, NOTHING),
        ("a", "a", None, FROM, PULL),
        (UNKNOWN, "a", "b", BOTH, CONFLICT_OURS),
    ],
)
def test_the_base_of_a_record_that_became_another_one(
    base: Any, local: Any, remote: Any, direction: Direction, expected: str
) -> None:
    assert decide(base, local, remote, carried=True, direction=direction) == expected


@pytest.mark.parametrize(("winner", "expected"), [(Winner.OPTED_OUT, PUSH), (Winner.OURS, PULL)])
def test_a_tick_is_carried_over_where_ticks_win(winner: Winner, expected: str) -> None:
    assert decide(True, True, False, carried=True, type="boolean", winner=winner) == expected


def test_what_is_filled_in_on_the_other_record_is_an_ordinary_change_from_then_on() -> None:
    rules = [FieldRule("f", "F")]
    outcome = reconcile({"f": "a"}, {"f": "a"}, {"f": None}, rules, carried=True)
    assert (outcome.to_remote, outcome.agreed) == ({"f": "a"}, {"f": None})
    again = reconcile({"f": None}, {"f": "a"}, {"f": None}, rules)
    assert again.to_remote == {"f": "a"}


@pytest.mark.parametrize(
    ("base", "local", "remote"), [("a", "b", "c"), (UNKNOWN, "b", "c"), ("a", None, "c")]
)
def test_salesforce_wins_where_configured(base: Any, local: Any, remote: Any) -> None:
    assert decide(base, local, remote, winner=THEIRS) == CONFLICT_THEIRS


@pytest.mark.parametrize(
    ("base", "local", "remote", "expected"),
    [
        ("a", "b", "a", PULL),  # edited here by mistake: Salesforce's value comes back
        ("a", "b", "c", PULL),
        ("a", "a", "a", NOTHING),
        (UNKNOWN, "b", "c", PULL),
    ],
)
def test_a_one_way_field_from_salesforce_never_conflicts(
    base: Any, local: Any, remote: Any, expected: str
) -> None:
    assert decide(base, local, remote, direction=FROM) == expected


@pytest.mark.parametrize(
    ("base", "local", "remote", "expected"),
    [
        ("a", "b", "z", PUSH),
        ("a", "a", "rewritten", NOTHING),  # compared with the base: an org that rewrites it isn't fought
        (UNKNOWN, None, "z", NOTHING),
        (UNKNOWN, "a", "z", PUSH),
        ("a", None, "a", PUSH),
    ],
)
def test_a_one_way_field_to_salesforce_is_compared_with_the_base(
    base: Any, local: Any, remote: Any, expected: str
) -> None:
    assert decide(base, local, remote, direction=TO) == expected


@pytest.mark.parametrize(
    ("base", "local", "remote", "direction", "expected"),
    [
        ("a", None, "a", BOTH, PULL),
        ("a", "a", None, BOTH, PUSH),
        ("a", None, "c", BOTH, CONFLICT_THEIRS),
        ("a", "b", None, BOTH, CONFLICT_OURS),
        ("a", None, "x", TO, NOTHING),
        ("a", "a", None, FROM, NOTHING),
    ],
)
def test_a_blank_never_overwrites_where_configured(
    base: Any, local: Any, remote: Any, direction: Direction, expected: str
) -> None:
    assert decide(base, local, remote, direction=direction, blank_never_overwrites=True) == expected


def test_a_conflict_keeps_both_values_and_says_why() -> None:
    (conflict,) = reconcile({"f": "a"}, {"f": "b"}, {"f": "c"}, [FieldRule("f", "F")]).conflicts
    assert (conflict.ours, conflict.theirs, conflict.winner, conflict.reason) == (
        "b", "c", OURS, Reason.BOTH_CHANGED,
    )  # fmt: skip


VALUES = st.one_of(st.none(), st.booleans(), st.sampled_from(["a", "b", "c"]))
RULES = st.builds(
    FieldRule,
    name=st.just("f"),
    api_name=st.just("F"),
    direction=st.sampled_from([BOTH, FROM]),
    winner=st.sampled_from(list(Winner)),
    blank_never_overwrites=st.booleans(),
)


@given(base=st.one_of(st.just({}), VALUES.map(lambda v: {"f": v})), local=VALUES, remote=VALUES, rule=RULES)
def test_after_one_round_both_sides_are_equal_and_a_second_does_nothing(
    base: dict[str, Any], local: Any, remote: Any, rule: FieldRule
) -> None:
    if (
        rule.direction is FROM
        and rule.blank_never_overwrites
        and remote is None
        and local not in (None, False)
    ):
        return  # kept apart on purpose: the blank is kept off our side, and ours is not for Salesforce
    outcome = reconcile(base, {"f": local}, {"f": remote}, [rule])
    ours = outcome.to_local.get("f", local)
    theirs = outcome.to_remote.get("f", remote)
    assert ours == theirs
    agreed = {**base, **outcome.agreed, **outcome.to_remote}
    again = reconcile(agreed, {"f": ours}, {"f": theirs}, [rule])
    assert (again.to_local, again.to_remote, again.conflicts) == ({}, {}, [])


@given(base=st.one_of(st.just({}), VALUES.map(lambda v: {"f": v})), local=VALUES, remote=VALUES, rule=RULES)
def test_the_same_conflict_is_never_found_twice(
    base: dict[str, Any], local: Any, remote: Any, rule: FieldRule
) -> None:
    """The pull finds it and stores what is agreed; the push that follows decides again, before Salesforce has it."""
    first = reconcile(base, {"f": local}, {"f": remote}, [rule])
    ours = outcome_local = first.to_local.get("f", local)
    second = reconcile({**base, **first.agreed}, {"f": outcome_local}, {"f": remote}, [rule])
    assert not second.conflicts
    if ours != remote:
        assert second.to_remote == first.to_remote
