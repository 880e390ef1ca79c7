"""From a parsed query to SQL, its parameters, and the shape of the records it yields."""

# ruff: noqa: S608 - names in the SQL come from the schema, values are parameters
from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from lark import Token

from syncadmin.emulator.errors import ApiError
from syncadmin.emulator.schema.model import Field
from syncadmin.emulator.schema.registry import Schema
from syncadmin.emulator.soql.aggregate import AGGREGATES, Grouped
from syncadmin.emulator.soql.ast import Item, Order, Query
from syncadmin.emulator.soql.report import malformed
from syncadmin.emulator.soql.scope import Scope
from syncadmin.emulator.soql.shape import Shape
from syncadmin.emulator.soql.where import Where, live_only

MAX_OFFSET = 2000
FIELDS_LIMIT = 200


@dataclass(slots=True)
class Compiled:
    """A query ready to run. Exactly one of shape and grouped is there, or none for COUNT()."""

    scope: Scope
    where: str
    parameters: list[Any]
    order: str
    limit: int | None
    offset: int
    shape: Shape | None = None
    grouped: Grouped | None = None

    def rows_sql(self, columns: list[str], extra: str = "") -> str:
        """The SQL that yields these columns of the selected records."""
        return f"SELECT {', '.join(columns)} FROM {self.scope.from_sql} WHERE {self.where}{extra}"

    def bounds(self) -> str:
        """ORDER BY, LIMIT and OFFSET."""
        limit = -1 if self.limit is None else self.limit
        cut = f" LIMIT {limit} OFFSET {self.offset}" if self.limit is not None or self.offset else ""
        return self.order + cut


def compile_query(
    query: Query, soql: str, schema: Schema, user_id: str | None, today: date, *, deleted: bool = False
) -> Compiled:
    """Compile for this user; ApiError as recorded if a name or a value doesn't fit."""
    scope = Scope(schema, user_id, soql, query.sobject, query.alias)
    where = Where(scope, today)
    counting, grouped, shape = _selection(query, scope)
    conditions = [] if deleted or query.all_rows else live_only(scope)
    if query.where:
        conditions.append(where.compile(query.where))
    order = "" if counting or grouped else _order(query.order, scope)
    _check_bounds(query, soql)
    return Compiled(
        scope,
        " AND ".join(conditions) or "1",
        where.parameters,
        order,
        query.limit,
        query.offset or 0,
        shape,
        grouped,
    )


def _selection(query: Query, scope: Scope) -> tuple[bool, Grouped | None, Shape | None]:
    first = query.items[0]
    if len(query.items) == 1 and first.function and first.function.upper() == "COUNT" and first.name is None:
        return True, None, None
    if query.group or any(i.function and i.function.upper() in AGGREGATES for i in query.items):
        return False, Grouped(query, scope), None
    return False, None, _shape(query, scope)


def _check_bounds(query: Query, soql: str) -> None:
    if query.offset and query.offset > MAX_OFFSET:
        raise ApiError(400, "NUMBER_OUTSIDE_VALID_RANGE", f"Maximum SOQL offset allowed is {MAX_OFFSET}")
    wide = any(
        i.function and i.function.upper() == "FIELDS" and str(i.name).upper() != "STANDARD"
        for i in query.items
    )
    if wide and (query.limit is None or query.limit > FIELDS_LIMIT):
        raise malformed(soql, 0, 6, "The SOQL FIELDS function must have a LIMIT of at most 200")


def _shape(query: Query, scope: Scope) -> Shape:
    shape = Shape(scope.sobject, scope.column)
    seen: set[tuple[str, ...]] = set()
    for item in query.items:
        for token in _names(item, scope):
            _select(shape, scope, token, seen)
    return shape


def _names(item: Item, scope: Scope) -> list[Token]:
    """The names an item selects: itself, or all those FIELDS() stands for."""
    function = str(item.function or "").upper()
    if item.name is None or function not in ("", "TOLABEL", "FIELDS"):
        token = item.token
        raise malformed(scope.soql, token.start_pos or 0, len(token), f"unexpected token: '{token}'")
    if function != "FIELDS":
        return [item.name]
    fields = [f for f in scope.view.fields.values() if _in_group(f, str(item.name).upper())]
    return [Token.new_borrow_pos("NAME", f.name, item.name) for f in fields]


def _in_group(field: Field, group: str) -> bool:
    return group == "ALL" or field.custom == (group == "CUSTOM")


def _select(shape: Shape, scope: Scope, token: Token, seen: set[tuple[str, ...]]) -> None:
    target = scope.resolve(token)
    key = (*target.path, target.field.name)
    if key in seen:
        raise malformed(scope.soql, token.start_pos or 0, len(token), f"duplicate field selected: {token}")
    seen.add(key)
    for depth, name in enumerate(target.path, start=1):
        path = target.path[:depth]
        shape = shape.relation(name, scope.view_at(path).sobject, path)
    shape.field(target.field, target.path)


def _order(keys: tuple[Order, ...], scope: Scope) -> str:
    """ORDER BY; nulls come first unless told otherwise, descending or not."""
    parts = [_order_key(key, scope) for key in keys]
    return " ORDER BY " + ", ".join(parts) if parts else ""


def _order_key(key: Order, scope: Scope) -> str:
    name = key.item.name
    if name is None or key.item.function:
        token = key.item.function
        raise malformed(scope.soql, (token and token.start_pos) or 0, 5, f"unexpected token: '{token}'")
    target = scope.resolve(name)
    if not target.field.sortable:
        text = f"field '{name}' can not be sorted in a query call"
        raise malformed(scope.soql, name.start_pos or 0, len(name), text)
    sql = target.sql + (" DESC" if key.descending else "")
    if target.field.nillable or target.path:
        sql += " NULLS LAST" if key.nulls_last else " NULLS FIRST"
    return sql
