"""The recycle bin: what goes in with a record, what comes out with it, and what is gone for good.

Source: cascadeDelete of the recorded describes says which children go with a parent; the undelete() and
emptyRecycleBin() pages of the SOAP API guide, with texts from memory.
"""

# ruff: noqa: S608 - names in the SQL come from the schema, values are parameters
from __future__ import annotations

from collections.abc import Iterator

from syncadmin.emulator.dml import activities, campaigns, finish
from syncadmin.emulator.dml.draft import Row
from syncadmin.emulator.errors import RecordError
from syncadmin.emulator.schema.model import SObject
from syncadmin.emulator.state import State


def children(
    state: State, sobject: SObject, record_id: str, where: str, values: tuple[object, ...]
) -> Iterator[tuple[SObject, Row]]:
    """The records that go and come with this one, nearest first, as far as the condition holds for them."""
    for name, field, _, cascade in sobject.children:
        child = state.schema.get(name)
        if child is None or not cascade or not child.get("IsDeleted") or not child.get(field):
            continue
        rows = state.store.select(
            f'SELECT "Id" FROM "{child.name}" WHERE "{field}" = ? AND {where}', (record_id, *values)
        )
        for row in state.store.fetch(child, [row[0] for row in rows]).values():
            yield child, row


def bury(state: State, sobject: SObject, row: Row, user_id: str, stamp: str, **more: str) -> None:
    """Move a record into the recycle bin, and the children that go with it; all get the same stamp."""
    for child, one in children(state, sobject, row["Id"], '"IsDeleted" = 0', ()):
        bury(state, child, one, user_id, stamp)
    gone = row | {"IsDeleted": 1} | more
    finish.stamp_changed(gone, user_id, stamp)
    state.save_changed(sobject, [(row, gone)])
    _tell(state, sobject, row)


def restore(state: State, sobject: SObject, row: Row, user_id: str, stamp: str) -> None:
    """Take a record out of the recycle bin, and the children that went in with it.

    A loser of a merge comes back as a record of its own.
    """
    back = row | {"IsDeleted": 0}
    if "MasterRecordId" in row:
        back["MasterRecordId"] = None
    finish.stamp_changed(back, user_id, stamp)
    state.save_changed(sobject, [(row, back)])
    together = '"IsDeleted" = 1 AND "SystemModstamp" = ?'
    for child, one in children(state, sobject, row["Id"], together, (row["SystemModstamp"],)):
        restore(state, child, one, user_id, stamp)
    _tell(state, sobject, row)


def destroy(state: State, sobject: SObject, row: Row, stamp: str) -> None:
    """Remove a record for good, and the children that go with it. Its id stays taken, and getDeleted has it."""
    for child, one in children(state, sobject, row["Id"], "1", ()):
        destroy(state, child, one, stamp)
    deleted = row["SystemModstamp"] if row["IsDeleted"] else stamp
    state.store.bury(sobject.name, row["Id"], deleted)
    _tell(state, sobject, row)


def _tell(state: State, sobject: SObject, row: Row) -> None:
    """Campaigns count anew without it, and leads and contacts forget the activity."""
    if sobject.name in ("CampaignMember", "Opportunity"):
        campaigns.recount(state, [row["CampaignId"]])
    if sobject.name == "Task":
        activities.redate(state, [row[name] for name in activities.LINKS])


def not_in_bin() -> RecordError:
    """undelete() of a record that isn't deleted (documented code, text from memory)."""
    return RecordError("UNDELETE_FAILED", "Entity is not in the recycle bin")


def not_emptied() -> RecordError:
    """emptyRecycleBin() of a record that isn't deleted (from memory)."""
    return RecordError("INVALID_ID_FIELD", "The record isn't in the recycle bin")
