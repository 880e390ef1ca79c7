"""Records in SQLite: one table per object, a column per field; many readers, one writer at a time.

An org without a data file lives in a temporary one: SQLite's shared in-memory mode lets a writer block its
readers, a file with a write-ahead log doesn't, and without fsync it is as fast.
"""

# ruff: noqa: S608 - names in the SQL come from the schema, values are parameters
from __future__ import annotations

import json
import queue
import shutil
import sqlite3
import tempfile
import threading
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from syncadmin.emulator.schema.model import Field, SObject

Row = dict[str, Any]
INDEXED = (
    ("SystemModstamp", "Id", "IsDeleted"),
    ("Email",),
    ("OwnerId",),
    ("AccountId",),
    ("CampaignId",),
    ("LeadId",),
    ("ContactId",),
    ("WhoId",),
    ("WhatId",),
)
NUMERIC = {"int": "INTEGER", "boolean": "INTEGER", "double": "REAL", "currency": "REAL", "percent": "REAL"}
IDS_AT_ONCE = 500
HISTORY = (
    'CREATE TABLE IF NOT EXISTS "_history" (record_id TEXT, at TEXT, user_id TEXT, field TEXT, old, new)',
    'CREATE INDEX IF NOT EXISTS "_history_record" ON "_history" (record_id)',
)


def column(field: Field) -> str:
    """The column definition of a field; texts compare without case, as SOQL does, ids and dates as they
    are.
    """
    if field.type in NUMERIC:
        return f'"{field.name}" {NUMERIC[field.type]}'
    plain = field.is_reference or field.type in ("date", "datetime") or field.case_sensitive
    key = " PRIMARY KEY" if field.type == "id" else ""
    return f'"{field.name}" TEXT{key}' + ("" if plain else " COLLATE NOCASE")


