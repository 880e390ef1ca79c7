"""Conflicts are written twice: on the activity log, and in a table that can be searched. One writer, one id."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from people import bulk
from people.models import Activity, Person
from syncadmin.models import SyncConflict
from syncadmin.store.rows import to_json

ACTIVITY_COLUMNS = ("person_id", "type", "at", "actor_id", "source", "run_id", "attributes")
_COLUMNS = (
    "id", "person_id", "at", "object", "field", "label", "ours", "theirs", "winner", "reason", "theirs_by", "source",
    "run_id", "state",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """A conflict as the log has it: the values of ACTIVITY_COLUMNS, and its attributes before they became text."""

    columns: tuple[Any, ...]
    attributes: dict[str, Any]


def write_conflicts(entries: Sequence[Entry]) -> None:
    """The entries on the log, and their rows. A constant number of statements; none if there are none."""
    if not entries:
        return
    ids = bulk.allocate_ids(Activity, len(entries))
    numbered = list(zip(ids, entries, strict=True))
    bulk.insert_rows(Activity, ("id", *ACTIVITY_COLUMNS), [(pk, *entry.columns) for pk, entry in numbered])
    bulk.insert_rows(SyncConflict, _COLUMNS, [_row(pk, entry) for pk, entry in numbered])


def _row(pk: int, entry: Entry) -> tuple[Any, ...]:
    person_id, _, at, _, source, run_id, _ = entry.columns
    told = entry.attributes
    return (
        pk, person_id, at, told.get("object", ""), told["field"], str(told["label"])[:120], to_json(told["ours"]),
        to_json(told["theirs"]), told["winner"], told["reason"], str(told.get("theirs_by", ""))[:120], source, run_id,
        SyncConflict.State.STANDS.value,
    )  # fmt: skip


def follow_merge(sender: type[Person], *, winner_id: int, loser_id: int, **_: object) -> None:
    """Two people became one: their conflicts go along, as their activity logs do."""
    SyncConflict.objects.filter(person=loser_id).update(person=winner_id)
