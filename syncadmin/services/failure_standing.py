"""What comes next for a failure: when it is tried again by itself, or what it waits for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.utils import timezone
from django.utils.timesince import timeuntil
from django.utils.translation import gettext as _

from people.models import Person
from syncadmin.models import Connection, SyncFailure
from syncadmin.sync.retries import Stopped

_UNASKED = ("", "keep")


def until(moment: datetime, now: datetime) -> str:
    """ "in 12 minutes", as a part of a sentence."""
    if moment <= now:
        return _("with the next sync cycle")
    if moment - now < timedelta(minutes=1):
        return _("in less than a minute")
    return _("in %(time)s") % {"time": timeuntil(moment, now, depth=1)}


class Next(StrEnum):
    """What comes next."""

    NOTHING = "nothing"
    TRY = "try"
    DUE = "due"
    CHANGED = "changed"
    CHANGE = "change"
    EXHAUSTED = "exhausted"
    CANCELLED = "cancelled"
    BY_HAND = "by_hand"
    DECISION = "decision"
    RECORD = "record"


@dataclass(frozen=True, slots=True)
class Standing:
    """``at``: the next try. ``number``: which one it is, ``most`` at most; of EXHAUSTED, how many there were."""

    next: Next
    at: datetime | None = None
    number: int = 0
    most: int = 0
    by: str = ""

    @property
    def is_cancellable(self) -> bool:
        """It would be tried again by itself."""
        return self.next in (Next.TRY, Next.DUE)

    @property
    def is_stopped(self) -> bool:
        """It would pass by itself, and isn't tried again by itself any more."""
        return self.next in (Next.EXHAUSTED, Next.CANCELLED)

    @property
    def text(self) -> str:
        """A sentence; blank for what is over."""
        if self.is_cancellable and self.at:
            text = _("Next try %(when)s, try %(number)s of %(most)s.")
            return text % {"when": until(self.at, timezone.now()), "number": self.number, "most": self.most}
        if self.next is Next.EXHAUSTED:
            return (
                _("Not tried again by itself: it was tried often enough (%s). Retry it by hand.")
                % self.number
            )
        if self.next is Next.CANCELLED and self.by:
            return _("Not tried again by itself: %s cancelled it. Retry it by hand.") % self.by
        return _sentence(self.next)


def _sentence(what: Next) -> str:
    """In the reader's language."""
    return {
        Next.CHANGED: _("Tried again with the next sync cycle: something has changed since."),
        Next.CHANGE: _("Not tried again until the person, the record or the settings change."),
        Next.CANCELLED: _("Not tried again by itself: its retries were cancelled. Retry it by hand."),
        Next.BY_HAND: _("Not tried again by itself, as the person isn’t in Salesforce. Retry it by hand."),
        Next.DECISION: _("Waits until somebody decides."),
        Next.RECORD: _("Read again as soon as the record changes in Salesforce."),
    }.get(what, "")


def standings(failures: Iterable[SyncFailure], now: datetime) -> list[Standing]:
    """What comes next for each, by the settings as they are; their people and who stopped them are at hand."""
    connection = Connection.objects.only("max_tries", "settings_version").first() or Connection()
    return [standing(failure, connection, now) for failure in failures]


def standing(failure: SyncFailure, connection: Connection, now: datetime) -> Standing:
    """What comes next for one failure. The conditions are those of ``store.waiting.held``."""
    if failure.state != SyncFailure.State.OPEN:
        return Standing(Next.NOTHING)
    if failure.direction == SyncFailure.Direction.PULL or failure.code == "SEVERAL_MATCHES":
        return Standing(Next.DECISION if failure.code == "SEVERAL_MATCHES" else Next.RECORD)
    person = failure.person
    if person is None or not (person.is_in_salesforce or failure.assign_to not in _UNASKED):
        return Standing(Next.BY_HAND)
    return _of_push(failure, person, connection, now)


def _of_push(failure: SyncFailure, person: Person, connection: Connection, now: datetime) -> Standing:
    if person.version != failure.person_version:
        return Standing(Next.CHANGED)
    if failure.stopped == Stopped.CANCELLED:
        return Standing(Next.CANCELLED, by=failure.stopped_by.get_username() if failure.stopped_by else "")
    if failure.retry_at is not None:
        number, most = failure.tries + 1, max(connection.max_tries, failure.tries + 1)
        return Standing(Next.TRY if failure.retry_at > now else Next.DUE, failure.retry_at, number, most)
    if failure.record_changed or failure.settings_version != connection.settings_version:
        return Standing(Next.CHANGED)
    if failure.stopped == Stopped.EXHAUSTED:
        return Standing(Next.EXHAUSTED, number=failure.tries)
    return Standing(Next.CHANGE)
