"""What happened lately, by hour or by day in the reader's time zone: the numbers of the dashboard's charts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db.models import Count, F, Q, Sum
from django.db.models.functions import Coalesce, TruncDate, TruncHour
from django.utils import timezone

from syncadmin.models import SyncConflict, SyncFailure, SyncStep

HOURS, DAYS = 24, 14
_PULL = Q(operation=SyncStep.Operation.PULL)


class Hour(NamedTuple):
    """What the cycles did whose steps began in this hour, in people."""

    at: datetime
    pulled: int
    pushed: int
    failed: int


class Day(NamedTuple):
    """Two counts of one day: failures opened and settled, or conflicts won by us and by Salesforce."""

    day: date
    first: int
    second: int


def throughput(now: datetime) -> list[Hour]:
    """People changed here and in Salesforce, and refused, in each of the last 24 hours."""
    starts = _hours(now)
    steps = SyncStep.objects.filter(run__started_at__gte=starts[0], started_at__gte=starts[0])
    rows = steps.values(hour=TruncHour("started_at")).order_by().annotate(
        pulled=Coalesce(Sum(F("new") + F("updated") + F("deleted"), filter=_PULL), 0),
        pushed=Coalesce(Sum(F("new") + F("updated"), filter=Q(operation=SyncStep.Operation.PUSH)), 0),
        refused=Coalesce(Sum("failed"), 0),
    )  # fmt: skip
    found = {row["hour"]: row for row in rows}
    return [_hour(start, found.get(start, {})) for start in starts]


def _hour(start: datetime, row: Mapping[str, int]) -> Hour:
    return Hour(start, row.get("pulled", 0), row.get("pushed", 0), row.get("refused", 0))


def failures(now: datetime) -> list[Day]:
    """Failures that came up, and those that were resolved or ignored, on each of the last 14 days."""
    days = _days(now)
    since = _midnight(days[0])
    rows = SyncFailure.objects.order_by()
    opened = rows.filter(first_at__gte=since).values(day=TruncDate("first_at")).annotate(n=Count("pk"))
    settled = rows.filter(resolved_at__gte=since).values(day=TruncDate("resolved_at")).annotate(n=Count("pk"))
    return _merged(days, opened.values_list("day", "n"), settled.values_list("day", "n"))


def conflicts(now: datetime) -> list[Day]:
    """Conflicts that our value won, and those that Salesforce's won, on each of the last 14 days."""
    days = _days(now)
    rows = list(
        SyncConflict.objects.filter(at__gte=_midnight(days[0]))
        .order_by()
        .values(day=TruncDate("at"))
        .annotate(ours=Count("pk", filter=Q(winner="ours")), theirs=Count("pk", filter=~Q(winner="ours")))
    )
    return _merged(
        days, [(row["day"], row["ours"]) for row in rows], [(row["day"], row["theirs"]) for row in rows]
    )


def _merged(
    days: list[date], first: Iterable[tuple[date, int]], second: Iterable[tuple[date, int]]
) -> list[Day]:
    ones, others = dict(first), dict(second)
    return [Day(day, ones.get(day, 0), others.get(day, 0)) for day in days]


def _hours(now: datetime) -> list[datetime]:
    this = timezone.localtime(now).replace(minute=0, second=0, microsecond=0)
    return [timezone.localtime(this - timedelta(hours=back)) for back in reversed(range(HOURS))]


def _days(now: datetime) -> list[date]:
    today = timezone.localtime(now).date()
    return [today - timedelta(days=back) for back in reversed(range(DAYS))]


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, datetime.min.time()))
