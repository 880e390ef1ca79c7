"""What people decide about changes of the org's schema. Nothing is thrown away by any of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import NamedTuple

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Q, QuerySet

from people import sfdc
from people.models import Person
from syncadmin.models import Backfill, FieldSync, ObjectField, SchemaChange, SObject
from syncadmin.services.fields.backfills import start_backfill
from syncadmin.services.fields.changes import TEXTS
from syncadmin.services.settings_version import settings_changed
from syncadmin.sync.conversions import DoesNotFitError, convert
from syncadmin.sync.fields import TYPE_OF_SALESFORCE, fits
from syncadmin.sync.values import Value

Decision, Kind = SchemaChange.Decision, SchemaChange.Kind
#: Values looked through at a time.
CHUNK = 2_000


class NotOpenError(ValueError):
    """Somebody has decided already, or Salesforce has changed it back."""

    def __init__(self) -> None:
        super().__init__("This was decided meanwhile. Look again.")


def open_changes() -> QuerySet[SchemaChange]:
    """What nobody has seen, or decided, yet; newest first."""
    return SchemaChange.objects.filter(decided_at=None).select_related("field")


def settle(ids: Collection[int], now: datetime, user: AbstractBaseUser | None) -> int:
    """*Seen*; of a new field: *Not now*, which is remembered. What needs a decision stays open."""
    changes = open_changes().filter(pk__in=ids).exclude(kind=Kind.TYPE, pk__in=unfit_changes())
    new = changes.filter(kind=Kind.NEW).update(decision=Decision.NOT_NOW, decided_at=now, decided_by=user)
    return new + changes.exclude(kind=Kind.NEW).update(
        decision=Decision.SEEN, decided_at=now, decided_by=user
    )


def unfit_changes() -> list[int]:
    """Changes of type that the person field can't follow by itself: an administrator decides."""
    changes = open_changes().filter(kind=Kind.TYPE)
    return [
        change.pk
        for change in changes
        if change.field and not fits(change.field.type, change.details["after"])
    ]


def switched_on(sync: FieldSync, now: datetime, user: AbstractBaseUser | None) -> None:
    """The news of its fields have been followed."""
    names = [name for name in (sync.lead_field, sync.contact_field) if name]
    open_changes().filter(kind=Kind.NEW, name__in=names).update(
        decision=Decision.SYNCED, decided_at=now, decided_by=user
    )


# --- Renamed in Salesforce ------------------------------------------------------------------------
def candidates(changes: Iterable[SchemaChange]) -> dict[int, list[ObjectField]]:
    """Fields that vanished ones may have become, by change: of the same object, type and label, new to us since then.

    Three statements, for however many changes.
    """
    gone = [change for change in changes if change.kind == Kind.GONE and not change.decided_at]
    if not gone:
        return {}
    labels = {change.label for change in gone}
    noticed = dict(
        SchemaChange.objects.filter(kind=Kind.NEW, label__in=labels).values_list("name", "noticed_at")
    )
    used = set(FieldSync.objects.values_list("lead_field", "contact_field"))
    taken = {("Lead", lead) for lead, _ in used} | {("Contact", contact) for _, contact in used}
    fields = ObjectField.objects.filter(is_present=True, name__in=noticed)
    free = [field for field in fields if (field.object, field.name) not in taken]
    return {
        change.pk: [
            field for field in free
            if (field.object, field.type, field.label) == (change.of, change.details.get("type"), change.label)
            and noticed[field.name] >= change.noticed_at
        ]
        for change in gone
    }  # fmt: skip


def _column(object: str) -> str:
    return "lead_field" if object == SObject.LEAD else "contact_field"


def remap(change: SchemaChange, api_name: str, now: datetime, user: AbstractBaseUser | None) -> Backfill:
    """Go on with another field of Salesforce; values and base stay, and what was changed meanwhile is read."""
    with transaction.atomic():
        change = _locked(change)
        if api_name not in {field.name for field in candidates([change]).get(change.pk, [])}:
            raise ValueError(
                f"{change.label} can't go on with {api_name!r}: it isn't there, or it syncs already."
            )
        column = _column(change.of)
        FieldSync.objects.filter(field=change.field, **{column: change.name}).update(**{column: api_name})
        _decide([change.pk], Decision.REMAPPED, now, user)
        news = open_changes().filter(kind=Kind.NEW, name=api_name)
        news.filter(of=change.of).update(decision=Decision.SYNCED, decided_at=now, decided_by=user)
        settings_changed()
        return start_backfill([_name(change)], Backfill.Kind.FILL, now, user)


