"""The use of API calls, as its page shows it: where it stands, what it was for, and how it goes on."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from syncadmin.models import ApiHour, Connection, Purpose
from syncadmin.sync.allowance import (
    BACKGROUND_SHARE,
    HOUR,
    WINDOW,
    Hold,
    Hour,
    Lane,
    OrgUse,
    allowed,
    decide,
    hour_of,
    in_window,
)
from syncadmin.sync.forecast import DAYS, Forecast, forecast

#: What is drawn together: cycles that read, cycles that write, what people ask for, and the rest.
GROUPS: tuple[tuple[str, ...], ...] = (
    (Purpose.POLL, Purpose.PULL, Purpose.BULK_PULL),
    (Purpose.PUSH, Purpose.CREATE, Purpose.BULK_PUSH),
    (Purpose.CLICK, Purpose.REPAIR, Purpose.REVIEW),
    (Purpose.CHECK, Purpose.BACKFILL, Purpose.PREVIEW, Purpose.RULES, Purpose.TEST, Purpose.OTHER),
)
_GROUP = {str(purpose): number for number, group in enumerate(GROUPS) for purpose in group}
MONTH = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Standing:
    """``used``: our calls of the last 24 hours; ``most``: what we may make, 0 if not known.

    ``background``: at how many the background waits; ``held``: why it does, if it does.
    """

    used: int
    most: int
    org: OrgUse
    held: Hold | None
    forecast: Forecast | None
    background: int

    @property
    def percent(self) -> int:
        """Of what we may make."""
        return self.used * 100 // self.most if self.most else 0

    @property
    def share(self) -> int:
        """Ours, of what all apps of the org have used, in percent."""
        return min(100, round(self.used * 100 / self.org.used)) if self.org.used else 0

    @property
    def others(self) -> int:
        return max(0, self.org.used - self.used)


def standing(connection: Connection, now: datetime) -> Standing:
    """Where it stands now, and where it will. One statement."""
    since = hour_of(now - timedelta(days=DAYS + 1))
    rows = ApiHour.objects.filter(hour__gte=since).order_by("hour").values_list("hour").annotate(Sum("calls"))
    hours = [Hour(hour, calls) for hour, calls in rows]
    org = OrgUse(connection.api_used or 0, connection.api_limit or 0, connection.api_told_at)
    most = allowed(connection.api_allowance, org.limit)
    background = most * BACKGROUND_SHARE // 100
    return Standing(
        in_window(hours, now), most, org, decide(hours, most, org, Lane.BACKGROUND, now),
        forecast(hours, now, midnight(now), background), background,
    )  # fmt: skip


def midnight(now: datetime) -> datetime:
    """The next one, in the reader's zone."""
    tomorrow = timezone.localtime(now) + timedelta(days=1)
    return tomorrow.replace(hour=0, minute=0, second=0, microsecond=0)


# --- Over time ----------------------------------------------------------------------------------------
@dataclass(slots=True)
class Slot:
    """An hour or a day. ``groups``: calls by group; ``ours`` and ``others``: what the org's window held by its end."""

    start: datetime | date
    groups: list[int]
    ours: int = 0
    others: int = 0


def last_hours(now: datetime) -> list[Slot]:
    """The last 24 hours, hour by hour. One statement."""
    this = hour_of(now)
    starts = [this - HOUR * back for back in range(23, -1, -1)]
    counted, told = _load(starts[0] - WINDOW)
    slots = []
    for start in starts:
        slot = Slot(start, counted.get(start, [0] * len(GROUPS)))
        slot.ours = _before(counted, start)
        _tell(slot, _latest(told, start))
        slots.append(slot)
    return slots


def last_days(now: datetime) -> list[Slot]:
    """The last 30 days, day by day in the reader's zone. One statement."""
    today = timezone.localtime(now).date()
    counted, told = _load(hour_of(now - MONTH - WINDOW))
    days: dict[date, Slot] = {}
    for back in range(29, -1, -1):
        day = today - timedelta(days=back)
        days[day] = Slot(day, [0] * len(GROUPS))
    for hour, groups in counted.items():
        if slot := days.get(timezone.localtime(hour).date()):
            slot.groups = [sum(pair) for pair in zip(slot.groups, groups, strict=True)]
    this = hour_of(now)
    for hour in (
        this - HOUR * back for back in range(24 * 31, -1, -1)
    ):  # the last hour of a day has the last word
        if slot := days.get(timezone.localtime(hour).date()):
            slot.ours = _before(counted, hour)
            if hour in told:
                _tell(slot, told[hour])
    return list(days.values())


def _load(since: datetime) -> tuple[dict[datetime, list[int]], dict[datetime, int]]:
    """Calls of each hour by group, and what the org told in it last."""
    counted: dict[datetime, list[int]] = defaultdict(lambda: [0] * len(GROUPS))
    told: dict[datetime, tuple[datetime, int]] = {}
    rows = ApiHour.objects.filter(hour__gte=since).values_list(
        "hour", "purpose", "calls", "told_at", "org_used"
    )
    for hour, purpose, calls, told_at, used in rows:
        counted[hour][_GROUP.get(purpose, len(GROUPS) - 1)] += calls
        if told_at is not None and (hour not in told or told[hour][0] < told_at):
            told[hour] = told_at, used or 0
    return dict(counted), {hour: used for hour, (_, used) in told.items()}


def _before(counted: dict[datetime, list[int]], hour: datetime) -> int:
    """Our calls of the 24 hours up to the end of this one."""
    return sum(sum(counted.get(hour - HOUR * back, ())) for back in range(24))


def _latest(told: dict[datetime, int], start: datetime) -> int | None:
    """What was told by the end of an hour: in it, or in one of the hours before."""
    return next((told[at] for at in sorted(told, reverse=True) if at <= start), None)


def _tell(slot: Slot, used: int | None) -> None:
    slot.others = max(0, used - slot.ours) if used is not None else 0


# --- By purpose ---------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Use:
    """What one purpose took in 24 hours, 7 days and 30 days."""

    label: str
    day: int
    week: int
    month: int
    requests: int
    refused: int


def by_purpose(now: datetime) -> list[Use]:
    """The purposes for which something was asked, the greatest first. One statement."""
    rows = ApiHour.objects.filter(hour__gte=hour_of(now - MONTH)).values("purpose").annotate(
        day=_since(now - WINDOW), week=_since(now - timedelta(days=7)), month=Sum("calls"),
        requests=Sum("requests"), refused=Sum("refused"),
    )  # fmt: skip
    labels = dict(Purpose.choices)
    found = [Use(str(labels.get(row.pop("purpose"), "")), **row) for row in rows.order_by()]
    return sorted(found, key=lambda use: (-use.day, -use.month, use.label))


def _since(moment: datetime) -> Coalesce:
    return Coalesce(Sum("calls", filter=Q(hour__gte=hour_of(moment))), 0)


def has_any() -> bool:
    """Whether anything was ever asked."""
    return ApiHour.objects.exists()
