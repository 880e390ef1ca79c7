"""Bulk API 1: `/services/async/XX.0/job`, jobs of batches that are worked off as they come.

Source: the Bulk API guide. The session is in `X-SFDC-Session`; one that isn't good is 400 InvalidSessionId,
which is what clients look for. Codes are documented; texts, but for those of hard deletion and missing results,
are from memory. Not implemented: splitting queries by primary keys, zipped batches, transformation specs.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

from syncadmin.emulator.bulk import classic_forms as shown
from syncadmin.emulator.bulk import job as forms
from syncadmin.emulator.bulk.ingest import BATCHES, external_id, find_target
from syncadmin.emulator.bulk.job import ABORTED, CLASSIC, CLOSED, FAILED, OPEN, QUEUED, Batch, Job
from syncadmin.emulator.errors import ApiError
from syncadmin.emulator.ids import is_id, make_id, to18
from syncadmin.emulator.rest.resources import NEWEST, OLDEST
from syncadmin.emulator.soap.xml import BadXml, local, parse
from syncadmin.emulator.wire import Request, Response, read_json

if TYPE_CHECKING:
    from syncadmin.emulator.org import Org

MOST_BYTES = 10_000_000
RESULT_PREFIX = "752"
CONTENTS, ZIPPED = ("XML", "CSV", "JSON"), ("ZIP_CSV", "ZIP_JSON", "ZIP_XML")
MODES = {"Parallel": "Parallel", "Serial": "Serial", "0": "Parallel", "1": "Serial"}
CODES = {
    "INVALID_SESSION_ID": "InvalidSessionId",
    "REQUEST_LIMIT_EXCEEDED": "ExceededQuota",
    "INVALIDENTITY": "InvalidEntity",
    "INVALIDJOB": "InvalidJob",
    "EXCEEDEDQUOTA": "ExceededQuota",
}
Spec = dict[str, Any]
Answer = Callable[..., Response]


class Refusal(Exception):
    """An answer other than the one that was asked for: exceptionCode and exceptionMessage."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code, self.message, self.status = code, message, status


def resource(handler: Answer) -> Answer:
    """A handler behind the session check; what it refuses is answered as Bulk API 1 does."""

    @wraps(handler)
    def answer(org: Org, request: Request, version: str, *arguments: str) -> Response:
        try:
            _admit(org, request, version)
            return handler(org, request, *arguments)
        except Refusal as refusal:
            code, message, status = refusal.code, refusal.message, refusal.status
        except ApiError as error:
            code, message = CODES.get(error.code, error.code), error.message
            status = error.status if error.code not in CODES else 400
        info = {"exceptionCode": code, "exceptionMessage": message}
        return shown.reply(status, "error", info, _speaks_json(request))

    return answer


def _admit(org: Org, request: Request, version: str) -> None:
    if not OLDEST <= float(version) <= NEWEST:
        raise Refusal("InvalidVersion", f"Unsupported API version: {version}")
    request.version = f"{int(float(version))}.0"
    session = request.headers.get("x-sfdc-session", "")
    try:
        request.user_id = org.sessions.authenticate(f"Bearer {session}")
    except ApiError as error:
        raise Refusal("InvalidSessionId", "Invalid session id") from error
    org.limits.spend()
    request.api_calls += 1


def _speaks_json(request: Request) -> bool:
    return "json" in request.headers.get("content-type", "").lower()


def _spec(request: Request) -> Spec:
    """jobInfo, in JSON or XML."""
    try:
        if _speaks_json(request):
            given = read_json(request.body)
        else:
            given = {local(child): (child.text or "").strip() for child in parse(request.body)}
    except (BadXml, ValueError) as error:
        raise Refusal("InvalidXML", f"Failed to read the request: {error}") from error
    if not isinstance(given, dict):
        raise Refusal("InvalidJob", "A job has to be an object")
    return given


def _find(org: Org, job_id: str) -> Job:
    job = org.bulk.table.job(to18(job_id)) if is_id(job_id) else None
    if job is None or job.kind != CLASSIC:
        raise Refusal("InvalidJob", f"Unable to find job for id: {job_id}")
    return job


def _find_batch(org: Org, job: Job, batch_id: str) -> Batch:
    for batch in org.bulk.table.batches(job.id):
        if is_id(batch_id) and batch.id == to18(batch_id):
            return batch
    raise Refusal("InvalidBatch", f"Unable to find batch for id: {batch_id}")


def _shown_job(org: Org, job: Job, request: Request, status: int = 200) -> Response:
    as_json = _speaks_json(request) or (
        job.content_type == "JSON" and not request.headers.get("content-type")
    )
    return shown.reply(status, "jobInfo", shown.job_info(job, org.bulk.table.batches(job.id)), as_json)


