"""Watchers of the sync itself: whether it runs, and what stops it. Each kind of trouble has one alert, not several."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from syncadmin.models import AlertKind, Connection, Severity, SyncRun
from syncadmin.services.alerts.registry import Condition, watcher
from syncadmin.services.alerts.snapshot import Snapshot
from syncadmin.services.cycle.lease import LEASE
from syncadmin.services.explaining import explain

#: No cycle for so long beyond the pause between two; no worker for so long.
QUIET, SILENT = timedelta(minutes=15), timedelta(minutes=5)
#: A cycle that is due begins within seconds: so long it may look as if none ran, after a pause or a sleep.
A_WHILE = timedelta(minutes=2)
LONG_PAUSE = timedelta(hours=4)

CREDENTIALS = frozenset({
    "INVALID_LOGIN", "INVALID_CLIENT", "LOGIN_MUST_USE_SECURITY_TOKEN", "PASSWORD_EXPIRED", "INVALID_SESSION_ID",
    "INVALID_AUTH_HEADER", "INCOMPLETE_CREDENTIALS",
})  # fmt: skip
#: A describe that isn't found: the object is closed to the sync user.
CLOSED = frozenset({"NOT_FOUND", "INVALID_TYPE"})
PERMISSIONS = CLOSED | {
    "MISSING_PERMISSION", "HIDDEN_FIELD", "API_DISABLED_FOR_ORG", "API_CURRENTLY_DISABLED",
    "FUNCTIONALITY_NOT_ENABLED", "INSUFFICIENT_ACCESS", "INSUFFICIENT_ACCESS_OR_READONLY",
}  # fmt: skip
LIMITS = frozenset({"REQUEST_LIMIT_EXCEEDED"})
#: Failed cycles that have an alert of their own.
_SPECIAL = CREDENTIALS | PERMISSIONS | LIMITS
_BROKEN = (SyncRun.State.FAILED, SyncRun.State.INCOMPLETE)


@watcher(AlertKind.SYNC_DOWN, ends=gettext_lazy("The sync works again"))
def sync_down(snap: Snapshot) -> Iterator[Condition]:
    """No worker, no cycle, or cycles that fail one after the other."""
    if not snap.is_ready:
        return
    if snap.worker_at is not None and snap.now - snap.worker_at > SILENT:
        yield Condition(
            "sync", Severity.ERROR, _("The sync is down: no worker runs"),
            _("Nothing is synced, neither by cycles nor by clicks. What is changed here waits."),
            _("Start the worker (manage.py worker), or look at its log."), "dashboard",
        )  # fmt: skip
    elif (broken := _broken(snap)) is not None:
        why = explain(broken.error_code, broken.error_message)
        yield Condition("sync", Severity.ERROR, _("The sync is down: cycles fail"),
                        f"{why.title}. {why.meaning}", why.advice, "dashboard")  # fmt: skip
    elif _is_quiet(snap):
        yield Condition(
            "sync", Severity.ERROR, _("The sync is down: no cycle runs"),
            _("A cycle is overdue, or the last one doesn’t tell of itself any more. What is changed here waits."),
            _("Check that the worker runs (manage.py worker), and look at its log."), "dashboard", hold=A_WHILE,
        )  # fmt: skip


def _broken(snap: Snapshot) -> SyncRun | None:
    """The last cycle, if it and the one before failed: one alone may be a mishap, and the next one tries again."""
    last = snap.last
    if last is None or last.state not in _BROKEN or last.error_code in _SPECIAL:
        return None
    if "sync" in snap.bad:
        return last
    return last if len(snap.ended) > 1 and all(run.state in _BROKEN for run in snap.ended) else None


def _is_quiet(snap: Snapshot) -> bool:
    connection, last = snap.connection, snap.last
    if snap.running is not None:
        return snap.now - snap.running.heartbeat_at > LEASE
    if connection is None or connection.is_paused:
        return False
    began = last.ended_at if last else connection.started_at
    pause = timedelta(minutes=connection.pause_minutes)
    return began is not None and snap.now - began > pause + QUIET


def failed_with(snap: Snapshot, codes: frozenset[str], key: str) -> SyncRun | None:
    """The last cycle, if it failed with one of the codes; or for another reason since, so that it may still be so."""
    last = snap.last
    if last is None or last.state != SyncRun.State.FAILED:
        return None
    return last if last.error_code in codes or key in snap.bad else None


@watcher(AlertKind.CREDENTIALS, ends=gettext_lazy("Salesforce accepts the credentials again"))
def credentials(snap: Snapshot) -> Iterator[Condition]:
    """Until a cycle, or whoever enters others, gets in."""
    if snap.connection is None or snap.connection.health != Connection.Health.FAILED:
        return
    failed = failed_with(snap, CREDENTIALS, "credentials")
    if failed is not None:
        why = explain(failed.error_code, failed.error_message)
        yield Condition("credentials", Severity.ERROR, _("Salesforce refuses the credentials: nothing syncs"),
                        f"{why.title}. {why.meaning}", why.advice, "dashboard")  # fmt: skip


@watcher(AlertKind.GUARD, ends=gettext_lazy("The guard lets the sync go on"))
def guard(snap: Snapshot) -> Iterator[Condition]:
    if snap.guard_people is not None:
        yield Condition(
            "guard", Severity.ERROR, _("The guard has stopped the sync"), snap.guard_text,
            _("Look at what would change. If it is right, an administrator lets one cycle run anyway; if it is a "
              "mistake, undo it, and the sync goes on by itself."), "dashboard",
        )  # fmt: skip


@watcher(AlertKind.PAUSED, ends=gettext_lazy("The background sync isn’t paused any more"))
def paused(snap: Snapshot) -> Iterator[Condition]:
    if snap.is_ready and snap.connection is not None and snap.connection.is_paused:
        yield Condition(
            "paused", Severity.WARNING, _("The background sync has been paused for more than four hours"),
            _("Nothing is read or pushed by itself; what is changed on either side waits."),
            _("If that isn’t meant any more, an administrator resumes it."), "dashboard", hold=LONG_PAUSE,
        )  # fmt: skip
