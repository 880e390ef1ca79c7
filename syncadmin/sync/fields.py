"""How fields sync: rules, compiled once per cycle from what administrators chose."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from typing import Any

from syncadmin.sync.filters import RecordFilter
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
    OPTED_OUT = "opted_out"
    """Of a checkbox: whoever ticked it, so that no opt-out is ever lost."""


#: Types whose values are of one form: a field goes on syncing when Salesforce changes its type within a family.
_FAMILIES = (
    frozenset({"text", "textarea", "email", "phone", "url", "picklist"}),
    frozenset({"integer", "number", "currency", "percent"}),
)


def fits(ours: str, salesforce: str) -> bool:
    """Whether a person field of our type can sync with a Salesforce field of its type (as describe names it)."""
    theirs = TYPE_OF_SALESFORCE.get(salesforce, "")
    return ours == theirs or any({ours, theirs} <= family for family in _FAMILIES)


@dataclass(frozen=True, slots=True)
class FieldRule:
    """One person field and the Salesforce field it syncs with, on one object.

    ``api_name`` may follow one relationship (``Account.Name``); such a field can only be read. ``relation``: of a
    lookup, the relationship through which the name of the record it points at is read as well (``Partner__r``).
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
    relation: str = ""


@dataclass(frozen=True)
class ObjectRules:
    """All rules of one object. ``required``: API names without which Salesforce creates no record.

    ``filter``: which records come down by themselves; None lets all come. ``asked``: somebody asks for these records
    (a click, a decision), so that the filter keeps none of them back.
    """

    object: str
    fields: tuple[FieldRule, ...]
    required: tuple[str, ...] = ()
    filter: RecordFilter | None = None
    asked: bool = False

    @cached_property
    def api_names(self) -> tuple[str, ...]:
        """What to ask Salesforce for."""
        names = [rule.api_name for rule in self.fields]
        filtered = self.filter.rule.fields if self.filter else ()
        return tuple(
            dict.fromkeys([*names, *(f"{relation}.Name" for _, relation in self.lookups), *filtered])
        )

    @cached_property
    def lookups(self) -> tuple[tuple[str, str], ...]:
        """(API name, relationship) of lookups whose records' names are read."""
        return tuple((rule.api_name, rule.relation) for rule in self.fields if rule.relation)

    def names_in(self, raw: Mapping[str, Any]) -> dict[str, str]:
        """The names of the records that this one points at, by their id."""
        return {
            str(raw[api_name]): str(name)
            for api_name, relation in self.lookups
            if raw.get(api_name) and (name := (raw.get(relation) or {}).get("Name"))
        }

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

    @property
    def parents(self) -> tuple[str, ...]:
        """The relationships through which fields are read."""
        return tuple(dict.fromkeys(relation for _, relation, _, _ in self._followed))

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
        own = tuple(replace(rule, relation="") for rule in self.fields if "." not in rule.api_name)
        return replace(self, fields=own)

    def as_asked(self) -> ObjectRules:
        """The same, for records that somebody asks for."""
        return replace(self, asked=True)

    def is_outside(self, raw: Mapping[str, Any]) -> bool:
        """Whether the record doesn't meet the record filter."""
        return self.filter is not None and not self.filter.admits(raw)

    def keeps_back(self, raw: Mapping[str, Any]) -> bool:
        """Whether the record filter keeps this record from being read."""
        return not self.asked and self.is_outside(raw)

    def only(self, names: Collection[str]) -> ObjectRules:
        """The rules of these person fields alone."""
        return replace(self, fields=tuple(rule for rule in self.fields if rule.name in names))

    def to_salesforce(self, values: Mapping[str, Value], *, creating: bool = False) -> dict[str, Value]:
        """Normal values by person field name as Salesforce takes them; what it can't take is left out."""
        fields = {}
        for name, value in values.items():
            rule = self.by_name.get(name)
            if rule and (rule.createable if creating else rule.updateable) and "." not in rule.api_name:
                fields[rule.api_name] = value
        return fields
