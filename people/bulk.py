"""Many rows in a constant number of statements: the one write path of the sync, for both databases.

SQLite takes ``executemany``; PostgreSQL takes ``COPY``, through a temporary table where rows change. Values are what
the database driver understands (text, numbers, booleans, JSON as text, moments as ``YYYY-MM-DD HH:MM:SS`` in UTC).
Every function runs inside the caller's transaction.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import count
from typing import Any

from django.db import connection
from django.db.models import Model

Rows = Sequence[Sequence[Any]]
_serial = count()


def allocate_ids(model: type[Model], number: int) -> Sequence[int]:
    """Ids for rows that are about to be inserted; nobody else gets them."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
                [table, number],
            )
            return [row[0] for row in cursor.fetchall()]
        # The transaction holds SQLite's write lock (IMMEDIATE), so nobody can take the same numbers.
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        first = (cursor.fetchone() or [0])[0] + 1
        return range(first, first + number)


def select_in(
    model: type[Model], columns: Sequence[str], key: str, values: Iterable[Any]
) -> list[tuple[Any, ...]]:
    """The named columns of the rows whose key is among many values, which travel as one parameter."""
    table, names = model._meta.db_table, ", ".join(f'"{name}"' for name in columns)
    wanted = list(values)
    if not wanted:
        return []
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f'SELECT {names} FROM "{table}" WHERE "{key}" = ANY(%s)', [wanted])  # noqa: S608
        else:
            among = "(SELECT value FROM json_each(%s))"
            cursor.execute(f'SELECT {names} FROM "{table}" WHERE "{key}" IN {among}', [json.dumps(wanted)])  # noqa: S608
        return list(cursor.fetchall())


def insert_rows(model: type[Model], columns: Sequence[str], rows: Rows) -> None:
    """Insert rows given as sequences in the order of ``columns`` (database column names)."""
    if not rows:
        return
    table, names = model._meta.db_table, ", ".join(f'"{name}"' for name in columns)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            _copy(cursor, f'COPY "{table}" ({names}) FROM STDIN', rows)
        else:
            marks = ", ".join(["%s"] * len(columns))
            cursor.executemany(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', rows)  # noqa: S608


def update_rows(model: type[Model], key: str, columns: Sequence[str], rows: Rows) -> None:
    """Update rows by key. Each row has the values of ``columns``, then the key."""
    if not rows:
        return
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            _update_through_copy(cursor, table, key, columns, rows)
        else:
            settings = ", ".join(f'"{name}" = %s' for name in columns)
            cursor.executemany(f'UPDATE "{table}" SET {settings} WHERE "{key}" = %s', rows)  # noqa: S608


def note_rows(
    model: type[Model], columns: Sequence[str], rows: Rows, *, key: Sequence[str], adds: str, unless_same: str
) -> None:
    """Insert rows; where one with the same ``key`` is there, it takes the new values instead.

    Its column ``adds`` grows by the new value. If ``unless_same`` has the new value already, the row was
    noted before and stays as it is. Of the columns ``first_at`` keeps its value. No key twice in one call.
    """
    if not rows:
        return
    table, names = model._meta.db_table, ", ".join(f'"{name}"' for name in columns)
    kept = {*key, adds, "first_at"}
    settings = ", ".join(f'"{name}" = excluded."{name}"' for name in columns if name not in kept)
    conflict = (
        f'ON CONFLICT ({", ".join(key)}) DO UPDATE SET {settings}, "{adds}" = "{table}"."{adds}" + excluded."{adds}" '
        f'WHERE "{table}"."{unless_same}" <> excluded."{unless_same}"'
    )
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            staging = f"staging_{next(_serial)}"
            cursor.execute(
                f'CREATE TEMPORARY TABLE {staging} ON COMMIT DROP AS SELECT {names} FROM "{table}" WITH NO DATA'  # noqa: S608
            )
            _copy(cursor, f"COPY {staging} ({names}) FROM STDIN", rows)
            cursor.execute(f'INSERT INTO "{table}" ({names}) SELECT {names} FROM {staging} {conflict}')  # noqa: S608
        else:
            marks = ", ".join(["%s"] * len(columns))
            cursor.executemany(f'INSERT INTO "{table}" ({names}) VALUES ({marks}) {conflict}', rows)  # noqa: S608


def look_again(grown_by: int, searched: Mapping[type[Model], Sequence[str]]) -> None:
    """Have PostgreSQL learn how the values of these columns are spread, if the first table has grown by a fifth.

    Autovacuum does that a minute later, where it is on; until then searches go through all rows. SQLite needs none.
    """
    if connection.vendor != "postgresql":
        return
    tables = {model._meta.db_table: columns for model, columns in searched.items()}
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE oid = %s::regclass", [next(iter(tables))])
        if grown_by * 5 >= cursor.fetchone()[0]:  # -1: nobody ever looked
            cursor.execute("ANALYZE " + ", ".join(f'"{name}" ({", ".join(tables[name])})' for name in tables))


def _update_through_copy(cursor: Any, table: str, key: str, columns: Sequence[str], rows: Rows) -> None:
    staging = f"staging_{next(_serial)}"
    names = ", ".join(f'"{name}"' for name in [*columns, key])
    settings = ", ".join(f'"{name}" = s."{name}"' for name in columns)
    cursor.execute(
        f'CREATE TEMPORARY TABLE {staging} ON COMMIT DROP AS SELECT {names} FROM "{table}" WITH NO DATA'  # noqa: S608
    )
    _copy(cursor, f"COPY {staging} ({names}) FROM STDIN", rows)
    # Rows as wide as ours are taken for one row where nothing is counted: the join would go through all of them for
    # each person until autovacuum has counted people.
    cursor.execute(f'ANALYZE {staging} ("{key}")')
    cursor.execute(
        f'UPDATE "{table}" t SET {settings} FROM {staging} s WHERE t."{key}" = s."{key}"'  # noqa: S608
    )


def _copy(cursor: Any, statement: str, rows: Rows) -> None:
    # Django makes the driver's errors its own for execute() alone; callers catch Django's.
    with connection.wrap_database_errors, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
