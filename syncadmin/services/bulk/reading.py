"""Read very many records: one bulk job and a call for each 25,000 records, instead of a call for each 2,000."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import structlog

from syncadmin.services.bulk.jobs import wait
from syncadmin.services.cycle.polling import read_ahead
from syncadmin.sync import bulk as limits
from syncadmin.sync.bulk import BulkKind, BulkRows
from syncadmin.sync.ports import Org, Page, Poll, RawRecord, SyncError

log = structlog.get_logger(__name__)


def is_for_bulk(first: Page) -> bool:
    """Whether what is behind a first page is worth a bulk job."""
    return first.total >= limits.READ_FROM


def begin(org: Org, poll: Poll, beat: Callable[[], None]) -> str:
    """A bulk job that has read what a poll asks for; SyncError if Salesforce takes none, or failed it."""
    job = org.bulk.begin_query(poll)
    finish(org, job, beat)
    return job


def finish(org: Org, job: str, beat: Callable[[], None]) -> None:
    """Wait until a job has read everything; SyncError if it failed."""
    state = wait(org, BulkKind.QUERY, job, beat)
    if not state.is_complete:
        message = f"The bulk job {job} ended as {state.state}. {state.message}".strip()
        raise SyncError("BULK_JOB_FAILED", message, permanent=True)


def parts(org: Org, object: str, job: str, locator: str = "") -> Iterator[BulkRows]:
    """What a job has read, from a locator on; the next part is fetched while the caller works on this one."""
    with ThreadPoolExecutor(max_workers=1) as reader:
        part: BulkRows | None = org.bulk.rows(object, job, locator)
        while part is not None:
            coming = reader.submit(org.bulk.rows, object, job, part.next) if part.next else None
            yield part
            part = coming.result() if coming else None


def read_all(
    org: Org, poll: Poll, first: Page | None = None, beat: Callable[[], None] = lambda: None
) -> Iterator[list[RawRecord]]:
    """Everything that a poll asks for, deleted records included, in pages of up to 2,000; never all in memory.

    By a bulk job, and then in no order, if there is enough of it and Salesforce takes one; else by REST. ``first``: the
    first page, if it is there already. ``beat`` is called now and then while Salesforce works.
    """
    first = first or org.read(poll)
    if is_for_bulk(first):
        try:
            job = begin(org, poll, beat)
        except SyncError as error:
            log.warning("read by REST instead", code=error.code, object=poll.object)
        else:
            for part in parts(org, poll.object, job):
                yield from part.pages
            return
    for page in read_ahead(org, first):
        yield page.records
