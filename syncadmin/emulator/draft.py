"""A record on its way into the database: what the request says, read against the schema the user sees."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from syncadmin.emulator.errors import RecordError
from syncadmin.emulator.schema.model import Field
from syncadmin.emulator.schema.registry import View
from syncadmin.emulator.values import convert

Row = dict[str, Any]
FindParent = Callable[[Field, dict[str, Any]], str]


@dataclass(slots=True)
class Actor:
    """Who writes, and what the headers of the request ask for."""

    user_id: str
    auto_assign: str = "TRUE"
    allow_duplicates: bool = False


@dataclass(slots=True)
class Outcome:
    """What became of one record."""

    id: str | None = None
    errors: list[RecordError] = field(default_factory=list)
    created: bool | None = None

    @property
    def ok(self) -> bool:
        """Whether it was saved."""
        return not self.errors


@dataclass(slots=True)
class Draft:
    """A record to create (before is None) or to change.

    `row` is what it will be, `changes` what was asked for.
    """

    before: Row | None
    row: Row
    changes: Row = field(default_factory=dict)
    errors: list[RecordError] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Whether nothing has been found against it so far."""
        return not self.errors


def read_body(
    view: View, body: dict[str, Any], new: bool, find_parent: FindParent, skip: frozenset[str] = frozenset()
) -> Row:
    """The values of a request body by field name; RecordError for a field unknown or not writable.

    Source: recorded INVALID_FIELD and INVALID_FIELD_FOR_INSERT_UPDATE.
    """
    values: Row = {}
    refused: list[str] = []
    for key, value in body.items():
        if key == "attributes" or key.lower() in skip:
            continue
        found = view.get(key)
        if found is None:
            found, value = _parent(view, key, value, find_parent)
        if not (found.createable if new else found.updateable):
            refused.append(found.name)
            continue
        values[found.name] = value
    if refused:
        raise not_writable(refused)
    return {name: convert(view.names[name], value) for name, value in values.items()}


def _parent(view: View, key: str, value: Any, find_parent: FindParent) -> tuple[Field, Any]:
    """`"Account": {"External_Key__c": "x"}` stands for the id of that account."""
    if isinstance(value, dict):
        for one in view.fields.values():
            if one.relationship and one.relationship.lower() == key.lower():
                return one, find_parent(one, value)
    raise no_such_column(key, view.sobject.name)


def no_such_column(name: str, sobject: str) -> RecordError:
    """The field doesn't exist, or the user doesn't see it (recorded)."""
    return RecordError("INVALID_FIELD", f"No such column '{name}' on sobject of type {sobject}", bare=True)


def not_writable(names: list[str]) -> RecordError:
    """The fields exist, but not for writing (recorded)."""
    return RecordError(
        "INVALID_FIELD_FOR_INSERT_UPDATE",
        f"Unable to create/update fields: {', '.join(names)}. Please check the security settings of this"
        " field and verify that it is read/write for your profile or permission set.",
        names,
    )
