"""Bulk API 2.0: jobs that write from a file, and jobs that read into one.

https://developer.salesforce.com/docs/atlas.en-us.api_asynch.meta/api_asynch/bulk_api_2_0.htm
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from typing import IO, Any, Self
from urllib.parse import quote

from syncadmin.salesforce import conditions, soql
from syncadmin.salesforce.bulk_csv import UpdateCsv, errors_in, reader, rows, scratch
from syncadmin.salesforce.composite import PAGE_SIZE
from syncadmin.salesforce.faults import Lost, lost
from syncadmin.salesforce.reading import chunks
from syncadmin.salesforce.transport import Transport
from syncadmin.sync import bulk as limits
from syncadmin.sync.bulk import BulkKind, BulkOutcome, BulkRows, BulkState
from syncadmin.sync.ports import Poll, SyncError


class SalesforceBulk:
    """The real :class:`~syncadmin.sync.bulk.BulkJobs`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._types: dict[str, dict[str, str]] = {}

    # -- writing ------------------------------------------------------------------------------------------

    def new_file(self) -> UpdateCsv:
        """An empty file of updates."""
        return UpdateCsv()

    def begin_update(self, object: str) -> str:
        """A job to update records; one API call. It runs no assignment rule, as none is named."""
        return self._begin(BulkKind.INGEST, {"object": soql.name(object), "operation": "update"})

    def upload(self, job: str, file: UpdateCsv) -> None:
        """Send its file; one API call. A job takes one file, and takes it once."""
        with scratch() as body:
            file.write_to(body)
            self._transport.upload(f"jobs/ingest/{quote(job)}/batches", body)

    def close(self, job: str) -> None:
        """Have Salesforce begin; one API call. If the answer is lost, the job's own state tells."""
        path = _path(BulkKind.INGEST, job)
        try:
            self._transport.call("PATCH", path, {"state": "UploadComplete"}, repeatable=False)
        except Lost:
            if self.state(BulkKind.INGEST, job).is_waiting_for_data:
                self._transport.call("PATCH", path, {"state": "UploadComplete"}, repeatable=False)

    def outcomes(self, job: str) -> Iterator[BulkOutcome]:
        """What became of each record that was processed. Two API calls."""
        yield from self._outcomes(job, "successfulResults")
        yield from self._outcomes(job, "failedResults")

    def _outcomes(self, job: str, results: str) -> Iterator[BulkOutcome]:
        with scratch() as file:
            self._transport.download(f"{_path(BulkKind.INGEST, job)}/{results}", file)
            lines = rows(file)
            header = {name.lower(): number for number, name in enumerate(next(lines, []))}
            own, key, error = (header.get(name) for name in ("sf__id", "id", "sf__error"))
            for cells in lines:
                id = cells[own] if own is not None else ""
                errors = errors_in(cells[error]) if error is not None else ()
                yield BulkOutcome((cells[key] if key is not None else "") or id, id, errors)

    # -- reading ------------------------------------------------------------------------------------------

    def begin_query(self, poll: Poll) -> str:
        """A job that reads what a poll asks for, in no order: with one Salesforce couldn't divide the work."""
        only = conditions.where(poll.only.rule, poll.only.now) if poll.only else ""
        body = {"operation": "queryAll", "query": soql.changes(poll, only, ordered=False)}
        return self._begin(BulkKind.QUERY, body)

    def rows(self, object: str, job: str, locator: str) -> BulkRows:
        """A part of what was found; one API call, and one for the types of the object's fields."""
        types = self._types_of(object)
        path = f"{_path(BulkKind.QUERY, job)}/results?maxRecords={limits.PART}"
        path += f"&locator={quote(locator)}" if locator else ""
        file = scratch()
        try:
            headers = self._transport.download(path, file)
        except BaseException:
            file.close()
            raise
        behind = headers.get("Sforce-Locator", "")
        return BulkRows(_Pages(file, types), "" if behind == "null" else behind)

    def _types_of(self, object: str) -> dict[str, str]:
        if object not in self._types:
            fields = self._transport.call("GET", f"sobjects/{soql.name(object)}/describe").body["fields"]
            self._types[object] = {field["name"]: field["type"] for field in fields}
        return self._types[object]

    # -- both ---------------------------------------------------------------------------------------------

    def state(self, kind: BulkKind, job: str) -> BulkState:
        """How far it is. One API call."""
        body = self._transport.call("GET", _path(kind, job)).body
        if not isinstance(body, dict) or "state" not in body:
            raise lost()
        processed, failed = (int(body.get(f"numberRecords{name}") or 0) for name in ("Processed", "Failed"))
        return BulkState(str(body["state"]), processed, failed, str(body.get("errorMessage") or ""))

    def abort(self, kind: BulkKind, job: str) -> None:
        """Stop it, if it hasn't ended. One API call; one more if it has."""
        try:
            self._transport.call("PATCH", _path(kind, job), {"state": "Aborted"})
        except SyncError:
            if not self.state(kind, job).has_ended:
                raise

    def _begin(self, kind: BulkKind, about: dict[str, str]) -> str:
        """Begun twice, after an answer was lost, one of the two stays without data: Salesforce drops it."""
        layout = {"contentType": "CSV", "columnDelimiter": "COMMA", "lineEnding": "LF"}
        body: Any = self._transport.call("POST", f"jobs/{kind}", about | layout).body
        if not isinstance(body, dict) or not soql.is_id(str(body.get("id", ""))):
            raise lost()
        return str(body["id"])


def _path(kind: BulkKind, job: str) -> str:
    return f"jobs/{kind}/{quote(job)}"


class _Pages:
    """The records of a file in pages. The file goes with its reader, read to the end or not."""

    def __init__(self, file: IO[bytes], types: dict[str, str]) -> None:
        weakref.finalize(self, file.close)
        lines = rows(file)
        read = reader(next(lines, []), types)
        self._chunks = chunks(map(read, lines), PAGE_SIZE)

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> list[dict[str, Any]]:
        return next(self._chunks)