class Store:
    """The database."""

    def __init__(self, path: Path | None = None) -> None:
        self._temporary = None if path else tempfile.mkdtemp(prefix="emulator-")
        self._path = path or Path(self._temporary or ".") / "org.sqlite3"
        if self._temporary:
            # Also if nobody closes it.
            weakref.finalize(self, shutil.rmtree, self._temporary, ignore_errors=True)
        self._idle: queue.SimpleQueue[sqlite3.Connection] = queue.SimpleQueue()
        self._writing = threading.RLock()
        self._local = threading.local()
        self._open: list[sqlite3.Connection] = []
        self._afterwards: list[Callable[[], None]] = []
        self._writer = self._connect()
        self._writer.execute('CREATE TABLE IF NOT EXISTS "_meta" (key TEXT PRIMARY KEY, value TEXT)')
        for statement in HISTORY:
            self._writer.execute(statement)
        self._writer.execute('CREATE TABLE IF NOT EXISTS "_gone" ("Id" TEXT PRIMARY KEY, sobject, deleted)')

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path, isolation_level=None, check_same_thread=False, cached_statements=512, timeout=30
        )
        for pragma in ("synchronous=OFF", "journal_mode=WAL", "cache_size=-65536", "temp_store=MEMORY"):
            connection.execute(f"PRAGMA {pragma}")
        self._open.append(connection)
        return connection

    def close(self) -> None:
        """Close every connection; a temporary database goes with them."""
        with self._writing:
            for connection in self._open:
                connection.close()
            self._open.clear()
        if self._temporary:
            shutil.rmtree(self._temporary, ignore_errors=True)

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection to read from; inside a transaction of this thread it is the transaction's own."""
        if getattr(self._local, "depth", 0):
            yield self._writer
            return
        try:
            connection = self._idle.get_nowait()
        except queue.Empty:
            connection = self._connect()
        try:
            yield connection
        finally:
            self._idle.put(connection)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """The writing connection, for this thread alone; an exception undoes what was written
        inside. Nests.
        """
        with self._writing:
            depth = getattr(self._local, "depth", 0)
            self._local.depth = depth + 1
            promised = len(self._afterwards)
            begin, commit, undo = _bounds(depth)
            self._writer.execute(begin)
            try:
                yield self._writer
            except BaseException:
                del self._afterwards[promised:]
                for statement in undo:
                    self._writer.execute(statement)
                raise
            else:
                self._writer.execute(commit)
                self._committed(depth)
            finally:
                self._local.depth = depth

    def _committed(self, depth: int) -> None:
        if depth == 0 and self._afterwards:
            due, self._afterwards = self._afterwards, []
            for action in due:
                action()

    def when_committed(self, action: Callable[[], None]) -> None:
        """Do this once the transaction of this thread is committed, and never if it is undone; without one,
        at once.
        """
        if getattr(self._local, "depth", 0):
            self._afterwards.append(action)
        else:
            action()

    def discard(self) -> None:
        """Close, and leave nothing behind: the org is about to be planted anew."""
        if not self._temporary:
            self._wipe()
        self.close()

    def _wipe(self) -> None:
        with self.transaction() as db:
            made = db.execute(
                "SELECT type, name FROM sqlite_master WHERE type IN ('table', 'view')"
            ).fetchall()
            for kind, name in made:
                db.execute(f'DROP {kind} "{name}"')

    def create_table(self, sobject: SObject) -> None:
        """Make the table of an object, and the columns of it that a data file doesn't have yet."""
        with self.transaction() as db:
            columns = ", ".join(column(f) for f in sobject.stored_fields())
            db.execute(f'CREATE TABLE IF NOT EXISTS "{sobject.name}" ({columns})')
            present = {row[1].lower() for row in db.execute(f'PRAGMA table_info("{sobject.name}")')}
            for field in sobject.stored_fields():
                if field.name.lower() not in present:
                    self.add_column(sobject, field)
            self._index(db, sobject)

    def _index(self, db: sqlite3.Connection, sobject: SObject) -> None:
        unique = [(f.name,) for f in sobject.fields.values() if f.unique or f.external_id]
        if sobject.get("IsDeleted"):
            db.execute(
                f'CREATE INDEX IF NOT EXISTS "{sobject.name}_live" ON "{sobject.name}" ("Id") WHERE "IsDeleted" = 0'
            )
        for names in [*INDEXED, *unique]:
            if all(sobject.get(name) for name in names):
                columns = ", ".join(f'"{name}"' for name in names)
                db.execute(
                    f'CREATE INDEX IF NOT EXISTS "{sobject.name}_{"_".join(names)}"'
                    f' ON "{sobject.name}" ({columns})'
                )

    def add_column(self, sobject: SObject, field: Field) -> None:
        """Add a column, with the field's default in every row."""
        with self.transaction() as db:
            db.execute(f'ALTER TABLE "{sobject.name}" ADD COLUMN {column(field)}')
            if field.type == "boolean":
                db.execute(f'UPDATE "{sobject.name}" SET "{field.name}" = ?', (int(bool(field.default)),))

    def rename_column(self, sobject: SObject, old: str, new: str) -> None:
        """Rename a column, keeping its values."""
        with self.transaction() as db:
            db.execute(f'ALTER TABLE "{sobject.name}" RENAME COLUMN "{old}" TO "{new}"')

    def drop_column(self, sobject: SObject, name: str) -> None:
        """Remove a column and its index."""
        with self.transaction() as db:
            db.execute(f'DROP INDEX IF EXISTS "{sobject.name}_{name}"')
            db.execute(f'ALTER TABLE "{sobject.name}" DROP COLUMN "{name}"')

    def insert(self, sobject: str, rows: Sequence[Row]) -> None:
        """Insert rows that all have the same keys."""
        if not rows:
            return
        names = list(rows[0])
        columns, marks = ", ".join(f'"{n}"' for n in names), ", ".join("?" * len(names))
        with self.transaction() as db:
            db.executemany(
                f'INSERT INTO "{sobject}" ({columns}) VALUES ({marks})', [tuple(row.values()) for row in rows]
            )

    def update(self, sobject: str, record_id: str, values: Row) -> None:
        """Change columns of one row."""
        columns = ", ".join(f'"{n}" = ?' for n in values)
        with self.transaction() as db:
            db.execute(f'UPDATE "{sobject}" SET {columns} WHERE "Id" = ?', (*values.values(), record_id))

    def bury(self, sobject: str, record_id: str, deleted: str) -> None:
        """Remove a row for good. Its id and the moment it was deleted are kept."""
        with self.transaction() as db:
            db.execute(f'DELETE FROM "{sobject}" WHERE "Id" = ?', (record_id,))
            db.execute('INSERT OR REPLACE INTO "_gone" VALUES (?, ?, ?)', (record_id, sobject, deleted))

    def is_gone(self, record_id: str) -> bool:
        """Whether there was such a row, and it was removed for good."""
        return bool(self.select('SELECT 1 FROM "_gone" WHERE "Id" = ?', (record_id,)))

    def fetch(self, sobject: SObject, ids: Sequence[str]) -> dict[str, Row]:
        """Whole rows by id, deleted ones too."""
        found: dict[str, Row] = {}
        names = [f.name for f in sobject.stored_fields()]
        columns = ", ".join(f'"{n}"' for n in names)
        with self.reading() as db:
            for start in range(0, len(ids), IDS_AT_ONCE):
                part = ids[start : start + IDS_AT_ONCE]
                marks = ", ".join("?" * len(part))
                for row in db.execute(
                    f'SELECT {columns} FROM "{sobject.name}" WHERE "Id" IN ({marks})', part
                ):
                    record = dict(zip(names, row, strict=True))
                    found[record["Id"]] = record
        return found

    def select(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        with self.reading() as db:
            return db.execute(sql, parameters).fetchall()

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> None:
        """Run a statement in a transaction of its own, or in the present one."""
        with self.transaction() as db:
            db.execute(sql, parameters)

    def get_meta(self, key: str) -> Any:
        """A value kept beside the records; None if there is none."""
        rows = self.select('SELECT value FROM "_meta" WHERE key = ?', (key,))
        return json.loads(rows[0][0]) if rows else None

    def set_meta(self, key: str, value: Any) -> None:
        """Keep a value beside the records."""
        self.execute('INSERT OR REPLACE INTO "_meta" VALUES (?, ?)', (key, json.dumps(value)))


def _bounds(depth: int) -> tuple[str, str, tuple[str, ...]]:
    if depth == 0:
        return "BEGIN IMMEDIATE", "COMMIT", ("ROLLBACK",)
    name = f"level{depth}"
    return f"SAVEPOINT {name}", f"RELEASE {name}", (f"ROLLBACK TO {name}", f"RELEASE {name}")
