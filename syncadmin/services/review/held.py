"""Records that wait for a decision, or could not be stored: read again from Salesforce, and decided upon."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from people.models import Person
from syncadmin.models import Connection, Purpose, SyncFailure
from syncadmin.salesforce.org import SalesforceOrg
from syncadmin.services.api.meter import ensure_calls
from syncadmin.services.failure_words import in_words
from syncadmin.services.failures import OPEN, PULL
from syncadmin.services.org import close_org, open_org
from syncadmin.services.owners import owner_names
from syncadmin.services.people import ready_connection
from syncadmin.store import failures, review
from syncadmin.store.batch import Origin
from syncadmin.store.pages import store_page_safely
from syncadmin.store.rules import load_rules
from syncadmin.sync.fields import ObjectRules
from syncadmin.sync.ports import RawRecord, SyncError
from syncadmin.sync.records import Tally

#: Records read again at once: one API call an object, and no longer than a page may take.
AT_ONCE = 2_000
SOURCE = "Failures page"


class HeldError(Exception):
    """It can't be done; the message says why."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Who, or what, a held record or person may be. ``is_free``: it can be linked."""

    label: str
    is_free: bool
    sfdc_id: str = ""
    object: str = ""
    person: Person | None = None


@dataclass(slots=True)
class PullRetry:
    """What reading again came to."""

    stored: int = 0
    held: int = 0
    gone: int = 0


@dataclass(frozen=True, slots=True)
class Desk:
    """The org with the rules, for one decision."""

    connection: Connection
    org: SalesforceOrg
    rules: dict[str, ObjectRules]
    origin: Origin

    def fetch(self, object: str, ids: Sequence[str]) -> dict[str, RawRecord]:
        """These records as they are in Salesforce at this moment."""
        return self.org.fetch(object, ids, self.rules[object].api_names)

    def store(self, object: str, raws: Sequence[RawRecord]) -> Tally:
        """Store records as a pull does."""
        if not raws:
            return Tally()
        return store_page_safely(self.connection, self.rules[object], raws, self.origin, move_cursor=False)

    @staticmethod
    def is_gone(raw: RawRecord | None) -> bool:
        """The record isn't there, or is no Lead any more."""
        return raw is None or bool(raw.get("IsDeleted") or raw.get("IsConverted"))


@contextmanager
def open_desk(now: datetime, actor_id: int | None, source: str = SOURCE) -> Iterator[Desk]:
    """The org, open for a decision; HeldError in words for what Salesforce says against it."""
    connection = ready_connection()
    org = open_org(connection, Purpose.REVIEW)
    origin = Origin(now, source, actor_id=actor_id, owners=owner_names())
    try:
        # Somebody decides about these very records: the record filter keeps none of them back.
        rules = {object: rules.as_asked() for object, rules in load_rules(connection).items()}
        ensure_calls(connection, now)
        yield Desk(connection, org, rules, origin)
    except SyncError as error:
        words = in_words(error.code, error.message)
        raise HeldError(f"{words.title}: {error.message} {words.advice}") from error
    finally:
        close_org(connection, org)


def retry_pull(failure_ids: Sequence[int], now: datetime, *, actor_id: int | None = None) -> PullRetry:
    """Read these records again and store them; what is gone from Salesforce is held no more."""
    by_object: dict[str, list[str]] = defaultdict(list)
    waiting = SyncFailure.objects.filter(pk__in=failure_ids, direction=PULL, state=OPEN).order_by("pk")
    for object, sfdc_id in waiting.values_list("object", "sfdc_id")[:AT_ONCE]:
        by_object[object].append(sfdc_id)
    result = PullRetry()
    if not by_object:
        return result
    with open_desk(now, actor_id) as desk:
        for object, sfdc_ids in by_object.items():
            _read_again(desk, object, sfdc_ids, result)
    return result


def _read_again(desk: Desk, object: str, sfdc_ids: Sequence[str], result: PullRetry) -> None:
    raws = desk.fetch(object, sfdc_ids)
    there = [raw for raw in raws.values() if not desk.is_gone(raw)]
    gone = sorted(set(sfdc_ids) - {raw["Id"] for raw in there})
    failures.resolve_pulls(gone, desk.origin.now)
    tally = desk.store(object, there)
    result.gone += len(gone)
    result.held += tally.failed
    result.stored += len(there) - tally.failed
    _open_ones(sfdc_ids).update(attempts=F("attempts") + 1, last_at=desk.origin.now)


