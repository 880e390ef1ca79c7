"""The last step of a cycle: Leads for people who aren't in Salesforce, and shall be; and refused clicks once more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.db.models import QuerySet

from people.models import Person
from syncadmin.models import SyncStep
from syncadmin.services.cycle.steps import PUSH_BATCH, Cycle
from syncadmin.services.push import Push
from syncadmin.store import newcomers
from syncadmin.sync.assignment import INCLUDED, AssignTo
from syncadmin.sync.records import Tally


def create_newcomers(cycle: Cycle) -> None:
    """Create who meets the inclusion rule, and try again what somebody asked for and Salesforce refused."""
    now = cycle.clock()
    asked: dict[str, list[int]] = {}
    for person_id, assign_to in newcomers.asked_again(now):
        asked.setdefault(assign_to, []).append(person_id)
    number = sum(map(len, asked.values()))
    included = newcomers.newcomers(now)
    total = number + included.count()
    if not total:
        return
    with cycle.step("Lead", SyncStep.Operation.PUSH, total=total) as tally:
        for assign_to, person_ids in asked.items():
            for start in range(0, len(person_ids), PUSH_BATCH):
                _create(cycle, person_ids[start : start + PUSH_BATCH], AssignTo.parse(assign_to), tally)
        for ids in _rounds(included):
            _create(cycle, ids, INCLUDED, tally)


def _rounds(people: QuerySet[Person]) -> Iterator[list[int]]:
    last = 0
    while ids := list(people.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:PUSH_BATCH]):
        last = ids[-1]
        yield ids


def _create(cycle: Cycle, ids: Sequence[int], assign: AssignTo, tally: Tally) -> None:
    push = Push(cycle.org, cycle.connection, cycle.rules, cycle.origin_now(), assign)
    for item in push.run(ids):
        tally.new += bool(item.created)
        tally.failed += item.failure is not None and not item.busy
        is_updated = item.linked or bool(item.pushed) or item.moved_owner
        tally.updated += item.failure is None and not item.created and is_updated
        tally.skipped += item.busy or bool(item.excluded)
    cycle.beat(tally, "Lead")
