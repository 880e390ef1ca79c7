"""Working jobs off in the background: uploads in chunks of 200, each committed on its own, in their order.

Source: the pages How Requests Are Processed and Bulk API Limits; a chunk that is done stays done whatever
becomes of the rest. Bulk API 1 works a batch off as soon as it is there, Bulk API 2.0 once the upload is
closed.

Faults: an "error_code" of records fails the records of a chunk ("records": its first n), once for every
chunk it happens to; with "method": "BULK" any other code fails the whole job, and "delay_ms" slows every chunk.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING

from syncadmin.emulator.bulk import job as states
from syncadmin.emulator.bulk.extract import extract
from syncadmin.emulator.bulk.job import Batch, Job
from syncadmin.emulator.bulk.table import Table
from syncadmin.emulator.bulk.text import BadCsv
from syncadmin.emulator.bulk.uploads import read_upload
from syncadmin.emulator.bulk.workers import Workers
from syncadmin.emulator.bulk.writing import Given, errors_of, id_of, write
from syncadmin.emulator.dml.draft import Outcome
from syncadmin.emulator.errors import ApiError
from syncadmin.emulator.faults import PROCESSING, Fault

if TYPE_CHECKING:
    from syncadmin.emulator.org import Org

CHUNK = 200
MOST_IN_BATCH = 10_000


class Halt(Exception):
    """The job isn't to be worked on any further: it was aborted or deleted, or the org is gone."""


class JobFailed(Exception):
    """A fault fails the whole job; the text is its error."""


