"""Parents named by an external id instead of by their own id."""

# ruff: noqa: S608 - names in the SQL come from the schema, values are parameters
from __future__ import annotations

from typing import Any

from syncadmin.emulator.errors import RecordError
from syncadmin.emulator.schema.model import Field
from syncadmin.emulator.schema.registry import Schema
from syncadmin.emulator.store import Store


class Parents:
    """Finds them. Source: recorded INVALID_FIELD "Foreign key external ID: … not found …"."""

    def __init__(self, schema: Schema, store: Store) -> None:
        self._schema, self._store = schema, store

    def find(self, field: Field, reference: dict[str, Any]) -> str:
        """The id of the parent that has this external id."""
        attributes = reference.get("attributes")
        kind = attributes.get("type") if isinstance(attributes, dict) else None
        target = self._schema.get(kind if kind in field.reference_to else field.reference_to[0])
        keys = [key for key in reference if key != "attributes"]
        key = target.get(keys[0]) if target and len(keys) == 1 else None
        if target is None or key is None or not key.id_lookup or isinstance(reference[keys[0]], dict | list):
            raise RecordError("INVALID_FIELD", f"invalid relationship reference: {field.relationship}")
        rows = self._store.select(
            f'SELECT "Id" FROM "{target.name}" WHERE "{key.name}" = ? LIMIT 2', (str(reference[keys[0]]),)
        )
        if len(rows) != 1:
            text = (
                f"Foreign key external ID: {reference[keys[0]]} not found for field {key.name}"
                f" in entity {target.name}"
            )
            raise RecordError("INVALID_FIELD", text)
        record_id: str = rows[0][0]
        return record_id
