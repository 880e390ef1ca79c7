"""Who is told what, and where: the only writer of channels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from syncadmin.models import AlertChannel, AlertDelivery, AlertKind
from syncadmin.notify import address
from syncadmin.services.alerts import deliveries
from syncadmin.services.alerts.digest import next_digest
from syncadmin.services.alerts.site import site_url
from syncadmin.services.alerts.words import Written

Method = AlertChannel.Method
#: So many tests within this time: enough to get it right, too few to bother anybody with.
TESTS, WITHIN = 5, timedelta(minutes=10)
KINDS = (*AlertKind.values, "digest")


class ChannelError(Exception):
    """It can't be done; the message says why."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants of one channel. ``address``: of the e-mail or webhook; None: as it is stored."""

    method: str
    address: str | None
    kinds: Sequence[str]


@dataclass(frozen=True, slots=True)
class Times:
    """When somebody wants to hear: the digest's hour in a time zone; nothing at all until a moment."""

    digest_hour: int = 8
    time_zone: str = "UTC"
    muted_until: datetime | None = None


def mine(user: User) -> dict[str, AlertChannel]:
    """A user's own channels by method, without their secrets."""
    return {channel.method: channel for channel in AlertChannel.objects.defer("url").filter(user=user)}


def save_mine(user: User, wishes: Sequence[Wish], times: Times, now: datetime) -> None:
    """Store what a user wants; a channel without an address is removed."""
    known = mine(user)
    with transaction.atomic():
        for wish in wishes:
            channel = known.get(wish.method) or AlertChannel(user=user, method=wish.method)
            if _has_address(channel, wish):
                _save(channel, wish, times, now)
            elif channel.pk:
                channel.delete()


def save_shared(channel: AlertChannel, wish: Wish, times: Times, now: datetime) -> AlertChannel:
    """Store a channel that is shared; the caller has named it."""
    if not _has_address(channel, wish):
        raise ChannelError(_("A channel needs an address."))
    _save(channel, wish, times, now)
    return channel


def remove(channel_id: int) -> bool:
    """Remove a shared channel. What was sent to it stays in the log."""
    return bool(AlertChannel.objects.filter(pk=channel_id, user=None).delete()[0])


def _has_address(channel: AlertChannel, wish: Wish) -> bool:
    return bool(wish.address) if wish.address is not None else bool(channel.target)


def _save(channel: AlertChannel, wish: Wish, times: Times, now: datetime) -> None:
    if wish.address is not None and wish.method == Method.EMAIL:
        channel.email = wish.address
    elif wish.address is not None:
        channel.url, channel.shown = wish.address, address.shown(wish.address)
    channel.kinds = [kind for kind in KINDS if kind in wish.kinds]
    before = (channel.digest_hour, channel.time_zone, channel.next_digest_at is not None)
    channel.digest_hour, channel.time_zone = times.digest_hour, times.time_zone
    channel.muted_until = times.muted_until
    if before != (times.digest_hour, times.time_zone, channel.wants_digest):
        channel.next_digest_at = next_digest(channel, now)
    channel.save()


def check_webhook(url: str) -> None:
    """ChannelError if no webhook may lead there: by its form, or by where its name leads now."""
    try:
        address.split(url)
        address.find(url, deliveries.private_hosts())
    except address.AddressError as error:
        raise ChannelError(str(error)) from None


def test(channel: AlertChannel, by: User, now: datetime) -> AlertDelivery:
    """Send a test at once; the delivery says what came of it. ChannelError after too many."""
    recent = AlertDelivery.objects.filter(
        channel=channel, event=AlertDelivery.Event.TEST, created_at__gt=now - WITHIN
    )
    if recent.count() >= TESTS:
        raise ChannelError(_("%s tests in ten minutes are enough: try again in a while.") % TESTS)
    text = _("This is a test, asked for by %(user)s. If you read it, alerts arrive here.") % {"user": by}
    link = "" if site_url() else "\n\n" + _("Links are missing, as SITE_URL isn’t set.")
    written = Written(_("[Syncadmin] Test"), text + link, "/sync/alerts/")
    delivery = deliveries.write(channel, AlertDelivery.Event.TEST, written, now)
    done = deliveries.deliver(delivery.pk, 0, now)
    if done is None:
        raise ChannelError(_("Somebody else is sending it already."))
    deliveries.end_test(done, now)
    return done