def _open_ones(sfdc_ids: Sequence[str]) -> QuerySet[SyncFailure]:
    return SyncFailure.objects.filter(direction=PULL, state=OPEN, sfdc_id__in=sfdc_ids)


# --- Decisions ----------------------------------------------------------------------------------------


def candidates(failure: SyncFailure) -> list[Candidate]:
    """For a held record the people it may be; for a held person the records with its e-mail."""
    from syncadmin.services.review.reviewing import items

    return items([failure])[0].candidates


def person_candidate(person: Person) -> Candidate:
    """Somebody whom a held record may be; free if nowhere in Salesforce."""
    free = not person.is_in_salesforce
    return Candidate(str(person), free, person.sfdc_id, person.sfdc_type, person)


def object_of(sfdc_id: str) -> str:
    """What an id is the id of."""
    return "Contact" if sfdc_id.startswith("003") else "Lead"


def decide_new(desk: Desk, held: Sequence[SyncFailure]) -> Iterator[int]:
    """Held records become people of their own; their ids. Those that are gone are held no more."""
    by_object: dict[str, list[str]] = defaultdict(list)
    for failure in held:
        by_object[failure.object].append(failure.sfdc_id)
    for object, ids in by_object.items():
        raws = desk.fetch(object, ids)
        failures.resolve_pulls([pk for pk in ids if desk.is_gone(raws.get(pk))], desk.origin.now)
        for raw in raws.values():
            if not desk.is_gone(raw):
                with suppress(review.TakenError):
                    yield review.store_as_new(desk.rules[object], raw, desk.origin)


def create_person(failure_id: int, now: datetime, *, actor_id: int | None = None) -> int:
    """The held record becomes a person of its own. Its id; HeldError if it was decided or deleted meanwhile."""
    failure = _decidable(failure_id, PULL)
    with open_desk(now, actor_id) as desk:
        raw = _record(desk, failure.object, failure.sfdc_id)
        try:
            return review.store_as_new(desk.rules[failure.object], raw, desk.origin)
        except review.TakenError:
            raise HeldError(_("The record was linked to somebody in the meantime.")) from None


def link(
    failure_id: int, *, person_id: int = 0, sfdc_id: str = "", now: datetime, actor_id: int | None = None
) -> int:
    """Link a held record to ``person_id``, or a held person to the record ``sfdc_id``. The person's id."""
    failure = _decidable(failure_id, PULL if person_id else SyncFailure.Direction.PUSH)
    _refuse_others(failure, person_id, sfdc_id)
    person_id, sfdc_id = person_id or failure.person_id or 0, sfdc_id or failure.sfdc_id
    object = failure.object if failure.direction == PULL else object_of(sfdc_id)
    with open_desk(now, actor_id) as desk:
        raw = _record(desk, object, sfdc_id)
        try:
            review.link(desk.rules[object], raw, person_id, desk.origin)
        except review.TakenError:
            raise HeldError(
                _("The record, or the person, was linked to another one in the meantime.")
            ) from None
    return person_id


def _decidable(failure_id: int, direction: str) -> SyncFailure:
    failure = SyncFailure.objects.filter(
        pk=failure_id, state=OPEN, code="SEVERAL_MATCHES", direction=direction
    ).first()
    if failure is None:
        raise HeldError(_("This was decided already."))
    return failure


def _refuse_others(failure: SyncFailure, person_id: int, sfdc_id: str) -> None:
    offered = candidates(failure)
    known = any(
        (candidate.person is not None and candidate.person.pk == person_id)
        if person_id
        else candidate.sfdc_id == sfdc_id
        for candidate in offered
    )
    if not known:
        raise HeldError(_("This is not one of those with the same e-mail address."))


def _record(desk: Desk, object: str, sfdc_id: str) -> RawRecord:
    raw = desk.fetch(object, [sfdc_id]).get(sfdc_id)
    if raw is None or desk.is_gone(raw):
        failures.resolve_pulls([sfdc_id], desk.origin.now)
        raise HeldError(_("The record isn't in Salesforce any more, so there is nothing to decide."))
    return raw
