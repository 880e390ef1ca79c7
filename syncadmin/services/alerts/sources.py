"""Where the watchers' figures come from: one function each, so that a better source can take its place."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from syncadmin.models import (
    Connection,
    FieldSync,
    ObjectField,
    SchemaChange,
    SObject,
    SyncFailure,
)
from syncadmin.models import FailureGroup as Cause
from syncadmin.services.backlog import words
from syncadmin.services.backlog.now import backlog_now, is_growing
from syncadmin.store.api_use import hours_in_window

#: So many of a kind at most: whoever has more has one problem, not fifty.
MOST = 50


# --- API calls --------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class ApiUse:
    """Calls of the last 24 hours, and how many there may be; a limit of 0 is not known. ``is_ours``: ours alone."""

    used: int = 0
    limit: int = 0
    is_ours: bool = False

    @property
    def percent(self) -> float:
        return 100 * self.used / self.limit if self.limit else 0.0


def api_use(connection: Connection | None, now: datetime) -> ApiUse:
    """Ours, if an administrator has set an allowance; else that of all apps of the org, as Salesforce last told it."""
    if connection is None:
        return ApiUse()
    if connection.api_allowance:
        return ApiUse(
            sum(hour.calls for hour in hours_in_window(now)), connection.api_allowance, is_ours=True
        )
    return ApiUse(connection.api_used or 0, connection.api_limit) if connection.api_limit else ApiUse()


# --- Failures ---------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class FailureGroup:
    """Open failures of one cause (``pk`` of its row), as on the cards of the failures page."""

    pk: int
    code: str
    direction: str
    number: int
    message: str = ""

    @property
    def key(self) -> str:
        return str(self.pk)


def failure_groups() -> tuple[FailureGroup, ...]:
    """Those with the most failures."""
    rows = SyncFailure.objects.filter(state=SyncFailure.State.OPEN, group__isnull=False).order_by()
    counted = rows.values_list("group").annotate(number=Count("pk")).order_by("-number", "group")[:MOST]
    numbers = dict(counted)
    found = Cause.objects.in_bulk(numbers)
    return tuple(
        FailureGroup(pk, found[pk].code, found[pk].direction, number, found[pk].text)
        for pk, number in numbers.items()
        if pk in found
    )


# --- Backlog ----------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Backlog:
    """Whether it grows, as the backlog page has it, and in which words."""

    grows: bool = False
    title: str = ""
    text: str = ""


def backlog(now: datetime) -> Backlog:
    """By its samples alone; only what grows is counted, to be put into words."""
    if not is_growing(now):
        return Backlog()
    found = words.summary(backlog_now(now))
    return Backlog(grows=True, title=found.title, text=found.text)


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
