"""Does a rule hold for somebody's values? Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta

from syncadmin.sync.conditions import FILLED, Condition, Kind, Operator, Rule
from syncadmin.sync.values import Value


def holds(rule: Rule, values: Mapping[str, Value], now: datetime) -> bool:
    """Whether somebody with these values meets the rule. ``now`` is aware; its zone says when a day begins."""
    found = (_holds(each, values.get(each.field), now) for each in rule.conditions)
    return any(found) if rule.any and rule.conditions else all(found)


def _holds(asked: Condition, value: Value, now: datetime) -> bool:
    kind, operator = asked.kind, asked.operator
    if kind is Kind.BOOLEAN:
        return (value is True) == (operator is Operator.IS_TRUE)
    known = _of_kind(kind, value)
    if operator in FILLED:
        return (known is None) == (operator is Operator.IS_EMPTY)
    if operator is Operator.IS_NOT:
        return not _matches(asked, known, now)
    return _matches(asked, known, now)


def _of_kind(kind: Kind, value: Value) -> Value:
    """The value, if it is one of this kind; None for a blank and for a value of another type."""
    if kind is Kind.NUMBER:
        return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None
    return value if isinstance(value, str) and value else None


def _matches(asked: Condition, value: Value, now: datetime) -> bool:
    if value is None:
        return False
    if isinstance(value, str):
        return _text_matches(asked, value, now)
    return _number_matches(asked, value)


def _number_matches(asked: Condition, value: float) -> bool:
    wanted = asked.values[0]
    if not isinstance(wanted, (int, float)):
        return False
    if asked.operator is Operator.GREATER:
        return value > wanted
    return value < wanted if asked.operator is Operator.LESS else value == wanted


def _text_matches(asked: Condition, value: str, now: datetime) -> bool:
    if asked.span:
        low, high = span_of(asked, now)
        return (low is None or value >= low) and (high is None or value < high)
    if asked.kind is Kind.ID:
        return value in asked.values
    text, wanted = value.lower(), operands(asked)
    if asked.operator is Operator.STARTS_WITH:
        return text.startswith(wanted[0])
    if asked.operator is Operator.CONTAINS:
        return wanted[0] in text
    if asked.kind is Kind.CHOICES:
        return not set(text.split(";")).isdisjoint(wanted)
    return text in wanted


def operands(asked: Condition) -> list[str]:
    """The texts to compare with, in lower case."""
    return [str(value).lower() for value in asked.values]


def span_of(asked: Condition, now: datetime) -> tuple[str | None, str | None]:
    """What a date, or a moment, has to lie in: from (inclusive) and to (exclusive), as values are written.

    *is not* has the span of *is*. A record of the future is not of the past days.
    """
    first = asked.values[0]
    if asked.operator is Operator.PAST_DAYS:
        today = now.date()
        low, end = today - timedelta(days=int(str(first))), today + timedelta(days=1)
        if asked.kind is Kind.MOMENT:
            return _start(low, asked, now), _stamp(now + timedelta(seconds=1))
        return low.isoformat(), end.isoformat()
    day = date.fromisoformat(str(first))
    begins, ends = _start(day, asked, now), _start(day + timedelta(days=1), asked, now)
    if asked.operator is Operator.BEFORE:
        return None, begins
    return (ends, None) if asked.operator is Operator.AFTER else (begins, ends)


def _start(day: date, asked: Condition, now: datetime) -> str:
    if asked.kind is Kind.DATE:
        return day.isoformat()
    return _stamp(datetime.combine(day, time(), now.tzinfo))


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
