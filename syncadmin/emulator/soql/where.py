"""Conditions. SOQL knows no third truth value: `x != 'a'` and NOT hold for records where x is null."""

# ruff: noqa: S608 - names in the SQL come from the schema, values are parameters
from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from typing import Any

from syncadmin.emulator.clock import parse_moment, wire
from syncadmin.emulator.errors import ApiError
from syncadmin.emulator.ids import is_id, to18
from syncadmin.emulator.schema.model import Field
from syncadmin.emulator.soql.ast import Comparison, Condition, Literal, Query
from syncadmin.emulator.soql.dates import date_range
from syncadmin.emulator.soql.report import bad_value, malformed, query_error
from syncadmin.emulator.soql.scope import Scope, Target

BACKSLASH = re.compile(r"\\(?![%_])")


class Where:
    """Compiles the conditions of one query; collects the parameters in the order of the SQL."""

    def __init__(self, scope: Scope, today: date) -> None:
        self.scope, self.today = scope, today
        self.parameters: list[Any] = []

    def compile(self, condition: Condition) -> str:
        """The SQL of a condition."""
        if isinstance(condition, Comparison):
            return self._comparison(condition)
        if condition.operator == "NOT":
            return f"({self.compile(condition.parts[0])}) IS NOT TRUE"
        return "(" + f" {condition.operator} ".join(map(self.compile, condition.parts)) + ")"

    def _comparison(self, comparison: Comparison) -> str:
        target = self.scope.resolve(comparison.name)
        self._check_filterable(comparison, target.field)
        if comparison.query is not None:
            return self._semi_join(comparison, target, comparison.query)
        if comparison.operator in ("IN", "NOT IN"):
            return self._membership(comparison, target)
        if comparison.operator in ("INCLUDES", "EXCLUDES"):
            return self._includes(comparison, target)
        return self._compare(comparison, target, comparison.values[0])

    def _check_filterable(self, comparison: Comparison, field: Field) -> None:
        if not field.filterable or field.type == "address":
            text = f"field '{field.name}' can not be filtered in a query call"
            place = comparison.name.start_pos or 0
            raise query_error("INVALID_FIELD", self.scope.soql, place, len(comparison.name), text)

    def _compare(self, comparison: Comparison, target: Target, literal: Literal) -> str:
        operator, sql = comparison.operator, target.sql
        if literal.kind == "name" or (literal.kind == "date" and target.field.type == "datetime"):
            return self._in_range(target, operator, literal)
        value = self._value(target.field, literal)
        if value is None:
            return f"{sql} IS {'NOT ' if operator == '!=' else ''}NULL" if operator in ("=", "!=") else "0"
        if operator == "LIKE":
            self.parameters.append(BACKSLASH.sub(r"\\\\", value) if isinstance(value, str) else value)
            return f"({sql} LIKE ? ESCAPE '\\')"
        self.parameters.append(value)
        return f"{sql} IS NOT ?" if operator == "!=" else f"{sql} {operator} ?"

    def _value(self, field: Field, literal: Literal) -> Any:
        """The database value of a literal; an error if it can't be one of this field."""
        if literal.kind == "null" or literal.value == "":
            return None
        if field.is_reference:
            return self._id(literal)
        wanted = _kind(field)
        if literal.kind != wanted:
            place = literal.token.start_pos or 0
            raise bad_value(self.scope.soql, place, len(literal.token), field.name, _shown(field))
        return _moment(literal.value) if wanted == "datetime" else literal.value

    def _id(self, literal: Literal) -> str:
        if literal.kind == "text" and is_id(literal.value):
            return to18(literal.value)
        place, shown = literal.token.start_pos or 0, str(literal.value)
        raise query_error(
            "INVALID_QUERY_FILTER_OPERATOR",
            self.scope.soql,
            place,
            len(literal.token),
            f"invalid ID field: {shown}",
        )

    def _in_range(self, target: Target, operator: str, literal: Literal) -> str:
        """A date literal means a range of days: `= TODAY` is from midnight to midnight (UTC here)."""
        bounds = self._bounds(target.field, literal)
        first, after = (_day(target.field, bound) for bound in bounds)
        sql = target.sql
        if operator in ("=", "!="):
            self.parameters += [first, after]
            inside = f"({sql} >= ? AND {sql} < ?)"
            return inside if operator == "=" else f"({inside} IS NOT TRUE)"
        self.parameters.append({">": after, ">=": first, "<": first, "<=": after}[operator])
        return f"{sql} {'>=' if operator[0] == '>' else '<'} ?"

    def _bounds(self, field: Field, literal: Literal) -> tuple[date, date]:
        if literal.kind == "date":
            raise self._bad_type(field, literal)
        bounds = date_range(str(literal.value), self.today)
        if bounds is None:
            place = literal.token.start_pos or 0
            raise malformed(
                self.scope.soql, place, len(literal.token), f"unexpected token: '{literal.value}'"
            )
        if field.type not in ("date", "datetime"):
            raise self._bad_type(field, literal)
        return bounds

    def _bad_type(self, field: Field, literal: Literal) -> ApiError:
        place = literal.token.start_pos or 0
        return bad_value(self.scope.soql, place, len(literal.token), field.name, _shown(field))

    def _membership(self, comparison: Comparison, target: Target) -> str:
        values = [self._value(target.field, literal) for literal in comparison.values]
        given = [value for value in values if value is not None]
        self.parameters += given
        inside = f"{target.sql} IN ({', '.join('?' * len(given))})"
        if len(given) < len(values):
            inside = f"({inside} OR {target.sql} IS NULL)"
        return inside if comparison.operator == "IN" else f"({inside}) IS NOT TRUE"

    def _includes(self, comparison: Comparison, target: Target) -> str:
        groups = []
        for literal in comparison.values:
            wanted = [part for part in str(literal.value).split(";") if part]
            self.parameters += [f";{part};" for part in wanted]
            one = f"instr(';' || {target.sql} || ';', ?) > 0"
            groups.append("(" + " AND ".join([one] * len(wanted)) + ")")
        inside = " OR ".join(groups)
        return f"({inside})" if comparison.operator == "INCLUDES" else f"({inside}) IS NOT TRUE"

    def _semi_join(self, comparison: Comparison, target: Target, query: Query) -> str:
        scope = Scope(self.scope.schema, self.scope.user_id, self.scope.soql, query.sobject, query.alias, 1)
        inner = Where(scope, self.today)
        name = query.items[0].name
        if name is None or len(query.items) != 1:
            place = query.sobject.start_pos or 0
            raise malformed(
                self.scope.soql, place, len(query.sobject), "semi join sub-selects need one field"
            )
        selected = scope.resolve(name)
        conditions = [f"{selected.sql} IS NOT NULL", *live_only(scope)]
        conditions += [inner.compile(query.where)] if query.where else []
        self.parameters += inner.parameters
        negated = "NOT " if comparison.operator == "NOT IN" else ""
        rows = f"SELECT {selected.sql} FROM {scope.from_sql} WHERE {' AND '.join(conditions)}"
        return f"{target.sql} {negated}IN ({rows})"


def live_only(scope: Scope) -> list[str]:
    """The condition that leaves out the recycle bin, for objects that have one."""
    return [f"{scope.column((), 'IsDeleted')} = 0"] if scope.sobject.get("IsDeleted") else []


def _kind(field: Field) -> str:
    if field.type in ("double", "currency", "percent", "int"):
        return "number"
    return field.type if field.type in ("boolean", "date", "datetime") else "text"


def _shown(field: Field) -> str:
    return "string" if _kind(field) == "text" else field.type


def _moment(text: str) -> str:
    return wire(parse_moment(text.upper()))


def _day(field: Field, day: date) -> str:
    return wire(datetime.combine(day, time(), UTC)) if field.type == "datetime" else day.isoformat()
