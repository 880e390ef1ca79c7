"""Which fields sync, in which direction, and who wins: what the field sync page shows and saves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction

from people import sfdc
from people.models import FieldType, PersonField
from people.services import add_field
from syncadmin.models import FieldSync, ObjectField, PullCursor, SObject
from syncadmin.services.schema import why_not
from syncadmin.sync.fields import TYPE_OF_SALESFORCE

OFF = FieldSync.Direction.OFF.value
FROM = FieldSync.Direction.FROM_SALESFORCE.value


@dataclass(slots=True)
class FieldRow:
    """One line of the page: a Lead field, a Contact field, or both, and the person field they feed.

    ``key`` names the line in the form. ``why_not``: why it isn't offered; blank if it is.
    """

    key: str
    label: str
    lead: ObjectField | None
    contact: ObjectField | None
    sync: FieldSync | None = None
    why_not: str = ""
    follows: str = ""
    """A field read through a relationship of Contact, such as Account.Name."""

    @property
    def field(self) -> ObjectField | None:
        return self.lead or self.contact

    @property
    def direction(self) -> str:
        return self.sync.direction if self.sync else OFF

    @property
    def winner(self) -> str:
        return self.sync.winner if self.sync else ""

    @property
    def blank_never_overwrites(self) -> bool:
        return bool(self.sync and self.sync.blank_never_overwrites)

    @property
    def is_read_only(self) -> bool:
        return all(field.is_read_only for field in (self.lead, self.contact) if field is not None)

    @property
    def is_custom(self) -> bool:
        return bool(self.field and self.field.is_custom)

    @property
    def directions(self) -> list[tuple[str, str]]:
        """What may be chosen: a field that can't be written only comes from Salesforce."""
        allowed = (FROM, OFF) if self.is_read_only else FieldSync.Direction.values
        return [(value, str(label)) for value, label in FieldSync.Direction.choices if value in allowed]


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen for one line."""

    direction: str
    winner: str = ""
    blank_never_overwrites: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """One line that will change, and what that will do, in words."""

    row: FieldRow
    choice: Choice
    effects: tuple[str, ...]


def field_rows() -> list[FieldRow]:
    """Every field the sync user may see, and those that sync although it can't see them any more."""
    known = {(field.object, field.name): field for field in ObjectField.objects.all()}
    syncs = list(FieldSync.objects.select_related("field"))
    rows = [_synced_row(sync, known) for sync in syncs]
    used = {("Lead", sync.lead_field) for sync in syncs} | {("Contact", sync.contact_field) for sync in syncs}
    free = [field for key, field in known.items() if key not in used and field.is_present]
    return rows + sorted(_free_rows(free), key=lambda row: (bool(row.why_not), row.label.lower()))


def _synced_row(sync: FieldSync, known: Mapping[tuple[str, str], ObjectField]) -> FieldRow:
    lead, contact = known.get(("Lead", sync.lead_field)), known.get(("Contact", sync.contact_field))
    row = FieldRow(f"s{sync.pk}", sync.field.label, lead, contact, sync)
    row.follows = sync.contact_field if "." in sync.contact_field else ""
    gone = [field for field in (lead, contact) if field is not None and not field.is_present]
    if gone:
        names = ", ".join(str(field) for field in gone)
        row.why_not = f"The sync user can't see {names} any more: it doesn't sync; its values here are kept."
    return row


def _free_rows(fields: list[ObjectField]) -> list[FieldRow]:
    """A Lead field and a Contact field of one API name and type feed one person field."""
    by_key: dict[tuple[str, str], FieldRow] = {}
    for field in fields:
        row = by_key.setdefault(
            (field.name, field.type), FieldRow(f"n{field.name}.{field.type}", field.label, None, None)
        )
        if field.object == SObject.LEAD:
            row.lead, row.label = field, field.label
        else:
            row.contact = field
        row.why_not = why_not(field)
    return list(by_key.values())


def plan_changes(choices: Mapping[str, Choice]) -> list[Change]:
    """What these choices change; ValueError for a line or a direction that isn't offered."""
    rows = {row.key: row for row in field_rows()}
    changes = []
    for key, choice in choices.items():
        row = rows.get(key)
        if row is None:
            raise ValueError(f"There is no field {key!r} any more; load the page again.")
        if choice == Choice(row.direction, row.winner, row.blank_never_overwrites):
            continue
        _check(row, choice)
        changes.append(Change(row, choice, _effects(row, choice)))
    return changes


def _check(row: FieldRow, choice: Choice) -> None:
    if row.why_not and choice.direction != OFF:
        raise ValueError(f"{row.label} can't sync. {row.why_not}")
    if choice.direction not in dict(row.directions):
        raise ValueError(f"{row.label} can't sync in the direction {choice.direction!r}.")
    if choice.winner not in dict(FieldSync._meta.get_field("winner").choices or ()):
        raise ValueError(f"{choice.winner!r} is no winner.")


def _effects(row: FieldRow, choice: Choice) -> tuple[str, ...]:
    effects = []
    if choice.direction != row.direction:
        if choice.direction == OFF:
            effects.append("Stops syncing. The values on both sides stay as they are.")
        else:
            effects.append(f"Syncs: {FieldSync.Direction(choice.direction).label}.")
            if row.sync is None:
                effects.append("Becomes a person field, shown on people's pages at once.")
            if choice.direction == FROM:
                effects.append("Can't be edited here.")
    if choice.winner != row.winner and choice.direction == FieldSync.Direction.BOTH:
        labels = dict(FieldSync._meta.get_field("winner").choices or ())
        effects.append(f"If both sides changed: {labels[choice.winner]}.")
    if choice.blank_never_overwrites != row.blank_never_overwrites:
        now = "never overwrites" if choice.blank_never_overwrites else "overwrites"
        effects.append(f"A blank {now} a value.")
    return tuple(effects)


def save_changes(changes: list[Change], *, read_all: bool) -> None:
    """Save all changes, or none. ``read_all``: the next cycle reads every record again, for the new fields."""
    with transaction.atomic():
        for change in changes:
            sync = change.row.sync or _new_sync(change.row)
            sync.direction, sync.winner = change.choice.direction, change.choice.winner
            sync.blank_never_overwrites = change.choice.blank_never_overwrites
            sync.save()
            sfdc.set_read_only([sync.field_id], read_only=sync.direction == FROM)
        if read_all:
            PullCursor.objects.update(polled_at="", began_at="", position_stamp="", position_id="")


def _new_sync(row: FieldRow) -> FieldSync:
    return FieldSync(
        field=_person_field(row),
        lead_field=row.lead.name if row.lead else "",
        contact_field=row.contact.name if row.contact else "",
    )


def _person_field(row: FieldRow) -> PersonField:
    field = row.field
    assert field is not None  # noqa: S101 - a new line is made of at least one field
    return add_field(
        label=row.label,
        type=_type_of(field),
        length=field.length or None
        if field.type in ("string", "textarea", "email", "phone", "url")
        else None,
        choices=_common_choices(row),
        is_read_only=row.is_read_only,
    )


def _type_of(field: ObjectField) -> str:
    ours = TYPE_OF_SALESFORCE[field.type]
    return FieldType.INTEGER if ours == FieldType.NUMBER and field.scale == 0 else ours


def _common_choices(row: FieldRow) -> list[str]:
    if row.lead and row.contact:
        return [value for value in row.lead.choices if value in row.contact.choices]
    return list(row.field.choices) if row.field else []
