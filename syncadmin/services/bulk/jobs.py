"""Bulk jobs of a cycle: wait for them without holding anything, take their answers, and settle what a dead one left."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import chain, repeat
from time import sleep
from typing import TYPE_CHECKING

import structlog

from syncadmin.models import BulkJob, SyncStep
from syncadmin.services.refusals import refusal
from syncadmin.store import bulk as store
from syncadmin.store.pushed import Pushed
from syncadmin.sync import bulk as limits
from syncadmin.sync.assignment import KEEP
from syncadmin.sync.bulk import BulkKind, BulkOutcome, BulkState
from syncadmin.sync.ports import Org, SyncError
from syncadmin.sync.records import Tally

if TYPE_CHECKING:
    from syncadmin.services.cycle.steps import Cycle

#: Answers that are stored in one transaction.
PAGE = 2_000
log = structlog.get_logger(__name__)


def wait(org: Org, kind: BulkKind, job: str, beat: Callable[[], None]) -> BulkState:
    """Until it has ended; given up, and stopped, after ``PATIENCE``. ``beat`` is called after each look."""
    waited = 0.0
    for pause in chain(limits.PAUSES, repeat(limits.PAUSES[-1])):
        state = org.bulk.state(kind, job)
        beat()
        if state.has_ended:
            return state
        if waited >= limits.PATIENCE:
            org.bulk.abort(kind, job)
            return org.bulk.state(kind, job)
        sleep(pause)
        waited += pause
    raise AssertionError("repeat has no end")


def finish(cycle: Cycle, job: BulkJob, tally: Tally) -> BulkState:
    """Wait for a push, store its answers, and leave whoever has none to another push."""
    state = wait(cycle.org, BulkKind.INGEST, job.sfdc_job_id, lambda: cycle.beat(tally, "Person"))
    _take(cycle, job, tally)
    left = store.forget_rows(job)
    log.info("bulk job ended", job=job.sfdc_job_id, state=state.state, people=job.people, without_answer=left)
    close(cycle, job, BulkJob.State.DONE if state.is_complete else BulkJob.State.FAILED, state.message)
    return state


def _take(cycle: Cycle, job: BulkJob, tally: Tally) -> None:
    page: list[BulkOutcome] = []
    for outcome in cycle.org.bulk.outcomes(job.sfdc_job_id):
        page.append(outcome)
        if len(page) == PAGE:
            _store(cycle, job, page, tally)
            page = []
    _store(cycle, job, page, tally)


def _store(cycle: Cycle, job: BulkJob, outcomes: Iterable[BulkOutcome], tally: Tally) -> None:
    by_id = {outcome.key: outcome for outcome in outcomes}
    found = store.answered(job, list(by_id), cycle.rules)
    for sfdc_id, item in found.items():
        _answer(cycle, item, by_id[sfdc_id])
        tally.failed += item.failure is not None
        tally.updated += item.failure is None
    store.remember_answers(
        job, list(by_id), list(found.values()), cycle.connection, cycle.rules, cycle.origin_now()
    )
    cycle.beat(tally, "Person")


def _answer(cycle: Cycle, item: Pushed, outcome: BulkOutcome) -> None:
    person = item.plan.person
    if outcome.ok:
        item.accepted, item.pushed = True, dict(item.plan.to_remote)
    else:
        rules = cycle.rules[person.object]
        item.failure = refusal(person, person.object, outcome.errors, rules, str(KEEP))


def close(cycle: Cycle, job: BulkJob, state: str, message: str = "") -> None:
    """Nothing is expected of the job any more."""
    BulkJob.objects.filter(pk=job.pk).update(state=state, message=message, ended_at=cycle.clock())


def settle_open_jobs(cycle: Cycle) -> None:
    """What a cycle that died had sent: its answers come before anything is read, or they would look like changes
    that Salesforce made. What hadn't been begun is dropped; whoever was in it still waits."""
    for job in BulkJob.objects.filter(kind=BulkJob.Kind.INGEST, state=BulkJob.State.OPEN).order_by("pk"):
        with cycle.step("Person", SyncStep.Operation.RECOVER) as tally:
            try:
                _settle(cycle, job, tally)
            except SyncError as error:
                if not error.permanent:
                    raise
                give_up(cycle, job, error.message)


def _settle(cycle: Cycle, job: BulkJob, tally: Tally) -> None:
    if not job.sfdc_job_id:
        give_up(cycle, job, "It never reached Salesforce.")
    elif cycle.org.bulk.state(BulkKind.INGEST, job.sfdc_job_id).is_waiting_for_data:
        cycle.org.bulk.abort(BulkKind.INGEST, job.sfdc_job_id)
        give_up(cycle, job, "Its file was not complete.")
    else:
        finish(cycle, job, tally)


def give_up(cycle: Cycle, job: BulkJob, message: str) -> None:
    """Nothing of it is known; people are compared with their records again by whatever pushes them next."""
    store.forget_rows(job)
    close(cycle, job, BulkJob.State.FAILED, message)
