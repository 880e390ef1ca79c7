"""A rule as a SOQL condition: names are checked, values quoted, types respected.

https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/sforce_api_calls_soql_select_comparisonoperators.htm
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from syncadmin.salesforce import soql
from syncadmin.sync.conditions import Condition, Kind, Operator, Rule
from syncadmin.sync.predicates import span_of
from syncadmin.sync.values import Value

_COMPARED = {Operator.IS: "=", Operator.IS_NOT: "!=", Operator.GREATER: ">", Operator.LESS: "<"}
_FIXED = {
    Operator.IS_EMPTY: "= NULL", Operator.IS_NOT_EMPTY: "!= NULL", Operator.IS_TRUE: "= TRUE",
    Operator.IS_FALSE: "= FALSE",
}  # fmt: skip


def where(rule: Rule, now: datetime) -> str:
    """The condition, in parentheses; blank for a rule that holds for everybody."""
    parts = [_one(condition, now) for condition in rule.conditions]
    return f"({(' OR ' if rule.any else ' AND ').join(parts)})" if parts else ""


def _one(condition: Condition, now: datetime) -> str:
    field, operator = soql.name(condition.field), condition.operator
    if operator in _FIXED:
        return f"{field} {_FIXED[operator]}"
    if condition.span:
        inside = _inside(field, *span_of(condition, now))
        return f"(NOT {inside})" if operator is Operator.IS_NOT else inside
    if operator in (Operator.STARTS_WITH, Operator.CONTAINS):
        return f"{field} LIKE {_pattern(str(condition.values[0]), anywhere=operator is Operator.CONTAINS)}"
    literals = [_literal(value) for value in condition.values]
    if operator is Operator.ONE_OF:
        among = "INCLUDES" if condition.kind is Kind.CHOICES else "IN"
        return f"{field} {among} ({','.join(literals)})"
    return f"{field} {_COMPARED[operator]} {literals[0]}"


def _inside(field: str, low: str | None, high: str | None) -> str:
    bounds: Iterable[str] = (f"{field} >= {low}" if low else "", f"{field} < {high}" if high else "")
    return f"({' AND '.join(filter(None, bounds))})"


def _pattern(text: str, *, anywhere: bool) -> str:
    """What LIKE takes: % and _ of the text stand for themselves."""
    literal = soql.quote(text)[1:-1].replace("%", "\\%").replace("_", "\\_")
    return f"'{'%' if anywhere else ''}{literal}%'"


def _literal(value: Value) -> str:
    if isinstance(value, str):
        return soql.quote(value)
    return format(Decimal(repr(value)), "f")
