"""Conflicts, as the activity log keeps them: both values, who won and why; and taking the other value after all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from people.models import Activity, ActivityType, PersonField
from people.services import edit_person
from people.values import Stored, blank, is_same, is_standard
from syncadmin.models import Winner

SOURCE = "Conflicts page"
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

    activity: Activity
    field: PersonField | None

    @property
    def type(self) -> str:
        return self.field.type if self.field else ""

    @property
    def label(self) -> str:
        return self.field.label if self.field else str(self.activity.attributes.get("label", ""))

    @property
    def ours(self) -> Any:
        return self.activity.attributes.get("ours")

    @property
    def theirs(self) -> Any:
        return self.activity.attributes.get("theirs")

    @property
    def ours_won(self) -> bool:
        return self.activity.attributes.get("winner") == Winner.OURS

    @property
    def reason(self) -> str:
        reason = str(self.activity.attributes.get("reason", ""))
        return str(REASONS.get(reason, reason))

    @property
    def other(self) -> Any:
        """The value that lost."""
        return self.theirs if self.ours_won else self.ours

    @property
    def has_other(self) -> bool:
        """The field holds the value that lost: somebody took it, or typed it."""
        return self.field is not None and is_same(self.activity.person.value(self.field.name), self.other)

    @property
    def can_take(self) -> bool:
        return self.field is not None and not self.field.is_read_only and not self.has_other


def conflicts() -> QuerySet[Activity]:
    """All conflicts, the newest first."""
    log = Activity.objects.filter(type=ActivityType.CONFLICT).select_related("person")
    return log.order_by("-at", "-id")


def shown(activities: list[Activity]) -> list[Conflict]:
    """Conflicts with their fields, in one more query."""
    names = {str(activity.attributes.get("field")) for activity in activities}
    fields = {field.name: field for field in PersonField.objects.filter(name__in=names)}
    return [Conflict(activity, fields.get(str(activity.attributes.get("field")))) for activity in activities]


def take_other(activity_id: int, *, actor: AbstractBaseUser | None, now: datetime) -> Conflict:
    """Give the field the value that lost. Ours is pushed by the next cycle; Salesforce's is there already."""
    conflict = shown(list(conflicts().filter(pk=activity_id)))[0]
    if conflict.has_other:
        raise ConflictError(_("The field holds the other value already."))
    if conflict.field is None or not conflict.can_take:
        raise ConflictError(_("This field can't be edited here."))
    edit_person(
        conflict.activity.person_id,
        {conflict.field.name: as_stored(conflict.field, conflict.other)},
        actor=actor,
        source=SOURCE,
        reason="Took the other value of a conflict",
        now=now,
    )
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
