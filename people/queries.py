"""Questions about people, answered in SQL."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.cache import cache
from django.db.models import Case, Count, IntegerField, Q, QuerySet, Value, When

from people.models import Activity, ActivityType, Person, PersonState, SfdcType

LIST_COLUMNS = (
    "id", "first_name", "last_name", "email", "company", "sfdc_type", "sfdc_id", "sfdc_is_deleted",
    "changed_at", "failed_at", "updated_at", "owner__name", "owner__kind",
)  # fmt: skip

#: To count so many people takes a while: the numbers of the dashboard are then up to so many seconds old.
MANY, KEPT, COUNTS = 100_000, 30, "people-counts"

_LINKED = ~Q(sfdc_id="")
_IN_SFDC = Q(failed_at=None, sfdc_is_deleted=False) & _LINKED
_STATES = {
    PersonState.FAILING: Q(failed_at__isnull=False),
    PersonState.DELETED: Q(failed_at=None, sfdc_is_deleted=True),
    PersonState.NOT_IN_SFDC: Q(failed_at=None, sfdc_is_deleted=False, sfdc_id=""),
    PersonState.WAITING: _IN_SFDC & Q(changed_at__isnull=False),
    PersonState.IN_STEP: _IN_SFDC & Q(changed_at=None),
}


@dataclass(frozen=True, slots=True)
class PeopleCounts:
    """How many people stand where. A failing Lead counts as a Lead and as failing."""

    total: int
    leads: int
    contacts: int
    not_in_sfdc: int
    failing: int
    waiting: int
    deleted: int


def people() -> QuerySet[Person]:
    """People with what a list shows of them."""
    return Person.objects.select_related("owner").only(*LIST_COLUMNS)


def in_state(queryset: QuerySet[Person], state: PersonState | str) -> QuerySet[Person]:
    """People whose ``Person.sfdc_state`` is this one."""
    return queryset.filter(_STATES[PersonState(state)])


def with_state_rank(queryset: QuerySet[Person]) -> QuerySet[Person]:
    """For sorting by state: what needs attention comes last, so that descending shows it first."""
    order = [
        PersonState.IN_STEP,
        PersonState.NOT_IN_SFDC,
        PersonState.DELETED,
        PersonState.WAITING,
        PersonState.FAILING,
    ]
    ranks = [When(_STATES[state], then=Value(rank)) for rank, state in enumerate(order)]
    return queryset.annotate(state_rank=Case(*ranks, default=Value(0), output_field=IntegerField()))


def counts() -> PeopleCounts:
    """All the numbers of the dashboard in one query. Very many people are not counted again at once."""
    kept: PeopleCounts | None = cache.get(COUNTS)
    found = kept or _counted()
    if kept is None and found.total >= MANY:
        cache.set(COUNTS, found, KEPT)
    return found


def _counted() -> PeopleCounts:
    there = Q(sfdc_is_deleted=False) & _LINKED
    row = Person.objects.aggregate(
        total=Count("pk"),
        leads=Count("pk", filter=there & Q(sfdc_type=SfdcType.LEAD)),
        contacts=Count("pk", filter=there & Q(sfdc_type=SfdcType.CONTACT)),
        not_in_sfdc=Count("pk", filter=_STATES[PersonState.NOT_IN_SFDC]),
        failing=Count("pk", filter=_STATES[PersonState.FAILING]),
        waiting=Count("pk", filter=_STATES[PersonState.WAITING]),
        deleted=Count("pk", filter=_STATES[PersonState.DELETED]),
    )
    return PeopleCounts(**row)


def activities(person: Person, kind: str = "") -> QuerySet[Activity]:
    """A person's activity log, newest first; of one type if asked."""
    log = person.activities.select_related("actor").order_by("-at", "-id")
    return log.filter(type=kind) if kind else log


def waiting_labels(person: Person) -> list[str]:
    """Labels of the fields changed here since the last sync: what waits to be pushed.

    The sync compares values, and knows better; the log is what people know about it.
    """
    if not person.changed_at or not person.sfdc_id:
        return []
    log = person.activities.filter(type=ActivityType.CHANGE_DATA_VALUE, run_id=None)
    log = log.exclude(source__startswith="Salesforce")
    if person.synced_at:
        log = log.filter(at__gt=person.synced_at)
    return sorted(
        {str(attributes.get("label", "")) for attributes in log.values_list("attributes", flat=True)[:500]}
    )


def last_failure(person: Person) -> Activity | None:
    """Why the person is failing, as the log has it."""
    if not person.failed_at:
        return None
    return person.activities.filter(type=ActivityType.SYNC_FAILED).order_by("-at", "-id").first()
