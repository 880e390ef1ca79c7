"""The state of the sync in one sentence: what the dashboard says first. Decided with values alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from django.utils.translation import gettext as _

from syncadmin.models import Connection, SyncRun
from syncadmin.services.cycle.lease import LEASE
from syncadmin.services.explaining import explain

#: A due cycle begins within seconds where a worker runs.
OVERDUE = timedelta(minutes=3)
TINTS = {
    "ok": "bg-success-lt",
    "warn": "bg-warning-lt",
    "err": "bg-danger-lt",
    "info": "bg-info-lt",
    "busy": "bg-info-lt",
}
Name = Literal["unconnected", "running", "stalled", "failed", "stopped", "unstarted", "paused", "overdue",
               "first", "cut", "waiting", "healthy"]  # fmt: skip


@dataclass(frozen=True, slots=True)
class State:
    """Where the sync stands. ``kind``: the tone of chips and alerts; ``advice``: what to do, if anything."""

    name: Name
    kind: str
    title: str
    text: str = ""
    advice: str = ""

    @property
    def tint(self) -> str:
        """The class that colours the icon."""
        return TINTS.get(self.kind, "")

    @property
    def counts_down(self) -> bool:
        """Whether a next cycle is to be expected at its time."""
        return self.name in ("failed", "stopped", "first", "cut", "waiting", "healthy")


def sync_state(connection: Connection | None, last: SyncRun | None, now: datetime) -> State:
    """The one thing to say. What stops the sync comes first."""
    if connection is None or not connection.is_ready:
        return _unconnected()
    if last is not None and last.state == SyncRun.State.RUNNING:
        return _running(last, now)
    if connection.health == Connection.Health.FAILED:
        return _failed(connection, last)
    if connection.awaits_start:
        return _unstarted(connection)
    if last is not None and last.state == SyncRun.State.STOPPED:
        return _stopped(last)
    if connection.is_paused:
        return _paused()
    if last is not None and last.state == SyncRun.State.WAITING:
        return _waiting(connection, last, now)
    if _is_overdue(connection, now):
        return _overdue()
    if last is None:
        return _first(connection)
    return _cut_off() if last.state == SyncRun.State.INCOMPLETE else _healthy(connection)


def _unconnected() -> State:
    return State(
        "unconnected", "muted", _("Salesforce is not connected yet."),
        _("Once it is, Leads and Contacts come here by themselves, and changes go both ways."),
    )  # fmt: skip


def _running(last: SyncRun, now: datetime) -> State:
    if last.heartbeat_at >= now - LEASE:
        return State("running", "busy", _("A sync cycle is running."))
    return State(
        "stalled", "warn", _("A sync cycle was begun and seems to have stopped."),
        _("It hasn’t told of itself for ten minutes. The next cycle closes it and does its work again."),
        _("Check that the worker runs (manage.py worker)."),
    )  # fmt: skip


def _failed(connection: Connection, last: SyncRun | None) -> State:
    """The words of the cycle that failed; those of a test, if that failed later."""
    if last is None or last.state != SyncRun.State.FAILED or last.error_message != connection.health_message:
        return State(
            "failed", "err", _("The connection to Salesforce doesn’t work."), connection.health_message
        )
    why = explain(last.error_code, last.error_message)
    title = _("The last sync cycle failed: %s.") % _lowered(why.title)
    return State("failed", "err", title, why.meaning, why.advice)


def _lowered(title: str) -> str:
    """A title within a sentence; names keep their capital letter."""
    return title if title.startswith("Salesforce") else title[:1].lower() + title[1:]


def _stopped(last: SyncRun) -> State:
    return State(
        "stopped", "err", _("The guard has stopped the sync."), last.error_message,
        _("Look at what would change. If it is right, an administrator lets one cycle run anyway; if it is a mistake, "
          "undo it, and the sync goes on by itself."),
    )  # fmt: skip


def _unstarted(connection: Connection) -> State:
    return State(
        "unstarted", "info", _("Connected to %s. The sync hasn’t been started yet.") % connection,
        _("Nothing is read or pushed by itself until an administrator has seen what the first sync would do, and "
          "starts it. Single people can be synced already."),
    )  # fmt: skip


def _paused() -> State:
    return State(
        "paused", "warn", _("The background sync is paused."),
        _("Nothing is read or pushed by itself. Single people can still be synced by a click or a campaign."),
    )  # fmt: skip


def _waiting(connection: Connection, last: SyncRun, now: datetime) -> State:
    if _is_overdue(connection, now):
        return _overdue()
    why = explain(last.error_code, last.error_message)
    return State(
        "waiting", "warn", _("The background sync waits for API calls."), last.error_message, why.advice
    )


def _overdue() -> State:
    return State(
        "overdue", "warn", _("The next sync cycle is overdue."),
        _("It should have begun by now. People edited here wait until it does."),
        _("Check that the worker runs (manage.py worker)."),
    )  # fmt: skip


def _is_overdue(connection: Connection, now: datetime) -> bool:
    due = connection.next_cycle_at or connection.health_at
    return due is not None and due < now - OVERDUE


def _first(connection: Connection) -> State:
    return State(
        "first", "info", _("Connected to %s. The first sync cycle is about to begin.") % connection,
        _("It reads every Lead and Contact that the sync user may see; later cycles read only what changed."),
    )  # fmt: skip


def _cut_off() -> State:
    return State(
        "cut", "warn", _("The last sync cycle was cut off."),
        _("Its worker stopped in the middle. What it had stored is kept; the next cycle does the rest."),
    )  # fmt: skip


def _healthy(connection: Connection) -> State:
    return State("healthy", "ok", _("The sync is healthy: in step with %s.") % connection)
