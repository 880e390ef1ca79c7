"""Ingest jobs of Bulk API 2.0: `/services/data/vXX.0/jobs/ingest`.

Source: replies recorded in every state; the Bulk API 2.0 pages Create a Job, Upload Job Data, Close or Abort a
Job, Delete a Job, Get Job Results. That a second upload is refused, and its text, is quoted from a live call.
"""

from __future__ import annotations

from email import message_from_bytes
from typing import TYPE_CHECKING, Any

from syncadmin.emulator.bulk import job as forms
from syncadmin.emulator.bulk.job import (
    ABORTED,
    CLASSIC,
    COMPLETE,
    FAILED,
    OPEN,
    QUEUED,
    UPLOADED,
    V2_INGEST,
    Batch,
    Job,
)
from syncadmin.emulator.bulk.requests import (
    abort,
    choice,
    delete,
    find_job,
    layout,
    page_of_jobs,
    wrong_state,
)
from syncadmin.emulator.bulk.text import readable_rows
from syncadmin.emulator.errors import ApiError, ResourceError
from syncadmin.emulator.schema.model import SObject
from syncadmin.emulator.wire import Request, Response

if TYPE_CHECKING:
    from syncadmin.emulator.org import Org

MOST_BYTES = 100 * 2**20
MOST_CHARACTERS = 100_000
BATCH_SIZE = 10_000
BATCHES = "DailyBulkApiBatches"
OPERATIONS = forms.INGEST_OPERATIONS
Spec = dict[str, Any]


def find_target(org: Org, request: Request, name: str) -> SObject:
    """The object a job is for (the text for one that is unknown is from memory)."""
    sobject = org.state.schema.get(name)
    if sobject is None or not org.state.schema.may("read", sobject, request.user_id):
        raise ResourceError(400, "INVALIDENTITY", f"Unable to find object: {name}")
    if not (sobject.createable or sobject.updateable or sobject.deletable):
        raise ResourceError(400, "INVALIDENTITY", f"{sobject.name} is not supported by the Bulk API")
    return sobject


def external_id(org: Org, request: Request, sobject: SObject, given: Spec) -> str:
    """The field an upsert finds records by (texts from memory)."""
    if given.get("operation") != "upsert":
        return ""
    name = str(given.get("externalIdFieldName") or "")
    if not name:
        text = f"External ID was blank for {sobject.name}. An External ID must be specified for upsert."
        raise ApiError(400, "INVALIDJOB", text)
    field = org.state.schema.view(sobject, request.user_id).get(name)
    if field is None or not (field.external_id or field.id_lookup):
        raise ApiError(400, "INVALIDJOB", f"Field name {name} is not an External ID or indexed field")
    return field.name


def _new(org: Org, request: Request, given: Spec) -> Job:
    """The job a request asks for, not kept yet."""
    if given.get("operation") not in OPERATIONS:
        text = f"{given.get('operation')} is not a valid value for the enum JobOperationEnum"
        raise ApiError(400, "JSON_PARSER_ERROR", text)
    if org.limits.remaining(BATCHES) <= 0:
        raise ApiError(400, "EXCEEDEDQUOTA", "ApiBatchItems Limit exceeded.")
    sobject = find_target(org, request, str(given.get("object") or ""))
    key = external_id(org, request, sobject, given)
    stamp = org.state.clock.stamp()
    job = Job(
        *("", 0, V2_INGEST, str(given["operation"]), sobject.name, request.user_id, stamp, stamp, OPEN),
        external_id=key,
        assignment_rule=str(given.get("assignmentRuleId") or ""),
        concurrency=choice(given, "concurrencyMode", "ConcurrencyMode", ("Parallel", "Serial")),
        version=request.version,
    )
    job.delimiter, job.line_ending = layout(given)
    return job


def create(org: Org, request: Request) -> Response:
    """POST /jobs/ingest: a job, or a job and its data together (multipart)."""
    if request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        return _create_with_data(org, request)
    made = org.bulk.table.add_job(_new(org, request, request.json_object()))
    return Response(200, forms.created(made))


