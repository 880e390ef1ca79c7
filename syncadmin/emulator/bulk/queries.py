"""Query jobs of Bulk API 2.0: `/services/data/vXX.0/jobs/query`.

Source: a recorded job; the Bulk API 2.0 pages Create a Query Job, Get Results for a Query Job, Get Parallel
Results for a Query Job. `Sforce-Locator` is opaque, `null` at the end (recorded).
"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING

from syncadmin.emulator.bulk import job as forms
from syncadmin.emulator.bulk.job import (
    ABORTED,
    CLASSIC,
    COMPLETE,
    FAILED,
    QUEUED,
    UPLOADED,
    V2_QUERY,
    Batch,
    Job,
)
from syncadmin.emulator.bulk.plan import plan
from syncadmin.emulator.bulk.requests import (
    CSV_TYPE,
    abort,
    choice,
    delete,
    find_job,
    layout,
    page_of_jobs,
    wrong_state,
)
from syncadmin.emulator.bulk.text import lines
from syncadmin.emulator.errors import ApiError, NotFound
from syncadmin.emulator.wire import Request, Response

if TYPE_CHECKING:
    from syncadmin.emulator.org import Org

JOBS = "DailyBulkV2QueryJobs"
USUAL, MOST = 50_000, 250_000
LINKS, LINKS_SINCE = 5, 58


def create(org: Org, request: Request) -> Response:
    """POST /jobs/query: `operation` query or queryAll, `query`. An error of the query is answered at once."""
    given = request.json_object()
    if given.get("operation") not in forms.QUERY_OPERATIONS:
        text = f"{given.get('operation')} is not a valid value for the enum JobOperationEnum"
        raise ApiError(400, "JSON_PARSER_ERROR", text)
    if org.limits.remaining(JOBS) <= 0:
        # Quoted from live calls.
        raise ApiError(400, "LIMIT_EXCEEDED", "Max bulk v2 query jobs (10000) per 24 hrs has been reached")
    operation, soql = str(given["operation"]), str(given.get("query") or "")
    try:
        made = plan(org, soql, request.user_id, deleted=operation == "queryAll")
    except ApiError as error:
        raise ApiError(error.status, "API_ERROR", error.message) from error
    stamp = org.state.clock.stamp()
    job = Job("", 0, V2_QUERY, operation, made.sobject, request.user_id, stamp, stamp, UPLOADED)
    job.version = request.version
    job.delimiter, job.line_ending = layout(given)
    with org.state.store.transaction():
        job = org.bulk.table.add_job(job)
        org.bulk.table.add_batch(Batch("", 0, job.id, QUEUED, stamp, stamp), soql.encode())
    org.limits.use(JOBS)
    org.bulk.submit(job)
    return Response(200, forms.created(job))


def read(org: Org, request: Request, job_id: str) -> Response:
    """GET /jobs/query/ID."""
    return Response(200, forms.shown(find_job(org, job_id, (V2_QUERY,))))


def list_jobs(org: Org, request: Request) -> Response:
    """GET /jobs/query."""
    return page_of_jobs(org, request, "query", (V2_QUERY, CLASSIC))


def change(org: Org, request: Request, job_id: str) -> Response:
    """PATCH /jobs/query/ID: `{"state": "Aborted"}` (documented: the reply is the job as it was made)."""
    choice(request.json_object(), "state", "JobStateEnum", ("", ABORTED))
    with org.state.store.transaction():
        return Response(200, forms.changed(abort(org, find_job(org, job_id, (V2_QUERY,)))))


def remove(org: Org, request: Request, job_id: str) -> Response:
    """DELETE /jobs/query/ID."""
    return delete(org, find_job(org, job_id, (V2_QUERY,)), (COMPLETE, ABORTED, FAILED))


def to_locator(first: int) -> str:
    """Opaque to a client: where a page begins."""
    return base64.urlsafe_b64encode(str(first).encode()).decode().rstrip("=")


def from_locator(text: str) -> int:
    """The inverse; 400 if it is none of ours (code and text as for queries)."""
    try:
        return int(base64.urlsafe_b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4)))
    except (ValueError, binascii.Error):
        raise ApiError(400, "INVALID_QUERY_LOCATOR", "invalid query locator") from None


def _complete(org: Org, request: Request, job_id: str) -> Job:
    """A job that has results; 409 if it was made by another version of the API (documented; text from
    memory).
    """
    job = find_job(org, job_id, (V2_QUERY,))
    if job.version != request.version:
        raise ApiError(409, "API_ERROR", f"Results have to be read by the job's API version {job.version}")
    if job.state != COMPLETE:
        raise wrong_state(f"Job in state {job.state} has no results")
    return job


def _size(request: Request) -> int:
    """maxRecords; without it as many as suits the org, up to 250,000 with it."""
    given = request.query.get("maxRecords", str(USUAL))
    if not given.isdecimal() or not int(given):
        raise ApiError(400, "INVALID_INPUT", "maxRecords has to be a positive number")
    return min(int(given), MOST)


def results(org: Org, request: Request, job_id: str) -> Response:
    """GET /jobs/query/ID/results?maxRecords=…&locator=…"""
    job, size = _complete(org, request, job_id), _size(request)
    locator = request.query.get("locator", "")
    first = from_locator(locator) if locator else 0
    if first and first >= job.processed:
        raise ApiError(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
    (batch,) = org.bulk.table.batches(job.id)
    rows = org.bulk.table.rows(batch, first, size)
    after = first + len(rows)
    headers = {
        "Sforce-NumberOfRecords": str(len(rows)),
        "Sforce-Locator": to_locator(after) if after < job.processed else "null",
    }
    return Response(200, lines(job, [batch.header, *rows]), headers, content_type=CSV_TYPE)


def result_pages(org: Org, request: Request, job_id: str) -> Response:
    """GET /jobs/query/ID/resultPages: up to five addresses to read from at the same time, since v58."""
    if float(request.version) < LINKS_SINCE:
        raise NotFound
    job = _complete(org, request, job_id)
    given = request.query.get("locator", "")
    first = from_locator(given) if given else 0
    base = f"{request.data_base}/jobs/query/{job.id}"
    starts = list(range(first, max(job.processed, 1), USUAL))
    links = [{"resultUrl": f"{base}/results?locator={to_locator(start)}"} for start in starts[:LINKS]]
    body: dict[str, object] = {"resultPages": links, "nextRecordsUrl": None, "done": len(starts) <= LINKS}
    if len(starts) > LINKS:
        body["nextRecordsUrl"] = f"{base}/resultPages?locator={to_locator(starts[LINKS])}"
    return Response(200, body)
