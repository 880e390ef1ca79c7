"""What caused it: who or what changed records and people within a span of time, by kind and by field."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet, Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from people.models import LeadOwner, PersonField
from syncadmin.models import ChangeCause, Connection, SyncStep
from syncadmin.store import who as rules
from syncadmin.store.causes import BACKFILL, OURS_WON, PULL, PUSH
from syncadmin.sync.backlog import bucket
from syncadmin.sync.causes import OWNER, CauseKind

#: What a table and a sentence say of the fields; the file has them all.
FIELDS_SHOWN, ROWS_SHOWN = 4, 25


@dataclass(frozen=True, slots=True)
class Span:
    """A span of time that can be looked at. ``slot``: what one bar stands for."""

    name: str
    label: Any
    length: timedelta
    slot: timedelta

    def since(self, now: datetime) -> datetime:
        return bucket(now - self.length, self.slot)

    def slots(self, now: datetime) -> list[datetime]:
        """Where its bars begin, up to the one that isn't over."""
        first = self.since(now)
        return [first + index * self.slot for index in range((now - first) // self.slot + 1)]


SPANS = {
    span.name: span
    for span in (
        Span("hour", gettext_lazy("Last hour"), timedelta(hours=1), timedelta(minutes=10)),
        Span("day", gettext_lazy("Last 24 hours"), timedelta(days=1), timedelta(hours=1)),
        Span("days", gettext_lazy("Last 5 days"), timedelta(days=5), timedelta(hours=4)),
    )
}


@dataclass(slots=True)
class Author:
    """Changes of one kind of one object by one author. ``who``: as it is stored; ``name``: for people."""

    direction: str
    object: str
    kind: CauseKind
    who: str
    actor: str
    name: str = ""
    records: int = 0
    fields: Counter[str] = field(default_factory=Counter)
    """By label."""

    @property
    def kind_label(self) -> str:
        return str(ChangeCause.Kind(self.kind).label)

    @property
    def top_fields(self) -> list[tuple[str, int]]:
        return self.fields.most_common(FIELDS_SHOWN)

    @property
    def more_fields(self) -> int:
        return max(len(self.fields) - FIELDS_SHOWN, 0)


@dataclass(slots=True)
class Told:
    """What was changed in one direction within a span. ``slots``: {beginning of a slot: {kind: records}}."""

    direction: str
    authors: list[Author] = field(default_factory=list)
    slots: dict[datetime, Counter[str]] = field(default_factory=dict)
    calls: int = 0
    """API calls of the steps that read, or wrote, them."""
    handled: int = 0
    """Records that these steps read, or people they pushed; those that are read again included."""
    ours: str = ""
    """The sync's own user in Salesforce."""

    @property
    def total(self) -> int:
        return sum(author.records for author in self.authors)

    @property
    def shown(self) -> list[Author]:
        return self.authors[:ROWS_SHOWN]

    @property
    def hidden(self) -> int:
        return max(len(self.authors) - ROWS_SHOWN, 0)

    def of(self, *kinds: CauseKind) -> int:
        return sum(author.records for author in self.authors if author.kind in kinds)

    def share(self, records: int) -> int:
        """In percent; what isn't everything is never a hundred."""
        return 0 if not self.total else min(round(100 * records / self.total), 99 + (records == self.total))

    def calls_for(self, records: int) -> int:
        """Of the calls that the steps took, how many went for so many records."""
        return min(round(self.calls * records / self.handled), self.calls) if self.handled else 0


def told(span: Span, now: datetime) -> dict[str, Told]:
    """Both directions, by "pull" and "push". A constant number of statements, whatever there is to tell."""
    since = span.since(now)
    rows = ChangeCause.objects.filter(at__gte=since).order_by()
    if rules.inclusion() is None:  # then nobody who isn't in Salesforce waits for it
        rows = rows.exclude(direction=PUSH, object="")
    found = {direction: Told(direction) for direction in (PULL, PUSH)}
    ours = Connection.objects.values_list("user_id", flat=True).first() or ""
    for author in _authors(rows, ours):
        found[author.direction].authors.append(author)
    for each in found.values():
        each.slots = {at: Counter() for at in span.slots(now)}
    for at, direction, kind, number in _by_time(rows):
        found[direction].slots[bucket(at, span.slot)][kind] += number
    steps = SyncStep.objects.filter(started_at__gte=since, operation__in=[PULL, PUSH]).order_by()
    for direction, calls, handled in steps.values_list("operation").annotate(Sum("api_calls"), Sum("done")):
        found[direction].calls, found[direction].handled = calls, handled
    for each in found.values():
        each.ours = ours
        each.authors.sort(key=lambda author: (-author.records, author.name, author.object, author.kind))
    return found


def _by_time(rows: QuerySet[ChangeCause]) -> Iterator[tuple[datetime, str, str, int]]:
    yield from rows.filter(field="").values_list("at", "direction", "kind").annotate(Sum("records"))


def _authors(rows: QuerySet[ChangeCause], ours: str) -> list[Author]:
    key = ("direction", "object", "kind", "who", "actor")
    found: dict[tuple[str, ...], Author] = {}
    sums = list(rows.values_list(*key, "field").annotate(Sum("records")))
    labels, names = field_labels(), user_names(row[3] for row in sums if row[0] == PULL)
    for direction, object, kind, who, actor, name, number in sums:
        author = found.setdefault(
            (direction, object, kind, who, actor), Author(direction, object, CauseKind(kind), who, actor)
        )
        if name:
            author.fields[labels.get(name, name)] += number
        else:
            author.records += number
    for author in found.values():
        author.name = author_name(author.direction, author.who, author.actor, names, ours)
    return [author for author in found.values() if author.records]


# --- Names ----------------------------------------------------------------------------------------
def field_labels() -> dict[str, str]:
    """What fields are called, by name."""
    return {**dict(PersonField.objects.values_list("name", "label")), OWNER: _("Lead Owner")}


def user_names(ids: Iterable[str]) -> dict[str, str]:
    """Names of Salesforce's users, by id."""
    return dict(LeadOwner.objects.filter(pk__in=set(ids)).values_list("pk", "name"))


def author_name(direction: str, who: str, actor: str, names: dict[str, str], ours: str = "") -> str:
    """Who or what made a change, in words."""
    if direction == PULL:
        if not who:
            return _("A change of the Account")
        name = names.get(who) or _("the Salesforce user %s") % who
        return _("%s (the sync’s own user)") % name if who == ours else name
    if who == OURS_WON:
        return _("The sync: our value stayed")
    if who == BACKFILL:
        return _("A backfill")
    return _("%(source)s, by %(user)s") % {"source": who, "user": actor} if actor else who


# --- The file -------------------------------------------------------------------------------------
COLUMNS = ("from", "direction", "object", "kind", "changed_by", "changed_by_id", "field", "records")


def cells(span: Span, now: datetime) -> Iterator[list[Any]]:
    """Every count of a span, for a CSV file; a blank field: the number of records, or people."""
    since, labels = span.since(now), field_labels()
    ours = Connection.objects.values_list("user_id", flat=True).first() or ""
    rows = ChangeCause.objects.filter(at__gte=since)
    names = user_names(rows.filter(Q(direction=PULL)).order_by().values_list("who", flat=True).distinct())
    key = ("at", "direction", "object", "kind", "who", "actor", "field")
    sums = rows.order_by(*key).values_list(*key).annotate(Sum("records"))
    for at, direction, object, kind, who, actor, name, number in sums.iterator(chunk_size=2_000):
        author = author_name(direction, who, actor, names, ours)
        sfdc_id = who if direction == PULL else ""
        yield [at.isoformat(), direction, object, kind, author, sfdc_id, labels.get(name, name), number]
