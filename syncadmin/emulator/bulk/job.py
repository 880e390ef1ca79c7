"""Bulk jobs and their batches as values, and the forms in which Bulk API 2.0 shows a job.

Key sets and their order are recorded: a job that was just made, one that was closed, one that is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

OPEN, UPLOADED, RUNNING = "Open", "UploadComplete", "InProgress"
COMPLETE, FAILED, ABORTED, CLOSED = "JobComplete", "Failed", "Aborted", "Closed"
FINISHED = (COMPLETE, FAILED, ABORTED)
V2_INGEST, V2_QUERY, CLASSIC = "V2Ingest", "V2Query", "Classic"
INGEST_OPERATIONS = ("insert", "update", "upsert", "delete", "hardDelete")
QUERY_OPERATIONS = ("query", "queryAll")
DELIMITERS = {"BACKQUOTE": "`", "CARET": "^", "COMMA": ",", "PIPE": "|", "SEMICOLON": ";", "TAB": "\t"}
LINE_ENDINGS = {"LF": "\n", "CRLF": "\r\n"}


@dataclass(slots=True)
class Job:
    """A row of the table of jobs. Times are milliseconds; processed and failed count records."""

    id: str
    number: int
    kind: str
    operation: str
    object: str
    created_by: str
    created: str
    modified: str
    state: str
    external_id: str = ""
    assignment_rule: str = ""
    concurrency: str = "Parallel"
    content_type: str = "CSV"
    version: str = "59.0"
    line_ending: str = "LF"
    delimiter: str = "COMMA"
    processed: int = 0
    failed: int = 0
    total_time: int = 0
    active_time: int = 0
    message: str = ""

    @property
    def finished(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state in FINISHED

    @property
    def is_query(self) -> bool:
        """Whether it reads rather than writes."""
        return self.operation in QUERY_OPERATIONS

    @property
    def separator(self) -> str:
        """The character between two columns."""
        return DELIMITERS[self.delimiter]

    @property
    def newline(self) -> str:
        """What ends a line."""
        return LINE_ENDINGS[self.line_ending]

    def path(self) -> str:
        """Where the job is found; faults match against it."""
        if self.kind == CLASSIC:
            return f"/services/async/{self.version}/job/{self.id}"
        area = "query" if self.is_query else "ingest"
        return f"/services/data/v{self.version}/jobs/{area}/{self.id}"


QUEUED, BATCH_RUNNING, COMPLETED, NOT_PROCESSED = "Queued", "InProgress", "Completed", "NotProcessed"
BATCH_ENDED = (COMPLETED, FAILED, NOT_PROCESSED)


@dataclass(slots=True)
class Batch:
    """A part of a job's data, or a query. Bulk API 2.0 has one for each job, and doesn't show it.

    header: the first line of what a query found.
    """

    id: str
    number: int
    job: str
    state: str
    created: str
    modified: str
    processed: int = 0
    failed: int = 0
    total_time: int = 0
    active_time: int = 0
    message: str = ""
    header: str = ""


def _basics(job: Job) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "id": job.id,
        "operation": job.operation,
        "object": job.object,
        "createdById": job.created_by,
        "createdDate": job.created,
        "systemModstamp": job.modified,
        "state": job.state,
    }
    if job.external_id:
        shown["externalIdFieldName"] = job.external_id
    if job.assignment_rule:
        shown["assignmentRuleId"] = job.assignment_rule
    return shown | {
        "concurrencyMode": job.concurrency,
        "contentType": job.content_type,
        "apiVersion": float(job.version),
    }


def _layout(job: Job) -> dict[str, Any]:
    """How the data is written; a job of Bulk API 1 doesn't say (documented)."""
    if job.kind == CLASSIC:
        return {}
    return {"lineEnding": job.line_ending, "columnDelimiter": job.delimiter}


def _content(job: Job) -> dict[str, Any]:
    """Where to upload to, without a slash in front (recorded); only as long as that is possible."""
    if job.kind != V2_INGEST or job.state != OPEN:
        return {}
    return {"contentUrl": f"services/data/v{job.version}/jobs/ingest/{job.id}/batches"}


def created(job: Job) -> dict[str, Any]:
    """The reply to the request that made the job (recorded)."""
    return _basics(job) | _content(job) | _layout(job)


def changed(job: Job) -> dict[str, Any]:
    """The reply to the request that closed or aborted an ingest job: nothing about its data (recorded)."""
    return _basics(job)


def listed(job: Job) -> dict[str, Any]:
    """An entry of a list of jobs. Source: the Get Information About All Jobs page."""
    return _basics(job) | {"jobType": job.kind} | _content(job) | _layout(job)


def shown(job: Job) -> dict[str, Any]:
    """The job with its counts (recorded: a query job counts no failures)."""
    counts: dict[str, Any] = {"numberRecordsProcessed": job.processed}
    if not job.is_query:
        counts["numberRecordsFailed"] = job.failed
    counts |= {"retries": 0, "totalProcessingTime": job.total_time}
    if not job.is_query:
        counts |= {"apiActiveProcessingTime": job.active_time, "apexProcessingTime": 0}
    error = {"errorMessage": job.message} if job.message else {}
    return listed(job) | counts | error
