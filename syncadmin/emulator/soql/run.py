"""Running queries: one statement if the result fits a page, else a cursor over the ids of a moment.

Source: Query and QueryAll pages of the REST API guide: 2,000 rows a page, fewer if Sforce-Query-Options asks.
"""

# ruff: noqa: S608 - names in the SQL come from the schema, values are parameters
from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import date
from typing import Any

from syncadmin.emulator.errors import ApiError
from syncadmin.emulator.ids import make_id
from syncadmin.emulator.schema.registry import Schema
from syncadmin.emulator.soql.aggregate import Grouped
from syncadmin.emulator.soql.compile import Compiled, compile_query
from syncadmin.emulator.soql.parse import parse
from syncadmin.emulator.soql.shape import Shape
from syncadmin.emulator.store import Store

PAGE = 2000
LONGEST = 100_000
SMALLEST_PAGE = 200
CURSORS_KEPT = 200


@dataclass(slots=True)
class Cursor:
    """A result too big for a page: its ids as they were, and how to read their records as they are."""

    compiled: Compiled
    shape: Shape
    ids: list[str]
    size: int


class Queries:
    """Answers queries, and keeps the cursors of those with more pages."""

    def __init__(self, store: Store, schema: Schema) -> None:
        self._store, self._schema = store, schema
        self._cursors: OrderedDict[str, Cursor] = OrderedDict()
        self._lock = threading.Lock()
        self._count = 0

    def run(
        self,
        soql: str,
        user_id: str | None,
        base: str,
        today: date,
        *,
        deleted: bool = False,
        size: int = PAGE,
    ) -> dict[str, Any]:
        """The first page. base is `/services/data/vXX.0`."""
        if len(soql) > LONGEST:
            raise ApiError(
                400, "MALFORMED_QUERY", f"SOQL statements cannot be longer than {LONGEST} characters."
            )
        compiled = compile_query(parse(soql), soql, self._schema, user_id, today, deleted=deleted)
        if compiled.grouped:
            return self._grouped(compiled, compiled.grouped)
        if compiled.shape is None:
            return self._counted(compiled)
        sql = compiled.rows_sql(compiled.shape.columns)
        if compiled.limit is None or compiled.limit > size:
            return self._paged(compiled, compiled.shape, base, size)
        rows = self._store.select(sql + compiled.bounds(), compiled.parameters)
        return _page(len(rows), compiled.shape.records(rows, base))

    def _paged(self, compiled: Compiled, shape: Shape, base: str, size: int) -> dict[str, Any]:
        """Read one row more than a page holds; only if there is one, a cursor is made."""
        sql = compiled.rows_sql(shape.columns)
        limit, compiled.limit = compiled.limit, size + 1
        rows = self._store.select(sql + compiled.bounds(), compiled.parameters)
        compiled.limit = limit
        if len(rows) <= size:
            return _page(len(rows), shape.records(rows, base))
        ids = self._store.select(
            compiled.rows_sql([compiled.scope.column((), "Id")]) + compiled.bounds(), compiled.parameters
        )
        key = self._remember(Cursor(compiled, shape, [row[0] for row in ids], size))
        return _page(len(ids), shape.records(rows[:size], base), f"{base}/query/{key}-{size}")

    def _remember(self, cursor: Cursor) -> str:
        with self._lock:
            self._count += 1
            key = make_id("01g", self._count)
            self._cursors[key] = cursor
            while len(self._cursors) > CURSORS_KEPT:
                self._cursors.popitem(last=False)
        return key

    def more(self, locator: str, base: str) -> dict[str, Any]:
        """A further page: `01g…-2000`."""
        key, _, start = locator.rpartition("-")
        cursor = self._cursors.get(key)
        if cursor is None or not start.isdigit() or int(start) > len(cursor.ids):
            raise ApiError(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
        first, after = int(start), int(start) + cursor.size
        records = self._by_ids(cursor, cursor.ids[first:after], base)
        following = f"{base}/query/{key}-{after}" if after < len(cursor.ids) else None
        return _page(len(cursor.ids), records, following)

    def _by_ids(self, cursor: Cursor, ids: list[str], base: str) -> list[dict[str, Any]]:
        scope, shape = cursor.compiled.scope, cursor.shape
        marks = ", ".join("?" * len(ids))
        sql = (
            f"SELECT {', '.join(shape.columns)} FROM {scope.from_sql}"
            f" WHERE {scope.column((), 'Id')} IN ({marks})"
        )
        found = {row[0]: row for row in self._store.select(sql, ids)}
        return shape.records([found[i] for i in ids if i in found], base)

    def _counted(self, compiled: Compiled) -> dict[str, Any]:
        inner = compiled.rows_sql(["1"], compiled.bounds())
        return _page(self._store.select(f"SELECT COUNT(*) FROM ({inner})", compiled.parameters)[0][0], [])

    def _grouped(self, compiled: Compiled, grouped: Grouped) -> dict[str, Any]:
        sql = compiled.rows_sql(grouped.columns, grouped.tail()) + compiled.bounds()
        rows = self._store.select(sql, [*compiled.parameters, *grouped.parameters])
        return _page(len(rows), grouped.records(rows))


def _page(total: int, records: list[dict[str, Any]], following: str | None = None) -> dict[str, Any]:
    page: dict[str, Any] = {"totalSize": total, "done": following is None}
    if following:
        page["nextRecordsUrl"] = following
    page["records"] = records
    return page
