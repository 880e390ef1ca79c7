"""One sync cycle: users and queues → schema → recover → pull → push → close.

Every page is stored in a transaction of its own, with the cursor; a cycle that is killed anywhere is simply done
again, from where its last page ended.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog

from syncadmin.models import Connection, PullCursor, SObject, SyncRun, SyncStep
from syncadmin.services import lease, recovery
from syncadmin.services.collection import rare_collection
from syncadmin.services.connecting import read_schema
from syncadmin.services.org import close_org, open_org
from syncadmin.services.owners import owner_names, refresh_owners
from syncadmin.services.push import Push
from syncadmin.services.schema import begin_field_sync, refresh_schema
from syncadmin.store import pushes
from syncadmin.store.batch import Origin
from syncadmin.store.pages import store_page_safely
from syncadmin.store.rules import load_rules
from syncadmin.sync.assignment import KEEP
from syncadmin.sync.fields import ObjectRules
from syncadmin.sync.overlap import resume
from syncadmin.sync.ports import Org, Page, Poll, PollAnswer, SyncError
from syncadmin.sync.records import Tally

#: People per round of the push step: two API calls a round.
PUSH_BATCH = 1_000
Clock = Callable[[], datetime]
log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Cycle:
    """One run of the cycle, with all that its steps need."""

    run: SyncRun
    connection: Connection
    org: Org
    clock: Clock
    rules: dict[str, ObjectRules]
    origin: Origin
    polled_at: datetime | None = None
    """When the poll began, by our clock."""
    began: dict[str, str] = field(default_factory=dict)
    """What each cursor says of when its reading began, by Salesforce's clock."""

    def poll(self) -> PollAnswer:
        """Ask Salesforce for everything at once; read the schema first if it has never been read."""
        self.polled_at = self.clock()
        cursors = {cursor.object: cursor for cursor in _cursors()}
        return self.org.poll([self._poll_of(cursors[object]) for object in SObject.values])

    def _poll_of(self, cursor: PullCursor) -> Poll:
        position = (cursor.position_stamp, cursor.position_id) if cursor.position_stamp else None
        start = resume(cursor.polled_at, cursor.began_at, position)
        names = self.rules[cursor.object].api_names
        return Poll(
            cursor.object, names, since=start.since, after=start.after, known_schema=cursor.schema_stamp
        )

    def begin_reading(self, answer: PollAnswer) -> None:
        """Note when the reading began; what is left of an earlier, unfinished one keeps its time."""
        PullCursor.objects.filter(began_at="").update(
            began_at=answer.server_time, position_stamp="", position_id=""
        )
        self.began = {cursor.object: cursor.began_at for cursor in _cursors()}

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
        self.rules = load_rules(self.connection)
        self.origin = Origin(self.origin.now, self.origin.source, run_id=self.run.pk, owners=owner_names())

    def recover(self) -> None:
        """Creates whose answer was lost, or whose worker died."""
        found = recovery.settle_creates(self.org, self.connection, self.rules, self.origin)
        if found:
            with self.step("Lead", SyncStep.Operation.RECOVER) as tally:
                tally.updated += len(found)

    def pull(self, object: str, answer: PollAnswer) -> None:
        """Store every page of one object; the next page is read while this one is stored."""
        first = answer.pages[object]
        with self.step(object, SyncStep.Operation.PULL, total=first.total) as tally, rare_collection():
            for page in self._pages(first):
                tally.add(
                    store_page_safely(
                        self.connection, self.rules[object], page.records, self._origin_now(self.polled_at)
                    )
                )
                self.beat(tally, object)
            # Unless somebody asked meanwhile for everything to be read again.
            PullCursor.objects.filter(object=object, began_at=self.began[object]).update(
                polled_at=answer.server_time, began_at="", position_stamp="", position_id=""
            )

    def _pages(self, first: Page) -> Iterator[Page]:
        with ThreadPoolExecutor(max_workers=1) as reader:
            page: Page | None = first
            while page is not None:
                coming = reader.submit(self.org.read_on, page) if page.next else None
                yield page
                page = coming.result() if coming else None

    def push(self) -> None:
        """Push everybody who waits, a round at a time; who is refused is passed over until the next cycle."""
        waiting = pushes.pending(self.clock())
        total = waiting.count()
        if not total:
            return
        with self.step("Person", SyncStep.Operation.PUSH, total=total) as tally:
            last = 0
            while ids := list(
                waiting.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:PUSH_BATCH]
            ):
                last = ids[-1]
                push = Push(self.org, self.connection, self.rules, self._origin_now(), KEEP)
                for item in push.run(ids):
                    tally.failed += item.failure is not None
                    tally.updated += item.failure is None and bool(item.pushed)
                    tally.skipped += item.failure is None and not item.pushed
                    tally.conflicts += len(item.plan.conflicts)
                self.beat(tally, "Person")

    def _origin_now(self, read_at: datetime | None = None) -> Origin:
        return replace(self.origin, now=self.clock(), read_at=read_at)

    # -- telling ------------------------------------------------------------------------------------------

    @contextmanager
    def step(self, object: str, operation: str, total: int | None = None) -> Iterator[Tally]:
        """A row of the runs page, kept up to date while the step works."""
        step = SyncStep.objects.create(
            run=self.run, object=object, operation=operation, started_at=self.clock(), total=total
        )
        tally = Tally()
        try:
            yield tally
        except BaseException:
            self._close(step, SyncStep.State.FAILED, tally)
            raise
        self._close(step, SyncStep.State.DONE, tally)

    def _close(self, step: SyncStep, state: str, tally: Tally) -> None:
        SyncStep.objects.filter(pk=step.pk).update(state=state, ended_at=self.clock(), **_columns(tally))

    def beat(self, tally: Tally, object: str) -> None:
        """After each page: renew the lease, show the progress."""
        lease.beat(self.run, self.clock(), self.org.api_calls)
        SyncStep.objects.filter(run=self.run, object=object, state=SyncStep.State.RUNNING).update(
            **_columns(tally)
        )