@resource
def create(org: Org, request: Request) -> Response:
    """POST /job: 201 and the job."""
    if "sforce-enable-pkchunking" in request.headers and not _is_off(request):
        raise Refusal("FeatureNotEnabled", "PK chunking is not implemented by this emulator")
    given = _spec(request)
    operation, content = str(given.get("operation")), str(given.get("contentType") or "XML")
    if operation not in forms.INGEST_OPERATIONS + forms.QUERY_OPERATIONS:
        raise Refusal("InvalidJob", f"Invalid operation: {operation}")
    if content in ZIPPED:
        raise Refusal("FeatureNotEnabled", f"Content type {content} is not implemented by this emulator")
    mode = str(given.get("concurrencyMode") or "Parallel")
    if content not in CONTENTS or mode not in MODES:
        raise Refusal("InvalidJob", f"Invalid contentType or concurrencyMode: {content}, {mode}")
    sobject = find_target(org, request, str(given.get("object") or ""))
    stamp = org.state.clock.stamp()
    job = Job(
        *("", 0, CLASSIC, operation, sobject.name, request.user_id, stamp, stamp, OPEN),
        external_id=external_id(org, request, sobject, given),
        assignment_rule=str(given.get("assignmentRuleId") or ""),
        concurrency=MODES[mode],
        content_type=content,
        version=request.version,
    )
    return _shown_job(org, org.bulk.table.add_job(job), request, 201)


def _is_off(request: Request) -> bool:
    return request.headers["sforce-enable-pkchunking"].strip().lower() == "false"


@resource
def read(org: Org, request: Request, job_id: str) -> Response:
    """GET /job/ID."""
    return _shown_job(org, _find(org, job_id), request)


@resource
def change(org: Org, request: Request, job_id: str) -> Response:
    """POST /job/ID: state Closed or Aborted. A job that was aborted leaves the rest of its batches alone."""
    state = _spec(request).get("state")
    with org.state.store.transaction():
        job = _find(org, job_id)
        if state not in (CLOSED, ABORTED):
            raise Refusal("InvalidJobState", f"Invalid job state: {state}")
        if job.state in (ABORTED, FAILED) or (state == job.state):
            word = "Closing" if state == CLOSED else "Aborting"
            raise Refusal("InvalidJobState", f"{word} already {job.state} Job not allowed")
        org.bulk.table.change(job, state=state, modified=org.state.clock.stamp())
        for batch in org.bulk.table.batches(job.id) if state == ABORTED else ():
            if batch.state not in forms.BATCH_ENDED:
                org.bulk.table.change(batch, state=forms.NOT_PROCESSED)
    return _shown_job(org, job, request)


@resource
def add_batch(org: Org, request: Request, job_id: str) -> Response:
    """POST /job/ID/batch: records, or a query; 201 and the batch."""
    if len(request.body) > MOST_BYTES:
        raise Refusal("ClientInputError", f"A batch can't be larger than {MOST_BYTES} bytes")
    stamp = org.state.clock.stamp()
    with org.state.store.transaction():
        job = _find(org, job_id)
        if job.state != OPEN:
            raise Refusal("InvalidJobState", f"Adding batches to {job.state} Job not allowed")
        if org.limits.remaining(BATCHES) <= 0:
            raise Refusal("ExceededQuota", "ApiBatchItems Limit exceeded.")
        if not request.body.strip():
            raise Refusal("InvalidBatch", "Records not found for this batch")
        batch = org.bulk.table.add_batch(Batch("", 0, job.id, QUEUED, stamp, stamp), request.body)
    org.limits.use(BATCHES)
    org.bulk.submit(job)
    return shown.reply(201, "batchInfo", shown.batch_info(batch), job.content_type == "JSON")


@resource
def list_batches(org: Org, request: Request, job_id: str) -> Response:
    """GET /job/ID/batch."""
    job = _find(org, job_id)
    return shown.batch_list(org.bulk.table.batches(job.id), job.content_type == "JSON")


@resource
def read_batch(org: Org, request: Request, job_id: str, batch_id: str) -> Response:
    """GET /job/ID/batch/ID."""
    job = _find(org, job_id)
    info = shown.batch_info(_find_batch(org, job, batch_id))
    return shown.reply(200, "batchInfo", info, job.content_type == "JSON")


@resource
def batch_request(org: Org, request: Request, job_id: str, batch_id: str) -> Response:
    """GET /job/ID/batch/ID/request: what was sent."""
    job = _find(org, job_id)
    data = org.bulk.table.data(_find_batch(org, job, batch_id))
    return Response(200, data, content_type=shown.TYPES[job.content_type])


def _completed(org: Org, job: Job, batch_id: str) -> Batch:
    """The batch, if it has results (the text for one that failed is quoted from a live call)."""
    batch = _find_batch(org, job, batch_id)
    if batch.state in (FAILED, forms.NOT_PROCESSED):
        raise Refusal("InvalidBatch", "Records not processed")
    if batch.state != forms.COMPLETED:
        raise Refusal("InvalidBatch", "Batch not completed")
    return batch


@resource
def results(org: Org, request: Request, job_id: str, batch_id: str) -> Response:
    """GET /job/ID/batch/ID/result: what became of each record, or the results of a query."""
    job = _find(org, job_id)
    batch = _completed(org, job, batch_id)
    if job.is_query:
        return shown.result_list([make_id(RESULT_PREFIX, batch.number)], job)
    return shown.results(job, org.bulk.table.results(batch))


@resource
def query_result(org: Org, request: Request, job_id: str, batch_id: str, result_id: str) -> Response:
    """GET /job/ID/batch/ID/result/ID: what a query found."""
    job = _find(org, job_id)
    batch = _completed(org, job, batch_id)
    if not job.is_query or to18(result_id) != make_id(RESULT_PREFIX, batch.number):
        raise Refusal("InvalidBatch", f"Unable to find result for id: {result_id}")
    return shown.query_result(job, batch.header, org.bulk.table.rows(batch, 0, batch.processed))
