"""The records of child relationships, read for all parents of a page at once.

Source: the Relationship Queries page; the nested reply as recorded. A parent with many children has a nested
nextRecordsUrl; how many come before it is from memory.
"""

# ruff: noqa: S608 - names in the SQL come from the schema, values are parameters
from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from syncadmin.emulator.store import Store

if TYPE_CHECKING:
    from syncadmin.emulator.soql.compile import Child, Compiled
    from syncadmin.emulator.soql.run import Asking

NESTED = 200
PARENTS_AT_ONCE = 500
Remember = Callable[["Compiled", "str | None", str], str]


def fill(
    store: Store,
    compiled: Compiled,
    records: list[dict[str, Any]],
    ids: list[str],
    asking: Asking,
    remember: Remember,
) -> None:
    """Put the children of each record in its place: `{totalSize, done, records}`, or null if it has none."""
    for child in compiled.children:
        found: dict[str, dict[str, Any]] = {}
        for start in range(0, len(ids), PARENTS_AT_ONCE):
            found |= _pages(store, child, ids[start : start + PARENTS_AT_ONCE], asking, remember)
        for record, key in zip(records, ids, strict=True):
            record[child.name] = found.get(key)


def _pages(
    store: Store, child: Child, ids: list[str], asking: Asking, remember: Remember
) -> dict[str, dict[str, Any]]:
    compiled, shape = child.compiled, child.compiled.record_shape
    most = NESTED if compiled.limit is None else min(NESTED, compiled.limit)
    sql = (
        f"SELECT * FROM ({_numbered(child, shape.columns, len(ids))})"
        f" WHERE number > {compiled.offset} AND number <= {compiled.offset + most} ORDER BY parent, number"
    )
    groups: dict[str, list[tuple[Any, ...]]] = {}
    for row in store.select(sql, [*compiled.parameters, *ids]):
        groups.setdefault(row[0], []).append(row)
    return {key: _page(store, child, key, rows, asking, remember) for key, rows in groups.items()}


def _numbered(child: Child, columns: list[str], parents: int) -> str:
    """The children of these parents, numbered within each in the order asked for, with their count."""
    compiled, key = child.compiled, child.key
    columns = [
        f"{key} AS parent",
        f"ROW_NUMBER() OVER (PARTITION BY {key}{compiled.settled_order}) AS number",
        f"COUNT(*) OVER (PARTITION BY {key}) AS total",
        *columns,
    ]
    return compiled.rows_sql(columns, f" AND {key} IN ({', '.join('?' * parents)})")


def _page(
    store: Store, child: Child, parent: str, rows: list[tuple[Any, ...]], asking: Asking, remember: Remember
) -> dict[str, Any]:
    compiled = child.compiled
    total = rows[0][2] - compiled.offset
    total = total if compiled.limit is None else min(total, compiled.limit)
    page: dict[str, Any] = {"totalSize": total, "done": total <= len(rows)}
    if not page["done"]:
        key = remember(compiled, asking.user_id, _all_ids(store, child, parent))
        page["nextRecordsUrl"] = f"{asking.base}/query/{key}-{len(rows)}"
    page["records"] = compiled.record_shape.records([row[3:] for row in rows], asking.base)
    return page


def _all_ids(store: Store, child: Child, parent: str) -> str:
    compiled = child.compiled
    ids = compiled.rows_sql([f"{compiled.id_sql} AS id"], f" AND {child.key} = ?")
    ordered = f"{ids}{compiled.settled_order}{compiled.cut()}"
    found = store.select(f"SELECT group_concat(id, '') FROM ({ordered})", [*compiled.parameters, parent])
    return str(found[0][0] or "")