def _columns(tally: Tally) -> dict[str, int]:
    return {
        "new": tally.new, "updated": tally.updated, "deleted": tally.deleted, "failed": tally.failed,
        "skipped": tally.skipped, "conflicts": tally.conflicts, "done": tally.total,
    }  # fmt: skip


def _cursors() -> list[PullCursor]:
    PullCursor.objects.bulk_create(
        [PullCursor(object=object) for object in SObject.values], ignore_conflicts=True
    )
    return list(PullCursor.objects.all())


def run_sync_cycle(trigger: str, clock: Clock) -> SyncRun | None:
    """Run one cycle in the foreground; None if one is under way, or if there is nothing to connect to.

    What fails is told in the run (state, error_code, error_message), never raised, unless it is a bug.
    """
    connection = Connection.objects.first()
    if connection is None or not connection.is_ready:
        return None
    run = lease.begin_run(trigger, clock())
    if run is None:
        return None
    structlog.contextvars.bind_contextvars(run=run.pk)
    org = open_org(connection)
    origin = Origin(clock(), f"Sync cycle #{run.pk}", run_id=run.pk, owners=owner_names())
    cycle = Cycle(run, connection, org, clock, load_rules(connection), origin)
    try:
        _work(cycle)
    except lease.LeaseLostError:
        log.warning("cycle closed by another worker")
        run.refresh_from_db()
        return run
    except SyncError as error:
        _fail(cycle, error.code, error.message)
    except BaseException:
        _fail(cycle, "UNEXPECTED", "Something went wrong that shouldn't; the worker's log has the details.")
        raise
    else:
        _succeed(cycle)
    finally:
        structlog.contextvars.unbind_contextvars("run")
    return run


def _work(cycle: Cycle) -> None:
    answer = _first_poll(cycle)
    cycle.refresh(answer)
    if answer.schemas:
        asked = {object: rules.api_names for object, rules in cycle.rules.items()}
        cycle.reload_rules()
        if any(asked[object] != rules.api_names for object, rules in cycle.rules.items()):
            # The fields to read have changed with the schema: what came was read by the old ones.
            answer = cycle.poll()
    cycle.begin_reading(answer)
    cycle.recover()
    for object in SObject.values:
        cycle.pull(object, answer)
    cycle.push()


def _first_poll(cycle: Cycle) -> PollAnswer:
    with contextlib.suppress(FieldGoneError):
        return _poll(cycle)
    # A field is gone or hidden, and its query took the describe that would have told with it.
    read_schema(cycle.org, cycle.clock())
    cycle.reload_rules()
    with contextlib.suppress(FieldGoneError):
        return _poll(cycle)
    # Describe doesn't tell of fields read through a relationship: they are left out this time.
    cycle.rules = {object: rules.without_followed() for object, rules in cycle.rules.items()}
    return cycle.poll()


class FieldGoneError(Exception):
    """Salesforce knows a field no more that we asked for."""


def _poll(cycle: Cycle) -> PollAnswer:
    try:
        return cycle.poll()
    except SyncError as error:
        if error.code == "INVALID_FIELD":
            raise FieldGoneError from error
        raise


def _succeed(cycle: Cycle) -> None:
    lease.end_run(cycle.run, SyncRun.State.DONE, cycle.clock(), api_calls=cycle.org.api_calls)
    _close(cycle, Connection.Health.OK, "")


def _fail(cycle: Cycle, code: str, message: str) -> None:
    lease.end_run(
        cycle.run,
        SyncRun.State.FAILED,
        cycle.clock(),
        api_calls=cycle.org.api_calls,
        code=code,
        message=message,
    )
    _close(cycle, Connection.Health.FAILED, message)


def _close(cycle: Cycle, health: str, message: str) -> None:
    """Tell how it went, and when the next one is due: the pause counts from the end of this one."""
    now, connection = cycle.clock(), cycle.connection
    connection.refresh_from_db(fields=["pause_minutes"])
    due = now + timedelta(minutes=connection.pause_minutes)
    Connection.objects.filter(pk=connection.pk).update(
        health=health, health_message=message, health_at=now, next_cycle_at=due
    )
    close_org(connection, cycle.org)
