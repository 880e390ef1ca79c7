"""Functions of a field: dates, toLabel, FORMAT. Source: the Date Functions, toLabel() and FORMAT() pages.

The fiscal year is the calendar year, and users live in GMT, as the seeded org says of itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from lark import Token

from syncadmin.emulator.clock import parse_moment
from syncadmin.emulator.errors import ApiError
from syncadmin.emulator.schema.model import Field
from syncadmin.emulator.soql.ast import Call, Expression, spelled
from syncadmin.emulator.soql.report import malformed, query_error
from syncadmin.emulator.soql.scope import Scope, Target

DAY = "substr({0}, 1, 10)"
YEAR, MONTH = "CAST(substr({0}, 1, 4) AS INTEGER)", "CAST(substr({0}, 6, 2) AS INTEGER)"
QUARTER = f"(({MONTH} + 2) / 3)"
YEAR_DAY = f"CAST(strftime('%j', {DAY}) AS INTEGER)"
DATES = {
    "CALENDAR_YEAR": YEAR,
    "CALENDAR_QUARTER": QUARTER,
    "CALENDAR_MONTH": MONTH,
    "FISCAL_YEAR": YEAR,
    "FISCAL_QUARTER": QUARTER,
    "FISCAL_MONTH": MONTH,
    "DAY_IN_MONTH": "CAST(substr({0}, 9, 2) AS INTEGER)",
    "DAY_IN_WEEK": f"(CAST(strftime('%w', {DAY}) AS INTEGER) + 1)",
    "DAY_IN_YEAR": YEAR_DAY,
    "DAY_ONLY": DAY,
    "HOUR_IN_DAY": "CAST(substr({0}, 12, 2) AS INTEGER)",
    "WEEK_IN_MONTH": "((CAST(substr({0}, 9, 2) AS INTEGER) + 6) / 7)",
    "WEEK_IN_YEAR": f"(({YEAR_DAY} + 6) / 7)",
}
MOMENTS_ONLY = frozenset({"DAY_ONLY", "HOUR_IN_DAY"})
PLACES = frozenset({"DISTANCE", "GEOLOCATION"})
SHOWN = frozenset({"TOLABEL", "FORMAT"})
Show = Callable[[Any], Any]


def resolve(scope: Scope, expression: Expression) -> Target:
    """The field, or the date function of a field, that an expression stands for."""
    if isinstance(expression, Token):
        return scope.resolve(expression)
    if expression.name in DATES:
        return _date(scope, expression)
    raise refuse(scope, expression)


def argument(scope: Scope, call: Call) -> Expression:
    """The only argument of a function; convertTimezone() is GMT to users in GMT."""
    if len(call.arguments) != 1 or not isinstance(call.arguments[0], Token | Call):
        raise unexpected(scope, call)
    inner = call.arguments[0]
    return argument(scope, inner) if isinstance(inner, Call) and inner.name == "CONVERTTIMEZONE" else inner


def _date(scope: Scope, call: Call) -> Target:
    inner = resolve(scope, argument(scope, call))
    wanted = ("datetime",) if call.name in MOMENTS_ONLY else ("date", "datetime")
    if inner.field.type not in wanted or not isinstance(argument(scope, call), Token):
        text = f"{call.name} can only be used with a field of type {' or '.join(wanted)}"
        raise query_error("INVALID_FIELD", scope.soql, call.function.start_pos or 0, len(call.function), text)
    kind = "date" if call.name == "DAY_ONLY" else "int"
    field = replace(inner.field, name=spelled(call), type=kind, filterable=True, sortable=True)
    return Target(field, inner.path, DATES[call.name].format(inner.sql))


def shown(scope: Scope, call: Call) -> tuple[Target, Show]:
    """A field, and how toLabel() or FORMAT() shows its values."""
    inner = argument(scope, call)
    if call.name not in SHOWN or not isinstance(inner, Token):
        raise refuse(scope, inner if isinstance(inner, Call) and call.name in SHOWN else call)
    target = scope.resolve(inner)
    if call.name == "FORMAT":
        return target, lambda value: formatted(target.field, value)
    labels = {choice.value: choice.label for choice in target.field.choices}
    return target, lambda value: labels.get(value, value)


def label_values(field: Field, label: Any) -> list[str]:
    """The picklist values that have this label: what toLabel() in WHERE compares with."""
    return [c.value for c in field.choices if c.label.lower() == str(label).lower()]


def refuse(scope: Scope, call: Call) -> ApiError:
    """A function that can't stand here, or that the emulator lacks."""
    if call.name in PLACES:
        return missing(scope, call.function, f"{call.name}()")
    if call.name == "CONVERTCURRENCY":
        # From memory: without several currencies the function is an error of the field, not of the grammar.
        text = "convertCurrency() can't be used: multiple currencies are not enabled in this organization"
        return query_error(
            "INVALID_FIELD", scope.soql, call.function.start_pos or 0, len(call.function), text
        )
    if call.name in DATES or call.name in SHOWN or call.name == "CONVERTTIMEZONE":
        text = f"function {call.function} is not allowed here: not implemented by this emulator, or not SOQL"
        return malformed(scope.soql, call.function.start_pos or 0, len(call.function), text)
    return unexpected(scope, call)


def unexpected(scope: Scope, call: Call) -> ApiError:
    """No such function, or not with these arguments."""
    token = call.function
    return malformed(scope.soql, token.start_pos or 0, len(token), f"unexpected token: '{token}'")


def missing(scope: Scope, token: Token, what: str) -> ApiError:
    """What SOQL has and the emulator hasn't."""
    text = f"{what} is not implemented by this emulator"
    return malformed(scope.soql, token.start_pos or 0, len(token), text)


def formatted(field: Field, value: Any) -> str | None:
    """A value as the locale en_US writes it."""
    if value is None:
        return None
    if field.type == "currency":
        return f"{'-' if value < 0 else ''}${abs(value):,.{field.scale}f}"
    if field.type in ("double", "percent", "int"):
        return f"{value:,.{field.scale}f}" + ("%" if field.type == "percent" else "")
    if field.type == "date":
        day = date.fromisoformat(value)
        return f"{day.month}/{day.day}/{day.year}"
    return _clock(parse_moment(value)) if field.type == "datetime" else str(value)


def _clock(moment: datetime) -> str:
    half = "AM" if moment.hour < 12 else "PM"
    day = f"{moment.month}/{moment.day}/{moment.year}"
    return f"{day}, {moment.hour % 12 or 12}:{moment.minute:02} {half}"
