"""What messages say: the subject, the text, the page to go to. Written when something changes, not when it is sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from syncadmin.models import Alert, AlertChannel, AlertKind, Connection, Severity
from syncadmin.services.alerts.registry import WATCHERS

#: So many are told in full in one message; the others are counted.
TOLD = 20


@dataclass(frozen=True, slots=True)
class Written:
    """A message before it is addressed. ``url``: the path of the page it leads to."""

    subject: str
    body: str
    url: str
    severity: str = Severity.NEWS


def opened(alerts: Sequence[Alert], channel: AlertChannel) -> Written:
    """Something has become bad; several of one kind in one message."""
    first = alerts[0]
    body = "\n\n".join([_told(alert, channel) for alert in alerts[:TOLD]] + _rest(alerts))
    severity = min((alert.severity for alert in alerts), key=Severity.values.index)
    if len(alerts) == 1:
        return Written(_subject(_unstable(first)), body, first.url, severity)
    told = {"number": len(alerts), "kind": AlertKind(first.kind).label}
    return Written(_subject(_("%(kind)s: %(number)s at once") % told), body, first.url, severity)


def closed(alerts: Sequence[Alert], channel: AlertChannel) -> Written:
    """It is over."""
    first = alerts[0]
    lines = [_ended(alert) for alert in alerts[:TOLD]]
    body = "\n\n".join(["\n".join(lines), *_rest(alerts)])
    if len(alerts) == 1:
        return Written(_subject(_ended(first)), body, reverse("alerts"))
    told = {"number": len(alerts), "kind": AlertKind(first.kind).label}
    return Written(_subject(_("Over: %(number)s × %(kind)s") % told), body, reverse("alerts"))


def about(channel: AlertChannel) -> str:
    """The last lines: which org, and why this is sent."""
    org = Connection.objects.values_list("org_name", flat=True).first() or _("not connected")
    if channel.user_id is None:
        why = _("An administrator has chosen these alerts for this channel.")
    else:
        why = _("You chose these alerts under My alerts.")
    return _("Salesforce: %s.") % org + f" {why}"


def length(span: timedelta) -> str:
    """ "2 h 10 min", "45 s": two units are precise enough."""
    minutes, seconds = divmod(max(int(span.total_seconds()), 0), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return _("%(days)s d %(hours)s h") % {"days": days, "hours": hours}
    if hours:
        return _("%(hours)s h %(minutes)s min") % {"hours": hours, "minutes": minutes}
    return _("%s min") % minutes if minutes else _("%s s") % seconds


def moment(at: datetime, zone: str) -> str:
    """In the reader's time zone, which is named."""
    return f"{date_format(timezone.localtime(at, ZoneInfo(zone)), 'j M Y, H:i')} ({zone})"


def ended_title(alert: Alert) -> str:
    """What its end is called."""
    ends = next((str(watcher.ends) for watcher in WATCHERS.values() if watcher.kind == alert.kind), "")
    return ends % alert.title if "%s" in ends else ends or alert.title


def _ended(alert: Alert) -> str:
    if alert.closed_at is None:
        return alert.title
    after = length(alert.closed_at - alert.began_at)
    return _("%(what)s, after %(time)s") % {"what": ended_title(alert), "time": after}


def _told(alert: Alert, channel: AlertChannel) -> str:
    parts = [alert.title + ".", alert.text]
    if alert.advice:
        parts.append(_("What to do: %s") % alert.advice)
    parts.append(_("Since %s.") % moment(alert.began_at, channel.time_zone))
    if alert.times > 2:
        parts.append(
            _("It comes and goes: this is the %s. time within an hour. Its end is told when it has kept quiet for "
              "half an hour.") % alert.times
        )  # fmt: skip
    return "\n".join(filter(None, parts))


def _unstable(alert: Alert) -> str:
    if alert.times <= 2:
        return alert.title
    return _("%(what)s (%(times)s times within an hour)") % {"what": alert.title, "times": alert.times}


def _rest(alerts: Sequence[Alert]) -> list[str]:
    more = len(alerts) - TOLD
    return [ngettext("And %s more.", "And %s more.", more) % more] if more > 0 else []


def _subject(text: str) -> str:
    return f"[Syncadmin] {' '.join(text.split())}"[:300]
