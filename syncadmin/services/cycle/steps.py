"""The steps of a sync cycle, each a row of the runs page: users, queues and schema, recover, pull, push."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime

from syncadmin.models import Connection, PullCursor, Purpose, SyncRun, SyncStep
from syncadmin.services.api.meter import Meter, OutOfCallsError
from syncadmin.services.bulk.jobs import settle_open_jobs
from syncadmin.services.bulk.pull import pull_in_bulk
from syncadmin.services.bulk.push import push_in_bulk
from syncadmin.services.bulk.reading import is_for_bulk
from syncadmin.services.cycle import lease, recovery
from syncadmin.services.cycle.collection import rare_collection
from syncadmin.services.cycle.polling import filter_key, poll, read_ahead
from syncadmin.services.fields.schema import begin_field_sync, refresh_schema
from syncadmin.services.org import errand, recorder_of
from syncadmin.services.owners import owner_names, refresh_owners
from syncadmin.services.push import Push
from syncadmin.services.timeline.passed_over import note_passed_over
from syncadmin.store import outside
from syncadmin.store.backlog import note_to_read
from syncadmin.store.batch import Origin
from syncadmin.store.growth import Growth
from syncadmin.store.pages import store_page_safely
from syncadmin.store.rules import load_rules
from syncadmin.store.waiting import pending
from syncadmin.sync.assignment import KEEP
from syncadmin.sync.fields import ObjectRules
from syncadmin.sync.ports import Org, PollAnswer, RawRecord
from syncadmin.sync.records import Tally

#: People per round of the push step: two API calls a round.
PUSH_BATCH = 1_000
Clock = Callable[[], datetime]


@dataclass(slots=True)
class Cycle:
    """One run of the cycle, with all that its steps need."""

    run: SyncRun
    connection: Connection
    org: Org
    clock: Clock
    rules: dict[str, ObjectRules]
    origin: Origin
    meter: Meter | None = None
    """Whether there are API calls left; without one there always are."""
    polled_at: datetime | None = None
    """When the poll began, by our clock."""
    began: dict[str, str] = field(default_factory=dict)
    """What each cursor says of when its reading began, by Salesforce's clock."""
    complete: set[str] = field(default_factory=set)
    """Objects that are read from the beginning."""
    growth: Growth = field(default_factory=Growth)

    def settle_bulk(self) -> None:
        """Answers to bulk jobs that a dead cycle left; before anything is read."""
        settle_open_jobs(self)

    def poll(self) -> PollAnswer:
        """Ask Salesforce for everything at once."""
        self.polled_at = self.clock()
        answer = poll(self.org, self.rules)
        note_to_read(answer, self.clock())
        return answer

    def begin_reading(self, answer: PollAnswer) -> None:
        """Note when the reading began; what is left of an earlier, unfinished one keeps its time."""
        outside.begin_under({object: filter_key(rules) for object, rules in self.rules.items()})
        PullCursor.objects.filter(began_at="").update(
            began_at=answer.server_time, position_stamp="", position_id=""
        )
        known = list(PullCursor.objects.all())
        self.began = {cursor.object: cursor.began_at for cursor in known}
        self.complete = {cursor.object for cursor in known if not cursor.polled_at}

    # -- steps --------------------------------------------------------------------------------------------

    def refresh(self, answer: PollAnswer) -> None:
        """Users and queues; the schema, if it changed."""
        with self.step("User", SyncStep.Operation.OWNERS) as tally:
            tally.skipped += refresh_owners(answer.owners, self.clock())
        if answer.schemas:
            with self.step("Fields", SyncStep.Operation.SCHEMA) as tally:
                tally.updated += refresh_schema(answer.schemas.values(), self.clock())
                begin_field_sync()

    def reload_rules(self) -> None:
        """Rules and names as they are after the refresh."""
        self.connection.refresh_from_db(fields=["settings_version"])
        self.rules = load_rules(self.connection)
        self.origin = Origin(self.origin.now, self.origin.source, run_id=self.run.pk, owners=owner_names())

    def recover(self) -> None:
        """Creates whose answer was lost, or whose worker died."""
        with errand(self.org, Purpose.CREATE):
            found = recovery.settle_creates(self.org, self.connection, self.rules, self.origin)
        if found:
            with self.step("Lead", SyncStep.Operation.RECOVER) as tally:
                tally.updated += len(found)

    def pull(self, object: str, answer: PollAnswer) -> None:
        """Store every page of one object, very many by a bulk job; the next is read while this one is stored."""
        first, parents = answer.pages[object], answer.parents.get(object)
        total = first.total + (parents.total if parents else 0)
        step = self.step(object, SyncStep.Operation.PULL, total=total)
        with errand(self.org, Purpose.PULL), step as tally, rare_collection():
            with errand(self.org, Purpose.BULK_PULL):
                done_at = pull_in_bulk(self, object, answer, tally) if is_for_bulk(first) else ""
            for page in () if done_at else read_ahead(self.org, first):
                tally.add(
                    store_page_safely(
                        self.connection, self.rules[object], page.records, self.origin_now(self.polled_at)
                    )
                )
                self.beat(tally, object)
            for page in read_ahead(self.org, parents) if parents else ():
                self._store_again(object, page.records, self.polled_at, tally)
            if object in self.complete and self.rules[object].filter:
                self._check_linked(object, tally)
            # Unless somebody asked meanwhile for everything to be read again.
            PullCursor.objects.filter(object=object, began_at=self.began[object]).update(
                polled_at=done_at or answer.server_time,
                began_at="",
                position_stamp="",
                position_id="",
                to_read=0,
            )

    def _check_linked(self, object: str, tally: Tally) -> None:
        """A filtered reading from the beginning says nothing of linked records that don't meet the filter."""
        rules = self.rules[object]
        for ids in outside.linked_before(object, self.run.started_at):
            read_at = self.clock()
            raws = list(self.org.fetch(object, ids, rules.api_names).values())
            self._store_again(object, raws, read_at, tally)

    def _store_again(
        self, object: str, raws: list[RawRecord], read_at: datetime | None, tally: Tally
    ) -> None:
        """Store records that say nothing of how far the object was read."""
        rules, origin = self.rules[object], self.origin_now(read_at)
        tally.add(store_page_safely(self.connection, rules, raws, origin, move_cursor=False))
        self.beat(tally, object)

    def push(self) -> None:
        """Push everybody who waits, very many by bulk jobs and the rest a round at a time; who is refused is passed
        over until the next cycle."""
        note_passed_over(self.origin_now())
        waiting = pending(self.clock())
        total = waiting.count()
        if not total:
            return
        step = self.step("Person", SyncStep.Operation.PUSH, total=total)
        with errand(self.org, Purpose.PUSH), step as tally:
            with errand(self.org, Purpose.BULK_PUSH):
                push_in_bulk(self, tally)
            last = 0
            while ids := list(
                waiting.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:PUSH_BATCH]
            ):
                last = ids[-1]
                push = Push(self.org, self.connection, self.rules, self.origin_now(), KEEP)
                for item in push.run(ids):
                    tally.failed += item.failure is not None
                    tally.updated += item.failure is None and bool(item.pushed)
                    tally.skipped += item.failure is None and not item.pushed
                    tally.conflicts += len(item.plan.conflicts)
                self.beat(tally, "Person")

    def origin_now(self, read_at: datetime | None = None) -> Origin:
        return replace(self.origin, now=self.clock(), read_at=read_at)

    # -- telling ------------------------------------------------------------------------------------------

    @contextmanager
    def step(self, object: str, operation: str, total: int | None = None) -> Iterator[Tally]:
        """A row of the runs page, kept up to date while the step works."""
        step = SyncStep.objects.create(
            run=self.run, object=object, operation=operation, started_at=self.clock(), total=total
        )
        tally, calls = Tally(), self.org.api_calls
        try:
            yield tally
        except OutOfCallsError:
            self._close(step, SyncStep.State.INCOMPLETE, tally, calls)
            raise
        except BaseException:
            self._close(step, SyncStep.State.FAILED, tally, calls)
            raise
        self._close(step, SyncStep.State.DONE, tally, calls)

    def _close(self, step: SyncStep, state: str, tally: Tally, calls: int) -> None:
        done = {"ended_at": self.clock(), "api_calls": self.org.api_calls - calls, **_columns(tally)}
        SyncStep.objects.filter(pk=step.pk).update(state=state, **done)

    def note(self, object: str, text: str) -> None:
        """Say about the step that works on an object what its numbers don't; a line of its own."""
        step = SyncStep.objects.filter(run=self.run, object=object, state=SyncStep.State.RUNNING).last()
        if step is not None and text not in step.note.splitlines():
            SyncStep.objects.filter(pk=step.pk).update(note=f"{step.note}\n{text}".strip())

    def beat(self, tally: Tally, object: str) -> None:
        """After each page: renew the lease, show the progress; OutOfCallsError if it has to go on another time."""
        lease.beat(self.run, self.clock(), self.org.api_calls)
        SyncStep.objects.filter(run=self.run, object=object, state=SyncStep.State.RUNNING).update(
            **_columns(tally)
        )
        self.growth.told(tally.new)
        if recorder := recorder_of(self.org):
            recorder.flush_if_due()
        self.check_calls()

    def check_calls(self) -> None:
        """OutOfCallsError if there are no API calls left for this cycle."""
        if self.meter is not None:
            self.meter.check(self.org)


def _columns(tally: Tally) -> dict[str, int]:
    return {
        "new": tally.new, "updated": tally.updated, "deleted": tally.deleted, "failed": tally.failed,
        "skipped": tally.skipped, "conflicts": tally.conflicts, "done": tally.total,
    }  # fmt: skip