def _create_with_data(org: Org, request: Request) -> Response:
    """Documented: part `job` (JSON) and part `content` (CSV, up to 100,000 characters); it is closed at once."""
    head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
    message = message_from_bytes(head + request.body)
    parts = {
        str(part.get_param("name", header="content-disposition")): bytes(part.get_payload(decode=True))
        for part in message.walk()
        if not part.is_multipart()
    }
    if "job" not in parts or "content" not in parts:
        raise ApiError(400, "INVALIDJOB", "A multipart request needs the parts job and content")
    if len(parts["content"].decode("utf-8", "replace")) > MOST_CHARACTERS:
        text = f"The content of a multipart request can't exceed {MOST_CHARACTERS} characters"
        raise ApiError(400, "INVALIDJOB", text)
    inner = Request("POST", request.path, body=parts["job"])
    with org.state.store.transaction():
        job = org.bulk.table.add_job(_new(org, request, inner.json_object()))
        _keep(org, job, parts["content"])
        _close(org, job)
    return Response(200, forms.created(job))


def upload(org: Org, request: Request, job_id: str) -> Response:
    """PUT /jobs/ingest/ID/batches: 201 without a body (recorded); once for a job, 100 MB at most (documented;
    the answer to more is from memory).
    """
    if len(request.body) > MOST_BYTES:
        text = f"The upload exceeds the limit of {MOST_BYTES // 2**20} MB"
        raise ApiError(413, "EXCEEDED_MAX_SIZE_REQUEST", text)
    with org.state.store.transaction():
        job = find_job(org, job_id, (V2_INGEST,))
        if job.state != OPEN:
            raise wrong_state(f"Uploading to Job in state {job.state} not allowed")
        if org.bulk.table.batches(job.id):
            raise wrong_state(
                f"Found multiple contents for job: <{job.id[:15]}>, please 'Close' / 'Abort' / 'Delete' the"
                " current Job then create a new Job and make sure you only do 'PUT' once on a given Job."
            )
        _keep(org, job, request.body)
    return Response(201)


def _keep(org: Org, job: Job, data: bytes) -> None:
    stamp = org.state.clock.stamp()
    org.bulk.table.add_batch(Batch("", 0, job.id, QUEUED, stamp, stamp), data)


def _close(org: Org, job: Job) -> None:
    """Begin with it, and count its batches: one for every 10,000 records (documented)."""
    for batch in org.bulk.table.batches(job.id):
        records = max(0, sum(1 for _ in readable_rows(org.bulk.table.data(batch), job.separator)) - 1)
        org.limits.use(BATCHES, max(1, -(-records // BATCH_SIZE)))
    org.bulk.table.change(job, state=UPLOADED, modified=org.state.clock.stamp())
    org.state.store.when_committed(lambda: org.bulk.submit(job))


def change(org: Org, request: Request, job_id: str) -> Response:
    """PATCH /jobs/ingest/ID: `{"state": "UploadComplete"}` or `{"state": "Aborted"}`."""
    wanted = choice(request.json_object(), "state", "JobStateEnum", ("", UPLOADED, ABORTED))
    with org.state.store.transaction():
        job = find_job(org, job_id, (V2_INGEST,))
        if wanted == ABORTED:
            abort(org, job)
        elif job.state == OPEN:
            _close(org, job)
        else:
            word = {COMPLETE: "Completed"}.get(job.state, job.state)
            raise wrong_state(f"Closing already {word} Job not allowed")
    return Response(200, forms.changed(job))


def read(org: Org, request: Request, job_id: str) -> Response:
    """GET /jobs/ingest/ID."""
    return Response(200, forms.shown(find_job(org, job_id, (V2_INGEST, CLASSIC))))


def list_jobs(org: Org, request: Request) -> Response:
    """GET /jobs/ingest."""
    return page_of_jobs(org, request, "ingest", (V2_INGEST, CLASSIC))


def remove(org: Org, request: Request, job_id: str) -> Response:
    """DELETE /jobs/ingest/ID."""
    return delete(org, find_job(org, job_id, (V2_INGEST,)), (UPLOADED, COMPLETE, ABORTED, FAILED))
