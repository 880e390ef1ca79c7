"""A record on its way into the database: what the request says, read against the schema the user sees."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from syncadmin.emulator.dml.values import WrongType, convert
from syncadmin.emulator.errors import RecordError
from syncadmin.emulator.schema.model import Field
from syncadmin.emulator.schema.registry import View

Row = dict[str, Any]
FindParent = Callable[[Field, dict[str, Any]], str]


@dataclass(slots=True)
class Actor:
    """Who writes, and what the headers of the request ask for.

    auto_assign: TRUE, FALSE or the id of an assignment rule; REST runs the active rule unless told not to, SOAP
    and Bulk run one only when asked, so they say FALSE. source: the JSON the records came in, if they came in
    JSON: a value of the wrong type then spoils the whole request, as a place in that text.
    """

    user_id: str
    auto_assign: str = "TRUE"
    allow_duplicates: bool = False
    source: bytes | None = None


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
    view: View,
    body: dict[str, Any],
    new: bool,
    find_parent: FindParent,
    skip: frozenset[str] = frozenset(),
    *,
    strict: bool = False,
) -> Row:
    """The values of a request body by field name; RecordError for a field unknown or not writable.

    Source: recorded INVALID_FIELD and INVALID_FIELD_FOR_INSERT_UPDATE. strict: in JSON a checkbox isn't a text
    (quoted from live calls); in CSV and XML everything is.
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
    if strict:
        _check_booleans(view, values)
    return {name: convert(view.names[name], value) for name, value in values.items()}


def _check_booleans(view: View, values: Row) -> None:
    for name, value in values.items():
        if isinstance(value, str) and view.names[name].type == "boolean":
            raise WrongType(view.names[name], value)


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
