"""Telling: a change becomes an alert, and a message to every channel that asked for its kind.

Several changes of one kind at once are one message. Of the end hears who heard of the beginning.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count
from django.urls import reverse

from syncadmin.models import Alert, AlertChannel, AlertDelivery
from syncadmin.services.alerts import words
from syncadmin.services.alerts.changes import WITHIN, Step
from syncadmin.services.alerts.deliveries import post
from syncadmin.services.alerts.registry import WATCHERS, Condition

Event = AlertDelivery.Event


@dataclass(frozen=True, slots=True)
class News:
    """One change that is to be told; ``condition``: what is bad now, None if nothing is any more."""

    key: str
    kind: str
    condition: Condition | None
    step: Step


def tell(news: Sequence[News], now: datetime) -> None:
    """Open and close the alerts, and queue what is to be sent. Within the caller's transaction."""
    if not news:
        return
    opened = _open([one for one in news if one.condition is not None], now)
    closed = _close([one.key for one in news if one.condition is None], now)
    channels = [channel for channel in AlertChannel.objects.defer("url") if not _is_muted(channel, now)]
    for kind, alerts in _by_kind(opened).items():
        wanted = [channel for channel in channels if kind in channel.kinds]
        _post(wanted, Event.OPENED, alerts, now)
    for kind, alerts in _by_kind(closed).items():
        if _tells_its_end(kind):
            _post_ends(channels, alerts, now)


def _is_muted(channel: AlertChannel, now: datetime) -> bool:
    return channel.muted_until is not None and channel.muted_until > now


def _by_kind(alerts: Iterable[Alert]) -> dict[str, list[Alert]]:
    found: dict[str, list[Alert]] = defaultdict(list)
    for alert in alerts:
        found[alert.kind].append(alert)
    return found


def _tells_its_end(kind: str) -> bool:
    return any(watcher.kind.value == kind and watcher.ends for watcher in WATCHERS.values())


# --- Alerts -----------------------------------------------------------------------------------------
def _open(news: Sequence[News], now: datetime) -> list[Alert]:
    keys = [one.key for one in news]
    before = Alert.objects.filter(key__in=keys, opened_at__gt=now - WITHIN).order_by()
    recent = dict(before.values("key").annotate(number=Count("pk")).values_list("key", "number"))
    made = [_alert(one, now, recent.get(one.key, 0) + 1) for one in news if one.condition is not None]
    Alert.objects.bulk_create(made)
    return made


def _alert(one: News, now: datetime, times: int) -> Alert:
    condition = one.condition
    assert condition is not None  # noqa: S101
    return Alert(
        key=one.key, kind=one.kind, severity=condition.severity, title=" ".join(condition.title.split())[:300],
        text=condition.text, advice=condition.advice, url=reverse(condition.page), times=times,
        began_at=one.step.after.seen_since, opened_at=now,
    )  # fmt: skip


def _close(keys: Sequence[str], now: datetime) -> list[Alert]:
    alerts = list(Alert.objects.filter(key__in=keys, closed_at=None)) if keys else []
    Alert.objects.filter(pk__in=[alert.pk for alert in alerts]).update(closed_at=now)
    for alert in alerts:
        alert.closed_at = now
    return alerts


# --- Messages ---------------------------------------------------------------------------------------
def _post(channels: Iterable[AlertChannel], event: Event, alerts: Sequence[Alert], now: datetime) -> None:
    for channel in channels:
        written = words.opened(alerts, channel) if event == Event.OPENED else words.closed(alerts, channel)
        post(channel, event, written, now, alerts)


def _post_ends(channels: Sequence[AlertChannel], alerts: Sequence[Alert], now: datetime) -> None:
    """To those who were told of the beginning; each hears of what it was told of."""
    told: dict[int, set[int]] = defaultdict(set)
    rows = AlertDelivery.alerts.through.objects.filter(
        alert__in=alerts, alertdelivery__event=Event.OPENED, alertdelivery__channel__in=channels
    )
    for channel_id, alert_id in rows.values_list("alertdelivery__channel", "alert"):
        told[channel_id].add(alert_id)
    for channel in channels:
        theirs = [alert for alert in alerts if alert.pk in told[channel.pk]]
        if theirs:
            _post([channel], Event.CLOSED, theirs, now)
