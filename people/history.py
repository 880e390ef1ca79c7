"""Every value a field of a person has had here, when, and by whom or what; and setting it back to one of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from people.models import Activity, ActivityType, Person, PersonField
from people.services import edit_person
from people.values import Json, as_text, canonical, clean_value, is_same

SOURCE = "Field history"
#: Values that are listed, the newest first.
MOST = 200
T = ActivityType


class HistoryError(Exception):
    """The field can't be set back; the message says why."""


@dataclass(frozen=True, slots=True)
class Held:
    """A value that the field had. ``at``: since when; None: from the beginning. ``entry``: what gave it.

    ``key``: by which it is set back; blank if it is the value of now.
    """

    value: Json
    at: datetime | None = None
    entry: Activity | None = None
    key: str = ""
    is_now: bool = False

    @property
    def reason(self) -> str:
        return str(self.entry.attributes.get("reason", "")) if self.entry else ""


@dataclass(frozen=True, slots=True)
class History:
    """The values, the newest first; ``is_cut``: there are older ones."""

    values: list[Held]
    is_cut: bool


def history_of(person: Person, field: PersonField) -> History:
    """All values that the activity log tells of. One statement, by person."""
    entries = list(_entries(person, field).select_related("actor")[: MOST + 1])
    now = canonical(person.value(field.name))
    held = list(_values(entries, field, now, person.created_at))
    return History(held[:MOST], len(entries) > MOST)


def _entries(person: Person, field: PersonField) -> QuerySet[Activity]:
    changed = Q(type=T.CHANGE_DATA_VALUE, attributes__field=field.name)
    merged = Q(type=T.MERGE_PEOPLE, attributes__fields__has_key=field.name)
    made = Q(type=T.NEW_PERSON, attributes__values__has_key=field.name)
    return person.activities.filter(changed | merged | made).order_by("-at", "-pk")


def _values(entries: list[Activity], field: PersonField, now: Json, since: datetime) -> Iterator[Held]:
    if not entries or not is_same(_pair(entries[0], field)[1], now):
        yield Held(now, None if entries else since, is_now=True)  # nobody logged how it came
    for place, entry in enumerate(entries):
        new = _pair(entry, field)[1]
        is_now = place == 0 and is_same(new, now)
        yield Held(new, entry.at, entry, "" if is_same(new, now) else f"{entry.pk}-new", is_now)
    if entries and entries[-1].type != T.NEW_PERSON and len(entries) <= MOST:
        old = _pair(entries[-1], field)[0]
        yield Held(old, None, None, "" if is_same(old, now) else f"{entries[-1].pk}-old")


def _pair(entry: Activity, field: PersonField) -> tuple[Any, Any]:
    """The value before and after."""
    attributes = entry.attributes
    if entry.type == T.MERGE_PEOPLE:
        old, new = attributes["fields"][field.name]
        return old, new
    if entry.type == T.NEW_PERSON:
        return None, attributes["values"][field.name]
    return attributes.get("old"), attributes.get("new")


def set_back(
    person: Person,
    field: PersonField,
    key: str,
    *,
    actor: AbstractBaseUser | None,
    reason: str = "",
    now: datetime,
) -> Json:
    """Give the field a value that it had: an ordinary edit, which is pushed like any other. Returns the value.

    HistoryError, in words, for a read-only field, for a value that doesn't fit any more, and for one it has.
    """
    if field.is_read_only:
        raise HistoryError(
            _("%s comes from Salesforce alone, so it can’t be set here: the next sync would undo it.")
            % field.label
        )
    number, _sep, side = key.partition("-")
    entry = _entries(person, field).filter(pk=int(number)).first() if number.isdecimal() else None
    if entry is None or side not in ("old", "new"):
        raise HistoryError(_("This value isn’t in the history of the field any more."))
    value = canonical(_pair(entry, field)[side == "new"])
    try:
        stored = clean_value(field, as_text(value))
    except ValidationError as error:
        raise HistoryError(_("The value doesn’t fit any more. %s") % " ".join(error.messages)) from error
    why = _("Set back to an earlier value") + (f": {reason}" if reason else "")
    if not edit_person(person.pk, {field.name: stored}, actor=actor, source=SOURCE, reason=why, now=now):
        raise HistoryError(_("The field has this value already."))
    return value
