"""The open failures by their cause: how many, since when, rising or falling, and what to do. For pages and alerts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.db.models import Count, Min, Q, QuerySet

from people.models import PersonField
from syncadmin.models import FailureGroup, SyncFailure
from syncadmin.services.failure_words import in_words

#: Cards that a page begins with, and the most it shows.
FEW, MOST = 12, 200
DAY = timedelta(hours=24)
#: Up to so much more or less than the day before is neither rising nor falling.
TOLERANCE = 0.1


class Trend(StrEnum):
    """How it goes with a cause: new failures of the last 24 hours against those of the 24 hours before."""

    NEW = "new"
    RISING = "rising"
    FALLING = "falling"
    STEADY = "steady"


@dataclass(frozen=True, slots=True)
class GroupCard:
    """One cause. ``count``: open failures, each a person (or a held record); ``since``: the oldest of them.

    ``recent``, ``before``: how many came in the last 24 hours, and in the 24 hours before, whatever became of them.
    ``next_at``, ``waiting``: the next try, and how many are tried again by themselves.
    """

    group: FailureGroup
    count: int
    since: datetime
    title: str
    meaning: str
    advice: str
    who: str
    labels: tuple[str, ...] = ()
    recent: int = 0
    before: int = 0
    next_at: datetime | None = None
    waiting: int = 0
    trend: Trend = Trend.STEADY


def trend(recent: int, before: int, *, is_new: bool = False) -> Trend:
    """``is_new``: no open failure of the cause is older than the last 24 hours."""
    if is_new and not before and recent:
        return Trend.NEW
    if recent > before * (1 + TOLERANCE):
        return Trend.RISING
    return Trend.FALLING if recent < before * (1 - TOLERANCE) else Trend.STEADY


def cards(found: QuerySet[SyncFailure], now: datetime, limit: int = FEW) -> list[GroupCard]:
    """The causes of these failures, as far as they are open, the most frequent first. Four queries."""
    return _cards(_counted(found).order_by("-count", "group")[:limit], now)


def new_groups(after: datetime, now: datetime, limit: int = MOST) -> list[GroupCard]:
    """Causes none of whose open failures is older than ``after``: they are new, or have come back since.

    ``group.first_at`` says when a cause was seen for the first time ever.
    """
    counted = _counted(SyncFailure.objects.all()).filter(since__gt=after)
    return _cards(counted.order_by("since", "group")[:limit], now)


def _counted(found: QuerySet[SyncFailure]) -> QuerySet[SyncFailure, dict[str, Any]]:
    rows = found.filter(state=SyncFailure.State.OPEN, group__isnull=False).order_by().values("group")
    return rows.annotate(
        count=Count("pk"), since=Min("first_at"), next_at=Min("retry_at"), waiting=Count("retry_at")
    )


def _cards(rows: Iterable[Mapping[str, Any]], now: datetime) -> list[GroupCard]:
    kept = list(rows)
    groups = FailureGroup.objects.select_related("assignee").in_bulk([row["group"] for row in kept])
    names = {name for group in groups.values() for name in group.fields}
    labels = dict(PersonField.objects.filter(name__in=names).values_list("name", "label"))
    trends = _new_failures(groups, now)
    return [_card(groups[row["group"]], row, labels, trends.get(row["group"], (0, 0)), now) for row in kept]


def _new_failures(groups: Collection[int], now: datetime) -> dict[int, tuple[int, int]]:
    """{group: (in the last 24 hours, in the 24 hours before)}"""
    rows = SyncFailure.objects.filter(group__in=list(groups), first_at__gt=now - 2 * DAY).order_by()
    counted = rows.values("group").annotate(
        recent=Count("pk", filter=Q(first_at__gt=now - DAY)), both=Count("pk")
    )
    return {row["group"]: (row["recent"], row["both"] - row["recent"]) for row in counted}


def _card(
    group: FailureGroup,
    row: Mapping[str, Any],
    labels: Mapping[str, str],
    numbers: tuple[int, int],
    now: datetime,
) -> GroupCard:
    words = in_words(group.code, group.text, group.fields, group.direction)
    # Of an unknown code only its message says more, and that is shown in any case.
    meaning = "" if words.meaning in (group.code, group.text) else words.meaning
    recent, before = numbers
    return GroupCard(
        group, row["count"], row["since"], words.title, meaning, words.advice, words.who,
        tuple(labels.get(name, name) for name in group.fields), recent, before, row["next_at"], row["waiting"],
        trend(recent, before, is_new=row["since"] > now - DAY),
    )  # fmt: skip
