"""Fields and objects as values."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

NUMBERS = frozenset({"double", "currency", "percent", "int"})
TEXTS = frozenset(
    {
        "string",
        "textarea",
        "phone",
        "email",
        "url",
        "picklist",
        "multipicklist",
        "combobox",
        "encryptedstring",
    }
)


@dataclass(frozen=True, slots=True)
class Choice:
    """An entry of a picklist."""

    value: str
    label: str
    default: bool = False
    active: bool = True


@dataclass(frozen=True, slots=True)
class Field:
    """A field of an sObject; the flags have the meaning describe gives them."""

    name: str
    label: str
    type: str
    length: int = 0
    precision: int = 0
    scale: int = 0
    digits: int = 0
    createable: bool = True
    updateable: bool = True
    nillable: bool = True
    defaulted: bool = False
    permissionable: bool = False
    filterable: bool = True
    sortable: bool = True
    groupable: bool = True
    aggregatable: bool = True
    custom: bool = False
    unique: bool = False
    external_id: bool = False
    id_lookup: bool = False
    case_sensitive: bool = False
    name_field: bool = False
    calculated: bool = False
    auto_number: bool = False
    restricted: bool = False
    name_pointing: bool = False
    prefilterable: bool = False
    by_distance: bool = False
    choices: tuple[Choice, ...] = ()
    reference_to: tuple[str, ...] = ()
    relationship: str | None = None
    compound: str | None = None
    extra: str | None = None
    default: Any = None
    formula: str | None = None
    display_format: str | None = None

    @property
    def stored(self) -> bool:
        """Whether the field has a column; a compound address is put together from its parts."""
        return self.type != "address"

    @property
    def is_text(self) -> bool:
        """Whether its values are texts."""
        return self.type in TEXTS

    @property
    def is_reference(self) -> bool:
        """Whether its values are record ids."""
        return self.type in ("reference", "id")


@dataclass(slots=True)
class SObject:
    """An object of the org; the flags have the meaning describe gives them.

    `layoutable` and `recent` (mruEnabled) are as `searchable` unless given.
    """

    name: str
    label: str
    plural: str
    prefix: str | None
    fields: dict[str, Field]
    createable: bool = True
    updateable: bool = True
    deletable: bool = True
    mergeable: bool = False
    undeletable: bool = True
    triggerable: bool = True
    searchable: bool = True
    layoutable: bool | None = None
    recent: bool | None = None
    feeds: bool = True
    scopes: tuple[tuple[str, str], ...] = ()
    children: tuple[tuple[str, str, str | None, bool], ...] = field(default=())

    def get(self, name: str) -> Field | None:
        """The field of this API name, whatever its case."""
        return self.fields.get(name.lower())

    @property
    def live(self) -> str:
        """The SQL that leaves out what is in the recycle bin; objects without one have nothing in it."""
        return '"IsDeleted" = 0' if self.get("IsDeleted") else "1"

    def stored_fields(self) -> list[Field]:
        """The fields that have a column."""
        return [f for f in self.fields.values() if f.stored]

    def put(self, new: Field) -> None:
        """Add a field or replace the one of its name."""
        self.fields[new.name.lower()] = new

    def copy(self) -> SObject:
        """A copy whose fields may change without touching the standard tables."""
        return replace(self, fields=dict(self.fields))


def make_object(
    name: str, label: str, plural: str, prefix: str | None, fields: list[Field], **flags: Any
) -> SObject:
    """An object from its table of fields."""
    return SObject(name, label, plural, prefix, {f.name.lower(): f for f in fields}, **flags)