class Bulk:
    """The jobs of an org, and who works them off. One for each state: a reset makes a new one."""

    def __init__(self, org: Org) -> None:
        self._org, self._stopped = org, threading.Event()
        self.table = Table(org.state.store)
        self._workers = Workers(self._work)

    def resume(self) -> None:
        """Go on with what a server left undone that had this data file before."""
        waiting = f"\"state\" IN ('{states.UPLOADED}', '{states.RUNNING}') OR \"kind\" = '{states.CLASSIC}'"
        for job in self.table.jobs(waiting):
            if job.kind != states.CLASSIC or self._waiting(job):
                self.submit(job)

    def submit(self, job: Job) -> None:
        """Have a job worked on."""
        self._workers.submit(job.id)

    def stop(self) -> None:
        """Begin nothing more."""
        self._stopped.set()
        self._workers.stop()

    @contextmanager
    def _inside(self) -> Iterator[None]:
        """What a reset waits for; nothing happens here after one."""
        with self._org.gate.shared():
            if self._stopped.is_set():
                raise Halt
            yield

    @contextmanager
    def _step(self, job: Job) -> Iterator[Job]:
        """A transaction, with the job as it is now."""
        with self._inside(), self.table.store.transaction():
            now = self.table.job(job.id)
            if now is None or now.state == states.ABORTED:
                raise Halt
            yield now

    def _work(self, job_id: str) -> None:
        """Work one job off, and write down how it ended."""
        try:
            with self._inside():
                job = self.table.job(job_id)
            if job is not None and not job.finished:
                self._run(job)
        except Halt:
            return

    def _run(self, job: Job) -> None:
        started = time.monotonic()
        if job.kind == states.CLASSIC:
            for batch in self._waiting(job):
                self._classic(job, batch)
            return
        try:
            with self._step(job) as now:
                self.table.change(now, state=states.RUNNING, modified=self._org.state.clock.stamp())
            for batch in self.table.batches(job.id):
                self._batch(job, batch)
        except Halt:
            raise
        except Exception as error:
            self._end(job, states.FAILED, started, _reason(error))
        else:
            self._end(job, states.COMPLETE, started)

    def _end(self, job: Job, state: str, started: float, message: str = "") -> None:
        spent = int((time.monotonic() - started) * 1000)
        stamp = self._org.state.clock.stamp()
        with self._step(job) as now:
            self.table.change(
                now, state=state, message=message, modified=stamp, total_time=spent, active_time=spent
            )

    def _waiting(self, job: Job) -> list[Batch]:
        return [batch for batch in self.table.batches(job.id) if batch.state not in states.BATCH_ENDED]

    def _classic(self, job: Job, batch: Batch) -> None:
        started = time.monotonic()
        state, message = states.COMPLETED, ""
        try:
            with self._step(job):
                self.table.change(batch, state=states.BATCH_RUNNING, modified=self._org.state.clock.stamp())
            self._batch(job, batch)
        except Halt:
            raise
        except Exception as error:
            state, message = states.FAILED, _reason(error)
        spent = int((time.monotonic() - started) * 1000)
        with self._step(job) as now:
            stamp = self._org.state.clock.stamp()
            times = {"total_time": spent, "active_time": spent, "modified": stamp}
            self.table.change(batch, state=state, message=message, **times)
            self.table.change(now, modified=stamp, total_time=now.total_time + spent)

    def _batch(self, job: Job, batch: Batch) -> None:
        with self._inside():
            data = self.table.data(batch)
        if job.is_query:
            self._query(job, batch, data.decode("utf-8", "replace"))
            return
        schema = self._org.state.schema
        given = read_upload(job, data, schema.view(schema.must(job.object), job.created_by))
        if job.kind == states.CLASSIC:
            given = _bounded(given)
        for _ in islice(given, batch.processed):
            pass
        while chunk := list(islice(given, CHUNK)):
            self._chunk(job, batch, chunk)

    def _chunk(self, job: Job, batch: Batch, chunk: list[Given]) -> None:
        fault = self._fault(job)
        with self._step(job) as now:
            outcomes = write(self._org, job, chunk, fault)
            results = [_result(*pair) for pair in zip(chunk, outcomes, strict=True)]
            self.table.add_results(batch, batch.processed, results)
            failed = sum(not outcome.ok for outcome in outcomes)
            for one in (batch, now):
                self.table.change(one, processed=one.processed + len(chunk), failed=one.failed + failed)

    def _query(self, job: Job, batch: Batch, soql: str) -> None:
        """Read in the view of one moment, keep in pieces; one that was interrupted starts again."""
        with self._step(job) as now:
            self.table.drop_rows(batch)
            self.table.change(now, processed=now.processed - batch.processed)
            self.table.change(batch, processed=0)
        pieces = extract(self._org, job, soql)
        while True:
            with self._inside():
                piece = next(pieces, None)
            if piece is None:
                return
            self._fault(job)
            with self._step(job) as now:
                self.table.add_rows(batch, piece[1])
                self.table.change(now, processed=now.processed + len(piece[1]))
                self.table.change(batch, header=piece[0], processed=batch.processed + len(piece[1]))

    def _fault(self, job: Job) -> Fault | None:
        fault = self._org.faults.take(PROCESSING, job.path())
        if fault and fault.delay_ms:
            time.sleep(fault.delay_ms / 1000)
        if fault and fault.error_code and not fault.per_record:
            raise JobFailed(f"{fault.error_code} : {fault.answer()[1]}")
        return fault


def _bounded(given: Iterator[Given]) -> Iterator[Given]:
    """A batch of Bulk API 1 holds up to 10,000 records (documented; text from memory)."""
    records = list(islice(given, MOST_IN_BATCH + 1))
    if len(records) > MOST_IN_BATCH:
        raise BadCsv(f"InvalidBatch : Number of records in the batch exceeds the limit of {MOST_IN_BATCH}")
    return iter(records)


def _result(given: Given, outcome: Outcome) -> tuple[str, int, str]:
    if outcome.ok:
        return outcome.id or "", int(bool(outcome.created)), ""
    return id_of(given) if isinstance(given, dict) else "", 0, errors_of(outcome)


def _reason(error: Exception) -> str:
    """What a job or batch says about how it failed."""
    if isinstance(error, BadCsv | JobFailed):
        return str(error)
    if isinstance(error, ApiError):
        return f"InvalidBatch : Failed to process query: {error.code}: {error.message}"
    return f"InternalServerError : {error.__class__.__name__}: {error}"
