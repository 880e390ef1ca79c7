"""Push very many people by bulk jobs: look up → decide → note → one file → wait → take the answers.

It decides with the same code as any push. Creates, owners, and what a file can't carry, are left to REST.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import structlog
from django.db.models import QuerySet

from people.models import Person
from syncadmin.models import BulkJob, SObject
from syncadmin.services.bulk import jobs as bulk_jobs
from syncadmin.services.push import Push
from syncadmin.store import bulk as store
from syncadmin.store import pushes
from syncadmin.store.linked import load_people
from syncadmin.store.pushed import Pushed
from syncadmin.store.waiting import pending
from syncadmin.sync import bulk as limits
from syncadmin.sync.assignment import KEEP
from syncadmin.sync.bulk import BulkKind, UpdateFile
from syncadmin.sync.ports import SyncError
from syncadmin.sync.pushes import Purpose, PushPlan
from syncadmin.sync.records import Tally

if TYPE_CHECKING:
    from syncadmin.services.cycle.steps import Cycle

#: People who are looked up by one API call, and decided about at once.
ROUND = 5_000
log = structlog.get_logger(__name__)


def push_in_bulk(cycle: Cycle, tally: Tally) -> None:
    """Push whoever waits, if there are enough of them; whoever still waits afterwards is left to REST."""
    for object in SObject.values:
        waiting = pending(cycle.clock()).filter(sfdc_type=object)
        if waiting.count() >= limits.PUSH_FROM:
            try:
                _push_object(cycle, object, waiting, tally)
            except BulkRefusedError as refused:
                cycle.note("Person", f"By REST instead of the Bulk API: {refused}")
                return


class BulkRefusedError(Exception):
    """Salesforce takes no bulk job, or has failed one; the message is for people."""


def _push_object(cycle: Cycle, object: str, waiting: QuerySet[Person], tally: Tally) -> None:
    last: int | None = 0
    while last is not None:
        job = BulkJob.objects.create(
            kind=BulkJob.Kind.INGEST, object=object, run=cycle.run, started_at=cycle.clock()
        )
        with cycle.org.bulk.new_file() as file:
            last = _fill(cycle, job, file, waiting.filter(pk__gt=last), tally)
            if not job.people:
                bulk_jobs.close(cycle, job, BulkJob.State.DONE)
                continue
            _send(cycle, job, file, tally)
        _await(cycle, job, tally)


def _fill(
    cycle: Cycle, job: BulkJob, file: UpdateFile, waiting: QuerySet[Person], tally: Tally
) -> int | None:
    """Decide about people until the file is full; the last one's id, or None after the last of all."""
    last = 0
    while job.people < limits.JOB_SIZE and file.size < limits.JOB_BYTES:
        most = min(ROUND, limits.JOB_SIZE - job.people)
        ids = list(waiting.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:most])
        if not ids:
            return None
        last = ids[-1]
        job.people += _round(cycle, job, file, ids, tally)
        cycle.beat(tally, "Person")
    return last


def _round(cycle: Cycle, job: BulkJob, file: UpdateFile, ids: Sequence[int], tally: Tally) -> int:
    """Put whoever has something to send into the file, and remember the rest as any push does. How many go."""
    push = Push(cycle.org, cycle.connection, cycle.rules, cycle.origin_now(), KEEP)
    items, held = push.decide(load_people(ids))
    going = [item for item in items if _goes(item, file)]
    store.note_rows(job, going)
    done = [*held, *(item for item in items if not item.plan.writes)]
    for item in done:
        item.accepted = item.failure is None
        tally.failed += item.failure is not None
        tally.skipped += item.failure is None
    for item in going:
        item.in_flight = True
    told = [item for item in going if _is_told(item.plan)]
    tally.conflicts += sum(len(item.plan.conflicts) for item in [*done, *told])
    pushes.remember(cycle.connection, cycle.rules, [*done, *told], push.origin)
    return len(going)


def _is_told(plan: PushPlan) -> bool:
    """Something beside the values that go is to be remembered."""
    return bool(plan.to_local or plan.agreed or plan.conflicts or plan.stops)


def _goes(item: Pushed, file: UpdateFile) -> bool:
    """An update of the record itself, and of nothing else: the rest is for REST."""
    if item.failure is not None or len(item.plan.writes) != 1:
        return False
    purpose, write = item.plan.writes[0]
    return purpose is Purpose.UPDATE and "OwnerId" not in write.fields and file.add(write.id, write.fields)


def _send(cycle: Cycle, job: BulkJob, file: UpdateFile, tally: Tally) -> None:
    """The job is known here before Salesforce may begin, so that no answer of it is ever missed."""
    try:
        job.sfdc_job_id = cycle.org.bulk.begin_update(job.object)
        job.save(update_fields=["sfdc_job_id", "people"])
        cycle.org.bulk.upload(job.sfdc_job_id, file)
        cycle.org.bulk.close(job.sfdc_job_id)
    except SyncError as error:
        log.warning("bulk job refused", code=error.code, job=job.sfdc_job_id)
        _drop(cycle, job, tally, error)
        raise BulkRefusedError(error.message) from error


def _drop(cycle: Cycle, job: BulkJob, tally: Tally, error: SyncError) -> None:
    """Stop what may have begun; if even that fails, the job stays open and the next cycle asks what became of it."""
    if job.sfdc_job_id:
        cycle.org.bulk.abort(BulkKind.INGEST, job.sfdc_job_id)
        if cycle.org.bulk.state(BulkKind.INGEST, job.sfdc_job_id).processed:
            bulk_jobs.finish(cycle, job, tally)
            return
    bulk_jobs.give_up(cycle, job, error.message)


def _await(cycle: Cycle, job: BulkJob, tally: Tally) -> None:
    cycle.note("Person", f"By the Bulk API: job {job.sfdc_job_id} with {job.people:,} people.")
    state = bulk_jobs.finish(cycle, job, tally)
    if not state.is_complete:
        raise BulkRefusedError(f"job {job.sfdc_job_id}: {state.message or state.state}")
