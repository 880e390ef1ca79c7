"""From a parsed query to SQL, its parameters, and the shape of the records it yields."""

# ruff: noqa: S608 - names in the SQL come from the schema, values are parameters
from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from lark import Token

from syncadmin.emulator.errors import ApiError
from syncadmin.emulator.schema.registry import Schema
from syncadmin.emulator.soql.aggregate import Grouped, is_aggregate
from syncadmin.emulator.soql.ast import Item, Order, Query
from syncadmin.emulator.soql.filters import check_clauses, scoped
from syncadmin.emulator.soql.functions import refuse
from syncadmin.emulator.soql.report import malformed, query_error
from syncadmin.emulator.soql.scope import Scope
from syncadmin.emulator.soql.select import Selection, check_fields_limit
from syncadmin.emulator.soql.shape import Shape
from syncadmin.emulator.soql.where import Where, live_only, seen_only

MAX_OFFSET, MOST_CHILDREN = 2000, 20


@dataclass(slots=True)
class Compiled:
    """A query ready to run. Exactly one of shape and grouped is there, or none for COUNT()."""

    scope: Scope
    where: str
    parameters: list[Any]
    order: str
    limit: int | None
    offset: int
    live: str = "1"
    shape: Shape | None = None
    grouped: Grouped | None = None
    children: list[Child] = field(default_factory=list)

    def rows_sql(self, columns: list[str], extra: str = "") -> str:
        """The SQL that yields these columns of the selected records."""
        return f"SELECT {', '.join(columns)} FROM {self.scope.from_sql} WHERE {self.where}{extra}"

    def cut(self) -> str:
        """LIMIT and OFFSET."""
        limit = -1 if self.limit is None else self.limit
        return f" LIMIT {limit} OFFSET {self.offset}" if self.limit is not None or self.offset else ""

    def bounds(self) -> str:
        """ORDER BY, LIMIT and OFFSET."""
        return self.order + self.cut()

    @property
    def record_shape(self) -> Shape:
        """The shape of the records; TypeError for a query that yields groups or a number."""
        if self.shape is None:
            raise TypeError("this query doesn't yield records")
        return self.shape

    @property
    def id_sql(self) -> str:
        """The SQL of the record's id."""
        return self.scope.column((), "Id")

    @property
    def settled_order(self) -> str:
        """ORDER BY that leaves nothing to chance: records that are equal otherwise come in order of their ids."""
        if not self.order:
            return f" ORDER BY {self.id_sql}"
        return self.order if self.id_sql in self.order else f"{self.order}, {self.id_sql}"


@dataclass(slots=True)
class Child:
    """A query of the records of a child relationship: its name, and the field that points to the parent."""

    name: str
    key: str
    compiled: Compiled


@dataclass(frozen=True, slots=True)
class Setting:
    """What a query is compiled in: whose schema, for whom, when, and whether the recycle bin counts."""

    schema: Schema
    soql: str
    user_id: str | None
    today: date
    deleted: bool


def compile_query(
    query: Query, soql: str, schema: Schema, user_id: str | None, today: date, *, deleted: bool = False
) -> Compiled:
    """Compile for this user; ApiError as recorded if a name or a value doesn't fit."""
    setting = Setting(schema, soql, user_id, today, deleted)
    return _compile(query, setting, Scope(schema, user_id, soql, query.sobject, query.alias))


def _compile(query: Query, setting: Setting, scope: Scope) -> Compiled:
    for path, alias in query.related:
        scope.relate(path, alias)
    check_clauses(query, setting.soql)
    counting = _is_count(query)
    grouped = None if counting or not _groups(query) else Grouped(query, scope, setting.today)
    selection = None if counting or grouped else Selection(query, scope)
    where = Where(scope, setting.today)
    live = [] if setting.deleted else live_only(scope)
    conditions = [*live, *seen_only(scope), *scoped(query, scope)]
    if query.where:
        conditions.append(where.compile(query.where))
    order = "" if counting or grouped else _order(query.order, scope)
    _check_bounds(query, setting.soql)
    compiled = Compiled(
        scope,
        " AND ".join(conditions) or "1",
        where.parameters,
        order,
        query.limit,
        query.offset or 0,
        " AND ".join(live) or "1",
        selection.shape if selection else None,
        grouped,
    )
    if selection:
        compiled.children = [_child(child, setting, scope) for child in selection.children]
        _check_children(compiled, setting.soql)
    return compiled


