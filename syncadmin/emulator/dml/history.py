"""Who changed which field of a record, when, from what to what.

A real org keeps this for the fields an administrator chooses (Field History Tracking) in objects such as
LeadHistory; here it is kept for every field of leads and contacts, for the sales rep's page and for tests, and
isn't part of the API. The latest 100,000 changes are kept, of long texts the first 4,000 characters.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from syncadmin.emulator.schema.model import SObject
from syncadmin.emulator.store import Row, Store

OBJECTS = frozenset({"Lead", "Contact"})
KEPT, SHOWN, LONGEST = 100_000, 200, 4000
# Audit fields say who and when already; the others follow from fields that are listed themselves.
LEFT_OUT = frozenset(
    {
        "LastModifiedDate",
        "LastModifiedById",
        "SystemModstamp",
        "LastViewedDate",
        "LastReferencedDate",
        "IsUnreadByOwner",
        "Name",
    }
)


@dataclass(frozen=True, slots=True)
class Change:
    """A field that changed. at: a stamp as on records; old and new: as stored."""

    at: str
    user_id: str
    field: str
    old: Any
    new: Any


def rows(sobject: SObject, before: Row | None, after: Row, changed: Iterable[str]) -> list[tuple[Any, ...]]:
    """The rows of the history for one write. changed: the names of the fields; none for a new record."""
    if sobject.name not in OBJECTS or before is None:
        return []
    head = (after["Id"], after["SystemModstamp"], after["LastModifiedById"])
    return [
        (*head, name, _cut(before[name]), _cut(after[name]))
        for name in changed
        if name not in LEFT_OUT and (field := sobject.get(name)) and not field.calculated
    ]


def _cut(value: Any) -> Any:
    return value[:LONGEST] if isinstance(value, str) else value


def write(store: Store, found: Sequence[tuple[Any, ...]]) -> None:
    """Keep these changes, and forget the oldest ones."""
    with store.transaction() as db:
        db.executemany('INSERT INTO "_history" VALUES (?, ?, ?, ?, ?, ?)', found)
        db.execute('DELETE FROM "_history" WHERE rowid <= (SELECT MAX(rowid) FROM "_history") - ?', (KEPT,))


def of(store: Store, record_id: str) -> list[Change]:
    """The latest 200 changes of a record, the newest first."""
    sql = (
        'SELECT at, user_id, field, old, new FROM "_history" WHERE record_id = ? ORDER BY rowid DESC LIMIT ?'
    )
    return [Change(*row) for row in store.select(sql, (record_id, SHOWN))]
