"""The registry of fields: which there are, and which a marketer may write."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable

from people.models import STANDARD_NAMES, FieldGroup, Person, PersonField

# Names that exports, imports or Person already use for something else.
RESERVED = (
    STANDARD_NAMES | {field.name for field in Person._meta.get_fields()} | {"pk", "owner_id", "owner_sfdc_id"}
)


class UnknownField(LookupError):
    """A value was given for a field that people don't have."""


def fields_named(names: Collection[str]) -> dict[str, PersonField]:
    """The fields with these names. Raises UnknownField if one is missing."""
    found = {field.name: field for field in PersonField.objects.filter(name__in=list(names))}
    missing = sorted(set(names) - found.keys())
    if missing:
        raise UnknownField(", ".join(missing))
    return found


def grouped(fields: Iterable[PersonField]) -> list[tuple[str, list[PersonField]]]:
    """Fields under the headings of a person's page, in their order; empty groups are left out."""
    by_group: dict[str, list[PersonField]] = {group.value: [] for group in FieldGroup}
    for field in fields:
        by_group.setdefault(field.group, []).append(field)
    labels = dict(FieldGroup.choices)
    return [(str(labels.get(group, group)), members) for group, members in by_group.items() if members]


def free_name(label: str, taken: Collection[str]) -> str:
    """A name for a new field, made from its label: "Größe (cm)" becomes ``grosse_cm``."""
    plain = unicodedata.normalize("NFKD", label.replace("ß", "ss")).encode("ascii", "ignore").decode()
    stem = re.sub(r"[^a-z0-9]+", "_", plain.lower()).strip("_")[:70] or "field"
    stem = stem if stem[0].isalpha() else f"f_{stem}"
    candidates = [stem, *(f"{stem}_{number}" for number in range(2, 1000))]
    return next(name for name in candidates if name not in taken and name not in RESERVED)
