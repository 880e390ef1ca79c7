"""Conditions on fields, and rules made of them: who may be pushed, which records come down. Pure values.

A condition means the same three times: as a predicate on values (``predicates``), as a query over our people
(``syncadmin.store.conditions``) and as a SOQL condition (``syncadmin.salesforce.conditions``). What they share:
text is compared without regard to case; a blank is not equal to, not less and not greater than anything, so *is not*
holds for it (as ``!=`` does in SOQL); a value of another type than its field's counts as blank; days are those of the
time zone of ``now``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from syncadmin.sync.values import Value, normalise

#: A rule is read by people, and becomes one query.
MAX_CONDITIONS, MAX_VALUES, MAX_TEXT = 20, 200, 255
MAX_DAYS = 36_500
#: Beyond it, floats lose whole numbers.
MAX_NUMBER = 10**15
#: The dates Salesforce knows.
YEARS = range(1700, 4001)


class Operator(StrEnum):
    IS = "is"
    IS_NOT = "is_not"
    ONE_OF = "one_of"
    STARTS_WITH = "starts_with"
    CONTAINS = "contains"
    GREATER = "greater"
    LESS = "less"
    BEFORE = "before"
    AFTER = "after"
    PAST_DAYS = "past_days"
    IS_TRUE = "is_true"
    IS_FALSE = "is_false"
    IS_EMPTY = "is_empty"
    IS_NOT_EMPTY = "is_not_empty"


class Kind(StrEnum):
    """What can be asked of a field, by its type."""

    TEXT = "text"
    CHOICE = "choice"
    CHOICES = "choices"
    BOOLEAN = "boolean"
    NUMBER = "number"
    DATE = "date"
    MOMENT = "moment"
    ID = "id"


_KINDS = {
    "picklist": Kind.CHOICE, "multipicklist": Kind.CHOICES, "boolean": Kind.BOOLEAN, "integer": Kind.NUMBER,
    "number": Kind.NUMBER, "currency": Kind.NUMBER, "percent": Kind.NUMBER, "date": Kind.DATE,
    "datetime": Kind.MOMENT, "reference": Kind.ID,
}  # fmt: skip
_O = Operator
#: Is there a value at all?
FILLED = (_O.IS_EMPTY, _O.IS_NOT_EMPTY)
_SAME = (_O.IS, _O.IS_NOT, _O.ONE_OF)
_WHEN = (_O.IS, _O.IS_NOT, _O.BEFORE, _O.AFTER, _O.PAST_DAYS, *FILLED)
OPERATORS: Mapping[Kind, tuple[Operator, ...]] = {
    Kind.TEXT: (*_SAME, _O.STARTS_WITH, _O.CONTAINS, *FILLED),
    Kind.CHOICE: (*_SAME, *FILLED),
    Kind.CHOICES: (_O.ONE_OF, *FILLED),
    Kind.BOOLEAN: (_O.IS_TRUE, _O.IS_FALSE),
    Kind.NUMBER: (_O.IS, _O.IS_NOT, _O.GREATER, _O.LESS, *FILLED),
    Kind.DATE: _WHEN,
    Kind.MOMENT: _WHEN,
    Kind.ID: (*_SAME, *FILLED),
}
#: Operators that ask for no value.
BARE = frozenset({_O.IS_TRUE, _O.IS_FALSE, *FILLED})


def kind_of(type: str) -> Kind:
    """The kind of a field type (unknown types are text)."""
    return _KINDS.get(type, Kind.TEXT)


@dataclass(frozen=True, slots=True)
class Condition:
    """One question about one field. ``values`` in normal form; dates as ``YYYY-MM-DD``, for moments as well."""

    field: str
    type: str
    operator: Operator
    values: tuple[Value, ...] = ()

    @property
    def kind(self) -> Kind:
        return kind_of(self.type)

    @property
    def span(self) -> bool:
        """Whether it asks for a stretch of time (see :func:`predicates.span_of`)."""
        return self.kind in (Kind.DATE, Kind.MOMENT) and self.operator not in FILLED


@dataclass(frozen=True, slots=True)
class Rule:
    """Conditions of which all must hold, or any. Without conditions it holds for everybody."""

    conditions: tuple[Condition, ...] = ()
    any: bool = False

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields it asks about, each once."""
        return tuple(dict.fromkeys(condition.field for condition in self.conditions))


def condition(field: str, type: str, operator: str, values: Sequence[object]) -> Condition:
    """A condition that makes sense, or ValueError in words."""
    kind = kind_of(type)
    if operator not in OPERATORS[kind]:
        raise ValueError(f"{operator!r} can't be asked of a field of the type {type}")
    chosen = Operator(operator)
    if chosen in BARE:
        return Condition(field, type, chosen)
    allowed = MAX_VALUES if chosen is Operator.ONE_OF else 1
    if not 0 < len(values) <= allowed:
        raise ValueError("a value is missing" if not values else f"at most {allowed} values")
    return Condition(
        field, type, chosen, tuple(dict.fromkeys(_operand(kind, type, chosen, value) for value in values))
    )


def _operand(kind: Kind, type: str, operator: Operator, value: object) -> Value:
    try:
        if operator is Operator.PAST_DAYS:
            return _days(int(str(value)))
        if kind in (Kind.DATE, Kind.MOMENT):
            return _day(date.fromisoformat(str(value)))
        # Not as a whole number, whatever the field: less than 10.5 is not less than 10.
        form = {Kind.CHOICES: "text", Kind.NUMBER: "number"}.get(kind, type)
        normal = normalise(form, value)
    except (ArithmeticError, ValueError) as error:
        raise ValueError(f"{value!r} doesn't fit a field of the type {type}") from error
    return _number(normal) if kind is Kind.NUMBER else _text(kind, normal)


def _days(days: int) -> Value:
    if not 0 <= days <= MAX_DAYS:
        raise ValueError(f"not from 0 to {MAX_DAYS}")
    return days


def _day(day: date) -> Value:
    if day.year not in YEARS:
        raise ValueError("not a year that Salesforce knows")
    return day.isoformat()


def _number(value: Value) -> Value:
    if not isinstance(value, (int, float)) or abs(value) >= MAX_NUMBER:
        raise ValueError("a number is missing, or too large")
    return value


def _text(kind: Kind, value: Value) -> Value:
    if not isinstance(value, str) or len(value) > MAX_TEXT or "\0" in value:
        raise ValueError("a text is missing, or too long")
    if kind is Kind.ID and not (len(value) == 18 and value.isascii() and value.isalnum()):
        raise ValueError(f"{value!r} is not a Salesforce id (15 or 18 letters and digits)")
    return value
