"""What a bulk query asks for: its columns, and what of SOQL a bulk query may not have.

Source: the Bulk API pages on SOQL: no GROUP BY, OFFSET, TYPEOF, aggregates, child queries, compound fields.
The texts for compound fields and child queries are quoted from live calls, the others follow them from memory;
that Bulk API 2.0 answers them, and errors of the query itself, as API_ERROR is quoted for the first one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lark import Token

from syncadmin.emulator.errors import ApiError
from syncadmin.emulator.soql.aggregate import AGGREGATES
from syncadmin.emulator.soql.ast import Item, Query, TypeOf
from syncadmin.emulator.soql.compile import Compiled, compile_query
from syncadmin.emulator.soql.parse import parse

if TYPE_CHECKING:
    from syncadmin.emulator.org import Org

UNSUPPORTED = "FUNCTIONALITY_NOT_ENABLED"
NESTED = "Aggregate Relationships not supported in Bulk V2 Query with CSV content type"
NESTED_CLASSIC = "Aggregate Relationships not supported in Bulk Query"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: `Owner.Name`, the way there, the field's type, and its SQL."""

    name: str
    path: tuple[str, ...]
    type: str
    sql: str


@dataclass(frozen=True, slots=True)
class Plan:
    """A query that can be run: what to select, and how."""

    sobject: str
    compiled: Compiled
    columns: list[Column]

    @property
    def sql(self) -> str:
        """The statement that yields the columns."""
        return self.compiled.rows_sql([c.sql for c in self.columns]) + self.compiled.bounds()


def plan(org: Org, soql: str, user_id: str, *, deleted: bool, classic: bool = False) -> Plan:
    """The plan of a query; ApiError if it isn't SOQL, or not for bulk."""
    query = parse(soql)
    _refuse(query, classic)
    today = org.state.clock.now().date()
    compiled = compile_query(query, soql, org.state.schema, user_id, today, deleted=deleted)
    items = [item for item in query.items if isinstance(item, Item)]
    columns = [column for item in items for column in _columns(item, compiled)]
    return Plan(compiled.scope.sobject.name, compiled, columns)


def _refuse(query: Query, classic: bool) -> None:
    if any(isinstance(item, TypeOf) for item in query.items):
        raise _unsupported("TypeOf not supported in Bulk Query")
    if any(isinstance(item, Query) for item in query.items):
        raise _unsupported(NESTED_CLASSIC if classic else NESTED)
    if query.group or query.having:
        raise _unsupported("Group By not supported in Bulk Query")
    if query.offset:
        raise _unsupported("Offset not supported in Bulk Query")
    functions = [str(i.function).upper() for i in query.items if isinstance(i, Item) and i.function]
    if any(name in AGGREGATES for name in functions):
        raise _unsupported("Aggregate functions not supported in Bulk Query")
    if any(name != "FIELDS" for name in functions):
        raise _unsupported(f"{functions[0]}() in a bulk query is not implemented by this emulator")


def _unsupported(text: str) -> ApiError:
    return ApiError(400, UNSUPPORTED, text)


def _names(item: Item, compiled: Compiled) -> list[Token]:
    """The names an item selects: itself, or the fields that FIELDS() stands for."""
    if item.name is None:
        raise _unsupported("Nested functions in a bulk query are not implemented by this emulator")
    if str(item.function or "").upper() != "FIELDS":
        return [item.name]
    group = str(item.name).upper()
    fields = [
        f for f in compiled.scope.view.fields.values() if group == "ALL" or f.custom == (group == "CUSTOM")
    ]
    return [Token.new_borrow_pos("NAME", f.name, item.name) for f in fields]


def _columns(item: Item, compiled: Compiled) -> list[Column]:
    scope, columns = compiled.scope, []
    for token in _names(item, compiled):
        target = scope.resolve(token)
        if target.field.type == "address":
            raise _unsupported("Selecting compound data not supported in Bulk Query")
        name = str(item.alias or ".".join((*target.path, target.field.name)))
        columns.append(Column(name, target.path, target.field.type, target.sql))
    return columns
