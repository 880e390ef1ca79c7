"""GROUP BY and the aggregate functions; their records have the type AggregateResult (recorded).

Source: the GROUP BY, GROUP BY ROLLUP, GROUP BY CUBE, HAVING and Aggregate Functions pages.
"""

# ruff: noqa: S608 - names in the SQL come from the schema, values are parameters
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import combinations
from typing import Any

from lark import Token

from syncadmin.emulator.errors import ApiError
from syncadmin.emulator.schema.model import NUMBERS, Field
from syncadmin.emulator.soql.ast import Call, Comparison, Expression, Item, Order, Query, spelled, token_of
from syncadmin.emulator.soql.functions import Show, formatted, resolve, unexpected
from syncadmin.emulator.soql.report import malformed, query_error
from syncadmin.emulator.soql.scope import Scope, Target
from syncadmin.emulator.soql.where import Where

AGGREGATES = {
    "COUNT": "COUNT({})",
    "COUNT_DISTINCT": "COUNT(DISTINCT {})",
    "SUM": "SUM({})",
    "AVG": "AVG({})",
    "MIN": "MIN({})",
    "MAX": "MAX({})",
}
SUMMABLE = ("SUM", "AVG")
SUBTOTALS = ("ROLLUP", "CUBE")
MOST_SUBTOTALS = 3
COUNTED = Field("count", "", "int")


def is_aggregate(expression: Expression) -> bool:
    """Whether it holds an aggregate function."""
    if not isinstance(expression, Call):
        return False
    inner = (a for a in expression.arguments if isinstance(a, Call))
    return expression.name in (*AGGREGATES, "GROUPING") or any(map(is_aggregate, inner))


