"""The rows of the lists, and each row as the API tells it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from people import queries
from people.models import Activity, Person
from people.standard_fields import STANDARD_FIELDS
from people.stretches import FIRST, LARGEST_ID, LAST, within
from syncadmin.api.paging import Order
from syncadmin.api.schemas import ActivityOut, FailureOut, PersonOut, RunOut
from syncadmin.models import SyncFailure, SyncRun
from syncadmin.services.failure_words import in_words

PEOPLE = Order("people", ("updated_at", "id"))
ACTIVITIES = Order("activities", ("at", "id"))
RUNS = Order("runs", ("id",))
FAILURES = Order("failures", ("id",))
_STANDARD = [field.name for field in STANDARD_FIELDS]
_FACTS = (
    "id", "custom", "sfdc_type", "sfdc_id", "sfdc_is_deleted", "sfdc_created_at", "synced_at", "created_at",
    "updated_at",
)  # fmt: skip


def people() -> QuerySet[Person]:
    """Everybody, with the owner.

    The owners come by a statement of their own: joined to a page whose size PostgreSQL estimates wrongly (among very
    many people of one moment it does), it would sort half of the table for the join.
    """
    return Person.objects.prefetch_related("owner")


def in_state(found: QuerySet[Person], state: str) -> QuerySet[Person]:
    """As the list of people has it."""
    return queries.in_state(found, state)


def person_out(person: Person) -> PersonOut:
    # The owner may be known by id before users and queues are refreshed: then there is no such row.
    owner = person.owner if person.owner_id and _has_owner(person) else None
    return PersonOut(
        **{name: getattr(person, name) for name in (*_FACTS, *_STANDARD)},
        owner={"sfdc_id": owner.pk, "kind": owner.kind, "name": owner.name} if owner else _bare(person.owner_id),
        sync_state=person.sfdc_state.value, waiting_since=person.changed_at, failing_since=person.failed_at,
    )  # fmt: skip


def _has_owner(person: Person) -> bool:
    return person._state.fields_cache.get("owner") is not None


def _bare(owner_id: str | None) -> dict[str, str] | None:
    if not owner_id:
        return None
    return {"sfdc_id": owner_id, "kind": "queue" if owner_id.startswith("00G") else "user", "name": ""}


def activities() -> QuerySet[Activity]:
    """All entries, with the user."""
    return Activity.objects.prefetch_related("actor")


def activities_of(
    type: str | None, since: datetime | None, person: int | None
) -> tuple[QuerySet[Activity], Order]:
    """Those that meet the conditions, and the order they are read in.

    A type is asked for as a stretch of the index by type, whose order no other index has. Asked for by equality,
    PostgreSQL may walk along the index by time, past millions of other types.
    """
    found = activities().filter(person=person) if person is not None else activities()
    if type is None:
        return (found.filter(at__gte=since) if since else found), ACTIVITIES
    order = Order(f"activities of {type}", ("type", "at", "id"))
    stretch = within(Activity, order.columns, (type, since or FIRST, 0), (type, LAST, LARGEST_ID))
    return found.filter(stretch), order


def activity_out(activity: Activity) -> ActivityOut:
    return ActivityOut(
        id=activity.pk, person_id=activity.person_id, type=activity.type, at=activity.at, source=activity.source,
        user=activity.actor.get_username() if activity.actor else None, run_id=activity.run_id,
        attributes=activity.attributes,
    )  # fmt: skip


def runs() -> QuerySet[SyncRun]:
    """Cycles, with their steps."""
    return SyncRun.objects.prefetch_related("steps")


def run_out(run: SyncRun) -> RunOut:
    return RunOut.model_validate(
        {name: getattr(run, name) for name in RunOut.model_fields if name != "steps"}
        | {"steps": list(run.steps.all())}
    )


def failure_out(failure: SyncFailure) -> FailureOut:
    words = in_words(failure.code, failure.message, failure.fields, failure.direction)
    own: dict[str, Any] = {"title": words.title, "meaning": words.meaning, "advice": words.advice}
    names = FailureOut.model_fields.keys() - own.keys()
    return FailureOut(**{name: getattr(failure, name) for name in names}, **own)