def _is_count(query: Query) -> bool:
    """`SELECT COUNT()`, which stands alone (COUNT() page)."""
    first = query.items[0]
    call = first.call if isinstance(first, Item) else None
    return (
        len(query.items) == 1
        and not query.group
        and bool(call and call.name == "COUNT" and not call.arguments)
    )


def _groups(query: Query) -> bool:
    selected = (i for i in query.items if isinstance(i, Item))
    return bool(query.group or query.having) or any(is_aggregate(item.expression) for item in selected)


def _child(query: Query, setting: Setting, parent: Scope) -> Child:
    """A child query: FROM names the relationship, which leads from the parent to its children."""
    name = str(query.sobject).rsplit(".", 1)[-1]
    found = next((c for c in parent.sobject.children if (c[2] or "").lower() == name.lower()), None)
    target = setting.schema.get(found[0]) if found else None
    if found is None or target is None or not setting.schema.view(target, setting.user_id).get(found[1]):
        raise _no_child(query.sobject, setting.soql, name)
    if any(isinstance(item, Query) for item in query.items) or _groups(query) or _is_count(query):
        text = "Only root queries support aggregate expressions and sub-selects within sub-selects"
        raise malformed(setting.soql, query.sobject.start_pos or 0, len(query.sobject), text)
    scope = Scope(setting.schema, setting.user_id, setting.soql, query.sobject, query.alias, found=target)
    return Child(found[2] or name, scope.column((), found[1]), _compile(query, setting, scope))


def _no_child(token: Token, soql: str, name: str) -> ApiError:
    """No such child relationship (text from memory of live calls)."""
    text = (
        f"Didn't understand relationship '{name}' in FROM part of query call. If you are attempting to use a custom"
        " relationship, be sure to append the '__r' after the custom relationship name. Please reference your WSDL"
        " or the describe call for the appropriate names."
    )
    return query_error("INVALID_TYPE", soql, token.start_pos or 0, len(token), text)


def _check_children(compiled: Compiled, soql: str) -> None:
    """At most 20 child relationships (documented), each once."""
    names = [child.name for child in compiled.children]
    if len(names) > MOST_CHILDREN:
        raise malformed(
            soql, 0, 6, f"Maximum number of parent-to-child relationships allowed is {MOST_CHILDREN}"
        )
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise malformed(soql, 0, 6, f"duplicate relationship selected: {twice}")


def _check_bounds(query: Query, soql: str) -> None:
    if query.offset and query.offset > MAX_OFFSET:
        raise ApiError(400, "NUMBER_OUTSIDE_VALID_RANGE", f"Maximum SOQL offset allowed is {MAX_OFFSET}")
    check_fields_limit(query, soql)


def _order(keys: tuple[Order, ...], scope: Scope) -> str:
    """ORDER BY; nulls come first unless told otherwise, descending or not."""
    parts = [_order_key(key, scope) for key in keys]
    return " ORDER BY " + ", ".join(parts) if parts else ""


def _order_key(key: Order, scope: Scope) -> str:
    name = key.expression
    if not isinstance(name, Token):
        raise refuse(scope, name)
    target = scope.resolve(name)
    if not target.field.sortable:
        text = f"field '{name}' can not be sorted in a query call"
        raise malformed(scope.soql, name.start_pos or 0, len(name), text)
    sql = target.sql + (" DESC" if key.descending else "")
    if target.field.nillable or target.path:
        sql += " NULLS LAST" if key.nulls_last else " NULLS FIRST"
    return sql
