"""GROUP BY and the aggregate functions; their records have the type AggregateResult (recorded)."""

from __future__ import annotations

from typing import Any

from lark import Token

from syncadmin.emulator.errors import ApiError
from syncadmin.emulator.soql.ast import Comparison, Condition, Item, Order, Query
from syncadmin.emulator.soql.report import malformed, query_error
from syncadmin.emulator.soql.scope import Scope

AGGREGATES = {
    "COUNT": "COUNT({})",
    "COUNT_DISTINCT": "COUNT(DISTINCT {})",
    "SUM": "SUM({})",
    "AVG": "AVG({})",
    "MIN": "MIN({})",
    "MAX": "MAX({})",
}


class Grouped:
    """The columns of an aggregate query and the names they have in its records."""

    def __init__(self, query: Query, scope: Scope) -> None:
        self.scope = scope
        self.names: list[str] = []
        self.columns: list[str] = []
        self._groups = [scope.resolve(name).sql for name in query.group]
        self._by_name = dict(zip((n.lower() for n in query.group), self._groups, strict=True))
        self._booleans: set[str] = set()
        for item in query.items:
            self._add(item)
        self._parameters: list[Any] = []
        self._having = self._having_sql(query.having) if query.having else ""
        self._order = self._order_sql(query.order)

    def _add(self, item: Item) -> None:
        token = item.token
        if item.function is None:
            name = str(item.alias or token.rsplit(".", 1)[-1])
            if token.lower() not in self._by_name:
                raise self._not_grouped(token)
            if self.scope.resolve(token).field.type == "boolean":
                self._booleans.add(name)
            self.columns.append(self._by_name[token.lower()])
        else:
            unnamed = sum(1 for known in self.names if known.startswith("expr"))
            name = str(item.alias or f"expr{unnamed}")
            self.columns.append(self._call(item.function, item.name))
        self.names.append(name)

    def _call(self, function: Token, name: Token | None) -> str:
        pattern = AGGREGATES.get(function.upper())
        if pattern is None or (name is None and function.upper() != "COUNT"):
            text = f"unexpected token: '{function}'"
            raise malformed(self.scope.soql, function.start_pos or 0, len(function), text)
        return pattern.format(self.scope.resolve(name).sql if name else "*")

    def _not_grouped(self, token: Token) -> ApiError:
        text = f"Field must be grouped or aggregated: {token}"
        return query_error("MALFORMED_QUERY", self.scope.soql, token.start_pos or 0, len(token), text)

    def _having_sql(self, condition: Condition) -> str:
        if not isinstance(condition, Comparison):
            return "(" + f" {condition.operator} ".join(map(self._having_sql, condition.parts)) + ")"
        function, _, rest = str(condition.name).partition("(")
        name = Token.new_borrow_pos("NAME", rest.rstrip(")"), condition.name) if rest.rstrip(")") else None
        call = self._call(Token.new_borrow_pos("NAME", function, condition.name), name)
        self._parameters.append(condition.values[0].value)
        return f"{call} {condition.operator} ?"

    def _order_sql(self, keys: tuple[Order, ...]) -> str:
        parts = []
        for key in keys:
            sql = (
                self._call(key.item.function, key.item.name)
                if key.item.function
                else self._by_name.get(str(key.item.name).lower())
                or self.scope.resolve(Token("NAME", key.item.name)).sql
            )
            parts.append(
                sql
                + (" DESC" if key.descending else "")
                + (" NULLS LAST" if key.nulls_last else " NULLS FIRST")
            )
        return " ORDER BY " + ", ".join(parts) if parts else ""

    def tail(self) -> str:
        """GROUP BY, HAVING and ORDER BY."""
        groups = f" GROUP BY {', '.join(self._groups)}" if self._groups else ""
        return groups + (f" HAVING {self._having}" if self._having else "") + self._order

    @property
    def parameters(self) -> list[Any]:
        """The parameters of HAVING."""
        return self._parameters

    def records(self, rows: list[tuple[Any, ...]]) -> list[dict[str, Any]]:
        """The records of the reply."""
        made = []
        for row in rows:
            record: dict[str, Any] = {"attributes": {"type": "AggregateResult"}}
            record.update(zip(self.names, row, strict=True))
            for name in self._booleans:
                record[name] = record[name] == 1
            made.append(record)
        return made
