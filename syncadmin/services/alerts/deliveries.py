"""Sending: a delivery is a row, a job takes its id. What was lost is queued again, what was refused is tried again.

Whoever claims a row sends it, and notes the answer. Killed in between, it is sent once more when the claim has run
out: at least once, and once as a rule.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db.models import F
from django.utils.translation import gettext as _

from syncadmin.models import Alert, AlertChannel, AlertDelivery
from syncadmin.notify import mail, webhooks
from syncadmin.notify.outcome import Message, Outcome
from syncadmin.services.alerts.site import absolute, site_url
from syncadmin.services.alerts.words import Written, about
from syncadmin.services.queue import enqueue

DELIVER = "syncadmin.tasks.deliver_alert"
#: A job that was queued and hasn't begun by then is queued again; whoever sends has so long.
QUEUE_PATIENCE, CLAIM = timedelta(minutes=2), timedelta(minutes=5)
#: How long to wait after each try; after the last one it is given up.
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 720))
State = AlertDelivery.State


def post(
    channel: AlertChannel, event: str, written: Written, now: datetime, alerts: Sequence[Alert] = ()
) -> AlertDelivery:
    """Write a delivery and queue its job, within the caller's transaction."""
    delivery = write(channel, event, written, now)
    delivery.alerts.set(alerts)
    enqueue(DELIVER, delivery.pk, 0)
    return delivery


def write(channel: AlertChannel, event: str, written: Written, now: datetime) -> AlertDelivery:
    """A delivery that nobody has queued yet."""
    return AlertDelivery.objects.create(
        channel=channel, event=event, severity=written.severity, subject=written.subject, body=written.body,
        url=written.url, target=channel.target, next_at=now + QUEUE_PATIENCE, created_at=now,
    )  # fmt: skip


def deliver(delivery_id: int, attempts: int, now: datetime) -> AlertDelivery | None:
    """Send it, unless somebody else does, or it has been tried since the job was queued (``attempts``)."""
    mine = AlertDelivery.objects.filter(pk=delivery_id, state=State.QUEUED, attempts=attempts)
    if not mine.update(state=State.SENDING, attempts=F("attempts") + 1, next_at=now + CLAIM):
        return None
    delivery = AlertDelivery.objects.get(pk=delivery_id)
    return _note(delivery, _send(delivery), now)


def _send(delivery: AlertDelivery) -> Outcome:
    try:
        if (channel := delivery.channel) is not None:
            return send_to(channel, delivery)
        return Outcome(False, _("Nobody wants it any more: the channel was removed."), is_final=True)
    except ImproperlyConfigured as error:  # the encryption key isn't the one that the address was stored with
        return Outcome(False, str(error), is_final=True)


def send_to(channel: AlertChannel, delivery: AlertDelivery) -> Outcome:
    """One message, now, to where the channel leads."""
    message = Message(
        delivery.subject, delivery.body, absolute(delivery.url), about(channel), _facts(delivery)
    )
    if channel.method == AlertChannel.Method.WEBHOOK:
        return webhooks.send(channel.url, message)
    unsubscribe = absolute("/sync/alerts/mine/") if channel.user_id else ""
    return mail.send(channel.email, message, number=delivery.pk, unsubscribe=unsubscribe, site=site_url())


def _facts(delivery: AlertDelivery) -> dict[str, object]:
    return {
        "id": delivery.pk, "event": delivery.event, "severity": delivery.severity,
        "at": delivery.created_at.isoformat(),
        "alerts": [{"key": alert.key, "kind": alert.kind, "title": alert.title} for alert in delivery.alerts.all()],
    }  # fmt: skip


def _note(delivery: AlertDelivery, outcome: Outcome, now: datetime) -> AlertDelivery:
    """Sent; or when to try again; or given up."""
    values: dict[str, object] = {"answer": outcome.answer[:2_000]}
    if outcome.is_sent:
        values |= {"state": State.SENT, "ended_at": now}
    elif outcome.is_final or delivery.attempts > len(PAUSES):
        values |= {"state": State.FAILED, "ended_at": now}
    else:
        pause = max(PAUSES[delivery.attempts - 1], timedelta(seconds=outcome.wait))
        values |= {"state": State.QUEUED, "next_at": now + pause}
    mine = AlertDelivery.objects.filter(pk=delivery.pk, state=State.SENDING, attempts=delivery.attempts)
    mine.update(**values)
    delivery.refresh_from_db()
    return delivery


def end_test(delivery: AlertDelivery, now: datetime) -> None:
    """A test is tried once: whoever asked for it is there to ask again."""
    if delivery.state == State.QUEUED:
        AlertDelivery.objects.filter(pk=delivery.pk).update(state=State.FAILED, ended_at=now)
        delivery.state, delivery.ended_at = State.FAILED, now


# --- Again ------------------------------------------------------------------------------------------
def queue_due(now: datetime) -> int:
    """Queue what is due for another try, and what a queue or a worker has lost. Called often."""
    due = AlertDelivery.objects.filter(state__in=[State.QUEUED, State.SENDING], next_at__lte=now)
    queued = 0
    for pk, state, next_at, attempts in due.values_list("pk", "state", "next_at", "attempts")[:100]:
        same = AlertDelivery.objects.filter(pk=pk, state=state, next_at=next_at, attempts=attempts)
        if attempts > len(PAUSES):
            said = _("Whoever sent it stopped in the middle, too many times.")
            same.update(state=State.FAILED, ended_at=now, answer=said)
        elif same.update(state=State.QUEUED, next_at=now + QUEUE_PATIENCE):
            enqueue(DELIVER, pk, attempts)
            queued += 1
    return queued


def deliver_all(now: datetime) -> int:
    """Send what is queued here and now: for whoever finds that no worker does."""
    waiting = AlertDelivery.objects.filter(state=State.QUEUED, next_at__lte=now + QUEUE_PATIENCE)
    rows = list(waiting.values_list("pk", "attempts")[:5])
    return sum(deliver(pk, attempts, now) is not None for pk, attempts in rows)


def try_again(delivery_id: int, now: datetime) -> bool:
    """*Try again*: what was given up, or waits for its next try, is sent at once. False if it is sent already."""
    row = AlertDelivery.objects.filter(pk=delivery_id, state__in=[State.QUEUED, State.FAILED])
    if not row.update(state=State.QUEUED, attempts=0, ended_at=None, next_at=now + QUEUE_PATIENCE):
        return False
    enqueue(DELIVER, delivery_id, 0)
    return True


def is_mail_set_up() -> bool:
    return mail.is_set_up()


def private_hosts() -> list[str]:
    """What webhooks may lead to although it is private."""
    return list(settings.WEBHOOK_PRIVATE_HOSTS)
