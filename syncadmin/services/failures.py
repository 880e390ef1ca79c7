"""What was refused, for those who put it right: explained, assigned, ignored, cancelled, ready to be tried again."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext as _

from people import sfdc
from people.models import Person, PersonField
from syncadmin.models import FailureGroup, SyncFailure
from syncadmin.salesforce.explanation import MARKETER
from syncadmin.services.failure_standing import Standing, standings
from syncadmin.services.failure_words import in_words
from syncadmin.sync.retries import Stopped

OPEN, PUSH, PULL = SyncFailure.State.OPEN, SyncFailure.Direction.PUSH, SyncFailure.Direction.PULL
#: Failures that are changed in one transaction.
PORTION = 2_000


@dataclass(frozen=True, slots=True)
class RefusedField:
    """A field that was refused, and the value it had. ``name``: the person field; blank if it is none of ours."""

    name: str
    label: str
    value: Any
    type: str = ""


@dataclass(frozen=True, slots=True)
class ExplainedFailure:
    """A failure in words: which rule, which field, which value, what to do, who can do it, and what comes next."""

    failure: SyncFailure
    title: str
    meaning: str
    advice: str
    who: str
    standing: Standing
    fields: tuple[RefusedField, ...] = ()

    @property
    def edit_field(self) -> str:
        """The field of the person's form at which the edit page opens."""
        return next((field.name for field in self.fields if field.name), "")

    @property
    def is_held(self) -> bool:
        """Somebody has to decide which record, or which person, it is."""
        return self.failure.code == "SEVERAL_MATCHES"


# --- Reading ------------------------------------------------------------------------------------------


def explained(failures: Iterable[SyncFailure], now: datetime) -> list[ExplainedFailure]:
    """Failures with their words, in two queries."""
    kept = list(failures)
    names = {name for failure in kept for name in failure.fields}
    known = {field.name: field for field in PersonField.objects.filter(name__in=names)}
    return [
        _explained(failure, known, standing)
        for failure, standing in zip(kept, standings(kept, now), strict=True)
    ]


def _explained(failure: SyncFailure, known: dict[str, PersonField], standing: Standing) -> ExplainedFailure:
    words = in_words(failure.code, failure.message, failure.fields, failure.direction)
    advice, who = words.advice, words.who
    if standing.is_stopped:  # or it would go on to say that there is nothing to do
        advice, who = _("When what stood in the way is over, retry it."), gettext(MARKETER)
    # Of an unknown code only its message says more, and that is shown in any case.
    meaning = "" if words.meaning in (failure.code, failure.message) else words.meaning
    return ExplainedFailure(
        failure, words.title, meaning, advice, who, standing,
        tuple(_field(name, failure.values, known) for name in failure.fields),
    )  # fmt: skip


def refused_fields(values: dict[str, Any]) -> tuple[RefusedField, ...]:
    """The same for the fields and values of a flow step's outcome."""
    known = {field.name: field for field in PersonField.objects.filter(name__in=values)} if values else {}
    return tuple(_field(name, values, known) for name in values)


def _field(name: str, values: dict[str, Any], known: dict[str, PersonField]) -> RefusedField:
    field = known.get(name)
    if field is None:
        return RefusedField("", name, values.get(name))
    return RefusedField("" if field.is_read_only else name, field.label, values.get(name), field.type)


def open_failures_of(person: Person, now: datetime) -> list[ExplainedFailure]:
    """What is wrong with one person, the newest first."""
    found = SyncFailure.objects.filter(person=person, state=OPEN)
    return explained(found.select_related("person", "assignee", "stopped_by"), now)


def chosen(
    ids: Collection[int] = (), *, group: int = 0, code: str = "", direction: str = ""
) -> QuerySet[SyncFailure]:
    """The open failures with these ids; or all of a group, or of a code."""
    failures = SyncFailure.objects.filter(state=OPEN)
    if group:
        return failures.filter(group=group)
    if code:
        return failures.filter(code=code, **({"direction": direction} if direction else {}))
    return failures.filter(pk__in=ids)


# --- Acting -------------------------------------------------------------------------------------------


def to_push_again(failures: QuerySet[SyncFailure]) -> dict[str, list[int]]:
    """Whom to sync to Salesforce once more, by the owner that was asked for then (``rules`` if none was)."""
    found: dict[str, list[int]] = {}
    rows = failures.filter(direction=PUSH, person__isnull=False).order_by("pk")
    for person_id, assign_to in rows.values_list("person_id", "assign_to"):
        by_rules = assign_to in ("", "keep", "included")
        found.setdefault("rules" if by_rules else assign_to, []).append(person_id)
    return found


def ignore(failures: QuerySet[SyncFailure], reason: str, now: datetime) -> int:
    """Nobody needs to be told of these any more. A person is pushed again once it is edited, or synced by somebody."""
    ids = list(failures.filter(state=OPEN).order_by("pk").values_list("pk", flat=True))
    return sum(_ignore(ids[start : start + PORTION], reason, now) for start in range(0, len(ids), PORTION))


@transaction.atomic
def _ignore(ids: list[int], reason: str, now: datetime) -> int:
    number = SyncFailure.objects.filter(pk__in=ids, state=OPEN).update(
        state=SyncFailure.State.IGNORED, ignored_at=now, ignored_because=reason, retry_at=None
    )
    mine = Person.objects.filter(failures__in=ids, failed_at__isnull=False)
    still = SyncFailure.objects.filter(person=OuterRef("pk"), state=OPEN)
    sfdc.mark_working(list(mine.filter(~Exists(still)).values_list("pk", flat=True)))
    return number


def cancel(failures: QuerySet[SyncFailure], user: AbstractBaseUser | None) -> int:
    """Don't try these again by themselves; how many were going to be. By hand, or after an edit, they still are."""
    waiting = failures.filter(state=OPEN, retry_at__isnull=False)
    return waiting.update(retry_at=None, stopped=Stopped.CANCELLED.value, stopped_by=user)


def assign(failures: QuerySet[SyncFailure], user: AbstractBaseUser | None) -> int:
    """Let somebody look after these; None: nobody."""
    return failures.filter(state=OPEN).update(assignee=user)


def assign_group(group_id: int, user: AbstractBaseUser | None) -> int:
    """The same for a whole group, and whatever comes to it later."""
    with transaction.atomic():
        FailureGroup.objects.filter(pk=group_id).update(assignee=user)
        return assign(chosen(group=group_id), user)
