"""Jobs, batches, results and extracted rows, kept in the org's database beside its records.

They are written in the same transaction as the records of a chunk: a server that dies leaves either both or
neither, and an org that is opened again goes on where it was. A reset drops them with everything else.
"""

# ruff: noqa: S608 - names in the SQL are those of the fields of Job and Batch, values are parameters
from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields, replace
from typing import Any, TypeVar

from syncadmin.emulator.bulk.job import Batch, Job
from syncadmin.emulator.ids import make_id
from syncadmin.emulator.store import Store

JOB_PREFIX, BATCH_PREFIX = "750", "751"
AT_ONCE = 2000
KINDS: dict[type[Any], str] = {Job: "_bulk_job", Batch: "_bulk_batch"}
TABLES = (
    'CREATE TABLE IF NOT EXISTS "_bulk_data" (batch TEXT PRIMARY KEY, data BLOB)',
    'CREATE TABLE IF NOT EXISTS "_bulk_result" (batch TEXT, number INTEGER, id TEXT, created INTEGER,'
    " error TEXT, PRIMARY KEY (batch, number)) WITHOUT ROWID",
    'CREATE TABLE IF NOT EXISTS "_bulk_row" (batch TEXT, number INTEGER, line TEXT,'
    " PRIMARY KEY (batch, number)) WITHOUT ROWID",
)
Result = tuple[str, int, str]
T = TypeVar("T", Job, Batch)


class Table:
    """The only one who writes these tables."""

    def __init__(self, store: Store) -> None:
        self.store = store
        with store.transaction() as db:
            for kind, name in KINDS.items():
                columns = ", ".join(f'"{f.name}"' for f in fields(kind))
                db.execute(f'CREATE TABLE IF NOT EXISTS "{name}" ({columns}, PRIMARY KEY ("id"))')
            for statement in TABLES:
                db.execute(statement)
            db.execute('CREATE INDEX IF NOT EXISTS "_bulk_batch_job" ON "_bulk_batch" ("job", "number")')

    def _next(self, kind: type[Any]) -> int:
        """A number that none has had, not even one that was deleted."""
        key = f"last{KINDS[kind]}"
        number = int(self.store.get_meta(key) or 0) + 1
        self.store.set_meta(key, number)
        return number

    def add_job(self, job: Job) -> Job:
        """Keep a new job; it gets its id."""
        with self.store.transaction():
            number = self._next(Job)
            made = replace(job, id=make_id(JOB_PREFIX, number), number=number)
            self._insert(made)
        return made

    def add_batch(self, batch: Batch, data: bytes) -> Batch:
        """Keep a new batch and its data; it gets its id."""
        with self.store.transaction() as db:
            number = self._next(Batch)
            made = replace(batch, id=make_id(BATCH_PREFIX, number), number=number)
            self._insert(made)
            db.execute('INSERT INTO "_bulk_data" VALUES (?, ?)', (made.id, data))
        return made

    def _insert(self, one: Job | Batch) -> None:
        names = [f.name for f in fields(one)]
        columns, marks = ", ".join(f'"{n}"' for n in names), ", ".join("?" * len(names))
        sql = f'INSERT INTO "{KINDS[type(one)]}" ({columns}) VALUES ({marks})'
        self.store.execute(sql, [getattr(one, n) for n in names])

    def change(self, one: Job | Batch, **values: Any) -> None:
        """Change columns of a job or batch, and the value at hand with them."""
        columns = ", ".join(f'"{n}" = ?' for n in values)
        sql = f'UPDATE "{KINDS[type(one)]}" SET {columns} WHERE "id" = ?'
        self.store.execute(sql, (*values.values(), one.id))
        for name, value in values.items():
            setattr(one, name, value)

    def _select(self, kind: type[T], where: str, parameters: Sequence[Any]) -> list[T]:
        columns = ", ".join(f'"{f.name}"' for f in fields(kind))
        rows = self.store.select(f'SELECT {columns} FROM "{KINDS[kind]}" WHERE {where}', parameters)
        return [kind(*row) for row in rows]

    def job(self, job_id: str) -> Job | None:
        """The job of this 18-character id, as it is now."""
        found = self._select(Job, '"id" = ?', (job_id,))
        return found[0] if found else None

    def jobs(self, where: str = "1", parameters: Sequence[Any] = ()) -> list[Job]:
        """Jobs in the order they were made."""
        return self._select(Job, f'{where} ORDER BY "number"', parameters)

    def batches(self, job_id: str) -> list[Batch]:
        """The batches of a job in the order they came."""
        return self._select(Batch, '"job" = ? ORDER BY "number"', (job_id,))

    def data(self, batch: Batch) -> bytes:
        """What was uploaded."""
        rows = self.store.select('SELECT data FROM "_bulk_data" WHERE batch = ?', (batch.id,))
        return bytes(rows[0][0])

    def add_results(self, batch: Batch, first: int, results: Sequence[Result]) -> None:
        """What became of records from this number on: id, created (0 or 1), and errors as JSON, or nothing."""
        with self.store.transaction() as db:
            rows = [(batch.id, first + i, *result) for i, result in enumerate(results)]
            db.executemany('INSERT INTO "_bulk_result" VALUES (?, ?, ?, ?, ?)', rows)

    def results(self, batch: Batch) -> Iterator[Result]:
        """The same, of all records that were processed, in their order."""
        sql = (
            'SELECT id, created, error FROM "_bulk_result" WHERE batch = ? AND number >= ? AND number < ?'
            " ORDER BY number"
        )
        for first in range(0, batch.processed, AT_ONCE):
            yield from self.store.select(sql, (batch.id, first, first + AT_ONCE))

    def add_rows(self, batch: Batch, lines: Sequence[str]) -> None:
        """Keep rows a query found, behind those it has."""
        with self.store.transaction() as db:
            rows = [(batch.id, batch.processed + i, line) for i, line in enumerate(lines)]
            db.executemany('INSERT INTO "_bulk_row" VALUES (?, ?, ?)', rows)

    def rows(self, batch: Batch, first: int, count: int) -> list[str]:
        """Rows a query found."""
        sql = 'SELECT line FROM "_bulk_row" WHERE batch = ? AND number >= ? AND number < ? ORDER BY number'
        return [row[0] for row in self.store.select(sql, (batch.id, first, first + count))]

    def drop_rows(self, batch: Batch) -> None:
        """Forget rows of a query that has to start again."""
        self.store.execute('DELETE FROM "_bulk_row" WHERE batch = ?', (batch.id,))

    def delete(self, job: Job) -> None:
        """Forget a job and all that belongs to it."""
        with self.store.transaction() as db:
            for batch in self.batches(job.id):
                db.execute('DELETE FROM "_bulk_data" WHERE batch = ?', (batch.id,))
                db.execute('DELETE FROM "_bulk_result" WHERE batch = ?', (batch.id,))
                self.drop_rows(batch)
            db.execute('DELETE FROM "_bulk_batch" WHERE job = ?', (job.id,))
            db.execute('DELETE FROM "_bulk_job" WHERE id = ?', (job.id,))
