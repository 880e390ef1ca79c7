"""Conflicts: both values, who won and why; and taking the other value of one after all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from people.models import PersonField
from people.services import edit_person
from people.values import Stored, blank, is_same, is_standard
from syncadmin.models import SyncConflict, Winner

SOURCE = "Conflicts page"
TOOK = "Took the other value of a conflict"
REASONS = {
    "both_changed": gettext_lazy("Both sides changed it between two syncs"),
    "first_link": gettext_lazy("The two had different values when they were linked"),
    "blank_never_overwrites": gettext_lazy("A blank never overwrites this field"),
}


class ConflictError(Exception):
    """The other value can't be taken; the message says why."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """One conflict, as the page shows it. ``field`` is None if people don't have it any more."""

    row: SyncConflict
    field: PersonField | None

    @property
    def type(self) -> str:
        return self.field.type if self.field else ""

    @property
    def label(self) -> str:
        return self.field.label if self.field else self.row.label

    @property
    def ours(self) -> Any:
        return self.row.ours

    @property
    def theirs(self) -> Any:
        return self.row.theirs

    @property
    def ours_won(self) -> bool:
        return self.row.winner == Winner.OURS

    @property
    def reason(self) -> str:
        return str(REASONS.get(self.row.reason, self.row.reason))

    @property
    def stayed(self) -> Any:
        """The value that won."""
        return self.ours if self.ours_won else self.theirs

    @property
    def other(self) -> Any:
        """The value that lost."""
        return self.theirs if self.ours_won else self.ours

    @property
    def now(self) -> Any:
        """What the person has at this moment."""
        return self.row.person.value(self.field.name) if self.field else None

    @property
    def has_other(self) -> bool:
        """The field holds the value that lost: somebody took it, or typed it."""
        return self.field is not None and is_same(self.now, self.other)

    @property
    def is_overtaken(self) -> bool:
        """The field holds neither of the two any more."""
        return self.field is not None and not self.has_other and not is_same(self.now, self.stayed)

    @property
    def can_take(self) -> bool:
        return self.field is not None and not self.field.is_read_only and not self.has_other


def conflicts() -> QuerySet[SyncConflict]:
    """All conflicts, the newest first."""
    return SyncConflict.objects.select_related("person").order_by("-at", "-id")


def shown(rows: Sequence[SyncConflict]) -> list[Conflict]:
    """Conflicts with their fields, in one more query."""
    fields = {field.name: field for field in PersonField.objects.filter(name__in={row.field for row in rows})}
    return [Conflict(row, fields.get(row.field)) for row in rows]


def take_other(conflict_id: int, *, actor: AbstractBaseUser | None, now: datetime) -> Conflict:
    """Give the field the value that lost. Ours is pushed by the next cycle; Salesforce's is there already."""
    with transaction.atomic():
        SyncConflict.objects.select_for_update().get(pk=conflict_id)
        return _take_other(conflict_id, actor, now)


def _take_other(conflict_id: int, actor: AbstractBaseUser | None, now: datetime) -> Conflict:
    conflict = shown(list(conflicts().filter(pk=conflict_id)))[0]
    if conflict.has_other:
        raise ConflictError(_("The field holds the other value already."))
    if conflict.field is None or not conflict.can_take:
        raise ConflictError(_("This field can't be edited here."))
    edit_person(
        conflict.row.person_id,
        {conflict.field.name: as_stored(conflict.field, conflict.other)},
        actor=actor,
        source=SOURCE,
        reason=TOOK,
        now=now,
    )
    decided = {"state": SyncConflict.State.TAKEN, "decided_at": now, "decided_by": actor}
    SyncConflict.objects.filter(pk=conflict_id).update(**decided)
    return conflict


def as_stored(field: PersonField, value: Any) -> Stored:
    """A normal value of the sync as the person's field stores it."""
    if value is None:
        return blank(field)
    if not is_standard(field.name):
        stored: Stored = value
        return stored
    if field.type == "date":
        return date.fromisoformat(str(value)[:10])
    return Decimal(str(value)) if field.type in ("currency", "number", "percent") else value
