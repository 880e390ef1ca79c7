"""How much waits, counted in SQL: in a constant number of statements, and by partial indexes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Case, CharField, Count, F, Min, Q, QuerySet, Value, When

from people.models import Person
from syncadmin.models import BulkRow, PullCursor, SObject, SyncFailure, SyncState, SyncStep
from syncadmin.store import newcomers, who
from syncadmin.store.conditions import people_where
from syncadmin.store.waiting import held
from syncadmin.sync.backlog import Waiting, Work
from syncadmin.sync.ports import PollAnswer

#: A step may have begun long before the hours that are looked at.
LONGEST_STEP = timedelta(days=1)
#: Whose records the steps of a cycle count, by (operation, object).
WORK = {
    ("pull", "Lead"): "pull:Lead", ("pull", "Contact"): "pull:Contact", ("push", "Person"): "push",
    ("push", "Lead"): "create",
}  # fmt: skip


# --- To Salesforce --------------------------------------------------------------------------------
def waiting(now: datetime, among: Sequence[int] = ()) -> QuerySet[Person]:
    """Linked people with a change that hasn't been pushed, each with ``why`` it waits: a name of Waiting.

    ``among``: only these, which spares looking at everybody who is held back.
    """
    some = Q(person_id__in=among) if among else Q()
    linked = _linked().filter(pk__in=among) if among else _linked()
    # Subqueries of their own, not correlated ones: each is run once, and PostgreSQL knows that it is cheap.
    mine = held(now).filter(some, person_version=F("person__version")).values("person_id")
    rule = who.exclusion()
    conditions = [
        (Q(pk__in=BulkRow.objects.filter(some).values("person_id")), "in_bulk"),
        (Q(pk__in=mine.filter(retry_at__isnull=False)), "retrying"),
        (Q(pk__in=mine), "held"),
    ]
    if rule is not None:
        met = people_where(rule, who.days(now)) if rule.conditions else Q(pk__isnull=False)
        conditions.append((met, "excluded"))
    outside = SyncState.objects.filter(
        some, outside_since__isnull=False, is_deleted=False, is_duplicate=False
    )
    conditions.append((Q(pk__in=outside.values("person_id")), "outside"))
    whens = [When(condition, then=Value(name)) for condition, name in conditions]
    return linked.annotate(why=Case(*whens, default=Value("due"), output_field=CharField()))


def _linked() -> QuerySet[Person]:
    return Person.objects.filter(changed_at__isnull=False, sfdc_is_deleted=False).exclude(sfdc_id="")


def to_push(now: datetime) -> dict[str, Waiting]:
    """People whose change waits, by what they are in Salesforce. One statement, and two for the exclusion rule."""
    found: dict[str, dict[str, int]] = {object: {} for object in SObject.values}
    rows = waiting(now).order_by().values_list("sfdc_type", "why").annotate(number=Count("pk"))
    for object, why, number in rows:
        found[object][why] = number
    return {object: Waiting(**numbers) for object, numbers in found.items()}


def to_create(now: datetime) -> Waiting:
    """People who aren't in Salesforce and shall be: by the inclusion rule, or because somebody asked for it."""
    same = Q(person_version=F("person__version"))
    refused = SyncFailure.objects.filter(
        Q(person__sfdc_id="") | Q(person__sfdc_is_deleted=True), state=SyncFailure.State.OPEN,
        direction=SyncFailure.Direction.PUSH,
    ).aggregate(
        all=Count("pk"), retrying=Count("pk", filter=same & Q(retry_at__gt=now)),
        held=Count("pk", filter=same & Q(retry_at__isnull=True)),
    )  # fmt: skip
    asked = len(newcomers.asked_again(now)) if refused.pop("all") else 0
    return Waiting(due=newcomers.newcomers(now).count() + asked, **refused)


def next_try(now: datetime) -> datetime | None:
    """When the first of those who were refused is tried again."""
    open_ones = SyncFailure.objects.filter(state=SyncFailure.State.OPEN, direction="push", retry_at__gt=now)
    found: datetime | None = open_ones.aggregate(first=Min("retry_at"))["first"]
    return found


def oldest(now: datetime, number: int) -> list[Person]:
    """Who has waited longest, with ``why``."""
    first = _linked().order_by("changed_at").values_list("pk", flat=True)[:number]
    ids = list(first)
    return list(waiting(now, ids).order_by("changed_at", "pk")) if ids else []


# --- From Salesforce ------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Reading:
    """What a cycle has found to read of an object. ``at``: when it was known."""

    left: int
    total: int
    at: datetime | None
    is_first: bool
    """Everything is read from the beginning."""


def note_to_read(answer: PollAnswer, now: datetime) -> None:
    """Note how many records a poll has found; whatever becomes of the cycle, they wait. One statement if it is none."""
    pages = [*answer.pages.items(), *answer.parents.items()]
    totals = {object: sum(page.total for each, page in pages if each == object) for object in answer.pages}
    for object, total in totals.items():
        if total:
            PullCursor.objects.filter(pk=object).update(to_read=total, to_read_at=now)
    none = [object for object, total in totals.items() if not total]
    PullCursor.objects.filter(pk__in=none, to_read__gt=0).update(to_read=0)


def to_read() -> dict[str, Reading]:
    """Records that changed in Salesforce and that we know of but haven't read, by object. Two statements at most."""
    cursors = {cursor.object: cursor for cursor in PullCursor.objects.all()}
    since = min((c.to_read_at for c in cursors.values() if c.to_read and c.to_read_at), default=None)
    done = _read_since(since, cursors) if since else {}
    return {object: _reading(cursors.get(object), done.get(object, 0)) for object in SObject.values}


def _read_since(since: datetime, cursors: dict[str, PullCursor]) -> dict[str, int]:
    """How many of the records that the last poll found are stored, by object."""
    found = {}
    steps = SyncStep.objects.filter(operation=SyncStep.Operation.PULL, started_at__gte=since).order_by("pk")
    for object, started_at, done in steps.values_list("object", "started_at", "done"):
        noted = cursors[object].to_read_at
        if noted and started_at >= noted:
            found[object] = done
    return found


def _reading(cursor: PullCursor | None, done: int) -> Reading:
    if cursor is None:
        return Reading(0, 0, None, is_first=True)
    left = max(cursor.to_read - done, 0)
    return Reading(left, cursor.to_read, cursor.to_read_at, is_first=not cursor.polled_at)


# --- Speed ----------------------------------------------------------------------------------------
def work_since(since: datetime, now: datetime) -> dict[str, list[Work]]:
    """What the steps of the cycles did since then: "pull:Lead", "pull:Contact", "push" and "create"."""
    found: dict[str, list[Work]] = defaultdict(list)
    steps = SyncStep.objects.filter(started_at__gte=since - LONGEST_STEP, done__gt=0).order_by("pk")
    rows = steps.values_list("operation", "object", "started_at", "ended_at", "done")
    for operation, object, began, ended, done in rows:
        if key := WORK.get((operation, object)):
            found[key].append(Work(began, ended or now, done))
    return found
