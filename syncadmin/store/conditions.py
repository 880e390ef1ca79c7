"""A rule as a query over people: standard columns and custom fields, one statement, the same on both databases."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db.models import F, FloatField, Q, TextField, Value
from django.db.models.functions import Cast, Coalesce, Concat, StrIndex
from django.db.models.lookups import Exact, GreaterThan, GreaterThanOrEqual, In, IsNull, LessThan

from people.models import STANDARD_NAMES
from syncadmin.store.expressions import Bytewise, CustomFlag, CustomNumber, CustomText, Lowered, text
from syncadmin.sync.conditions import BARE, Condition, Kind, Operator, Rule
from syncadmin.sync.predicates import operands, span_of

_NOBODY = Q(pk__in=[])


def people_where(rule: Rule, now: datetime) -> Q:
    """Those who meet the rule; everybody if it has no conditions. ``now`` as in ``predicates.holds``."""
    found = Q()
    for condition in rule.conditions:
        one = _one(condition, now)
        found = found | one if rule.any else found & one
    return found


def _one(asked: Condition, now: datetime) -> Q:
    if asked.operator in BARE:
        return _bare(asked)
    inside = _inside(asked, now) if asked.span else _matches(asked)
    return ~inside if asked.operator is Operator.IS_NOT else inside


def _value(asked: Condition) -> Any:
    """The column, or the custom value; null, or for text "", if it is blank."""
    name, kind = asked.field, asked.kind
    if name in STANDARD_NAMES:
        return Cast(F(name), FloatField()) if kind is Kind.NUMBER else F(name)
    if kind is Kind.NUMBER:
        return CustomNumber(name)
    return CustomText(name) if kind is Kind.DATE else Coalesce(CustomText(name), text(""))


def _bare(asked: Condition) -> Q:
    if asked.kind is Kind.BOOLEAN:
        is_standard = asked.field in STANDARD_NAMES
        ticked = Q(**{asked.field: True}) if is_standard else Q(CustomFlag(asked.field))
        return ticked if asked.operator is Operator.IS_TRUE else ~ticked
    value = _value(asked)
    is_null = asked.kind in (Kind.NUMBER, Kind.DATE)
    empty = Q(IsNull(value, True)) if is_null else Q(Exact(value, text("")))
    return empty if asked.operator is Operator.IS_EMPTY else ~empty


def _matches(asked: Condition) -> Q:
    """Never null, so that it can be negated."""
    if asked.kind is Kind.NUMBER:
        return _number(asked)
    if asked.field == "email" and asked.operator is not Operator.CONTAINS:
        return _email(asked)
    value, wanted = _value(asked), operands(asked)
    if asked.kind is Kind.ID:
        return Q(In(value, list(asked.values)))
    lowered = Lowered(value)
    if asked.kind is Kind.CHOICES:
        return _includes(lowered, wanted)
    if asked.operator is Operator.STARTS_WITH:
        return Q(Exact(StrIndex(lowered, text(wanted[0])), Value(1)))
    if asked.operator is Operator.CONTAINS:
        return Q(GreaterThan(StrIndex(lowered, text(wanted[0])), Value(0)))
    return Q(In(lowered, wanted))


def _number(asked: Condition) -> Q:
    value, wanted = _value(asked), Value(float(str(asked.values[0])), output_field=FloatField())
    compare = {Operator.GREATER: GreaterThan, Operator.LESS: LessThan}.get(asked.operator, Exact)
    return Q(IsNull(value, False)) & Q(compare(value, wanted))


def _email(asked: Condition) -> Q:
    """The standard e-mail is stored in lower case: its index serves."""
    wanted = operands(asked)
    if asked.operator is Operator.STARTS_WITH:
        return Q(Exact(StrIndex(F("email"), text(wanted[0])), Value(1)))
    return Q(email__in=wanted)


def _includes(lowered: Any, wanted: list[str]) -> Q:
    found = _NOBODY
    listed = Concat(text(";"), lowered, text(";"), output_field=TextField())
    for one in wanted:
        found |= Q(GreaterThan(StrIndex(listed, text(f";{one};")), Value(0)))
    return found


def _inside(asked: Condition, now: datetime) -> Q:
    low, high = span_of(asked, now)
    value = _value(asked)
    is_date = asked.field in STANDARD_NAMES  # a column of dates; all else is text in the order of time
    found = Q(IsNull(value, False)) if asked.kind is Kind.DATE else ~Q(Exact(value, text("")))
    compared = value if is_date else Bytewise(value)
    if low is not None:
        found &= Q(GreaterThanOrEqual(compared, date.fromisoformat(low) if is_date else text(low)))
    if high is not None:
        found &= Q(LessThan(compared, date.fromisoformat(high) if is_date else text(high)))
    return found
