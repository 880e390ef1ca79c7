"""Conditions. SOQL knows no third truth value: `x != 'a'` and NOT hold for records where x is null."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any

from syncadmin.emulator.clock import wire
from syncadmin.emulator.schema.model import Field
from syncadmin.emulator.soql.ast import Call, Comparison, Condition, Literal, token_of
from syncadmin.emulator.soql.bounds import implied
from syncadmin.emulator.soql.dates import date_range
from syncadmin.emulator.soql.functions import argument, label_values, resolve
from syncadmin.emulator.soql.literals import bad_type, check_operator, database_value, shown_type
from syncadmin.emulator.soql.parse import like_pattern
from syncadmin.emulator.soql.report import malformed, query_error
from syncadmin.emulator.soql.scope import Scope, Target

FILTERS = ("IN", "NOT IN")


class Where:
    """Compiles the conditions of one query; collects the parameters in the order of the SQL."""

    def __init__(self, scope: Scope, today: date) -> None:
        self.scope, self.today = scope, today
        self.parameters: list[Any] = []
        self.joins = 0
        self._hidden = ""

    def compile(self, condition: Condition) -> str:
        """The SQL of a whole WHERE clause."""
        self._check_joins(condition)
        return self.part(condition)

    def part(self, condition: Condition) -> str:
        """The SQL of a condition within it."""
        if isinstance(condition, Comparison):
            return self._comparison(condition)
        if condition.operator == "NOT":
            return f"({self.part(condition.parts[0])}) IS NOT TRUE"
        if condition.operator == "OR" and not self._hidden:
            return self._disjunction(condition.parts)
        return "(" + f" {condition.operator} ".join(map(self.part, condition.parts)) + ")"

    def _disjunction(self, parts: tuple[Condition, ...]) -> str:
        """OR. Where every part bounds the same indexed field, as those of a keyset do, the bound is said before
        it, for the index to begin there; the plus signs keep the database from reading an index per part.
        """
        bound = implied(parts)
        if bound is None:
            return "(" + " OR ".join(map(self.part, parts)) + ")"
        lowest = self.part(bound)
        self._hidden = "+"
        try:
            inside = " OR ".join(map(self.part, parts))
        finally:
            self._hidden = ""
        return f"({lowest} AND ({inside}))"

    def _check_joins(self, condition: Condition, *, under: str = "") -> None:
        """Semi-joins stand at the top or under AND (documented restriction)."""
        if isinstance(condition, Comparison):
            if condition.query and under in ("OR", "NOT"):
                text = f"Semi join sub-selects are not allowed with the '{under}' operator"
                token = condition.query.sobject
                raise malformed(self.scope.soql, token.start_pos or 0, len(token), text)
            return
        for one in condition.parts:
            self._check_joins(one, under=under or ("" if condition.operator == "AND" else condition.operator))

    def _comparison(self, comparison: Comparison) -> str:
        labelled = self._labelled(comparison)
        if labelled is not None:
            return labelled
        target = self._target(comparison)
        if comparison.query is not None:
            from syncadmin.emulator.soql.semijoin import semi_join

            return semi_join(self, comparison, target, comparison.query)
        check_operator(self.scope.soql, comparison, target.field)
        if comparison.operator in FILTERS:
            return self._membership(comparison.operator, target, list(comparison.values))
        if comparison.operator in ("INCLUDES", "EXCLUDES"):
            return self._includes(comparison, target)
        return self._compare(comparison, target, comparison.values[0])

    def _target(self, comparison: Comparison) -> Target:
        target, token = resolve(self.scope, comparison.expression), token_of(comparison.expression)
        field = target.field
        if not field.filterable or field.type == "address":
            text = f"field '{field.name}' can not be filtered in a query call"
            raise query_error("INVALID_FIELD", self.scope.soql, token.start_pos or 0, len(token), text)
        if self._hidden and not isinstance(comparison.expression, Call):
            return Target(field, target.path, self._hidden + target.sql)
        return target

    def _labelled(self, comparison: Comparison) -> str | None:
        """`toLabel(Status) = 'x'`: the values with this label."""
        call = comparison.expression
        if not isinstance(call, Call) or call.name != "TOLABEL" or comparison.operator not in ("=", "!="):
            return None
        target = resolve(self.scope, argument(self.scope, call))
        values = label_values(target.field, comparison.values[0].value)
        self.parameters += values
        inside = f"{target.sql} IN ({', '.join('?' * len(values))})"
        return inside if comparison.operator == "=" else f"({inside}) IS NOT TRUE"

    def _compare(self, comparison: Comparison, target: Target, literal: Literal) -> str:
        operator, sql = comparison.operator, target.sql
        if literal.kind == "name":
            return self._in_range(target, operator, literal)
        value = self._value(target.field, literal)
        if value is None:
            return f"{sql} IS {'NOT ' if operator == '!=' else ''}NULL" if operator in ("=", "!=") else "0"
        if operator == "LIKE":
            self.parameters.append(like_pattern(literal.token))
            return f"({sql} LIKE ? ESCAPE '\\')"
        self.parameters.append(value)
        return f"{sql} IS NOT ?" if operator == "!=" else f"{sql} {operator} ?"

    def _value(self, field: Field, literal: Literal) -> Any:
        return database_value(self.scope.soql, field, literal)

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
        place, text = literal.token.start_pos or 0, f"unexpected token: '{literal.value}'"
        try:
            bounds = date_range(str(literal.value), self.today)
        except (OverflowError, ValueError):
            bounds, text = None, f"Invalid date: {literal.value}"
        if bounds is None:
            raise malformed(self.scope.soql, place, len(literal.token), text)
        if field.type not in ("date", "datetime"):
            raise bad_type(self.scope.soql, field, literal, shown_type(field))
        return bounds

    def _membership(self, operator: str, target: Target, literals: list[Literal]) -> str:
        ranges = [literal for literal in literals if literal.kind == "name"]
        values = [self._value(target.field, literal) for literal in literals if literal.kind != "name"]
        given = [value for value in values if value is not None]
        parts = []
        if given or not ranges:
            self.parameters += given
            parts.append(f"{target.sql} IN ({', '.join('?' * len(given))})")
        parts += [self._in_range(target, "=", literal) for literal in ranges]
        if len(given) < len(values):
            parts.append(f"{target.sql} IS NULL")
        inside = f"({' OR '.join(parts)})" if len(parts) > 1 else parts[0]
        return inside if operator == "IN" else f"({inside}) IS NOT TRUE"

    def _includes(self, comparison: Comparison, target: Target) -> str:
        groups = []
        for literal in comparison.values:
            wanted = [part for part in str(literal.value).split(";") if part]
            self.parameters += [f";{part};" for part in wanted]
            one = f"instr(lower(';' || {target.sql} || ';'), lower(?)) > 0"
            groups.append("(" + " AND ".join([one] * len(wanted) or ["0"]) + ")")
        inside = " OR ".join(groups)
        return f"({inside})" if comparison.operator == "INCLUDES" else f"({inside}) IS NOT TRUE"


def live_only(scope: Scope) -> list[str]:
    """The condition that leaves out the recycle bin, for objects that have one."""
    return [f"{scope.column((), 'IsDeleted')} = 0"] if scope.sobject.get("IsDeleted") else []


def seen_only(scope: Scope) -> list[str]:
    """The condition that leaves the records sharing lets the user see."""
    condition = scope.schema.row_condition(scope.sobject, scope.user_id, scope.table)
    return [condition] if condition else []


def _day(field: Field, day: date) -> str:
    return wire(datetime.combine(day, time(), UTC)) if field.type == "datetime" else day.isoformat()
