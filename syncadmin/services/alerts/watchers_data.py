"""Watchers of what is synced and of what that takes: permissions, API calls, failures, the backlog, fields."""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from syncadmin.models import AlertKind, SchemaChange, Severity, SyncRun
from syncadmin.services.alerts.registry import Condition, watcher
from syncadmin.services.alerts.snapshot import Snapshot
from syncadmin.services.alerts.sources import FailureGroup, FieldNews, LostField
from syncadmin.services.alerts.watchers import CLOSED, LIMITS, PERMISSIONS, failed_with
from syncadmin.services.explaining import explain
from syncadmin.services.failure_words import in_words

#: From this share of the allowance on it is told; below the other it is over.
WARN_AT, OVER_BELOW = 75.0, 70.0


# --- Permissions ------------------------------------------------------------------------------------
@watcher(AlertKind.PERMISSIONS, ends=gettext_lazy("Over: %s"))
def permissions(snap: Snapshot) -> Iterator[Condition]:
    """Access to objects, by the cycle that fails; access to fields, by what describe told."""
    failed = failed_with(snap, PERMISSIONS, "permissions.access")
    if failed is not None and failed.error_code in CLOSED:
        yield Condition(
            "permissions.access", Severity.ERROR, _("An object is closed to the sync user: nothing syncs"),
            _("Salesforce says that it isn’t there: %s") % failed.error_message,
            _("Ask your Salesforce administrator to give the sync user Read, Create and Edit on Leads and Contacts."),
            "dashboard",
        )  # fmt: skip
    elif failed is not None:
        why = explain(failed.error_code, failed.error_message)
        yield Condition(
            "permissions.access", Severity.ERROR, _("The sync user may not do what the sync needs"),
            f"{why.title}. {why.meaning} {failed.error_message}", why.advice, "dashboard",
        )  # fmt: skip
    yield from map(_lost_field, snap.lost_fields)


def _lost_field(field: LostField) -> Condition:
    names = {"label": field.label, "object": field.object, "name": field.name}
    if field.can_be_read:
        return Condition(
            f"permissions.write.{field.object}.{field.name}", Severity.WARNING,
            _("The sync user may no more write %(label)s of %(object)s") % names,
            _("Values still come from Salesforce. What is changed here stays here."),
            _("Ask your Salesforce administrator to give the sync user edit access to %(name)s.") % names,
            "schema-changes",
        )  # fmt: skip
    return Condition(
        f"permissions.field.{field.object}.{field.name}", Severity.WARNING,
        _("%(label)s of %(object)s is gone, or hidden from the sync user") % names,
        _("The field doesn’t sync any more. Its values here are kept, and it goes on by itself when it is visible."),
        _("Ask your Salesforce administrator to make %(name)s visible to the sync user, or switch it off.") % names,
        "schema-changes",
    )  # fmt: skip


# --- API calls --------------------------------------------------------------------------------------
@watcher(AlertKind.API_USE, ends=gettext_lazy("Over: %s"))
def api_use(snap: Snapshot) -> Iterator[Condition]:
    """Three quarters of the allowance; and all of it."""
    used, limit = snap.api.used, snap.api.limit
    told = {"used": intcomma(used), "limit": intcomma(limit), "percent": round(snap.api.percent)}
    edge = OVER_BELOW if "api.allowance" in snap.bad else WARN_AT
    if limit and snap.api.percent >= edge:
        whose = (
            _("Syncadmin has made %(used)s of the %(limit)s calls that it may make in 24 hours.")
            if snap.api.is_ours
            else _(
                "%(used)s of %(limit)s calls of the last 24 hours are used, by all apps of the org together."
            )
        )
        yield Condition(
            "api.allowance", Severity.WARNING,
            _("API calls are running out: %(percent)s %% of the day’s are used") % told, whose % told,
            _("Look at what uses them, or let cycles run less often until it is over."), "api-use",
        )  # fmt: skip
    yield from _out_of_calls(snap)


def _out_of_calls(snap: Snapshot) -> Iterator[Condition]:
    last = snap.last
    waits = last is not None and last.state == SyncRun.State.WAITING
    stopped = last if waits else failed_with(snap, LIMITS, "api.limit")
    if stopped is not None:
        why = explain(stopped.error_code, stopped.error_message)
        is_all = stopped.error_code in LIMITS
        yield Condition(
            "api.limit", Severity.ERROR if is_all else Severity.WARNING,
            _("The API calls of the day are used up: nothing syncs") if is_all
            else _("The background sync waits for API calls; clicks and flow steps go on"),
            f"{why.meaning} {stopped.error_message}" if waits else why.meaning, why.advice, "api-use",
        )  # fmt: skip


# --- Failures ---------------------------------------------------------------------------------------
@watcher(AlertKind.FAILURES, ends=gettext_lazy("Over: %s"))
def failures(snap: Snapshot) -> Iterator[Condition]:
    yield from map(_failing, snap.failures)


def _failing(group: FailureGroup) -> Condition:
    why = in_words(group.code, group.message, direction=group.direction)
    people = ngettext("%(number)s record failed with %(code)s: %(text)s",
                      "%(number)s records failed with %(code)s: %(text)s", group.number)  # fmt: skip
    told = {"number": intcomma(group.number), "code": group.code, "text": group.message}
    return Condition(f"failures.{group.key}", Severity.WARNING, _("New failures: %s") % (why.title or group.code),
                     f"{people % told} {why.meaning}".strip(), why.advice, "failures")  # fmt: skip


# --- Backlog ----------------------------------------------------------------------------------------
@watcher(AlertKind.BACKLOG, ends=gettext_lazy("The backlog doesn’t grow any more"))
def backlog(snap: Snapshot) -> Iterator[Condition]:
    if snap.backlog.grows:
        yield Condition(
            "backlog", Severity.WARNING, snap.backlog.title, snap.backlog.text,
            _("Look at the backlog: it says what caused it, and when it will be done."), "backlog",
        )  # fmt: skip


# --- Fields -----------------------------------------------------------------------------------------
@watcher(AlertKind.SCHEMA)
def schema(snap: Snapshot) -> Iterator[Condition]:
    yield from map(_changed, snap.field_news)


def _changed(news: FieldNews) -> Condition:
    kind = SchemaChange.Kind(news.kind)
    severity = Severity.WARNING if news.syncs and kind == SchemaChange.Kind.TYPE else Severity.NEWS
    told = {"what": kind.label, "label": news.label, "of": news.of}
    return Condition(
        f"schema.{news.pk}", severity, _("Changed in Salesforce: %(label)s of %(of)s (%(what)s)") % told, "",
        _("Look at the change; some of them wait for a decision."), "schema-changes",
    )  # fmt: skip
