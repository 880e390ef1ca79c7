"""What conditions mean: the table of operators by type, and what makes no sense."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from syncadmin.sync.conditions import MAX_VALUES, OPERATORS, Kind, Rule, condition, kind_of
from syncadmin.sync.predicates import holds

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 22, 0, 30, tzinfo=BERLIN)  # still the 21st in UTC


def asks(type: str, operator: str, *wanted: object, value: Any) -> bool:
    return holds(Rule((condition("f", type, operator, wanted),)), {"f": value}, NOW)


@pytest.mark.parametrize(
    ("type", "operator", "wanted", "met", "not_met"),
    [
        ("text", "is", ["Zürich"], ["zÜRICH"], ["Zürich West", None]),
        ("text", "is_not", ["Bonn"], ["Berlin", None], ["BONN"]),
        ("text", "one_of", ["Bonn", "Berlin"], ["bonn", "Berlin"], ["Bern", None]),
        ("text", "starts_with", ["50%_"], ["50%_off"], ["50 off", "x50%_", None]),
        ("text", "contains", ["ÄR"], ["Bären"], ["Barren", None]),
        ("text", "is_empty", [], [None], ["x"]),
        ("text", "is_not_empty", [], ["x"], [None]),
        ("email", "is", ["Ada@Example.com"], ["ada@example.com"], ["ada@example.org"]),
        ("picklist", "one_of", ["Hot", "Warm"], ["Hot", "warm"], ["Cold", None]),
        ("multipicklist", "one_of", ["Red", "Blue"], ["Blue;Green", "Red"], ["Green", "Redder", None]),
        ("boolean", "is_true", [], [True], [False, None, 1, "true"]),
        ("boolean", "is_false", [], [False, None], [True]),
        ("number", "is", ["2.50"], [2.5], [2, None, True, "2.5"]),
        ("number", "is_not", ["0"], [1, None], [0]),
        ("integer", "less", ["10.5"], [10], [11, None]),
        ("integer", "greater", ["10"], [11], [10, None]),
        ("percent", "less", ["0"], [-1], [0, None]),
        ("date", "is", ["2026-01-31"], ["2026-01-31"], ["2026-02-01", None]),
        ("date", "before", ["2026-01-31"], ["2026-01-30"], ["2026-01-31", None]),
        ("date", "after", ["2026-01-31"], ["2026-02-01"], ["2026-01-31", None]),
        ("date", "past_days", ["1"], ["2026-11-22", "2026-11-21"], ["2026-11-20", "2026-11-23", None]),
        # The 22nd in Berlin begins at 23:00 UTC of the 21st.
        ("datetime", "is", ["2026-11-22"], ["2026-11-21T23:00:00Z"], ["2026-11-21T22:59:59Z", None]),
        ("datetime", "is_not", ["2026-11-22"], ["2026-11-21T22:59:59Z", None], ["2026-11-22T22:59:59Z"]),
        ("datetime", "before", ["2026-11-22"], ["2026-11-21T22:59:59Z"], ["2026-11-21T23:00:00Z"]),
        ("datetime", "after", ["2026-11-22"], ["2026-11-22T23:00:00Z"], ["2026-11-22T22:59:59Z"]),
        ("datetime", "past_days", ["0"], ["2026-11-21T23:30:00Z"], ["2026-11-21T23:30:01Z", "2026-11-21T22:00:00Z"]),
        ("reference", "is", ["005Fe0000000001"], ["005Fe0000000001IAA"], ["005fE0000000001IAA", None]),
    ],
)  # fmt: skip
def test_what_an_operator_means(
    type: str, operator: str, wanted: list[str], met: list[Any], not_met: list[Any]
) -> None:
    assert [value for value in met if not asks(type, operator, *wanted, value=value)] == []
    assert [value for value in not_met if asks(type, operator, *wanted, value=value)] == []


def test_all_or_any() -> None:
    parts = (condition("a", "text", "is", ["x"]), condition("b", "boolean", "is_true", []))
    one = {"a": "x", "b": False}
    assert not holds(Rule(parts), one, NOW)
    assert holds(Rule(parts, any=True), one, NOW)
    assert holds(Rule(parts), {"a": "X", "b": True}, NOW)
    assert not holds(Rule(parts, any=True), {}, NOW)


def test_without_conditions_a_rule_holds_for_everybody() -> None:
    assert holds(Rule(), {}, NOW)
    assert holds(Rule(any=True), {}, NOW)


@pytest.mark.parametrize(
    ("type", "operator", "wanted"),
    [
        ("text", "greater", ["1"]),
        ("boolean", "is", ["true"]),
        ("text", "is", []),
        ("text", "is", [" "]),
        ("text", "is", ["a", "b"]),
        ("text", "is", ["x" * 256]),
        ("text", "is", ["a\0b"]),
        ("text", "one_of", ["x"] * (MAX_VALUES + 1)),
        ("number", "is", ["twelve"]),
        ("number", "is", ["NaN"]),
        ("number", "greater", ["Infinity"]),
        ("number", "is", ["1e15"]),
        ("date", "is", ["2026-02-30"]),
        ("date", "before", ["1066-10-14"]),
        ("date", "past_days", ["-1"]),
        ("datetime", "past_days", ["soon"]),
        ("reference", "is", ["005' OR Id != '"]),
        ("text", "no_such", ["x"]),
    ],
)
def test_what_makes_no_sense_is_refused(type: str, operator: str, wanted: list[str]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        condition("f", type, operator, wanted)


def test_every_type_has_operators_and_an_unknown_one_is_text() -> None:
    assert set(OPERATORS) == set(Kind)
    assert kind_of("something new") is Kind.TEXT
