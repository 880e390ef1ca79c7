"""Running queries: one statement if the result fits a page, else a cursor over the ids of a moment.

Source: Query and QueryAll pages of the REST API guide: 2,000 rows a page, fewer if Sforce-Query-Options asks.
"""

# ruff: noqa: S608 - names in the SQL come from the schema, values are parameters
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from syncadmin.emulator.clock import Clock
from syncadmin.emulator.errors import ApiError
from syncadmin.emulator.schema.registry import Schema
from syncadmin.emulator.soql import jsonrows
from syncadmin.emulator.soql.aggregate import Grouped
from syncadmin.emulator.soql.children import fill
from syncadmin.emulator.soql.compile import Compiled, compile_query
from syncadmin.emulator.soql.cursors import Cursors, split
from syncadmin.emulator.soql.parse import parse
from syncadmin.emulator.store import Store

PAGE = 2000
LONGEST = 100_000
SMALLEST_PAGE = 200
WIDE_PAGE = 200
Reply = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks, at which address, in pages of which size; raw: the reply may be bytes of JSON."""

    user_id: str | None
    base: str
    size: int = PAGE
    raw: bool = False


class Queries:
    """Answers queries, and keeps the cursors of those with more pages."""

    def __init__(self, store: Store, schema: Schema, clock: Clock | None = None) -> None:
        self._store, self._schema = store, schema
        self._clock = clock or Clock()
        self._cursors = Cursors()

    def run(
        self,
        soql: str,
        user_id: str | None,
        base: str,
        today: date,
        *,
        deleted: bool = False,
        size: int = PAGE,
    ) -> Reply:
        """The first page as a value. base is `/services/data/vXX.0`."""
        reply = self.answer(soql, Asking(user_id, base, size), today, deleted=deleted)
        if isinstance(reply, bytes):
            raise TypeError("raw wasn't asked for")
        return reply

    def answer(self, soql: str, asking: Asking, today: date, *, deleted: bool = False) -> Reply | bytes:
        """The first page."""
        if len(soql) > LONGEST:
            text = f"SOQL statements cannot be longer than {LONGEST} characters."
            raise ApiError(400, "MALFORMED_QUERY", text)
        compiled = compile_query(parse(soql), soql, self._schema, asking.user_id, today, deleted=deleted)
        if compiled.grouped:
            return self._grouped(compiled, compiled.grouped)
        if compiled.shape is None:
            return self._counted(compiled)
        size = min(asking.size, WIDE_PAGE) if compiled.shape.long_texts > 1 else asking.size
        if compiled.limit is None or compiled.limit > size:
            return self._paged(compiled, asking, size)
        rows = self._read(compiled, asking, compiled.where, compiled.parameters, compiled.bounds())
        return _page(len(rows), [record for _, record in rows], None, asking.raw)

    def _paged(self, compiled: Compiled, asking: Asking, size: int) -> Reply | bytes:
        """The ids of the whole result, in one text that the database puts together; then the first page."""
        ordered = compiled.rows_sql([f"{compiled.id_sql} AS id"]) + compiled.settled_order + compiled.cut()
        sql = f"SELECT group_concat(id, '') FROM ({ordered})"
        ids: str = self._store.select(sql, compiled.parameters)[0][0] or ""
        total = len(ids) // 18
        records = self._by_ids(compiled, asking, split(ids[: size * 18]))
        following = None
        if total > size:
            key = self._cursors.remember(compiled, asking.user_id, size, self._clock.now(), ids)
            following = f"{asking.base}/query/{key}-{size}"
        return _page(total, records, following, asking.raw)

    def more(
        self,
        locator: str,
        base: str,
        user_id: str | None = None,
        *,
        again: bool = False,
        raw: bool = False,
    ) -> Any:
        """A further page: `01g…-2000`. With a user, it has to be the one who asked the query. again: the page
        before it once more, which then leads to this one.
        """
        key, cursor, start = self._cursors.find(locator, user_id, self._clock.now())
        start = max(0, start - cursor.size) if again else start
        asking = Asking(cursor.user_id, base, cursor.size, raw)
        records = self._by_ids(cursor.compiled, asking, cursor.part(start))
        after = start + cursor.size
        following = f"{base}/query/{key}-{after}" if after < cursor.total else None
        return _page(cursor.total, records, following, raw)

    def _by_ids(self, compiled: Compiled, asking: Asking, ids: list[str]) -> list[Any]:
        """Records in the order of their ids; what has been deleted since is left out."""
        found: list[Any] = []
        for start in range(0, len(ids), PAGE):
            part = ids[start : start + PAGE]
            where = f"{compiled.id_sql} IN ({', '.join('?' * len(part))}) AND {compiled.live}"
            known = dict(self._read(compiled, asking, where, part, ""))
            found += [known[i] for i in part if i in known]
        return found

    def _read(
        self, compiled: Compiled, asking: Asking, where: str, parameters: Sequence[Any], tail: str
    ) -> list[tuple[str, Any]]:
        """Id and record of each row; the record is a text of JSON if the reply is to be one and can."""
        shape = compiled.record_shape
        if asking.raw and shape.members is not None:
            columns = jsonrows.columns(shape.members, shape.sobject.name, compiled.id_sql)
            url = f"{asking.base}/sobjects/{shape.sobject.name}/"
            rows = self._select(compiled, columns, where, [url, *parameters], tail)
            return [(row[0], jsonrows.joined(row[1:])) for row in rows]
        rows = self._select(compiled, shape.columns, where, parameters, tail)
        records = shape.records(rows, asking.base)
        fill(self._store, compiled, records, [row[0] for row in rows], asking, self._remember)
        return [(row[0], record) for row, record in zip(rows, records, strict=True)]

    def _remember(self, compiled: Compiled, user_id: str | None, ids: str) -> str:
        return self._cursors.remember(compiled, user_id, PAGE, self._clock.now(), ids)

    def _select(
        self, compiled: Compiled, columns: list[str], where: str, parameters: Sequence[Any], tail: str
    ) -> list[tuple[Any, ...]]:
        sql = f"SELECT {', '.join(columns)} FROM {compiled.scope.from_sql} WHERE {where}{tail}"
        return self._store.select(sql, parameters)

    def _counted(self, compiled: Compiled) -> Reply:
        inner = compiled.rows_sql(["1"], compiled.cut())
        total = self._store.select(f"SELECT COUNT(*) FROM ({inner})", compiled.parameters)[0][0]
        return {"totalSize": total, "done": True, "records": []}

    def _grouped(self, compiled: Compiled, grouped: Grouped) -> Reply:
        """Groups fit one page or are refused: there is no cursor over them (text from memory)."""
        sql, parameters = grouped.sql(compiled.where, compiled.parameters, compiled.cut())
        rows = self._store.select(sql, parameters)
        if len(rows) > PAGE:
            text = "Aggregate query does not support queryMore(), use LIMIT to restrict the results to a single batch"
            raise ApiError(400, "EXCEEDED_ID_LIMIT", text)
        return {"totalSize": len(rows), "done": True, "records": grouped.records(rows)}


def _page(total: int, records: list[Any], following: str | None, raw: bool) -> Reply | bytes:
    if raw and records and isinstance(records[0], str):
        return jsonrows.page(total, records, following)
    page: Reply = {"totalSize": total, "done": following is None}
    if following:
        page["nextRecordsUrl"] = following
    page["records"] = records
    return page
