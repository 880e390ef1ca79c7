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

from people.changes import Change, apply, changes_of, known_values, split_values, type_there
from people.fields import fields_named, free_name
from people.models import Activity, ActivityType, FieldGroup, FieldType, Person, PersonField
from people.signals import people_deleting, people_merging, tell_edited
from people.values import Stored, canonical, is_blank, is_same, is_standard

logger = logging.getLogger(__name__)
BATCH = 2_000
OPT_OUTS = ("unsubscribed", "do_not_call")
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
        tell_edited([("", ())], is_new=True, actor=actor, source=source, now=now)
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
            told = [(type_there(person), [change.field.name for change in made])]
            tell_edited(told, is_new=False, actor=actor, source=source, now=now)
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
            portion = wanted[start : start + BATCH]
            people_deleting.send(Person, ids=portion, actor=actor, source=source, now=now)
            people = Person.objects.filter(pk__in=portion)
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
    values: Mapping[str, Stored] | None = None,
    actor: AbstractBaseUser | None = None,
    source: str,
    run_id: int | None = None,
    now: datetime,
) -> Person:
    """Two people become one: the winner's values, blanks filled from the loser, activities joined, score summed.

    ``values`` are taken instead, where given. What the loser had and nobody has now is kept in the Merge People
    activity. The loser is deleted with everything that still points at it, so a caller with rows of its own (links
    to Salesforce, say) moves them first, inside the same transaction.
    """
    if winner_id == loser_id:
        raise ValueError("a person can't be merged with itself")
    with transaction.atomic():
        both = Person.objects.select_for_update().order_by("pk").in_bulk([winner_id, loser_id])
        winner, loser = _found(both, winner_id), _found(both, loser_id)
        fields = {field.name: field for field in PersonField.objects.all()}
        filled = _take_values(winner, loser, fields, values or {}, now)
        people_merging.send(Person, winner_id=winner_id, loser_id=loser_id)
        loser.activities.update(person=winner)
        attributes = {
            "loser_id": loser.pk, "name": str(loser), "email": loser.email, "sfdc_id": loser.sfdc_id,
            "fields": filled, "lost": _lost(winner, loser, fields),
        }  # fmt: skip
        _log(
            winner, ActivityType.MERGE_PEOPLE, attributes, actor=actor, source=source, run_id=run_id, now=now
        )
        loser.delete()
    return winner


def _found(people: Mapping[int, Person], person_id: int) -> Person:
    if person_id not in people:
        raise Person.DoesNotExist(f"there is no person {person_id}")
    return people[person_id]


def gains_of(winner: Person, loser: Person, names: Iterable[str]) -> dict[str, Stored]:
    """What a merge gives the winner: values for its blanks, opt-outs, and the sum of the scores."""
    gains: dict[str, Stored] = {
        name: loser.value(name)  # type: ignore[misc]
        for name in names
        if canonical(winner.value(name)) is None and canonical(loser.value(name)) is not None
    }
    gains |= {name: True for name in OPT_OUTS if loser.value(name) and not winner.value(name)}
    if loser.score and winner.score is not None:
        gains["score"] = winner.score + loser.score
    return gains


def takes_link(winner: Person, loser: Person) -> bool:
    """Whether the merged person is in Salesforce what the loser was."""
    if loser.is_in_salesforce:
        return not winner.is_in_salesforce
    return bool(loser.sfdc_id) and not winner.sfdc_id


def _take_values(
    winner: Person,
    loser: Person,
    fields: Mapping[str, PersonField],
    values: Mapping[str, Stored],
    now: datetime,
) -> dict[str, list[Any]]:
    """Give the winner what it gains, and save; returns {field: [old, new]}."""
    made = changes_of(winner, gains_of(winner, loser, fields) | dict(values), fields)
    has_new_link = takes_link(winner, loser)
    if has_new_link:
        for name in LINK:
            setattr(winner, name, getattr(loser, name))
    apply(winner, made)
    winner.created_at = min(winner.created_at, loser.created_at)
    winner.updated_at, winner.version = now, winner.version + 1
    # Whoever takes another's link may differ from its record in any field.
    winner.changed_at = now if (made or has_new_link) and winner.sfdc_id else winner.changed_at
    winner.save()
    return {change.field.name: [canonical(change.old), canonical(change.new)] for change in made}


def _lost(winner: Person, loser: Person, fields: Iterable[str]) -> dict[str, list[Any]]:
    """{field: [what stays, what the loser had]}"""
    return {
        name: [canonical(winner.value(name)), canonical(loser.value(name))]
        for name in fields
        if name != "score"
        and not is_blank(loser.value(name))
        and not is_same(winner.value(name), loser.value(name))
    }


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
