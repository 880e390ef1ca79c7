"""What was refused, for those who put it right: explained, counted, ignored, and ready to be tried again."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet

from people import sfdc
from people.models import Person, PersonField
from syncadmin.models import SyncFailure
from syncadmin.services.failure_words import in_words

OPEN, PUSH, PULL = SyncFailure.State.OPEN, SyncFailure.Direction.PUSH, SyncFailure.Direction.PULL


@dataclass(frozen=True, slots=True)
class RefusedField:
    """A field that was refused, and the value it had. ``name``: the person field; blank if it is none of ours."""

    name: str
    label: str
    value: Any
    type: str = ""


@dataclass(frozen=True, slots=True)
class ExplainedFailure:
    """A failure in words: which rule, which field, which value, what to do, and who can do it."""

    failure: SyncFailure
    title: str
    meaning: str
    advice: str
    who: str
    fields: tuple[RefusedField, ...] = ()

    @property
    def edit_field(self) -> str:
        """The field of the person's form at which the edit page opens."""
        return next((field.name for field in self.fields if field.name), "")

    @property
    def is_held(self) -> bool:
        """Somebody has to decide which record, or which person, it is."""
        return self.failure.code == "SEVERAL_MATCHES"

    @property
    def next_try(self) -> datetime | None:
        """When a cycle tries again by itself: to update the record, or to create whom somebody asked for."""
        person = self.failure.person
        is_tried = person and (person.is_in_salesforce or self.failure.assign_to not in ("", "keep"))
        return self.failure.retry_at if is_tried else None


@dataclass(frozen=True, slots=True)
class CodeSummary:
    """All open failures of one kind."""

    code: str
    direction: str
    count: int
    title: str
    meaning: str
    advice: str


# --- Reading ------------------------------------------------------------------------------------------


def explained(failures: Iterable[SyncFailure]) -> list[ExplainedFailure]:
    """Failures with their words; the labels of all fields in one query."""
    kept = list(failures)
    names = {name for failure in kept for name in failure.fields}
    known = {field.name: field for field in PersonField.objects.filter(name__in=names)}
    return [_explained(failure, known) for failure in kept]


def _explained(failure: SyncFailure, known: dict[str, PersonField]) -> ExplainedFailure:
    words = in_words(failure.code, failure.message, failure.fields, failure.direction)
    return ExplainedFailure(
        failure, words.title, words.meaning, words.advice, words.who,
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


def open_failures_of(person: Person) -> list[ExplainedFailure]:
    """What is wrong with one person, the newest first."""
    return explained(SyncFailure.objects.filter(person=person, state=OPEN).select_related("person"))


def summary() -> list[CodeSummary]:
    """The open failures by code, the most frequent first."""
    rows = SyncFailure.objects.filter(state=OPEN).values("code", "direction").annotate(count=Count("pk"))
    found = []
    for row in rows.order_by("-count", "code", "direction"):
        words = in_words(row["code"], direction=row["direction"])
        # Of an unknown code only its messages say more.
        meaning = "" if words.meaning == row["code"] else words.meaning
        found.append(CodeSummary(**row, title=words.title, meaning=meaning, advice=words.advice))
    return found


def chosen(ids: Collection[int] = (), code: str = "", direction: str = "") -> QuerySet[SyncFailure]:
    """The open failures with these ids, or all of a code."""
    failures = SyncFailure.objects.filter(state=OPEN)
    if not code:
        return failures.filter(pk__in=ids)
    return failures.filter(code=code, **({"direction": direction} if direction else {}))


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
    kept = list(failures.filter(state=OPEN))
    for failure in kept:
        failure.state, failure.resolved_at, failure.retry_at = SyncFailure.State.IGNORED, now, None
        failure.values = {**failure.values, "ignored_because": reason}
    SyncFailure.objects.bulk_update(kept, ["state", "resolved_at", "retry_at", "values"], batch_size=200)
    sfdc.mark_working(_now_without([failure.person_id for failure in kept if failure.person_id]))
    return len(kept)


def _now_without(person_ids: Sequence[int]) -> list[int]:
    """Those of them who have no open failure."""
    with_some = SyncFailure.objects.filter(Q(person__in=person_ids), state=OPEN)
    return sorted(set(person_ids) - set(with_some.values_list("person_id", flat=True)))
