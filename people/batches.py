"""services.py for many people at once: the same rules, in a constant number of statements per batch."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import islice
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from people import bulk
from people.changes import Change, apply, changes_of, known_values, split_values, type_there
from people.fields import fields_named
from people.models import Activity, ActivityType, Person, PersonField
from people.signals import tell_edited
from people.values import Stored, is_standard

BATCH = 2_000
ACTIVITY_COLUMNS = ("person_id", "type", "at", "actor_id", "source", "attributes")
_DEFAULTS = {
    field.column: field.get_default() for field in Person._meta.concrete_fields if not field.primary_key
}
_COLUMNS = ("id", *_DEFAULTS)


def create_people(
    rows: Iterable[Mapping[str, Stored]],
    *,
    actor: AbstractBaseUser | None = None,
    source: str,
    now: datetime,
) -> int:
    """New people, each with a New Person activity; returns how many. All or none."""
    created = 0
    with transaction.atomic():
        for batch in _batched(rows):
            ids = bulk.allocate_ids(Person, len(batch))
            bulk.insert_rows(
                Person, _COLUMNS, [_new_row(*pair, now) for pair in zip(ids, batch, strict=True)]
            )
            log = [
                (person_id, ActivityType.NEW_PERSON, {"values": known_values(values)})
                for person_id, values in zip(ids, batch, strict=True)
            ]
            log_people(log, actor=actor, source=source, now=now)
            tell_edited([("", ())] * len(batch), is_new=True, actor=actor, source=source, now=now)
            created += len(batch)
    return created


def edit_people(
    changes: Mapping[int, Mapping[str, Stored]],
    *,
    actor: AbstractBaseUser | None = None,
    source: str,
    reason: str = "",
    now: datetime,
) -> int:
    """Change people, with one Change Data Value activity per value; returns how many really changed."""
    fields = fields_named({name for values in changes.values() for name in values})
    changed = 0
    with transaction.atomic():
        for batch in _batched(changes.items()):
            people = _locked([pk for pk, values in batch])
            made = _made(people, batch, fields)
            _save(people, made, now)
            log = [
                (pk, ActivityType.CHANGE_DATA_VALUE, change.as_attributes(reason))
                for pk, changes_made in made.items()
                for change in changes_made
            ]
            log_people(log, actor=actor, source=source, now=now)
            told = [(type_there(people[pk]), [each.field.name for each in made[pk]]) for pk in made]
            tell_edited(told, is_new=False, actor=actor, source=source, now=now)
            changed += len(made)
    return changed


def _locked(ids: Sequence[int]) -> dict[int, Person]:
    """The people, in one statement (in_bulk would take several on SQLite)."""
    return {
        person.pk: person for person in Person.objects.select_for_update().filter(pk__in=ids).order_by("pk")
    }


def _made(
    people: Mapping[int, Person],
    batch: Iterable[tuple[int, Mapping[str, Stored]]],
    fields: Mapping[str, PersonField],
) -> dict[int, list[Change]]:
    found = {pk: changes_of(people[pk], values, fields) for pk, values in batch if pk in people}
    return {pk: made for pk, made in found.items() if made}


def _save(people: Mapping[int, Person], made: Mapping[int, list[Change]], now: datetime) -> None:
    names = {change.field.name for changes in made.values() for change in changes}
    columns = sorted({name if is_standard(name) else "custom" for name in names})
    columns += ["version", "updated_at", "changed_at"]
    rows = []
    for pk, changes in made.items():
        person = people[pk]
        apply(person, changes)
        person.version += 1
        person.updated_at = now
        person.changed_at = now if person.sfdc_id else person.changed_at
        rows.append([*(_plain(getattr(person, column)) for column in columns), pk])
    bulk.update_rows(Person, "id", columns, rows)


def _new_row(person_id: int, values: Mapping[str, Stored], now: datetime) -> list[Any]:
    columns, custom = split_values(values)
    row = {**_DEFAULTS, **columns, "custom": custom, "created_at": now, "updated_at": now}
    return [person_id, *(_plain(row[column]) for column in _DEFAULTS)]


def log_people(
    entries: Iterable[tuple[int, str, dict[str, Any]]],
    *,
    actor: AbstractBaseUser | None,
    source: str,
    now: datetime,
) -> None:
    """Entries of activity logs: (person, ActivityType, attributes)."""
    actor_id = actor.pk if actor else None
    moment = _plain(now)
    rows = [
        (person_id, str(kind), moment, actor_id, source[:120], json.dumps(attributes))
        for person_id, kind, attributes in entries
    ]
    bulk.insert_rows(Activity, ACTIVITY_COLUMNS, rows)


def _plain(value: Any) -> Any:
    """A value as ``bulk`` takes it."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ")
    if isinstance(value, (date, Decimal)):
        return str(value)
    return json.dumps(value) if isinstance(value, dict) else value


def _batched(items: Iterable[Any]) -> Iterator[Sequence[Any]]:
    remaining = iter(items)
    while batch := list(islice(remaining, BATCH)):
        yield batch
