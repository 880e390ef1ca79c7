"""Which fields sync, in which direction, and who wins: what the field sync page shows and saves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from people import sfdc
from people.models import FieldType, PersonField
from people.services import add_field
from syncadmin.models import Backfill, FieldSync, ObjectField
from syncadmin.services.fields.backfills import start_backfill
from syncadmin.services.fields.changes import TEXTS
from syncadmin.services.fields.decisions import switched_on
from syncadmin.services.fields.rows import FROM, OFF, FieldRow, field_rows
from syncadmin.services.review import flipflops
from syncadmin.services.settings_version import settings_changed
from syncadmin.sync.fields import TYPE_OF_SALESFORCE
from syncadmin.sync.schema import common_choices

READS = (FieldSync.Direction.BOTH.value, FROM)


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

    @property
    def brings_values(self) -> bool:
        """Values that are in Salesforce already come only when their records change, unless they are fetched."""
        return self.choice.direction in READS and self.row.direction not in READS

    @property
    def sends_values(self) -> bool:
        """Values that are here already go only when their people change, unless these are marked."""
        return self.choice.direction == FieldSync.Direction.TO_SALESFORCE and self.row.direction == OFF


def plan_changes(choices: Mapping[str, Choice]) -> list[Change]:
    """What these choices change; ValueError for a line or a direction that isn't offered."""
    rows = {row.key: row for row in field_rows()}
    changes = []
    for key, choice in choices.items():
        row = rows.get(key)
        if row is None:
            raise ValueError(f"There is no field {key!r} any more; load the page again.")
        if row.is_checkbox and not choice.winner:
            choice = replace(choice, winner=row.winner)
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
    if choice.winner not in dict(row.winners):
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
        effects.append(f"If both sides changed: {dict(row.winners)[choice.winner]}.")
    if choice.blank_never_overwrites != row.blank_never_overwrites:
        now = "never overwrites" if choice.blank_never_overwrites else "overwrites"
        effects.append(f"A blank {now} a value.")
    return tuple(effects)


def save_changes(
    changes: list[Change], *, fill: bool, now: datetime, user: AbstractBaseUser | None = None
) -> Backfill | None:
    """Save all changes, or none. ``fill``: fields that were switched on are brought into step for all linked people.

    Answers the backfill, if there is something to fill. ValueError if one of the fields is being filled already.
    """
    filled: list[str] = []
    changed: list[str] = []
    with transaction.atomic():
        for change in changes:
            is_filled = change.brings_values or change.sends_values
            sync = change.row.sync or _new_sync(change.row)
            sync.direction, sync.winner = change.choice.direction, change.choice.winner
            sync.blank_never_overwrites = change.choice.blank_never_overwrites
            sync.save()
            changed.append(sync.field.name)
            sfdc.set_read_only([sync.field_id], read_only=sync.direction == FROM or change.row.is_read_only)
            if is_filled:
                filled.append(sync.field.name)
                switched_on(sync, now, user)
        if changes:
            settings_changed()
        flipflops.settings_changed(changed, now, user)
        return start_backfill(filled, Backfill.Kind.FILL, now, user) if fill and filled else None


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
        length=field.length or None if field.type in TEXTS else None,
        choices=_common_choices(row),
        is_read_only=row.is_read_only,
    )


def _type_of(field: ObjectField) -> str:
    ours = TYPE_OF_SALESFORCE[field.type]
    return FieldType.INTEGER if ours == FieldType.NUMBER and field.scale == 0 else ours


def _common_choices(row: FieldRow) -> list[str]:
    return common_choices([(field.choices, field.is_restricted) for field in row.both if field.choices])
