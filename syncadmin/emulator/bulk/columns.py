"""From the cells of an upload to the bodies that records are written from.

Source: the Prepare CSV Files and Valid CSV Record Rows pages: `#N/A` empties a field, an empty cell leaves it
alone, `Account.External_Key__c` names a parent by an external id, `User:Owner.Username` one of a lookup that
may point at several objects. The texts for a column that isn't there and for a value that can't be read are
recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from syncadmin.emulator.bulk.text import BadCsv
from syncadmin.emulator.dml.values import READERS, XSD
from syncadmin.emulator.errors import RecordError
from syncadmin.emulator.schema.model import Field
from syncadmin.emulator.schema.registry import View

Body = dict[str, Any]
Put = Callable[[Body, str], None]
NOTHING = "#N/A"
TRUE, FALSE = ("true", "yes", "y", "on", "1"), ("false", "no", "n", "off", "0")


class Columns:
    """The columns of an upload, as one user may see them."""

    def __init__(self, header: Sequence[str], view: View) -> None:
        self.names = [name.strip() for name in header]
        self._puts = [self._column(index, name, view) for index, name in enumerate(self.names)]

    def body(self, cells: Sequence[str]) -> Body:
        """The body of a record; RecordError for a value that isn't one of its column's type."""
        if len(cells) > len(self._puts):
            # The documented code for a row that is longer than the header; the text is from memory.
            text = f"Row has {len(cells)} columns, the header {len(self._puts)}"
            raise RecordError("INVALID_FIELD", text)
        body: Body = {}
        for put, cell in zip(self._puts, cells, strict=False):
            if cell != "":
                put(body, cell)
        return body

    def _column(self, index: int, name: str, view: View) -> Put:
        field = view.get(name)
        if field is not None:
            return plain(field, index)
        kind, _, path = name.rpartition(":")
        relationship, _, key = path.partition(".")
        for one in view.fields.values():
            if key and one.relationship and one.relationship.lower() == relationship.lower():
                return parent(one, kind, key)
        raise BadCsv(f"InvalidBatch : Field name not found : {name}")


def plain(field: Field, index: int) -> Put:
    """How a column of the object's own goes into a body."""
    name, read = field.name, CELLS.get(field.type)

    def put(body: Body, cell: str) -> None:
        if cell == NOTHING:
            body[name] = None
        elif read is None:
            body[name] = cell
        else:
            try:
                body[name] = read(cell.strip())
            except ValueError:
                raise unreadable(field, index, cell) from None

    return put


def parent(field: Field, kind: str, key: str) -> Put:
    """How a column that names a parent goes into a body."""

    def put(body: Body, cell: str) -> None:
        if cell == NOTHING:
            body[field.name] = None
            return
        reference: Body = {"attributes": {"type": kind}} if kind else {}
        body[field.relationship or ""] = reference | {key: cell}

    return put


def unreadable(field: Field, index: int, cell: str) -> RecordError:
    """The value isn't one of the column's type (recorded; columns are counted from 0)."""
    text = (
        f"Failed to deserialize field at col {index}. Due to, '{cell}' is not a valid value for the type"
        f" {XSD[field.type]}"
    )
    return RecordError("INVALID_FIELD", text, [field.name])


def _boolean(cell: str) -> bool:
    word = cell.lower()
    if word not in TRUE and word not in FALSE:
        raise ValueError(cell)
    return word in TRUE


CELLS: dict[str, Callable[[str], Any]] = {**READERS, "boolean": _boolean}
