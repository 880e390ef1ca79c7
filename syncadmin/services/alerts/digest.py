"""The daily digest: what synced, what failed, what waits, and what needs somebody, at an hour of the reader's day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.contrib.humanize.templatetags.humanize import intcomma
from django.db import transaction
from django.db.models import Count, Q, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from people.models import Activity, ActivityType
from syncadmin import queries
from syncadmin.models import Alert, AlertChannel, AlertDelivery, Severity, SyncFailure, SyncRun, SyncStep
from syncadmin.services.alerts import sources, words
from syncadmin.services.alerts.deliveries import post
from syncadmin.services.alerts.words import Written
from syncadmin.store.waiting import pending

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Figures:
    """A day in numbers. ``pulled``, ``pushed``: people new or changed; ``open``: alerts that are not over."""

    since: datetime
    cycles: int
    failed_cycles: int
    pulled: int
    pushed: int
    new_failures: int
    open_failures: int
    conflicts: int
    waiting: int
    api: sources.ApiUse
    open: tuple[Alert, ...]


def next_digest(channel: AlertChannel, now: datetime) -> datetime | None:
    """The next time that the reader's clock shows the hour; None if no digest is wanted."""
    if not channel.wants_digest:
        return None
    zone = ZoneInfo(channel.time_zone)
    today = timezone.localtime(now, zone).date()
    for day in (today, today + DAY):
        at = datetime.combine(day, time(channel.digest_hour), zone)
        if at.timestamp() > now.timestamp():
            return at
    return datetime.combine(today + 2 * DAY, time(channel.digest_hour), zone)


def write_due(now: datetime) -> int:
    """Write the digests whose hour has come; how many. Whoever moves the hour on writes it."""
    due = list(AlertChannel.objects.defer("url").filter(next_digest_at__lte=now))
    figures = figures_of(now - DAY, now) if due else None
    written = 0
    for channel in due:
        mine = AlertChannel.objects.filter(pk=channel.pk, next_digest_at=channel.next_digest_at)
        with transaction.atomic():
            if (
                mine.update(next_digest_at=next_digest(channel, now))
                and figures
                and not _is_muted(channel, now)
            ):
                post(channel, AlertDelivery.Event.DIGEST, in_words(figures, channel), now)
                written += 1
    return written


def _is_muted(channel: AlertChannel, now: datetime) -> bool:
    return channel.muted_until is not None and channel.muted_until > now


def figures_of(since: datetime, now: datetime) -> Figures:
    """In a constant number of statements."""
    runs = SyncRun.objects.filter(started_at__gte=since).aggregate(
        all=Count("pk"), failed=Count("pk", filter=Q(state=SyncRun.State.FAILED))
    )
    steps = SyncStep.objects.filter(run__started_at__gte=since).order_by().values("operation")
    summed = steps.annotate(changed=Sum("new", default=0) + Sum("updated", default=0))
    sums = dict(summed.values_list("operation", "changed"))
    failures = SyncFailure.objects.aggregate(
        new=Count("pk", filter=Q(first_at__gte=since)),
        open=Count("pk", filter=Q(state=SyncFailure.State.OPEN)),
    )
    return Figures(
        since, runs["all"], runs["failed"], sums.get(SyncStep.Operation.PULL, 0),
        sums.get(SyncStep.Operation.PUSH, 0), failures["new"], failures["open"],
        Activity.objects.filter(type=ActivityType.CONFLICT, at__gte=since).count(), pending(now).count(),
        sources.api_use(queries.connection(), now), tuple(Alert.objects.filter(closed_at=None)),
    )  # fmt: skip


def in_words(figures: Figures, channel: AlertChannel) -> Written:
    """The figures as a message. What needs somebody comes first."""
    number = len(figures.open)
    if number:
        subject = _("[Syncadmin] Daily digest: %s needs somebody") % number
    elif figures.failed_cycles or figures.new_failures:
        subject = _("[Syncadmin] Daily digest: it syncs, with failures")
    else:
        subject = _("[Syncadmin] Daily digest: all is well")
    since = _("Since %s:") % words.moment(figures.since, channel.time_zone)
    needs = [f"• {alert.title}. {alert.advice}".rstrip() for alert in figures.open]
    needed = [_("Needs somebody:") + "\n" + "\n".join(needs)] if needs else [_("Nothing needs anybody.")]
    body = "\n\n".join([*needed, since + "\n" + "\n".join(_lines(figures))])
    severity = Severity.WARNING if number else Severity.NEWS
    return Written(subject, body, reverse("dashboard"), severity)


def _lines(figures: Figures) -> list[str]:
    told = {
        "cycles": intcomma(figures.cycles), "failed": intcomma(figures.failed_cycles),
        "pulled": intcomma(figures.pulled), "pushed": intcomma(figures.pushed),
        "new": intcomma(figures.new_failures), "open": intcomma(figures.open_failures),
        "conflicts": intcomma(figures.conflicts), "waiting": intcomma(figures.waiting),
        "used": intcomma(figures.api.used), "limit": intcomma(figures.api.limit), "share": round(figures.api.percent),
    }  # fmt: skip
    lines = [
        _("• Cycles: %(cycles)s, of which %(failed)s failed"),
        _("• From Salesforce: %(pulled)s records new or changed"),
        _("• To Salesforce: %(pushed)s people pushed"),
        _("• Failures: %(new)s new, %(open)s open"),
        _("• Conflicts: %(conflicts)s"),
        _("• Waiting to be pushed: %(waiting)s people"),
    ]
    if figures.api.limit:
        lines.append(_("• API calls of the last 24 hours: %(used)s of %(limit)s (%(share)s %%), by all apps"))
    return [line % told for line in lines]
