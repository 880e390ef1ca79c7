"""What the org itself fills in: defaults, names, formulas, numbers and stamps."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from syncadmin.emulator.dml.draft import Row
from syncadmin.emulator.formula.compiler import FormulaError, Node, Scene, compile_formula
from syncadmin.emulator.formula.functions import or_null, stored, text
from syncadmin.emulator.schema.model import NUMBERS, Field, SObject
from syncadmin.emulator.state import State

if TYPE_CHECKING:
    from syncadmin.emulator.dml.related import Related

Calculated = list[tuple[Field, Node]]

DIGITS = re.compile(r"\{(0+)\}")
PERSONS = frozenset({"Lead", "Contact", "User"})


def blank(sobject: SObject) -> Row:
    """A row of the object with nothing but the defaults; numbers that are never null begin at 0."""
    return {f.name: _first(f) for f in sobject.stored_fields()}


def standing(sobject: SObject) -> Row:
    """The picklists with a default: a new record that says null has it nevertheless."""
    return {f.name: f.default for f in sobject.fields.values() if f.type == "picklist" and f.default}


def _first(field: Field) -> Any:
    if field.type == "boolean":
        return int(bool(field.default))
    return 0 if field.default is None and not field.nillable and field.type in NUMBERS else field.default


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


def formulas(sobject: SObject) -> Calculated:
    """The formula fields of an object, and how to compute them."""
    fields = [f for f in sobject.fields.values() if f.formula]
    kinds = frozenset((f.name, f.type) for f in sobject.fields.values()) if fields else frozenset()
    return [(field, _node(field.formula or "", kinds)) for field in fields]


def _node(formula: str, kinds: frozenset[tuple[str, str]]) -> Node:
    """A formula that names a field which has gone since is null (an org doesn't let such a field go)."""
    try:
        return compile_formula(formula, kinds)
    except FormulaError:
        return lambda scene: None


def compute(sobject: SObject, row: Row, calculated: Calculated, related: Related | None = None) -> None:
    """Fill in what follows from other fields."""
    if sobject.name in PERSONS:
        row["Name"] = full_name(row)
    if calculated:
        scene = related.scene(row) if related else Scene(row)
        for field, node in calculated:
            row[field.name] = as_type(field, node(scene))


def as_type(field: Field, value: Any) -> Any:
    """The result of a formula as its field keeps it; percent is a fraction in formulas, not in records."""
    if field.type == "boolean":
        return int(bool(value))
    if value is None or (field.is_text and value == ""):
        return None
    if field.is_text:
        return text(value)
    if field.type in ("date", "datetime"):
        return stored(value)
    number = or_null(float, value)
    return None if number is None else round(number * (100 if field.type == "percent" else 1), field.scale)


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
