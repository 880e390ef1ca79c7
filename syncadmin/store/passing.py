"""Run code that writes, learn what it did, and undo it: for what is too rare and too manifold to be rehearsed apart."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from django.db import transaction
from django.db.models import Max

from people import bulk
from people.models import Activity, Person
from syncadmin.models import SyncState
from syncadmin.store.batch import Origin
from syncadmin.store.memory import Memory
from syncadmin.store.rows import COLUMNS, load_rows

T = TypeVar("T")


def in_passing(
    memory: Memory, ids: Iterable[str], people: Iterable[int], origin: Origin, act: Callable[[], T]
) -> tuple[T, list[Activity]]:
    """What ``act`` returns, and the activities it logged; all it wrote is in the memory, and undone in the database.

    ``ids``, ``people``: the records and the people it may touch. They are put into the database as the memory has them.
    """
    with transaction.atomic():
        records = _with_successors(memory, set(ids))
        known = {s.person_id for s in SyncState.objects.filter(pk__in=records)}
        concerned = known | memory.people_of(records) | set(people)
        _put_down(memory, concerned, origin)
        last = Activity.objects.aggregate(last=Max("pk"))["last"] or 0
        result = act()
        logged = list(Activity.objects.filter(pk__gt=last).order_by("pk"))
        _pick_up(memory, concerned, records)
        transaction.set_rollback(True)
    return result, logged


def _with_successors(memory: Memory, records: set[str]) -> set[str]:
    """The records, and those that they have become since."""
    new = records
    while new:
        states = [
            *SyncState.objects.filter(pk__in=new),
            *(memory.states[pk] for pk in new if pk in memory.states),
        ]
        new = {state.successor for state in states if state.successor} - records
        records |= new
    return records


def _put_down(memory: Memory, people: set[int], origin: Origin) -> None:
    rows = [memory.rows[pk] for pk in sorted(people) if pk in memory.rows]
    if not rows:
        return
    fresh = [row for row in rows if row.id < 0]
    bulk.insert_rows(
        Person, ("id", *COLUMNS, "created_at"), [(row.id, *row.as_tuple(), origin.now_db) for row in fresh]
    )
    bulk.update_rows(Person, "id", COLUMNS, [(*row.as_tuple(), row.id) for row in rows if row.id > 0])
    states = memory.states_of(row.id for row in rows)
    SyncState.objects.filter(person_id__in=[row.id for row in rows]).delete()
    SyncState.objects.filter(pk__in=[state.sfdc_id for state in states]).delete()
    SyncState.objects.bulk_create(states, batch_size=500)


def _pick_up(memory: Memory, people: set[int], records: set[str]) -> None:
    rows = load_rows(people, lock=False)
    states: dict[int, list[SyncState]] = {}
    for state in SyncState.objects.filter(person_id__in=rows):
        states.setdefault(state.person_id, []).append(state)
    for pk in people - rows.keys():
        memory.remove(pk)
    for row in rows.values():
        memory.keep_person(row, states.get(row.id, ()))
