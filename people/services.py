"""The only writers of Person, PersonField and Activity (but for the sync's own set-based path, ``bulk``).

Values come in as ``values.clean_value`` returns them. ``source`` says in words who or what did it; ``actor`` is the
user, if it was one; ``now`` is passed in. Every change of a value leaves an activity.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Max

from people.changes import Change, apply, changes_of, known_values, split_values
from people.fields import fields_named, free_name
from people.models import Activity, ActivityType, FieldGroup, FieldType, Person, PersonField
from people.values import Stored, canonical, is_standard

logger = logging.getLogger(__name__)
BATCH = 2_000
LINK = ("sfdc_type", "sfdc_id", "sfdc_is_deleted", "sfdc_created_at", "owner_id", "synced_at", "failed_at")


def create_person(
    values: Mapping[str, Stored], *, actor: AbstractBaseUser | None = None, source: str, now: datetime
) -> Person:
    """A new person, with a New Person activity."""
    fields_named(values.keys())
    columns, custom = split_values(values)
    with transaction.atomic():
        person = Person.objects.create(**columns, custom=custom, created_at=now, updated_at=now)
        _log(
            person,
            ActivityType.NEW_PERSON,
            {"values": known_values(values)},
            actor=actor,
            source=source,
            now=now,
        )
    return person


def edit_person(
    person_id: int,
    changes: Mapping[str, Stored],
    *,
    actor: AbstractBaseUser | None = None,
    source: str,
    reason: str = "",
    now: datetime,
) -> list[str]:
    """Change fields of a person; returns the names of those that really changed. Raises Person.DoesNotExist."""
    fields = fields_named(changes.keys())
    with transaction.atomic():
        person = Person.objects.select_for_update().get(pk=person_id)
        made = changes_of(person, changes, fields)
        if made:
            _save_changes(person, made, now)
            Activity.objects.bulk_create(
                _change_activity(person, change, reason, actor=actor, source=source, now=now)
                for change in made
            )
    return [change.field.name for change in made]


def _save_changes(person: Person, made: list[Change], now: datetime) -> None:
    apply(person, made)
    person.version += 1
    person.updated_at = now
    if person.sfdc_id:
        person.changed_at = now
    columns = {change.field.name if is_standard(change.field.name) else "custom" for change in made}
    person.save(update_fields=[*columns, "version", "updated_at", "changed_at"])


def _change_activity(
    person: Person, change: Change, reason: str, *, actor: AbstractBaseUser | None, source: str, now: datetime
) -> Activity:
    return Activity(
        person=person,
        type=ActivityType.CHANGE_DATA_VALUE,
        at=now,
        actor=actor,
        source=source[:120],
        attributes=change.as_attributes(reason),
    )


def delete_people(
    ids: Iterable[int], *, actor: AbstractBaseUser | None = None, source: str, now: datetime
) -> int:
    """Delete people with their activity logs, all or none. Salesforce isn't told: their records stay there."""
    wanted, gone = list(ids), 0
    with transaction.atomic():
        for start in range(0, len(wanted), BATCH):
            people = Person.objects.filter(pk__in=wanted[start : start + BATCH])
            gone += people.delete()[1].get(Person._meta.label, 0)
    # Their logs went with them, so the server's log is what remains to tell.
    logger.info("people deleted: %s by %s (%s) at %s", gone, actor, source, now.isoformat())
    return gone


def add_field(
    *,
    label: str,
    type: str = FieldType.TEXT,
    name: str = "",
    length: int | None = None,
    choices: Iterable[str] = (),
    group: str = FieldGroup.CUSTOM,
    is_read_only: bool = False,
) -> PersonField:
    """A new custom field. Its name is made from the label unless given; a name that is taken gets a number."""
    with transaction.atomic():
        taken = set(PersonField.objects.values_list("name", flat=True))
        last = PersonField.objects.filter(is_custom=True).aggregate(last=Max("position"))["last"]
        return PersonField.objects.create(
            name=free_name(name or label, taken),
            label=label[:120],
            type=FieldType(type),
            group=group,
            length=length,
            choices=list(choices),
            is_read_only=is_read_only,
            position=(last or 990) + 10,
        )


def merge_people(
    winner_id: int,
    loser_id: int,
    *,
    actor: AbstractBaseUser | None = None,
    source: str,
    run_id: int | None = None,
    now: datetime,
) -> Person:
    """Two people become one: the winner's values, blanks filled from the loser, activities joined, score summed.

    The loser is deleted with everything that still points at it, so a caller with rows of its own (links to
    Salesforce, say) moves them first, inside the same transaction.
    """
    if winner_id == loser_id:
        raise ValueError("a person can't be merged with itself")
    with transaction.atomic():
        both = Person.objects.select_for_update().order_by("pk").in_bulk([winner_id, loser_id])
        winner, loser = _found(both, winner_id), _found(both, loser_id)
        filled = _fill_blanks(winner, loser, now)
        loser.activities.update(person=winner)
        attributes = {"loser_id": loser.pk, "name": str(loser), "email": loser.email, "fields": filled}
        _log(
            winner, ActivityType.MERGE_PEOPLE, attributes, actor=actor, source=source, run_id=run_id, now=now
        )
        loser.delete()
    return winner


def _found(people: Mapping[int, Person], person_id: int) -> Person:
    if person_id not in people:
        raise Person.DoesNotExist(f"there is no person {person_id}")
    return people[person_id]


def _fill_blanks(winner: Person, loser: Person, now: datetime) -> dict[str, list[Any]]:
    """Fill the winner's blanks and save; returns {field: [old, new]}."""
    fields = {field.name: field for field in PersonField.objects.all()}
    gains: dict[str, Stored] = {
        name: loser.value(name)  # type: ignore[misc]
        for name in fields
        if canonical(winner.value(name)) is None and canonical(loser.value(name)) is not None
    }
    if loser.score and winner.score is not None:
        gains["score"] = winner.score + loser.score
    made = changes_of(winner, gains, fields)
    if not winner.sfdc_id and loser.sfdc_id:
        for name in LINK:
            setattr(winner, name, getattr(loser, name))
    apply(winner, made)
    winner.created_at = min(winner.created_at, loser.created_at)
    winner.updated_at, winner.version = now, winner.version + 1
    winner.changed_at = now if made and winner.sfdc_id else winner.changed_at
    winner.save()
    return {change.field.name: [canonical(change.old), canonical(change.new)] for change in made}


def _log(
    person: Person,
    kind: ActivityType,
    attributes: dict[str, Any],
    *,
    actor: AbstractBaseUser | None,
    source: str,
    run_id: int | None = None,
    now: datetime,
) -> None:
    Activity.objects.create(
        person=person,
        type=kind,
        at=now,
        actor=actor,
        source=source[:120],
        run_id=run_id,
        attributes=attributes,
    )
