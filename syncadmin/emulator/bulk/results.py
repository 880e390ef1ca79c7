"""What became of the records of an ingest job, as files beside what was uploaded.

Recorded: `"sf__Id","sf__Error",Name,…`. Source of the three files: the page Get Job Results.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import TYPE_CHECKING

from syncadmin.emulator.bulk.job import V2_INGEST, Job
from syncadmin.emulator.bulk.requests import CSV_TYPE, find_job, wrong_state
from syncadmin.emulator.bulk.table import Result
from syncadmin.emulator.bulk.text import line, lines, readable_rows, result_header
from syncadmin.emulator.bulk.writing import error_text
from syncadmin.emulator.wire import Request, Response

if TYPE_CHECKING:
    from syncadmin.emulator.org import Org

Line = Callable[[list[str], Result], str | None]


def _finished(org: Org, job_id: str) -> Job:
    job = find_job(org, job_id, (V2_INGEST,))
    if not job.finished:
        raise wrong_state(f"Job in state {job.state} has no results yet")
    return job


def _file(job: Job, rows: Iterator[str]) -> Response:
    return Response(200, lines(job, rows), content_type=CSV_TYPE)


def _rows(org: Org, job: Job, added: tuple[str, ...], one: Line) -> Iterator[str]:
    """The header, and a line for every record that was processed and that `one` makes a line of."""
    for batch in org.bulk.table.batches(job.id):
        uploaded = readable_rows(org.bulk.table.data(batch), job.separator)
        columns = next(uploaded, [])
        yield result_header(added, columns, job.separator)
        for cells, result in zip(uploaded, org.bulk.table.results(batch), strict=False):
            made = one(cells + [""] * (len(columns) - len(cells)), result)
            if made is not None:
                yield made


def successful(org: Org, request: Request, job_id: str) -> Response:
    """GET /jobs/ingest/ID/successfulResults."""
    job = _finished(org, job_id)

    def one(cells: list[str], result: Result) -> str | None:
        record_id, created, error = result
        shown = [record_id, "true" if created else "false", *cells]
        return None if error else line(shown, job.separator)

    return _file(job, _rows(org, job, ("sf__Id", "sf__Created"), one))


def failed(org: Org, request: Request, job_id: str) -> Response:
    """GET /jobs/ingest/ID/failedResults."""
    job = _finished(org, job_id)

    def one(cells: list[str], result: Result) -> str | None:
        record_id, _, error = result
        return line([record_id, error_text(error), *cells], job.separator) if error else None

    return _file(job, _rows(org, job, ("sf__Id", "sf__Error"), one))


def unprocessed(org: Org, request: Request, job_id: str) -> Response:
    """GET /jobs/ingest/ID/unprocessedrecords: what a job that failed or was aborted didn't get to."""
    job = _finished(org, job_id)
    return _file(job, _unprocessed(org, job))


def _unprocessed(org: Org, job: Job) -> Iterator[str]:
    for batch in org.bulk.table.batches(job.id):
        uploaded = readable_rows(org.bulk.table.data(batch), job.separator)
        yield result_header((), next(uploaded, []), job.separator)
        yield from (line(cells, job.separator) for cells in islice(uploaded, batch.processed, None))
