"""Why a record can't be written: gone, unknown, or not the user's to write."""

from __future__ import annotations

from syncadmin.emulator.errors import RecordError
from syncadmin.emulator.ids import is_id
from syncadmin.emulator.schema.model import SObject


def deleted_error() -> RecordError:
    """The record is in the recycle bin, or was removed from there (recorded)."""
    return RecordError("ENTITY_IS_DELETED", "entity is deleted", status=404)


def no_access() -> RecordError:
    """The user lacks the object permission, or sees the record but may not change it (text quoted from live
    calls).
    """
    text = "insufficient access rights on object id"
    return RecordError("INSUFFICIENT_ACCESS_OR_READONLY", text, status=403)


def no_cross_access(record_id: str) -> RecordError:
    """The user doesn't see the record (text quoted from live calls, with 15 characters of the id)."""
    text = f"insufficient access rights on cross-reference id: {record_id[:15]}"
    return RecordError("INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", text)


def unknown_id(sobject: SObject, record_id: str) -> RecordError:
    """No record has this id: malformed, of another object, or never given out (quoted from live calls)."""
    if not is_id(record_id):
        return RecordError("MALFORMED_ID", f"malformed id {record_id}")
    if record_id[:3] != sobject.prefix:
        label = sobject.fields["id"].label
        return RecordError("MALFORMED_ID", f"{label}: id value of incorrect type: {record_id}", ["Id"])
    return RecordError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", status=404, bare=True)
