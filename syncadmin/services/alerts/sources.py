"""Where the watchers' figures come from: one function each, so that a better source can take its place."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from syncadmin.models import (
    AlertSample,
    Connection,
    FieldSync,
    ObjectField,
    SchemaChange,
    SObject,
    SyncFailure,
)
from syncadmin.store.waiting import pending

#: So many of a kind at most: whoever has more has one problem, not fifty.
MOST = 50
#: How often the backlog is measured, and for how long the measures are kept.
SAMPLE_EVERY, SAMPLES_KEPT = timedelta(minutes=5), timedelta(hours=3)


# --- API calls --------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class ApiUse:
    """Calls of the last 24 hours, and how many there may be; a limit of 0 is not known."""

    used: int = 0
    limit: int = 0

    @property
    def percent(self) -> float:
        return 100 * self.used / self.limit if self.limit else 0.0


def api_use(connection: Connection | None) -> ApiUse:
    """As Salesforce last told it, of all apps of the org."""
    if connection is None or not connection.api_limit:
        return ApiUse()
    return ApiUse(connection.api_used or 0, connection.api_limit)


# --- Failures ---------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class FailureGroup:
    """Open failures of one cause: their code, object and direction."""

    code: str
    object: str
    direction: str
    number: int
    message: str = ""

    @property
    def key(self) -> str:
        return f"{self.direction}.{self.object}.{self.code}"


def failure_groups() -> tuple[FailureGroup, ...]:
    """Those with the most failures."""
    rows = SyncFailure.objects.filter(state=SyncFailure.State.OPEN).order_by()
    counted = rows.values("code", "object", "direction").annotate(number=Count("pk"))
    return tuple(FailureGroup(**row) for row in counted.order_by("-number", "code")[:MOST])


# --- Backlog ----------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Backlog:
    """How many people waited to be pushed, oldest measure first."""

    samples: tuple[tuple[datetime, int], ...] = ()


def backlog(now: datetime) -> Backlog:
    """The measures of the last hours; measured anew if the newest is five minutes old."""
    found = list(AlertSample.objects.filter(at__gt=now - SAMPLES_KEPT).values_list("at", "waiting"))
    if not found or found[-1][0] <= now - SAMPLE_EVERY:
        waiting = pending(now).count()
        AlertSample.objects.bulk_create([AlertSample(at=now, waiting=waiting)], ignore_conflicts=True)
        AlertSample.objects.filter(at__lte=now - SAMPLES_KEPT).delete()
        found.append((now, waiting))
    return Backlog(tuple(found))


# --- Fields -----------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class LostField:
    """A field that syncs by the settings and that the sync user can't see, or not write, any more."""

    object: str
    name: str
    label: str
    can_be_read: bool = False


def lost_fields() -> tuple[LostField, ...]:
    """Gone or hidden ones, by what describe last told; and those that may no more be written, by what it noticed."""
    wanted: dict[str, set[str]] = defaultdict(set)
    pushed: dict[str, set[str]] = defaultdict(set)
    for lead, contact, way in FieldSync.objects.exclude(direction=FieldSync.Direction.OFF).values_list(
        "lead_field", "contact_field", "direction"
    ):
        for object, name in ((SObject.LEAD.value, lead), (SObject.CONTACT.value, contact)):
            if name and "." not in name:
                wanted[object].add(name)
                if way != FieldSync.Direction.FROM_SALESFORCE:
                    pushed[object].add(name)
    lost = ObjectField.objects.filter(Q(is_present=False) | Exists(_refused_writes()))
    return tuple(
        LostField(field.object, field.name, field.label, can_be_read=field.is_present)
        for field in lost.order_by("object", "name")
        if field.name in (pushed if field.is_present else wanted)[field.object]
    )[:MOST]


def _refused_writes() -> QuerySet[SchemaChange]:
    """An open note that the field may no more be written. Its ``of`` may name both objects."""
    noted = SchemaChange.objects.filter(
        kind=SchemaChange.Kind.ACCESS, decided_at=None, details__writable=False, name=OuterRef("name")
    )
    return noted.filter(of__contains=OuterRef("object"))


@dataclass(frozen=True, slots=True)
class FieldNews:
    """A change of the org's fields that nobody has seen yet."""

    pk: int
    kind: str
    label: str
    of: str
    syncs: bool


def field_news() -> tuple[FieldNews, ...]:
    """The newest ones; what lost_fields tells is not told twice."""
    twice = Q(kind__in=[SchemaChange.Kind.GONE, SchemaChange.Kind.ACCESS], field__isnull=False)
    rows = SchemaChange.objects.filter(decided_at=None).exclude(twice)
    return tuple(
        FieldNews(row.pk, row.kind, row.label, row.of, row.field_id is not None)
        for row in rows.order_by("-pk")[:MOST]
    )
