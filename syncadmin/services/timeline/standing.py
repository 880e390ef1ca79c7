"""How a person stands, in sentences: what the next cycle does with it, or why it does nothing. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from syncadmin.models import SyncFailure
from syncadmin.services.timeline.facts import Facts, SyncFacts


@dataclass(frozen=True, slots=True)
class Said:
    """One reason. ``tone``: ok, info, warn, err or muted. ``at``: since when, or when the next try is.

    ``link``: the name of the page on which to do something about it; blank if there is none.
    """

    code: str
    tone: str
    title: str
    text: str = ""
    at: datetime | None = None
    link: str = ""


def say(facts: Facts) -> list[Said]:
    """What decides about the person; then why no cycle comes by itself, if none does."""
    return [of_person(facts), *of_sync(facts.sync)]


def of_sync(sync: SyncFacts) -> list[Said]:
    """Why no cycle comes by itself; nothing if one does."""
    found = next((row for row in _SYNC if row.holds(sync)), None)
    if found is None:
        return []
    return [
        Said(
            found.code,
            found.tone,
            str(found.title),
            str(found.text) % {"problem": sync.problem},
            link=found.link,
        )
    ]


def of_person(facts: Facts) -> Said:
    """What decides whether the person is synced."""
    row = next(row for row in _PERSON if row.holds(facts))
    failure = facts.refused.failure if facts.refused else None
    shown = {
        "object": facts.object or "Lead", "rule": facts.excluded, "job": facts.bulk_job,
        "message": failure.message if failure else "", "advice": facts.refused.advice if facts.refused else "",
        "tries": failure.attempts if failure else 0,
        "standing": facts.refused.standing.text if facts.refused else "",
        "reason": failure.ignored_because if failure else "",
    }  # fmt: skip
    text = (str(row.text) % shown).strip()
    return Said(row.code, row.tone, str(row.title) % shown, text, _moment(row.code, facts), row.link)


def _moment(code: str, facts: Facts) -> datetime | None:
    if code == "later" and facts.refused:
        return facts.refused.failure.retry_at
    return facts.outside_since if code == "outside" else None


F = TypeVar("F")


@dataclass(frozen=True, slots=True)
class _Row(Generic[F]):
    code: str
    holds: Callable[[F], bool]
    tone: str
    title: Promise
    text: Promise
    link: str = ""


def _is_held(facts: Facts, state: str, *, later: bool = False) -> bool:
    failure = facts.refused.failure if facts.refused else None
    if failure is None or failure.state != state or not facts.is_tried:
        return False
    return facts.is_held_back and (failure.retry_at is not None) is later


_OPEN, _IGNORED = SyncFailure.State.OPEN, SyncFailure.State.IGNORED
#: The first that holds is what decides.
_PERSON: tuple[_Row[Facts], ...] = (
    _Row("creating", lambda f: f.is_being_created and not f.is_lost, "info",
         _("Being created in Salesforce"),
         _("A job is creating a Lead for this person at this moment.")),
    _Row("lost", lambda f: f.is_lost, "warn",
         _("The answer to a create was lost"),
         _("The next cycle looks for the Lead in Salesforce before anything is sent again, so none is doubled.")),
    _Row("in_bulk", lambda f: bool(f.bulk_job), "info",
         _("On its way by the Bulk API"),
         _("The changes are in bulk job %(job)s; its answer tells what became of them.")),
    _Row("excluded", lambda f: bool(f.excluded), "warn",
         _("Never pushed: excluded by a rule"),
         _("The exclusion rule holds: %(rule)s. Changes from Salesforce still come down."), "who"),
    _Row("deleted", lambda f: f.is_deleted and not f.is_tried, "warn",
         _("Deleted in Salesforce"),
         _("Nothing is pushed, and no rule creates the person again. Somebody may sync it: then there is a new Lead.")),
    _Row("outside", lambda f: f.outside_since is not None, "warn",
         _("Outside the record filter"),
         _("Neither side changes the other until the %(object)s meets the filter again; a click syncs it once."),
         "who"),
    _Row("ignored", lambda f: _is_held(f, _IGNORED), "warn",
         _("Refused, and ignored by somebody"),
         _("It isn’t tried again until the person is edited, or somebody syncs it. %(reason)s")),
    _Row("later", lambda f: _is_held(f, _OPEN, later=True), "warn",
         _("Refused; tried again by itself"),
         _("%(message)s So far it was tried %(tries)s times.")),
    _Row("refused", lambda f: _is_held(f, _OPEN), "err",
         _("Refused, and held back"),
         _("%(message)s %(advice)s %(standing)s")),
    _Row("again", lambda f: f.refused is not None and f.is_tried and not f.is_held_back, "info",
         _("Refused before; the next cycle tries again"),
         _("The person was edited since, or its time has come. It had been refused: %(message)s")),
    _Row("included", lambda f: not f.is_in_salesforce and f.is_included, "info",
         _("Not in Salesforce; the next cycle creates a Lead"),
         _("The inclusion rule holds. If Salesforce has one record with the same e-mail, the person is linked to it.")),
    _Row("not_included", lambda f: not f.is_in_salesforce and f.has_inclusion, "muted",
         _("Not in Salesforce, and not created there"),
         _("The inclusion rule doesn’t hold for this person. Sync to Salesforce creates it at once."), "who"),
    _Row("no_rule", lambda f: not f.is_in_salesforce, "muted",
         _("Not in Salesforce, and not created there"),
         _("New people are created only by a click or a flow step, for no inclusion rule is on."), "who"),
    _Row("unlinked", lambda f: not f.is_linked, "err",
         _("The link to Salesforce is gone"),
         _("The person says that it is a %(object)s, and nothing links the two. Check against Salesforce repairs it.")),
    _Row("waits", lambda f: f.waits, "info",
         _("Changed here; the next cycle compares and pushes"),
         _("Fields that sync to Salesforce and differ are sent; nothing holds the person back.")),
    _Row("in_step", lambda f: True, "ok",
         _("In step"),
         _("Nothing waits here. What changes in Salesforce comes with the next cycle.")),
)  # fmt: skip
_SYNC: tuple[_Row[SyncFacts], ...] = (
    _Row("not_connected", lambda s: not s.is_ready, "warn",
         _("Salesforce is not connected"),
         _("Nobody syncs until an administrator makes the connection."), "connection"),
    _Row("not_started", lambda s: s.awaits_start, "warn",
         _("The background sync was not started yet"),
         _("Somebody has to see what the first sync would do, and start it. A click works meanwhile."), "preview"),
    _Row("paused", lambda s: s.is_paused, "warn",
         _("The background sync is paused"),
         _("No cycle comes by itself until it goes on. A click works meanwhile."), "connection"),
    _Row("stopped", lambda s: s.is_stopped, "err",
         _("The guard has stopped the sync"),
         _("A cycle would have changed an unusual share of the people; somebody has to look at it."), "dashboard"),
    _Row("failing", lambda s: bool(s.problem), "err",
         _("The last cycle didn’t get through"),
         _("%(problem)s The next one tries again."), "dashboard"),
)  # fmt: skip
