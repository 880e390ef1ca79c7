"""Take the other value of many conflicts: a portion at a time, in a constant number of statements. Repeatable."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from people import bulk
from people.batches import edit_people
from people.models import Person, PersonField
from people.values import Stored, is_same
from syncadmin.models import Resolution, SyncConflict
from syncadmin.services.review.conflicts import SOURCE, TOOK, Conflict, as_stored, shown
from syncadmin.store.rows import to_db


class Fate(StrEnum):
    """What becomes of one conflict; the names of Resolution's counts."""

    CHANGED = "changed"
    ALREADY = "already"
    OVERTAKEN = "overtaken"
    LOCKED = "locked"


_STATES = {
    Fate.CHANGED: SyncConflict.State.TAKEN,
    Fate.ALREADY: SyncConflict.State.TAKEN,
    Fate.OVERTAKEN: SyncConflict.State.OVERTAKEN,
    Fate.LOCKED: SyncConflict.State.STANDS,
}


def fate_of(now: object, stayed: object, other: object, *, locked: bool) -> Fate:
    """A later edit is never undone: only the very value that won gives way to the other one."""
    if is_same(now, other):
        return Fate.ALREADY
    if locked:
        return Fate.LOCKED
    return Fate.CHANGED if is_same(now, stayed) else Fate.OVERTAKEN


def take_portion(job: Resolution, size: int, now: datetime) -> Counter[str]:
    """The next conflicts of the job, oldest first, inside the caller's transaction; what became of how many."""
    standing = SyncConflict.objects.filter(resolution=job, state=SyncConflict.State.STANDS).order_by("pk")
    rows = list(standing.select_for_update()[:size])
    people = {
        person.pk: person
        for person in Person.objects.select_for_update()
        .filter(pk__in={row.person_id for row in rows})
        .order_by("pk")
    }
    for row in rows:
        row.person = people[row.person_id]
    fates, changes = _decide(shown(rows))
    edit_people(changes, actor=job.requested_by, source=SOURCE, reason=TOOK, now=now)
    _store(job, rows, fates, now)
    return Counter(fate.value for fate in fates)


def _decide(conflicts: Sequence[Conflict]) -> tuple[list[Fate], dict[int, dict[str, Stored]]]:
    """Several may be about one field: a later one sees what an earlier one has changed."""
    changes: dict[int, dict[str, Stored]] = {}
    fates = []
    for conflict in conflicts:
        field, mine = conflict.field, changes.get(conflict.row.person_id, {})
        locked = field is None or field.is_read_only
        fate = fate_of(_now(conflict, mine), conflict.stayed, conflict.other, locked=locked)
        if fate is Fate.CHANGED and field is not None:
            changes.setdefault(conflict.row.person_id, {})[field.name] = as_stored(field, conflict.other)
        fates.append(fate)
    return fates, changes


def _now(conflict: Conflict, changed: Mapping[str, Any]) -> Any:
    field: PersonField | None = conflict.field
    return changed[field.name] if field is not None and field.name in changed else conflict.now


def _store(job: Resolution, rows: Sequence[SyncConflict], fates: Sequence[Fate], now: datetime) -> None:
    """What can't be changed leaves the job, and stands as before."""
    columns = ("state", "decided_at", "decided_by_id", "resolution_id")
    values = [
        (_STATES[fate].value, None, None, None, row.pk)
        if fate is Fate.LOCKED
        else (_STATES[fate].value, to_db(now), job.requested_by_id, job.pk, row.pk)
        for row, fate in zip(rows, fates, strict=True)
    ]
    bulk.update_rows(SyncConflict, "id", columns, values)