class Grouped:
    """The columns of an aggregate query and the names they have in its records."""

    def __init__(self, query: Query, scope: Scope, today: date) -> None:
        self.scope, self.names = scope, list[str]()
        self.kind, keys = _grouping(query)
        if len(keys) > MOST_SUBTOTALS and self.kind:
            raise self._error(query.group[0], f"GROUP BY {self.kind} takes at most {MOST_SUBTOTALS} fields")
        self.groups = {spelled(key): self._group(key) for key in keys}
        self._columns: list[Expression] = []
        self._shows: dict[str, Show] = {}
        for item in query.items:
            self._add(item)
        self._order = query.order
        having = _Having(self, today)
        self._having = having.part(query.having) if query.having else ""
        self._parameters = having.parameters
        self._check_order()

    # --- What is selected

    def _group(self, key: Expression) -> Target:
        target = resolve(self.scope, key)
        if not target.field.groupable and isinstance(key, Token):
            raise self._invalid(key, f"field '{key}' can not be grouped in a query call")
        return target

    def _add(self, item: object) -> None:
        if not isinstance(item, Item):
            raise malformed(self.scope.soql, 0, 6, "Only root queries support aggregate expressions")
        call, expression = item.call, item.expression
        if call and call.name == "FORMAT" and call.arguments and isinstance(call.arguments[0], Token | Call):
            expression = call.arguments[0]
        name = str(item.alias or self._unnamed(item))
        if name.lower() in (known.lower() for known in self.names):
            raise self._error(item.expression, f"duplicate alias: {name}")
        field = self.target(expression).field
        if field.type == "boolean":
            self._shows[name] = lambda value: None if value is None else value == 1
        if expression is not item.expression:
            self._shows[name] = lambda value: formatted(field, value)
        self._columns.append(expression)
        self.names.append(name)

    def _unnamed(self, item: Item) -> str:
        """Fields have their own name, functions expr0, expr1 …"""
        if not item.call:
            return item.token.rsplit(".", 1)[-1]
        return f"expr{sum(1 for known in self.names if known.startswith('expr'))}"

    def target(self, expression: Expression) -> Target:
        """The field and SQL of a grouped expression or an aggregate function."""
        if isinstance(expression, Call) and expression.name in AGGREGATES:
            return self._aggregate(expression)
        if isinstance(expression, Call) and expression.name == "GROUPING":
            return Target(COUNTED, (), f"GROUPING({self._grouped_key(expression)})")
        found = self.groups.get(spelled(expression))
        if found is None:
            resolve(self.scope, expression)
            token = token_of(expression)
            raise self._error(expression, f"Field must be grouped or aggregated: {token}")
        return found

    def _grouped_key(self, call: Call) -> str:
        key = spelled(call.arguments[0]) if len(call.arguments) == 1 else ""
        if not self.kind or key not in self.groups:
            raise unexpected(self.scope, call)
        return key

    def _aggregate(self, call: Call) -> Target:
        pattern = AGGREGATES[call.name]
        if not call.arguments and call.name == "COUNT":
            text = "Grouped query cannot use COUNT(), use COUNT(fieldName)"
            raise self._error(call, text)
        inner = call.arguments[0] if len(call.arguments) == 1 else None
        if not isinstance(inner, Token):
            raise unexpected(self.scope, call)
        target = self.scope.resolve(inner)
        numeric = target.field.type in NUMBERS
        if not target.field.aggregatable or (call.name in SUMMABLE and not numeric):
            text = f"field {target.field.name} does not support aggregate operator {call.name}"
            raise self._error(call, text)
        field = target.field if call.name in ("MIN", "MAX", *SUMMABLE) else COUNTED
        field = replace(field, type="double") if call.name == "AVG" and field.type == "int" else field
        return Target(replace(field, filterable=True), target.path, pattern.format(target.sql))

    def _check_order(self) -> None:
        for key in self._order:
            try:
                self.target(key.expression)
            except ApiError as error:
                if "must be grouped" not in error.message:
                    raise
                token = token_of(key.expression)
                raise self._error(
                    key.expression, f"Ordered field must be grouped or aggregated: {token}"
                ) from error

    # --- SQL

    def sql(self, where: str, parameters: Sequence[Any], tail: str) -> tuple[str, list[Any]]:
        """The whole statement and its parameters; `tail` is LIMIT and OFFSET."""
        sets = self._sets()
        source = f"FROM {self.scope.from_sql} WHERE {where}"
        made = [self._select(source, kept) for kept in sets]
        count = len(self.names)
        columns = ", ".join(f"c{n}" for n in range(count))
        order = self._order_sql(count)
        statement = f"SELECT {columns} FROM ({' UNION ALL '.join(made)}){order}{tail}"
        return statement, [*parameters, *self._parameters] * len(sets)

    def _sets(self) -> list[tuple[str, ...]]:
        """The groupings to make: one, or those of ROLLUP or CUBE, the finest first."""
        keys = tuple(self.groups)
        if self.kind == "ROLLUP":
            return [keys[:n] for n in range(len(keys), -1, -1)]
        if self.kind == "CUBE":
            return [kept for n in range(len(keys), -1, -1) for kept in combinations(keys, n)]
        return [keys]

    def _select(self, source: str, kept: tuple[str, ...]) -> str:
        wanted = [*self._columns, *(key.expression for key in self._keys())]
        columns = ", ".join(f"{self._column(e, kept)} AS c{n}" for n, e in enumerate(wanted))
        groups = ", ".join(self.groups[key].sql for key in kept)
        having = f" HAVING {self._having}" if self._having else ""
        grouped = f" GROUP BY {groups}" if groups else (" HAVING 1" if self.kind and not having else "")
        return f"SELECT {columns or 'COUNT(*)'} {source}{grouped}{having}"

    def _column(self, expression: Expression, kept: tuple[str, ...]) -> str:
        if isinstance(expression, Call) and expression.name == "GROUPING":
            return "0" if self._grouped_key(expression) in kept else "1"
        is_key = spelled(expression) in self.groups
        return "NULL" if is_key and spelled(expression) not in kept else self.target(expression).sql

    def _keys(self) -> tuple[Order, ...]:
        """What the records are ordered by; subtotals come after what they are of."""
        if self._order or not self.kind:
            return self._order
        keys = [column for column in self._columns if spelled(column) in self.groups]
        return tuple(Order(key, descending=False, nulls_last=True) for key in keys)

    def _order_sql(self, first: int) -> str:
        parts = [
            f"c{first + n}{' DESC' if key.descending else ''} NULLS {'LAST' if key.nulls_last else 'FIRST'}"
            for n, key in enumerate(self._keys())
        ]
        return f" ORDER BY {', '.join(parts)}" if parts else ""

    def records(self, rows: list[tuple[Any, ...]]) -> list[dict[str, Any]]:
        """The records of the reply."""
        made = []
        for row in rows:
            record: dict[str, Any] = {"attributes": {"type": "AggregateResult"}}
            record.update(zip(self.names, row, strict=True))
            for name, show in self._shows.items():
                record[name] = show(record[name])
            made.append(record)
        return made

    def _error(self, expression: Expression, text: str) -> ApiError:
        token = token_of(expression)
        return malformed(self.scope.soql, token.start_pos or 0, len(token), text)

    def _invalid(self, token: Token, text: str) -> ApiError:
        return query_error("INVALID_FIELD", self.scope.soql, token.start_pos or 0, len(token), text)


class _Having(Where):
    """Conditions of groups: on what is grouped by, and on aggregate functions."""

    def __init__(self, grouped: Grouped, today: date) -> None:
        super().__init__(grouped.scope, today)
        self._grouped = grouped

    def _target(self, comparison: Comparison) -> Target:
        return self._grouped.target(comparison.expression)


def _grouping(query: Query) -> tuple[str, tuple[Expression, ...]]:
    """ROLLUP, CUBE or nothing, and the keys."""
    first = query.group[0] if query.group else None
    if isinstance(first, Call) and first.name in SUBTOTALS and len(query.group) == 1:
        return first.name, tuple(a for a in first.arguments if isinstance(a, Token | Call))
    return "", query.group
