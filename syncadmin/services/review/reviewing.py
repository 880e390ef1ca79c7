"""Everything that waits for somebody to say who is who, a page at a time, and decisions about many at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from people.models import Person
from syncadmin.models import SyncFailure, SyncState
from syncadmin.services.failures import OPEN, PULL
from syncadmin.services.people import sync_people
from syncadmin.services.review.held import (
    Candidate,
    HeldError,
    decide_new,
    object_of,
    open_desk,
    person_candidate,
)

CODE = "SEVERAL_MATCHES"
#: Records that become people at once: one API call for each object.
AT_ONCE = 500
SOURCE = "Review page"


@dataclass(slots=True)
class ReviewItem:
    """A held record with the people it may be, or a held person with the records it may be."""

    failure: SyncFailure
    candidates: list[Candidate] = field(default_factory=list)

    @property
    def is_record(self) -> bool:
        return self.failure.direction == PULL

    @property
    def name(self) -> str:
        """Whom it is about."""
        if self.is_record:
            return str(
                self.failure.values.get("name") or self.failure.values.get("email") or self.failure.sfdc_id
            )
        return str(self.failure.person)

    @property
    def email(self) -> str:
        person = self.failure.person
        return str((person.email if person else self.failure.values.get("email")) or "")


def waiting() -> QuerySet[SyncFailure]:
    """What nobody has decided yet, the oldest first."""
    held = SyncFailure.objects.filter(code=CODE, state=OPEN).select_related("person")
    return held.order_by("first_at", "pk")


def items(failures: Iterable[SyncFailure]) -> list[ReviewItem]:
    """These with their candidates, in two statements however many there are."""
    kept = list(failures)
    people = _people([failure for failure in kept if failure.direction == PULL])
    records = [str(pk) for f in kept if f.direction != PULL for pk in f.values.get("candidates", [])]
    taken: dict[str, Person] = {}
    if records:
        states = SyncState.objects.filter(pk__in=records, is_deleted=False).select_related("person")
        taken = {state.pk: state.person for state in states}
    return [ReviewItem(f, people[f.pk] if f.direction == PULL else _records(f, taken)) for f in kept]


def _people(failures: Sequence[SyncFailure]) -> dict[int, list[Candidate]]:
    """People with the record's e-mail address, and those whom it was held for."""
    found: dict[int, list[Candidate]] = defaultdict(list)
    if not failures:
        return found
    emails = {f.pk: str(f.values.get("email") or "").lower() for f in failures}
    ids = {f.pk: set(f.values.get("candidates") or ()) for f in failures}
    wanted = Q(email__in=set(emails.values()) - {""}) | Q(pk__in=set().union(*ids.values()))
    for person in Person.objects.filter(wanted).order_by("pk"):
        for failure in failures:
            if person.pk in ids[failure.pk] or (person.email and person.email == emails[failure.pk]):
                found[failure.pk].append(person_candidate(person))
    return found


def _records(failure: SyncFailure, taken: dict[str, Person]) -> list[Candidate]:
    ids = [str(sfdc_id) for sfdc_id in failure.values.get("candidates", [])]
    return [
        Candidate(sfdc_id, sfdc_id not in taken, sfdc_id, object_of(sfdc_id), taken.get(sfdc_id))
        for sfdc_id in ids
    ]


def create_people(
    failure_ids: Sequence[int], now: datetime, *, actor_id: int | None = None
) -> tuple[int, int]:
    """Each of these held records becomes a person of its own: (how many, of how many that nobody had decided)."""
    held = list(waiting().filter(pk__in=failure_ids, direction=PULL)[:AT_ONCE])
    done = 0
    if held:
        with open_desk(now, actor_id, SOURCE) as desk:
            done = sum(1 for _person in decide_new(desk, held))
    return done, len(held)


def create_lead(failure_id: int, now: datetime, *, actor_id: int | None = None) -> str:
    """The held person is none of the records: it gets a Lead of its own. The Lead's id; HeldError if refused."""
    failure = waiting().exclude(direction=PULL).filter(pk=failure_id).first()
    if failure is None or failure.person_id is None:
        raise HeldError(_("This was decided already."))
    asked = failure.assign_to if failure.assign_to not in ("", "keep", "included") else "rules"
    try:
        (outcome,) = sync_people(
            [failure.person_id], asked, now=now, source=SOURCE, actor_id=actor_id, look_up=False
        )
    except ValueError as error:
        raise HeldError(str(error)) from error
    if outcome.status != "done":
        raise HeldError(f"{outcome.message} {outcome.advice}".strip())
    return outcome.sfdc_id
