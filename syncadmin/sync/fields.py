"""How fields sync: rules, compiled once per cycle from what administrators chose."""

from __future__ import annotations

from collections.abc import Callable, Mapping
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


def _reader(api_name: str, normal: Normaliser) -> Callable[[Mapping[str, Any]], Value]:
    if "." not in api_name:
        return lambda raw: normal(raw.get(api_name))
    relation, name = api_name.split(".", 1)
    return lambda raw: normal((raw.get(relation) or {}).get(name))


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
    def _readers(self) -> tuple[tuple[str, Callable[[Mapping[str, Any]], Value]], ...]:
        return tuple((rule.name, _reader(rule.api_name, normaliser(rule.type))) for rule in self.fields)

    def read(self, raw: Mapping[str, Any]) -> dict[str, Value]:
        """A Salesforce record as normal values by person field name."""
        return {name: reader(raw) for name, reader in self._readers}

    def to_salesforce(self, values: Mapping[str, Value], *, creating: bool = False) -> dict[str, Value]:
        """Normal values by person field name as Salesforce takes them; what it can't take is left out."""
        fields = {}
        for name, value in values.items():
            rule = self.by_name.get(name)
            if rule and (rule.createable if creating else rule.updateable) and "." not in rule.api_name:
                fields[rule.api_name] = value
        return fields
