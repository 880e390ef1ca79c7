"""Records written as JSON by the database itself: a page costs half, and other threads go on meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from syncadmin.emulator.schema.model import Field

PAIRS_AT_ONCE = 60  # a function of SQLite has at most 127 arguments
EXACT_DIGITS = 15  # SQLite writes so many digits of a number, Python as many as it has
REALS = frozenset({"double", "currency", "percent"})


def member(field: Field, sql: str) -> str:
    """The SQL of a field's value for json_object()."""
    if field.type == "boolean":
        return f"json(CASE {sql} WHEN 1 THEN 'true' WHEN 0 THEN 'false' END)"
    if field.type in REALS:
        largest = f"1e{max(0, EXACT_DIGITS - field.scale)}"
        return f"CASE WHEN abs({sql}) >= {largest} THEN json(printf('%!.17g', {sql})) ELSE {sql} END"
    return sql


def wrapped(columns: Sequence[tuple[str, str]]) -> str:
    """An object of these columns, or null if all of them are."""
    some = " OR ".join(f"{sql} IS NOT NULL" for _, sql in columns)
    return f"json(CASE WHEN {some} THEN json_object({_pairs(columns)}) END)"


def columns(members: Sequence[tuple[str, str]], sobject: str, id_sql: str) -> list[str]:
    """The columns of a row: its id, then the record in one or more JSON objects. They have a parameter: the
    URL of the object's records, up to the id.
    """
    quoted = sobject.replace("'", "''")
    attributes = f"json_object('type', '{quoted}', 'url', ? || {id_sql})"
    pairs = [("attributes", attributes), *members]
    parts = [pairs[n : n + PAIRS_AT_ONCE] for n in range(0, len(pairs), PAIRS_AT_ONCE)]
    return [id_sql, *(f"json_object({_pairs(part)})" for part in parts)]


def _pairs(members: Iterable[tuple[str, str]]) -> str:
    return ", ".join("'{}', {}".format(name.replace("'", "''"), sql) for name, sql in members)


def joined(parts: Sequence[str]) -> str:
    """One object out of the objects of a row."""
    return parts[0] if len(parts) == 1 else "{" + ",".join(part[1:-1] for part in parts) + "}"


def page(total: int, texts: Iterable[str], following: str | None) -> bytes:
    """The reply of a query."""
    more = f',"nextRecordsUrl":"{following}"' if following else ""
    done = "false" if following else "true"
    return f'{{"totalSize":{total},"done":{done}{more},"records":[{",".join(texts)}]}}'.encode()
