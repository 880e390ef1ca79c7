"""How fields sync: rules, compiled once per cycle from what administrators chose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

from syncadmin.sync.values import Normaliser, Value, normaliser

#: Salesforce's field types and ours. Types that are absent here (address, location, base64 …) can't be synced.
TYPE_OF_SALESFORCE: Mapping[str, str] = {
    "string": "text",
    "textarea": "textarea",
    "encryptedstring": "text",
    "email": "email",
    "phone": "phone",
    "url": "url",
    "picklist": "picklist",
    "combobox": "text",
    "multipicklist": "multipicklist",
    "boolean": "boolean",
    "int": "integer",
    "double": "number",
    "currency": "currency",
    "percent": "percent",
    "date": "date",
    "datetime": "datetime",
    "reference": "reference",
    "id": "reference",
    "anyType": "text",
}


class Direction(StrEnum):
    BOTH = "both"
    FROM_SALESFORCE = "from_salesforce"
    TO_SALESFORCE = "to_salesforce"
    OFF = "off"


class Winner(StrEnum):
    OURS = "ours"
    SALESFORCE = "salesforce"


@dataclass(frozen=True, slots=True)
class FieldRule:
    """One person field and the Salesforce field it syncs with, on one object.

    ``api_name`` may follow one relationship (``Account.Name``); such a field can only be read.
    """

    name: str
    api_name: str
    type: str = "text"
    direction: Direction = Direction.BOTH
    winner: Winner = Winner.OURS
    blank_never_overwrites: bool = False
    createable: bool = True
    updateable: bool = True
    label: str = ""


@dataclass(frozen=True)
class ObjectRules:
    """All rules of one object. ``required``: API names without which Salesforce creates no record."""

    object: str
    fields: tuple[FieldRule, ...]
    required: tuple[str, ...] = ()

    @cached_property
    def api_names(self) -> tuple[str, ...]:
        """What to ask Salesforce for."""
        return tuple(dict.fromkeys(rule.api_name for rule in self.fields))

    @cached_property
    def by_api_name(self) -> dict[str, FieldRule]:
        return {rule.api_name: rule for rule in self.fields}

    @cached_property
    def by_name(self) -> dict[str, FieldRule]:
        return {rule.name: rule for rule in self.fields}

    @cached_property
    def _plain(self) -> tuple[tuple[str, str, Normaliser, Value], ...]:
        """(name, API name, normaliser, the normal form of null) of the record's own fields."""
        found = ((rule, normaliser(rule.type)) for rule in self.fields if "." not in rule.api_name)
        return tuple((rule.name, rule.api_name, normal, normal(None)) for rule, normal in found)

    @cached_property
    def _followed(self) -> tuple[tuple[str, str, str, Normaliser], ...]:
        """(name, relationship, API name, normaliser) of fields read through a relationship."""
        found = ((rule, rule.api_name.partition(".")) for rule in self.fields if "." in rule.api_name)
        return tuple((rule.name, path[0], path[2], normaliser(rule.type)) for rule, path in found)

    def read(self, raw: Mapping[str, Any]) -> dict[str, Value]:
        """A Salesforce record as normal values by person field name."""
        get = raw.get
        values = {
            name: blank if (value := get(api_name)) is None else normal(value)
            for name, api_name, normal, blank in self._plain
        }
        for name, relation, api_name, normal in self._followed:
            values[name] = normal((get(relation) or {}).get(api_name))
        return values

    def without_followed(self) -> ObjectRules:
        """The same, without fields read through a relationship."""
        own = tuple(rule for rule in self.fields if "." not in rule.api_name)
        return ObjectRules(self.object, own, self.required)

    def to_salesforce(self, values: Mapping[str, Value], *, creating: bool = False) -> dict[str, Value]:
        """Normal values by person field name as Salesforce takes them; what it can't take is left out."""
        fields = {}
        for name, value in values.items():
            rule = self.by_name.get(name)
            if rule and (rule.createable if creating else rule.updateable) and "." not in rule.api_name:
                fields[rule.api_name] = value
        return fields
