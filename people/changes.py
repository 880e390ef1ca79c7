"""Changes to a person, as values: what would change, and how it is written into the row and the log."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from people.models import Person, PersonField
from people.values import Json, Stored, canonical, is_blank, is_same, is_standard


@dataclass(frozen=True, slots=True)
class Change:
    """One field of one person gets another value."""

    field: PersonField
    old: object
    new: Stored

    def as_attributes(self, reason: str = "") -> dict[str, Any]:
        """The attributes of its Change Data Value activity."""
        attributes: dict[str, Any] = {
            "field": self.field.name,
            "label": self.field.label,
            "old": canonical(self.old),
            "new": canonical(self.new),
        }
        return attributes | ({"reason": reason} if reason else {})


def changes_of(
    person: Person, values: Mapping[str, Stored], fields: Mapping[str, PersonField]
) -> list[Change]:
    """The values that differ from what the person has."""
    return [
        Change(fields[name], person.value(name), value)
        for name, value in values.items()
        if not is_same(person.value(name), value)
    ]


def apply(person: Person, changes: Iterable[Change]) -> None:
    """Write changes into the object; the caller saves it."""
    for change in changes:
        if is_standard(change.field.name):
            setattr(person, change.field.name, change.new)
        else:
            person.custom = with_custom(person.custom, change.field.name, change.new)


def with_custom(custom: Mapping[str, Json], name: str, value: Stored) -> dict[str, Json]:
    """Custom values with one replaced; a blank one is absent."""
    kept = {key: old for key, old in custom.items() if key != name}
    plain = canonical(value)
    return kept if plain is None else {**kept, name: plain}


def split_values(values: Mapping[str, Stored]) -> tuple[dict[str, Stored], dict[str, Json]]:
    """Values as columns of Person, and as its custom values."""
    columns = {name: value for name, value in values.items() if is_standard(name)}
    custom: dict[str, Json] = {}
    for name, value in values.items():
        if not is_standard(name):
            custom = with_custom(custom, name, value)
    return columns, custom


def type_there(person: Person) -> str:
    """What the person is in Salesforce by now; blank: nothing, or deleted there."""
    return person.sfdc_type if person.is_in_salesforce else ""


def known_values(values: Mapping[str, Stored]) -> dict[str, Json]:
    """What a New Person activity tells: the values that are not blank."""
    return {name: canonical(value) for name, value in values.items() if not is_blank(value)}
