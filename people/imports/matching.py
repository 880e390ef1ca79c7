"""Which column of a file holds which field: by field name, by label, by Salesforce label or API name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from people.models import PersonField

Aliases = Mapping[str, str]
_sources: list[Callable[[], Aliases]] = []

# Columns of our own exports that nobody edits: known, and left alone.
OWN_COLUMNS = ("id", "sfdc_type", "sfdc_id", "sfdc_is_deleted", "owner")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the file. ``field`` is None if it is not imported; ``note`` says why."""

    index: int
    header: str
    field: PersonField | None
    note: str = ""


def register_aliases(source: Callable[[], Aliases]) -> None:
    """Other names for fields, asked for at each import: {normalised label or API name: field name}."""
    if source not in _sources:
        _sources.append(source)


def normalised(name: str) -> str:
    """Names that differ in case, spaces, hyphens and underscores alone are the same: "E-Mail" is "email"."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", name).casefold())


def known_names(fields: Iterable[PersonField]) -> dict[str, PersonField]:
    """Every name a column may have. Our own names win over Salesforce's."""
    by_name = {field.name: field for field in fields}
    names: dict[str, PersonField] = {}
    for source in _sources:
        for alias, name in source().items():
            if name in by_name:
                names.setdefault(normalised(alias), by_name[name])
    names |= {normalised(field.label): field for field in by_name.values()}
    return names | {normalised(name): field for name, field in by_name.items()}


def match_columns(
    header: Sequence[str], fields: Sequence[PersonField], chosen: Mapping[str, str]
) -> list[Column]:
    """The columns with their fields; ``chosen`` ({column number: field name, or blank}) overrules the names."""
    names = known_names(fields)
    by_name = {field.name: field for field in fields}
    columns = []
    for index, title in enumerate(header):
        choice = chosen.get(str(index))
        field = by_name.get(choice) if choice else names.get(normalised(title)) if choice is None else None
        columns.append(_column(index, title, field, is_choice=choice is not None))
    return columns


def _column(index: int, title: str, field: PersonField | None, *, is_choice: bool) -> Column:
    if field and field.is_read_only:
        return Column(index, title, None, _("“%s” is read-only: Salesforce alone writes it.") % field.label)
    if field:
        return Column(index, title, field)
    if normalised(title) in {normalised(name) for name in OWN_COLUMNS}:
        return Column(index, title, None, _("Kept by the product itself; imports leave it alone."))
    return Column(index, title, None, "" if is_choice else _("No field has this name."))


def mapping_problems(columns: Sequence[Column]) -> list[str]:
    """Why nothing can be imported with these columns."""
    by_field: dict[str, list[Column]] = {}
    for column in columns:
        if column.field:
            by_field.setdefault(column.field.name, []).append(column)
    if not by_field:
        return [_("None of the columns is known. The first line has to name the fields, as an export does.")]
    return [
        _("Two columns hold “%(field)s”: %(columns)s. Import one of them.")
        % {"field": same[0].field, "columns": _listed(same)}
        for same in by_field.values()
        if len(same) > 1
    ]


def _listed(columns: Sequence[Column]) -> str:
    return ", ".join(f"“{column.header}” ({column.index + 1})" for column in columns)
