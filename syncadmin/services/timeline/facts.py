"""How a person stands with the sync at this moment: what the database knows, at no API call."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from people.models import Person
from syncadmin.models import BulkRow, Connection, PendingCreate, SyncFailure, SyncRule, SyncState
from syncadmin.services.failures import ExplainedFailure, explained
from syncadmin.services.who.rules import standing_of
from syncadmin.store import who
from syncadmin.store.conditions import people_where
from syncadmin.store.newcomers import BY_ITSELF
from syncadmin.store.waiting import held

State, Direction = SyncFailure.State, SyncFailure.Direction


@dataclass(frozen=True, slots=True)
class SyncFacts:
    """The sync as a whole. ``problem``: the message of a connection that doesn't work."""

    is_ready: bool = False
    awaits_start: bool = False
    is_paused: bool = False
    is_stopped: bool = False
    problem: str = ""
    next_cycle_at: datetime | None = None

    @property
    def runs(self) -> bool:
        """Whether a cycle comes by itself."""
        return self.is_ready and not (self.is_paused or self.is_stopped)


@dataclass(frozen=True, slots=True)
class Facts:
    """One person. ``refused``: the open push failure, or the ignored one that holds this version of the person.

    ``is_held_back``: that failure keeps a cycle from trying at this moment.
    """

    sync: SyncFacts
    object: str = ""
    is_deleted: bool = False
    waits: bool = False
    excluded: str = ""
    outside_since: datetime | None = None
    is_included: bool = False
    has_inclusion: bool = False
    refused: ExplainedFailure | None = None
    is_held_back: bool = False
    is_being_created: bool = False
    is_lost: bool = False
    bulk_job: str = ""
    is_linked: bool = False

    @property
    def is_in_salesforce(self) -> bool:
        return bool(self.object) and not self.is_deleted

    @property
    def is_tried(self) -> bool:
        """A cycle would send something for the person if nothing held it back."""
        asked = self.refused is not None and self.refused.failure.assign_to not in BY_ITSELF
        return (self.is_in_salesforce and self.waits) or self.is_included or asked


def sync_facts(connection: Connection | None) -> SyncFacts:
    """What holds for everybody."""
    if connection is None or not connection.is_ready:
        return SyncFacts()
    return SyncFacts(
        True,
        connection.awaits_start,
        connection.is_paused,
        connection.health == Connection.Health.STOPPED,
        connection.health_message if connection.health == Connection.Health.FAILED else "",
        connection.next_cycle_at,
    )


def facts_of(person: Person, connection: Connection | None, now: datetime) -> Facts:
    """All that the next cycle would go by, in a constant number of statements."""
    rules = standing_of(person, now)
    refused = _refusal(person, now)
    note = PendingCreate.objects.filter(person=person).first()
    row = BulkRow.objects.filter(person=person).select_related("job").first()
    inclusion = SyncRule.objects.filter(kind=SyncRule.Kind.INCLUSION, is_on=True)
    return Facts(
        sync_facts(connection),
        object=person.sfdc_type,
        is_deleted=person.sfdc_is_deleted,
        waits=person.changed_at is not None and bool(person.sfdc_id),
        excluded=rules.excluded,
        outside_since=rules.outside_since,
        is_included=rules.is_included or (refused is not None and _meets_inclusion(person, now)),
        has_inclusion=not person.sfdc_id and inclusion.exists(),
        refused=refused,
        is_held_back=refused is not None and _holds_back(refused.failure, person, now),
        is_being_created=note is not None,
        is_lost=note is not None and note.is_lost,
        bulk_job=row.job.sfdc_job_id or str(row.job_id) if row else "",
        is_linked=SyncState.objects.filter(person=person, is_deleted=False, is_duplicate=False).exists(),
    )


def _meets_inclusion(person: Person, now: datetime) -> bool:
    """A refusal keeps the person from being created, not the rule."""
    rule = None if person.sfdc_id else who.inclusion()
    if rule is None:
        return False
    mine = Person.objects.filter(people_where(rule, who.days(now)), who.not_excluded(now), pk=person.pk)
    return mine.exists()


def _refusal(person: Person, now: datetime) -> ExplainedFailure | None:
    """The open one; else the ignored one that was told for the person as it is."""
    mine = SyncFailure.objects.filter(person=person, direction=Direction.PUSH).select_related("person")
    found = mine.filter(state=State.OPEN).first()
    found = found or mine.filter(state=State.IGNORED, person_version=person.version).first()
    return explained([found], now)[0] if found else None


def _holds_back(failure: SyncFailure, person: Person, now: datetime) -> bool:
    return held(now).filter(pk=failure.pk, person_version=person.version).exists()
