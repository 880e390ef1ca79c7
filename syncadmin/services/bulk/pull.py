"""Pull very many records by a bulk job, whose results may be stored in several goes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from syncadmin.models import BulkJob, PullCursor
from syncadmin.services.bulk import jobs as bulk_jobs
from syncadmin.services.bulk import reading as bulk_reading
from syncadmin.services.cycle.polling import filter_key, poll_of
from syncadmin.store.pages import store_page_safely
from syncadmin.sync.ports import Poll, PollAnswer, SyncError
from syncadmin.sync.records import Tally

if TYPE_CHECKING:
    from syncadmin.services.cycle.steps import Cycle


def pull_in_bulk(cycle: Cycle, object: str, answer: PollAnswer, tally: Tally) -> str:
    """Store everything that there is to read of an object; "" if Salesforce won't read it by a bulk job.

    Returns when the job was made, by Salesforce's clock: what changed since is for the next poll. The cursor doesn't
    move on the way, for the results have no order: the job's own locator tells how far they are stored.
    """
    job = _resume(cycle, object) or _begin(cycle, object, answer)
    if job is None:
        return ""
    cycle.note(object, f"By the Bulk API: job {job.sfdc_job_id}.")
    try:
        _store(cycle, job, tally)
    except SyncError as error:
        _unless_passing(cycle, job, error)
        return ""
    bulk_jobs.close(cycle, job, BulkJob.State.DONE)
    return job.began_at


def _store(cycle: Cycle, job: BulkJob, tally: Tally) -> None:
    rules = cycle.rules[job.object]
    for part in bulk_reading.parts(cycle.org, job.object, job.sfdc_job_id, job.locator):
        for records in part.pages:
            origin = cycle.origin_now(job.started_at)
            tally.add(store_page_safely(cycle.connection, rules, records, origin, move_cursor=False))
            job.people += len(records)
            cycle.beat(tally, job.object)
        job.locator = part.next
        job.save(update_fields=["locator", "people"])


def _unless_passing(cycle: Cycle, job: BulkJob, error: SyncError) -> None:
    """Give the job up and say so; if the trouble passes by itself, the next cycle goes on with it instead."""
    if not error.permanent:
        raise error
    if job.pk:
        bulk_jobs.close(cycle, job, BulkJob.State.FAILED, error.message)
    cycle.note(job.object, f"By REST instead of the Bulk API: {error.message}")


def _resume(cycle: Cycle, object: str) -> BulkJob | None:
    """The job of a cycle that ended before its results were stored, if it still answers this question."""
    asks = _key(_poll(cycle, object), cycle)
    found = None
    for job in BulkJob.objects.filter(kind=BulkJob.Kind.QUERY, object=object, state=BulkJob.State.OPEN):
        try:
            if job.query != asks or not job.sfdc_job_id:
                raise SyncError("OUTDATED", "Something else is to be read now.", permanent=True)
            bulk_reading.finish(cycle.org, job.sfdc_job_id, lambda: cycle.beat(Tally(), object))
            found = job
        except SyncError as error:
            if not error.permanent:
                raise
            bulk_jobs.close(cycle, job, BulkJob.State.FAILED, error.message)
    return found


def _begin(cycle: Cycle, object: str, answer: PollAnswer) -> BulkJob | None:
    poll, now = _poll(cycle, object), cycle.clock()
    job = BulkJob(
        kind=BulkJob.Kind.QUERY, object=object, run=cycle.run, started_at=now, began_at=answer.server_time,
        query=_key(poll, cycle),
    )  # fmt: skip
    try:
        job.sfdc_job_id = cycle.org.bulk.begin_query(poll)
        job.save()
        bulk_reading.finish(cycle.org, job.sfdc_job_id, lambda: cycle.beat(Tally(), object))
    except SyncError as error:
        _unless_passing(cycle, job, error)
        return None
    return job


def _poll(cycle: Cycle, object: str) -> Poll:
    return poll_of(PullCursor.objects.get(object=object), cycle.rules[object])


def _key(poll: Poll, cycle: Cycle) -> str:
    """What is asked, apart from what the moment brings (a record filter may speak of the last days)."""
    return json.dumps([poll.fields, poll.since, poll.after, filter_key(cycle.rules[poll.object])])
