"""What the org itself fills in: defaults, names, formulas, numbers and stamps."""

from __future__ import annotations

import re
from typing import Any

from syncadmin.emulator.draft import Row
from syncadmin.emulator.formula import Scene, compile_formula
from syncadmin.emulator.schema.model import Field, SObject
from syncadmin.emulator.state import State

DIGITS = re.compile(r"\{(0+)\}")
PERSONS = frozenset({"Lead", "Contact", "User"})


def blank(sobject: SObject) -> Row:
    """A row of the object with nothing but the defaults."""
    return {
        f.name: int(bool(f.default)) if f.type == "boolean" else f.default for f in sobject.stored_fields()
    }


def full_name(row: Row) -> str:
    """Name of a person: first and last name, without the salutation (as the recorded queries return it)."""
    return " ".join(part for part in (row.get("FirstName"), row.get("LastName")) if part)


def auto_number(field: Field, number: int) -> str:
    """`L-{00000}` → `L-00042`."""
    return DIGITS.sub(lambda match: str(number).zfill(len(match[1])), field.display_format or "{0}")


def number(state: State, sobject: SObject, row: Row) -> None:
    """Give a new record its id and its automatic numbers."""
    row["Id"] = state.next_id(sobject)
    for field in sobject.fields.values():
        if field.auto_number:
            row[field.name] = auto_number(field, state.next_number(sobject, field))


def formulas(sobject: SObject) -> list[Field]:
    """The formula fields of an object."""
    return [f for f in sobject.fields.values() if f.formula]


def compute(sobject: SObject, row: Row, calculated: list[Field]) -> None:
    """Fill in what follows from other fields."""
    if sobject.name in PERSONS:
        row["Name"] = full_name(row)
    for field in calculated:
        row[field.name] = _as_type(field, compile_formula(field.formula or "")(Scene(row)))


def _as_type(field: Field, value: Any) -> Any:
    if field.type == "boolean":
        return int(bool(value))
    return value if value is None or not field.is_text else str(value)


def stamp_new(row: Row, user_id: str, stamp: str) -> None:
    """Audit fields of a new record; whoever makes one has also seen it (recorded)."""
    row.update(CreatedDate=stamp, CreatedById=user_id)
    for name in ("LastViewedDate", "LastReferencedDate"):
        if name in row:
            row[name] = stamp
    stamp_changed(row, user_id, stamp)


def stamp_changed(row: Row, user_id: str, stamp: str) -> None:
    """Audit fields of a changed record."""
    row.update(LastModifiedDate=stamp, LastModifiedById=user_id, SystemModstamp=stamp)
