"""What the calls about Bulk API 2.0 jobs have in common, ingest or query.

Source: the Bulk API 2.0 pages. INVALIDJOBSTATE with its texts for a job that is complete, NOT_FOUND and
INVALIDENTITY are quoted from live calls; other codes are those of Bulk API 1 in capitals, their texts from
memory.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from syncadmin.emulator.bulk import job as forms
from syncadmin.emulator.bulk.job import ABORTED, COMPLETE, DELIMITERS, LINE_ENDINGS, Job
from syncadmin.emulator.errors import ApiError, NotFound
from syncadmin.emulator.ids import is_id, make_id, number_of, to18
from syncadmin.emulator.wire import Request, Response

if TYPE_CHECKING:
    from syncadmin.emulator.org import Org

PAGE = 1000
KINDS = (forms.V2_INGEST, forms.V2_QUERY, forms.CLASSIC)
CSV_TYPE = "text/csv;charset=UTF-8"
LOCATOR_PREFIX = "01g"


def find_job(org: Org, job_id: str, kinds: tuple[str, ...]) -> Job:
    """The job of an id of 15 or 18 characters, or 404."""
    job = org.bulk.table.job(to18(job_id)) if is_id(job_id) else None
    if job is None or job.kind not in kinds:
        raise NotFound
    return job


def wrong_state(text: str) -> ApiError:
    """The job's state doesn't allow it."""
    return ApiError(400, "INVALIDJOBSTATE", text)


def choice(given: Mapping[str, Any], key: str, kind: str, allowed: tuple[str, ...]) -> str:
    """One of some words, the first one if the request has none (text from memory)."""
    value = given.get(key) or next(iter(allowed))
    if value not in allowed:
        raise ApiError(400, "JSON_PARSER_ERROR", f"{value} is not a valid value for the enum {kind}")
    return str(value)


def layout(given: Mapping[str, Any]) -> tuple[str, str]:
    """The delimiter and the line ending of a job's data. `contentType` can only be CSV."""
    choice(given, "contentType", "ContentType", ("CSV",))
    delimiters = ("COMMA", *DELIMITERS)
    return (
        choice(given, "columnDelimiter", "ColumnDelimiterEnum", delimiters),
        choice(given, "lineEnding", "LineEndingEnum", tuple(LINE_ENDINGS)),
    )


def abort(org: Org, job: Job) -> Job:
    """Stop a job; what is done stays done."""
    if job.finished:
        word = {COMPLETE: "Completed", ABORTED: "Aborted"}.get(job.state, "Failed")
        raise wrong_state(f"Aborting already {word} Job not allowed")
    org.bulk.table.change(job, state=ABORTED, modified=org.state.clock.stamp())
    return job


def delete(org: Org, job: Job, allowed: tuple[str, ...]) -> Response:
    """204; 400 unless the job is in a state in which it may be deleted (code and text as documented)."""
    if job.state not in allowed:
        text = "Error encountered when deleting the job because the job is not terminated"
        raise ApiError(400, "API_ERROR", text)
    org.bulk.table.delete(job)
    return Response(204)


def page_of_jobs(org: Org, request: Request, area: str, kinds: tuple[str, ...]) -> Response:
    """A thousand jobs, and where there are more; those of other kinds too if jobType asks for them.

    Source: the pages Get All Jobs and Get Information About All Query Jobs: isPkChunkingEnabled, jobType,
    concurrencyMode, queryLocator. Either list has the jobs of Bulk API 1 as well.
    """
    given = request.query
    first = _start(given.get("queryLocator", ""))
    if "jobType" in given:
        kinds = tuple(kind for kind in KINDS if kind.lower() == given["jobType"].lower())
    found = [job for job in org.bulk.table.jobs() if job.kind in kinds and _wanted(job, given)]
    records = [forms.listed(job) for job in found[first : first + PAGE]]
    after = first + PAGE
    following = None
    if after < len(found):
        locator = f"{make_id(LOCATOR_PREFIX, after)}-{PAGE}"
        following = f"{request.data_base}/jobs/{area}?queryLocator={locator}"
    return Response(200, {"done": following is None, "records": records, "nextRecordsUrl": following})


def _start(locator: str) -> int:
    key = locator.partition("-")[0]
    if not locator:
        return 0
    if not is_id(key) or not key.startswith(LOCATOR_PREFIX):
        raise ApiError(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
    return number_of(key)


def _wanted(job: Job, given: dict[str, str]) -> bool:
    """Whether a filter keeps a job. No job here is split by primary keys."""
    if given.get("isPkChunkingEnabled", "").lower() == "true":
        return False
    return given.get("concurrencyMode", job.concurrency).lower() == job.concurrency.lower()
