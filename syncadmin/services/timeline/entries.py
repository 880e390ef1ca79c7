"""A person's timeline: the activity log and the decisions that changed nothing, as one list, the newest first.

Both are read by person, a page of each, and laid together: as fast for ten thousand entries as for ten. A page begins
at an entry, whose key ("a12" of the log, "d34" of a decision) is also its address for good.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Model, Q, QuerySet

from people.models import Activity, ActivityType, Person
from syncadmin.models import Decision
from syncadmin.services.timeline.words import FROM_SALESFORCE, Group

SIZE = 25
Row = Activity | Decision
T = ActivityType
_OF_SALESFORCE = Q(source__startswith=FROM_SALESFORCE)
_SYNCED = Q(type=T.SYNC_TO_SFDC)
_TOLD_ELSEWHERE = (
    T.CHANGE_DATA_VALUE, T.SYNC_TO_SFDC, T.SYNC_UPDATES_TO_SFDC, T.CONFLICT, T.SYNC_FAILED, T.CHANGE_OWNER,
)  # fmt: skip
_LOG: dict[str, Q] = {
    Group.CHANGED: Q(type=T.CHANGE_DATA_VALUE) & ~_OF_SALESFORCE,
    Group.PULLED: Q(type=T.CHANGE_DATA_VALUE) & _OF_SALESFORCE,
    Group.PUSHED: Q(type=T.SYNC_UPDATES_TO_SFDC) | (_SYNCED & ~Q(attributes__note__in=["linked", "excluded"])),
    Group.SKIPPED: _SYNCED & Q(attributes__note="excluded"),
    Group.CONFLICT: Q(type=T.CONFLICT),
    Group.REFUSED: Q(type=T.SYNC_FAILED),
    Group.MATCHED: _SYNCED & Q(attributes__note="linked"),
    Group.OWNER: Q(type=T.CHANGE_OWNER),
    Group.LIFE: ~Q(type__in=_TOLD_ELSEWHERE),
}  # fmt: skip
_DECIDED: dict[str, Q] = {
    Group.SKIPPED: ~Q(kind=Decision.Kind.HELD),
    Group.MATCHED: Q(kind=Decision.Kind.HELD),
}


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where an entry stands. Of the same moment, the log's entries count as later than the decisions."""

    at: datetime
    rank: int
    pk: int

    @property
    def key(self) -> str:
        return f"{'da'[self.rank]}{self.pk}"


def place_of(row: Row) -> Place:
    """Where this entry stands."""
    return Place(row.at, int(isinstance(row, Activity)), row.pk)


@dataclass(frozen=True, slots=True)
class Filter:
    """What of a timeline is shown. ``group``: one of Group, or all."""

    person_id: int
    group: str = ""
    since: datetime | None = None
    until: datetime | None = None

    def log(self) -> QuerySet[Activity]:
        """The entries of the activity log."""
        log = Activity.objects.filter(self._times(), person=self.person_id).select_related("actor")
        return log.filter(_LOG[self.group]) if self.group else log

    def decisions(self) -> QuerySet[Decision]:
        """The decisions that changed nothing."""
        made = Decision.objects.filter(self._times(), person=self.person_id).select_related("actor")
        return made.filter(_DECIDED.get(self.group, Q(pk__in=[]))) if self.group else made

    def _times(self) -> Q:
        since = Q(at__gte=self.since) if self.since else Q()
        return since & Q(at__lte=self.until) if self.until else since


@dataclass(frozen=True, slots=True)
class Page:
    """A page of entries, and the keys of those at which the next older and the next newer page begin."""

    rows: list[Row]
    older: str = ""
    newer: str = ""


def read_page(found: Filter, start: Place | None = None, size: int = SIZE) -> Page:
    """The page that begins at an entry; without one, the newest."""
    rows = _read(found, start, size + 1)
    older = place_of(rows[size]).key if len(rows) > size else ""
    newer = _read(found, start, size, newer=True) if start else []
    return Page(rows[:size], older, place_of(newer[-1]).key if newer else "")


def every_entry(found: Filter, portion: int = 500) -> Iterator[list[Row]]:
    """All entries, a portion after the other."""
    start: Place | None = None
    while True:
        rows = _read(found, start, portion + 1)
        yield rows[:portion]
        if len(rows) <= portion:
            return
        start = place_of(rows[portion])


def find_place(person_id: int, key: str) -> Place | None:
    """The place of an entry of this person, by its key."""
    row = find_row(key)
    return place_of(row) if row is not None and row.person_id == person_id else None


def find_row(key: str) -> Row | None:
    """An entry by its key, whoever has it by now."""
    number = key[1:]
    if key[:1] not in ("a", "d") or not (number.isascii() and number.isdecimal() and len(number) < 19):
        return None
    if key[0] == "a":
        return Activity.objects.filter(pk=int(number)).first()
    return Decision.objects.filter(pk=int(number)).first()


def became(person_id: int) -> Person | None:
    """Into whom somebody was merged who isn't here any more."""
    merges = Activity.objects.filter(type=T.MERGE_PEOPLE, attributes__loser_id=person_id)
    entry = merges.select_related("person").order_by("-at").first()
    return entry.person if entry else None


def _read(found: Filter, start: Place | None, size: int, *, newer: bool = False) -> list[Row]:
    """``newer``: those before ``start``, the nearest first; else from it on, the newest first."""
    order = ("at", "pk") if newer else ("-at", "-pk")
    parts = [
        list(_beside(queryset, rank, start, newer=newer).order_by(*order)[:size])
        for rank, queryset in enumerate((found.decisions(), found.log()))
    ]
    merged = heapq.merge(*parts, key=place_of, reverse=not newer)
    return [row for row, _ in zip(merged, range(size), strict=False)]


def _beside(queryset: QuerySet[Model], rank: int, start: Place | None, *, newer: bool) -> QuerySet[Model]:
    if start is None:
        return queryset
    # A plain bound on the time first: it is what the index is asked for.
    bound = Q(at__gte=start.at) if newer else Q(at__lte=start.at)
    if rank == start.rank:
        same = Q(at=start.at) & (Q(pk__gt=start.pk) if newer else Q(pk__lte=start.pk))
    else:
        same = Q(at=start.at) if (rank > start.rank) is newer else Q(pk__in=[])
    beyond = Q(at__gt=start.at) if newer else Q(at__lt=start.at)
    return queryset.filter(bound, beyond | same)
