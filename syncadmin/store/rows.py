"""People as the engine sees them, and back again as database rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import orjson

from people.models import Person
from people.standard_fields import STANDARD_FIELDS
from syncadmin.models import SyncState
from syncadmin.sync.records import LinkedPerson
from syncadmin.sync.values import Value, normaliser

_STANDARD = tuple((field.name, normaliser(field.type)) for field in STANDARD_FIELDS)
_STANDARD_NAMES = frozenset(name for name, _ in _STANDARD)
#: What a standard column holds for a blank value: text "", a checkbox false, anything else null.
_BLANK: dict[str, Any] = {
    field.name: False
    if field.type == "boolean"
    else None
    if field.type in ("date", "integer", "currency")
    else ""
    for field in STANDARD_FIELDS
}
_SYNC_COLUMNS = (
    "sfdc_type", "sfdc_id", "sfdc_is_deleted", "sfdc_created_at", "owner_id", "version", "changed_at", "failed_at",
    "synced_at", "updated_at",
)  # fmt: skip
COLUMNS = (*(name for name, _ in _STANDARD), "custom", *_SYNC_COLUMNS)


_PLAIN = frozenset({str, int, float, bool, type(None)})


def to_json(value: Any) -> str:
    """JSON text, as the JSON columns store it."""
    return orjson.dumps(value).decode()


def to_db(value: Any) -> Any:
    """A Python value as both drivers take it in raw statements."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
    if isinstance(value, dict):
        return to_json(value)
    if isinstance(value, (date, Decimal)):
        return str(value)
    return value


@dataclass(slots=True)
class PersonRow:
    """A person's columns, by name, as they shall stand in the database."""

    id: int
    columns: dict[str, Any]

    def put(self, values: Mapping[str, Value]) -> None:
        """Set fields, standard or custom, from normal values."""
        custom = None
        for name, value in values.items():
            if name in _STANDARD_NAMES:
                self.columns[name] = _BLANK[name] if value is None else value
            else:
                custom = dict(self.columns["custom"]) if custom is None else custom
                custom.pop(name, None)
                if value is not None:
                    custom[name] = value
        if custom is not None:
            self.columns["custom"] = custom

    def values(self) -> dict[str, Value]:
        """All fields as normal values."""
        columns = self.columns
        found = {name: normal(columns[name]) for name, normal in _STANDARD}
        found.update(columns["custom"])
        return found

    def as_tuple(self) -> tuple[Any, ...]:
        """The values of COLUMNS, for the driver."""
        # A page has some 80,000 of these values, nearly all plain: no call for those.
        return tuple(v if type(v) in _PLAIN else to_db(v) for v in map(self.columns.__getitem__, COLUMNS))


_BLANKS = tuple(_BLANK.items())


def new_tuple(values: Mapping[str, Value], sync: Mapping[str, Any]) -> tuple[Any, ...]:
    """The values of COLUMNS for a person who is not in the database yet."""
    get = values.get
    standard = [blank if (value := get(name)) is None else value for name, blank in _BLANKS]
    custom = {name: values[name] for name in values.keys() - _STANDARD_NAMES if values[name] is not None}
    return (*standard, to_json(custom), *[sync[name] for name in _SYNC_COLUMNS])


def load_rows(ids: Iterable[int], *, lock: bool) -> dict[int, PersonRow]:
    """People by id. ``lock``: nobody else may change them until the transaction ends."""
    people = Person.objects.filter(pk__in=list(ids)).order_by("pk")
    if lock:
        people = people.select_for_update(of=("self",))
    return {
        row[0]: PersonRow(row[0], dict(zip(COLUMNS, row[1:], strict=True)))
        for row in people.values_list("pk", *COLUMNS)
    }


def linked(row: PersonRow, state: SyncState | None, duplicate: SyncState | None = None) -> LinkedPerson:
    """A person with its link, as the engine decides about it."""
    return LinkedPerson(
        person_id=row.id,
        version=row.columns["version"],
        values=row.values(),
        object=state.object if state else "",
        sfdc_id=state.sfdc_id if state else "",
        base=state.base if state else {},
        owner_id=row.columns["owner_id"] or "",
        is_deleted=state.is_deleted if state else bool(row.columns["sfdc_is_deleted"]),
        is_duplicate_lead=state.is_duplicate if state else False,
        duplicate_lead_id=duplicate.sfdc_id if duplicate else "",
        is_carried=state.is_carried if state else False,
        rounds=(state.rounds or {}) if state else {},
    )