# --- Another type ---------------------------------------------------------------------------------
def convert_field(change: SchemaChange, now: datetime, user: AbstractBaseUser | None) -> Backfill:
    """Take over the new type: values that fit are converted, the others are kept apart; then it syncs again."""
    with transaction.atomic():
        change = _locked(change)
        field = ObjectField.objects.filter(object=change.of, name=change.name, is_present=True).first()
        if change.field is None or not change.field.is_custom or field is None:
            raise ValueError(
                f"{change.label} can't be converted; switch it off, or change it back in Salesforce."
            )
        length = field.length or None if field.type in TEXTS else None
        sfdc.set_type(change.field.pk, new_type(change), length)
        sfdc.set_choices(change.field.pk, field.choices)
        FieldSync.objects.filter(field=change.field).update(is_converting=True)
        _decide([change.pk], Decision.CONVERTED, now, user)
        return start_backfill([_name(change)], Backfill.Kind.CONVERT, now, user)


def left_behind(change: SchemaChange) -> ObjectField | None:
    """The field of the other object, if it wouldn't fit any more: it stops syncing until Salesforce changes it too."""
    sync = FieldSync.objects.filter(field=change.field).first()
    if sync is None:
        return None
    object, name = ("Contact", sync.contact_field) if change.of == SObject.LEAD else ("Lead", sync.lead_field)
    other = ObjectField.objects.filter(object=object, name=name, is_present=True).first()
    return other if other is not None and not fits(new_type(change), other.type) else None


def new_type(change: SchemaChange) -> str:
    """The type a person field would have after a conversion."""
    return TYPE_OF_SALESFORCE.get(change.details["after"], "text")


def unfit_values(change: SchemaChange) -> Iterator[tuple[int, Value]]:
    """(person id, value) of all that don't fit the new type, by person id."""
    name, type, last = _name(change), new_type(change), 0
    people = Person.objects.filter(custom__has_key=name).order_by("pk")
    while rows := list(people.filter(pk__gt=last).values_list("pk", "custom")[:CHUNK]):
        last = rows[-1][0]
        for person_id, custom in rows:
            try:
                convert(custom[name], type)
            except DoesNotFitError:
                yield person_id, custom[name]


class PersonValue(NamedTuple):
    """A value, with whose it is."""

    person: Person
    value: Value


def names_of(rows: Iterable[tuple[int, Value]]) -> Iterator[PersonValue]:
    """The same with the people, a page of them in one query."""
    rows = iter(rows)
    while page := list(islice(rows, CHUNK)):
        people = Person.objects.in_bulk([person_id for person_id, _ in page])
        yield from (PersonValue(people[pk], value) for pk, value in page if pk in people)


def switch_off(change: SchemaChange, now: datetime, user: AbstractBaseUser | None) -> None:
    """Don't sync the field any more; its values stay on both sides."""
    with transaction.atomic():
        change = _locked(change)
        FieldSync.objects.filter(field=change.field).update(direction=FieldSync.Direction.OFF)
        same = Q(pk=change.pk) | Q(field=change.field, kind__in=[Kind.GONE, Kind.TYPE])
        _decide(
            list(open_changes().filter(same).values_list("pk", flat=True)), Decision.SWITCHED_OFF, now, user
        )
        settings_changed()


def _locked(change: SchemaChange) -> SchemaChange:
    found = SchemaChange.objects.select_for_update().filter(pk=change.pk, decided_at=None).first()
    if found is None or found.field is None:
        raise NotOpenError
    return found


def _name(change: SchemaChange) -> str:
    return change.field.name if change.field else ""


def _decide(ids: Sequence[int], decision: str, now: datetime, user: AbstractBaseUser | None) -> None:
    open_changes().filter(pk__in=ids).update(decision=decision, decided_at=now, decided_by=user)
