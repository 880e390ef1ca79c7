"""What other settings would cost: the model of costs, filled with what the last week was like."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db.models import Count, QuerySet, Sum

from people.models import Person
from syncadmin.models import ApiHour, Connection, Purpose, SObject, SyncRun, SyncStep
from syncadmin.services.reconcile.checks import last_check
from syncadmin.sync import bulk, costs
from syncadmin.sync.costs import Costs, Plan

#: So many days are looked at for what an ordinary one is like.
LOOKED_AT = 7
#: So many cycles there are in them at most, one a minute.
CYCLES = LOOKED_AT * costs.MINUTES
_LINES = ("polls", "pulls", "pushes", "creates", "clicks", "check")


@dataclass(frozen=True, slots=True)
class Line:
    """One purpose: calls a day as it is set, and as it would be."""

    name: str
    now: int
    then: int


@dataclass(frozen=True, slots=True)
class AtOnce:
    """What so many changed people cost in one go: pushed by REST, pushed as the sync would, and read back."""

    number: int
    rest: int
    push: int
    pull: int

    @property
    def is_bulk(self) -> bool:
        """Whether the sync would use a bulk job."""
        return self.number >= bulk.PUSH_FROM


@dataclass(frozen=True, slots=True)
class Comparison:
    """A plan beside what is set. ``once``: a change of many people at once, if it was asked for."""

    plan: Plan
    now: Costs
    then: Costs
    once: AtOnce | None

    @property
    def lines(self) -> list[Line]:
        return [Line(name, getattr(self.now, name), getattr(self.then, name)) for name in _LINES]

    @property
    def more(self) -> int:
        """How many more calls a day; negative: fewer."""
        return self.then.total - self.now.total


def compare(connection: Connection, plan: Plan, once: int = 0) -> Comparison:
    """What the plan costs, and what the same day costs with the settings as they are."""
    as_set = replace(plan, pause=connection.pause_minutes, checked=connection.reconcile_hour is not None)
    large = AtOnce(once, costs.to_push(once, by_bulk=False), costs.to_push(once), costs.to_pull(once))
    return Comparison(plan, costs.costs(as_set), costs.costs(plan), large if once else None)


def usual_plan(connection: Connection, now: datetime) -> Plan:
    """The settings as they are, and a day like those of the last week. Five statements."""
    since = now - timedelta(days=LOOKED_AT)
    done = {
        (object, operation): (new or 0, updated or 0)
        for object, operation, new, updated in _steps(since)
        .order_by()
        .values_list("object", "operation")
        .annotate(Sum("new"), Sum("updated"))
    }
    pulled = sum(sum(done.get((object, SyncStep.Operation.PULL), (0, 0))) for object in SObject.values)
    clicks = (
        ApiHour.objects.filter(hour__gte=since, purpose=Purpose.CLICK).aggregate(all=Sum("calls"))["all"] or 0
    )
    there = _records()
    return Plan(
        pause=connection.pause_minutes,
        here=_a_day(done.get(("Person", SyncStep.Operation.PUSH), (0, 0))[1]),
        there=_a_day(pulled),
        created=_a_day(done.get((SObject.LEAD, SyncStep.Operation.PUSH), (0, 0))[0]),
        clicks=_a_day(clicks / costs.CALLS_A_CLICK),
        leads=there.get(SObject.LEAD, 0),
        contacts=there.get(SObject.CONTACT, 0),
        checked=connection.reconcile_hour is not None,
    )


def _steps(since: datetime) -> QuerySet[SyncStep]:
    """By the ids of cycles, which have an index: they are those of the time."""
    before = SyncRun.objects.order_by("-pk").values_list("pk", flat=True)[CYCLES : CYCLES + 1]
    return SyncStep.objects.filter(run_id__gt=next(iter(before), 0), started_at__gte=since)


def _records() -> dict[str, int]:
    """How many Leads and Contacts there are: as the last full check found, or else as people are counted now."""
    if check := last_check():
        return {object: counts.get("here", 0) for object, counts in check.counts.items()}
    people = Person.objects.filter(sfdc_is_deleted=False, sfdc_type__in=SObject.values)
    return dict(people.order_by().values_list("sfdc_type").annotate(Count("pk")))


def _a_day(number: float) -> int:
    return round(number / LOOKED_AT)
