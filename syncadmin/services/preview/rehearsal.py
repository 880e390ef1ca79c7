"""A cycle without its writing: the same steps, decided by the same code, read from the same Salesforce.

Of the org itself (users, queues, fields) it learns what a cycle would; of people, links, cursors and records nothing
is written on either side. What Salesforce would refuse it can't know.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from syncadmin.models import Connection, PullCursor, SObject, SyncStep
from syncadmin.services.bulk.reading import read_all
from syncadmin.services.cycle.polling import filter_key, poll, poll_and_refresh, poll_of, read_ahead
from syncadmin.services.cycle.recovery import find_creates
from syncadmin.services.fields.schema import begin_field_sync, refresh_schema
from syncadmin.services.owners import owner_names, refresh_owners
from syncadmin.services.push import Push
from syncadmin.store import outside
from syncadmin.store.batch import Origin
from syncadmin.store.memory import Memory
from syncadmin.store.pages import RECORD_ERRORS
from syncadmin.store.pushed import Pushed
from syncadmin.store.rehearsal import rehearse_records
from syncadmin.store.rehearsed_pushes import note_push, people_to_create, recall_created, waiting_people
from syncadmin.store.rules import load_rules
from syncadmin.sync.assignment import INCLUDED, KEEP, AssignTo
from syncadmin.sync.fields import ObjectRules
from syncadmin.sync.findings import Findings
from syncadmin.sync.ports import Operation, Org, PollAnswer, RawRecord
from syncadmin.sync.pushes import Purpose
from syncadmin.sync.records import Tally

#: People per round, as in the push step of a cycle.
PUSH_BATCH = 1_000
Clock = Callable[[], datetime]


@dataclass(slots=True)
class Step:
    """A row that the runs page would have."""

    object: str
    operation: str
    tally: Tally = field(default_factory=Tally)


@dataclass(slots=True)
class Rehearsal:
    """One look ahead. ``progress`` is told (done, total) after each page."""

    org: Org
    connection: Connection
    clock: Clock
    rules: dict[str, ObjectRules]
    origin: Origin
    findings: Findings
    progress: Callable[[int, int], None]
    polled_at: datetime | None = None
    steps: list[Step] = field(default_factory=list)
    calls_to_come: int = 0
    memory: Memory = field(default_factory=Memory)
    _done: int = 0
    _total: int = 0

    # -- asking -------------------------------------------------------------------------------------------

    def poll(self) -> PollAnswer:
        """Ask Salesforce for everything at once, as a cycle does."""
        before = self.org.api_calls
        self.polled_at = self.clock()
        answer = poll(self.org, self.rules)
        self.calls_to_come = self.org.api_calls - before
        return answer

    def refresh(self, answer: PollAnswer) -> None:
        """Learn about the org itself."""
        refresh_owners(answer.owners, self.clock())
        if answer.schemas:
            refresh_schema(answer.schemas.values(), self.clock())
            begin_field_sync()

    def reload_rules(self) -> None:
        """Rules and names as they are after the refresh."""
        self.rules = load_rules(self.connection)
        self.origin = replace(self.origin, owners=owner_names())

    # -- steps --------------------------------------------------------------------------------------------

    def run(self) -> None:
        """Ask, and go through all that the cycle would do."""
        answer = poll_and_refresh(self)
        self.reload_rules()
        self.go_through(answer)

    def go_through(self, answer: PollAnswer) -> None:
        """The steps behind the poll. ``calls_to_come`` grows by what they would cost."""
        before = self.org.api_calls
        self._total = sum(page.total for page in [*answer.pages.values(), *answer.parents.values()])
        self._recover()
        for object in SObject.values:
            self._pull(object, answer)
        self._push()
        self._create()
        self.findings.close()
        self.calls_to_come += self.org.api_calls - before

    def go_through_one(self, person_id: int, object: str, raw: RawRecord | None) -> None:
        """The same steps for one person. ``raw``: its record, if the poll would read it."""
        if raw is not None:
            self._records(object, [raw], self.polled_at)
        now = self.clock()
        for _ in self._pushed(waiting_people(self.memory, now, person_id), KEEP):
            pass
        for assign, ids in people_to_create(self.memory, now, person_id):
            for _ in self._pushed(ids, assign):
                pass
        self.findings.close()

    def _recover(self) -> None:
        notes, found = find_creates(self.org, self.connection, self.rules, self.origin)
        self.memory.settled |= notes
        if found:
            self.steps.append(Step("Lead", SyncStep.Operation.RECOVER, Tally(updated=len(found))))
            recall_created(self.memory, self.connection, self.rules, found, self._origin_now(), self.findings)

    def _pull(self, object: str, answer: PollAnswer) -> None:
        step = Step(object, SyncStep.Operation.PULL)
        self.steps.append(step)
        seen: set[str] = set()
        is_complete = self._reads_all(object) and bool(self.rules[object].filter)
        poll = poll_of(PullCursor.objects.get(object=object), self.rules[object])
        for records in read_all(self.org, poll, answer.pages[object], lambda: self._tell(0)):
            step.tally.add(self._page(object, records))
            if is_complete:
                seen.update(raw["Id"] for raw in records)
            self._tell(len(records))
        parents = answer.parents.get(object)
        for page in read_ahead(self.org, parents) if parents else ():
            step.tally.add(self._page(object, page.records))
            self._tell(len(page.records))
        if is_complete:
            self._check_linked(object, step.tally, seen)

    def _reads_all(self, object: str) -> bool:
        cursor = PullCursor.objects.get(object=object)
        return not cursor.polled_at or cursor.filter_key != filter_key(self.rules[object])

    def _check_linked(self, object: str, tally: Tally, seen: set[str]) -> None:
        """Linked records that don't meet the record filter, and so weren't on any page."""
        moment, rules = self.clock(), self.rules[object]
        rest = [pk for ids in outside.linked_before(object, moment) for pk in ids if pk not in seen]
        for start in range(0, len(rest), outside.PAGE):
            found = self.org.fetch(object, rest[start : start + outside.PAGE], rules.api_names)
            tally.add(self._page(object, list(found.values())))

    def _page(self, object: str, raws: list[RawRecord]) -> Tally:
        """A page; record by record if one of them can't be decided, as when it is stored."""
        try:
            return self._records(object, raws, self.polled_at)
        except RECORD_ERRORS:
            if len(raws) == 1:
                return Tally(failed=1)
        tally = Tally()
        for raw in raws:
            tally.add(self._page(object, [raw]))
        return tally

    def _records(self, object: str, raws: list[RawRecord], read_at: datetime | None = None) -> Tally:
        origin = self._origin_now(read_at)
        return rehearse_records(self.memory, self.connection, self.rules[object], raws, origin, self.findings)

    def _push(self) -> None:
        waiting = waiting_people(self.memory, self.clock())
        if waiting:
            step = Step("Person", SyncStep.Operation.PUSH)
            self.steps.append(step)
            self._total += len(waiting)
            for item in self._pushed(waiting, KEEP):
                sends = bool(item.plan.writes and item.plan.to_remote)
                step.tally.failed += item.failure is not None
                step.tally.updated += item.failure is None and sends
                step.tally.skipped += item.failure is None and not sends
                step.tally.conflicts += len(item.plan.conflicts)

    def _create(self) -> None:
        groups = people_to_create(self.memory, self.clock())
        if not groups:
            return
        step = Step("Lead", SyncStep.Operation.PUSH)
        self.steps.append(step)
        self._total += sum(len(ids) for _, ids in groups)
        for assign, ids in groups:
            for item in self._pushed(ids, assign):
                creates = any(purpose is Purpose.CREATE for purpose, _ in item.plan.writes)
                step.tally.new += item.failure is None and creates
                step.tally.failed += item.failure is not None
                updates = any(purpose is Purpose.UPDATE for purpose, _ in item.plan.writes)
                step.tally.updated += item.failure is None and not creates and (item.linked or updates)
                step.tally.skipped += bool(item.excluded)

    def _pushed(self, person_ids: Sequence[int], assign: AssignTo) -> Iterator[Pushed]:
        """What became of everybody, if Salesforce takes all that is sent."""
        for start in range(0, len(person_ids), PUSH_BATCH):
            ids = person_ids[start : start + PUSH_BATCH]
            push = Push(self.org, self.connection, self.rules, self._origin_now(), assign)
            items, held = push.decide(self.memory.load_people(ids))
            self.calls_to_come += self._calls_to_send(items, assign)
            for item in [*items, *held]:
                note_push(item, self.rules, self.findings)
                yield item
            for object in SObject.values:
                raws = [i.after for i in items if i.after is not None and i.plan.person.object == object]
                if raws:
                    self._records(object, raws)
            self._tell(len(ids))

    def _calls_to_send(self, items: Sequence[Pushed], assign: AssignTo) -> int:
        """Writing, and reading back what was linked or created for an owner that was asked for."""
        writes = [write for item in items for _, write in item.plan.writes]
        again = {item.plan.person.object for item in items if item.linked and item.failure is None}
        if assign is not INCLUDED and any(write.operation is Operation.CREATE for write in writes):
            again.add(SObject.LEAD)
        return (self.org.calls_to_write(writes) if writes else 0) + len(again)

    def _origin_now(self, read_at: datetime | None = None) -> Origin:
        return replace(self.origin, now=self.clock(), read_at=read_at)

    def _tell(self, number: int) -> None:
        self._done += number
        self.progress(self._done, max(self._total, self._done))
