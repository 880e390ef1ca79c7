"""Fields that were stopped because they bounced: what the page shows of them, and letting them sync again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from people.models import Person, PersonField
from syncadmin.models import FlipFlop, Resolution
from syncadmin.services.review import resolving

STOPPED = FlipFlop.State.STOPPED


@dataclass(frozen=True, slots=True)
class Shown:
    """One flip-flop, as pages show it. ``field`` is None if people don't have it any more."""

    row: FlipFlop
    field: PersonField | None

    @property
    def type(self) -> str:
        return self.field.type if self.field else ""

    @property
    def label(self) -> str:
        return self.field.label if self.field else self.row.label

    @property
    def ours(self) -> Any:
        """Ours by now: somebody may have edited it since."""
        stopped = self.row.state == STOPPED and self.field is not None
        return self.row.person.value(self.row.field) if stopped else self.row.ours

    @property
    def ours_by(self) -> str:
        return self.row.ours_by or _("not on the log: an older edit, or a merge")

    @property
    def theirs_by(self) -> str:
        """Who wrote theirs; under our own name only something that runs within our save can have."""
        if self.row.in_our_save:
            return _("an automation in Salesforce, within the save of our push")
        return self.row.theirs_by

    @property
    def can_edit(self) -> bool:
        return self.field is not None and not self.field.is_read_only


def flip_flops() -> QuerySet[FlipFlop]:
    """All of them, the latest first."""
    return FlipFlop.objects.select_related("person", "decided_by").order_by("-stopped_at", "-pk")


def stopped_of(person: Person) -> list[Shown]:
    """The fields of a person that are stopped."""
    return shown(list(flip_flops().filter(person=person, state=STOPPED)))


def shown(rows: Sequence[FlipFlop]) -> list[Shown]:
    """With their fields, in one more query; none if there are none."""
    names = {row.field for row in rows}
    fields = {f.name: f for f in PersonField.objects.filter(name__in=names)} if names else {}
    return [Shown(row, fields.get(row.field)) for row in rows]


def number_stopped() -> int:
    """How many fields of people are stopped at this moment."""
    return FlipFlop.objects.filter(state=STOPPED).count()


def settings_changed(names: Iterable[str], now: datetime, user: AbstractBaseUser | None) -> None:
    """These fields sync another way now: whoever is stopped is tried again by the new rules."""
    stopped = FlipFlop.objects.filter(state=STOPPED, field__in=list(names))
    if stopped.exists():
        resolving.request(stopped, Resolution.Kind.SETTINGS, now, user)
