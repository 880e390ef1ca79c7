"""The backlog in words: its state in a sentence, and what to do where the cause is plain."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, ngettext_lazy

from syncadmin.services.backlog.now import Backlog, Line
from syncadmin.services.backlog.told import Author, Told
from syncadmin.sync.backlog import Until
from syncadmin.sync.causes import CauseKind

#: Fewer records than these, or a smaller share, are no cause that is worth a sentence.
NOTABLE, MOST = 100, 50
NAMES = {
    "push:Lead": gettext_lazy("Leads to Salesforce"),
    "push:Contact": gettext_lazy("Contacts to Salesforce"),
    "push:": gettext_lazy("People to be created in Salesforce"),
    "pull:Lead": gettext_lazy("Leads from Salesforce"),
    "pull:Contact": gettext_lazy("Contacts from Salesforce"),
    "steps": gettext_lazy("Flow steps and clicks"),
}
#: A line within a sentence.
WITHIN = {
    "push:Lead": gettext_lazy("Leads that wait to be pushed"),
    "push:Contact": gettext_lazy("Contacts that wait to be pushed"),
    "push:": gettext_lazy("people who are to be created in Salesforce"),
    "pull:Lead": gettext_lazy("Leads that wait to be read"),
    "pull:Contact": gettext_lazy("Contacts that wait to be read"),
    "steps": gettext_lazy("people in flow steps and clicks"),
}


@dataclass(frozen=True, slots=True)
class Advice:
    """What to do, or to know. ``route``: the page where it is done, and ``label``: what its link says."""

    text: str
    route: str = ""
    label: str = ""
    query: str = ""
    is_for_administrators: bool = False


@dataclass(frozen=True, slots=True)
class Summary:
    """The first thing to say. ``kind``: the tone, as of chips."""

    kind: str
    title: str
    text: str = ""

    @property
    def look(self) -> tuple[str, str]:
        """The class of an alert, and an icon."""
        looks = {"warn": ("warning", "alert-triangle"), "ok": ("success", "circle-check")}
        return looks.get(self.kind, ("info", "info-circle"))


def summary(backlog: Backlog) -> Summary:
    """How the backlog stands, in a sentence."""
    if backlog.is_first_read:
        return _first(backlog)
    if backlog.is_growing:
        told = [*map(_grown, backlog.growing), *([_paused()] if backlog.is_paused else [])]
        return Summary("warn", _growing(backlog), " ".join(told))
    number = intcomma(backlog.total)
    if not backlog.total:
        return Summary(
            "ok", _("Nothing waits."), _("As far as the last cycle could see, both sides are in step.")
        )
    if backlog.is_paused:
        return Summary("warn", _wait(backlog.total, number), _paused())
    if not backlog.moving:
        return Summary(
            "warn", _wait(backlog.total, number), _("None of them goes by itself: see below what each needs.")
        )
    return Summary(
        "info",
        _wait(backlog.total, number),
        _("That is normal: no more than a cycle or a mass change brings."),
    )


def _paused() -> str:
    return _("The background sync is paused: they wait until an administrator resumes it.")


def _wait(number: int, shown: str) -> str:
    return ngettext("%s change waits.", "%s changes wait.", number) % shown


def _growing(backlog: Backlog) -> str:
    return _("The backlog is growing: %s changes wait.") % intcomma(backlog.total)


def _grown(line: Line) -> str:
    values = {
        "what": WITHIN[line.key], "now": intcomma(line.waiting.counted),
        "before": intcomma(line.before or 0),
    }  # fmt: skip
    return _("%(now)s %(what)s, against %(before)s six hours ago.") % values


def _first(backlog: Backlog) -> Summary:
    parts = [
        _("%(done)s of %(total)s %(object)ss are here.")
        % {"done": intcomma(r.total - r.left), "total": intcomma(r.total), "object": object}
        for object, r in backlog.readings.items()
        if r.is_first and r.total
    ]
    return Summary("info", _("Everything is being read from the beginning."), " ".join(parts))


# --- What waits -----------------------------------------------------------------------------------
def advice_on_waiting(backlog: Backlog) -> Iterator[Advice]:
    """What people who don't move by themselves need."""
    held = sum(line.waiting.held for line in backlog.lines)
    if held:
        text = ngettext(
            "%s person is held back: Salesforce, or a rule, refused the change; it goes again once corrected.",
            "%s people are held back: Salesforce, or a rule, refused the changes; they go again once corrected.",
            held,
        ) % intcomma(held)
        yield Advice(text, "failures", _("Open the failures"), "direction=push")
    kept = sum(line.waiting.excluded + line.waiting.outside for line in backlog.lines)
    if kept:
        text = ngettext(
            "%s person has changed and is kept from syncing by the rules of who may sync.",
            "%s people have changed and are kept from syncing by the rules of who may sync.",
            kept,
        ) % intcomma(kept)
        yield Advice(text, "who", _("Look at the rules"))


# --- Causes ---------------------------------------------------------------------------------------
MADE = ngettext_lazy("%(total)s change was made here.", "%(total)s changes were made here.", "number")
MADE_IN_VAIN = ngettext_lazy(
    "%(total)s change was made here; it touches no field that goes to Salesforce.",
    "%(total)s changes were made here; %(share)s %% of them touch no field that goes to Salesforce.",
    "number",
)
READ = ngettext_lazy(
    "%(total)s record was read because it had changed; it touched something that syncs.",
    "%(total)s records were read because they had changed; each of them touched something that syncs.",
    "number",
)
READ_IN_VAIN = ngettext_lazy(
    "%(total)s record was read because it had changed; it touched no field that syncs, and was skipped.",
    "%(total)s records were read because they had changed; %(share)s %% of them (%(unsynced)s) touched no field "
    "that syncs: they were read and skipped, within the one call that each cycle takes.",
    "number",
)
READ_AT_A_COST = ngettext_lazy(
    "%(total)s record was read because it had changed; it touched no field that syncs, and was skipped.",
    "%(total)s records were read because they had changed; %(share)s %% of them (%(unsynced)s) touched no field "
    "that syncs: they were read and skipped, and took about %(calls)s API calls.",
    "number",
)


def sentence(told: Told) -> str:
    """What was changed in one direction, and how much of it was for nothing."""
    unsynced = told.of(CauseKind.UNSYNCED, CauseKind.LEFT_OUT)
    calls = told.calls_for(unsynced)
    if told.direction == "push":
        text = MADE_IN_VAIN if unsynced else MADE
    elif unsynced:
        text = READ_AT_A_COST if calls else READ_IN_VAIN
    else:
        text = READ
    values = {
        "number": told.total, "total": intcomma(told.total), "share": told.share(unsynced),
        "unsynced": intcomma(unsynced), "calls": intcomma(calls),
    }  # fmt: skip
    return str(text % values)


def advice_on_causes(told: Told) -> Iterator[Advice]:
    """What to do about an author who caused most of it."""
    by_author: dict[tuple[str, CauseKind], list[Author]] = {}
    for author in told.authors:
        by_author.setdefault((author.name, author.kind), []).append(author)
    for (_name, kind), authors in by_author.items():
        records = sum(author.records for author in authors)
        if records >= NOTABLE and told.share(records) >= MOST:
            yield from ADVICE.get((told.direction, kind), _nothing)(told, authors, records)


def _values(told: Told, authors: list[Author], records: int) -> Mapping[str, Any]:
    fields = sum((author.fields for author in authors[1:]), authors[0].fields)
    return {
        "who": authors[0].name, "number": intcomma(records), "share": told.share(records),
        "field": fields.most_common(1)[0][0] if fields else "",
    }  # fmt: skip


def _unsynced_there(told: Told, authors: list[Author], records: int) -> Iterator[Advice]:
    values = _values(told, authors, records)
    if authors[0].who == told.ours:
        yield Advice(
            _("%(number)s records were changed in Salesforce by the sync’s own user, in fields that don’t sync: "
              "another program works under the same user, and every record it touches is read for nothing. Ask your "
              "Salesforce administrator to give it a user of its own, and to let it write only what has changed.")
            % values
        )  # fmt: skip
        return
    yield Advice(
        _("%(who)s changed %(number)s records only in fields that don’t sync (%(share)s %% of all). They are read and "
          "skipped. Ask your Salesforce administrator to let %(who)s write only what has changed; or, if these records "
          "needn’t sync at all, keep them out by a record filter.") % values,
        "who", _("Set a record filter"), is_for_administrators=True,
    )  # fmt: skip


def _changed_there(told: Told, authors: list[Author], records: int) -> Iterator[Advice]:
    yield Advice(
        _("%(who)s changed %(number)s records (%(share)s %% of all), most of them in %(field)s. If nobody here needs "
          "that field, switch it off; else nothing has to be done: the changes come in by themselves.")
        % _values(told, authors, records),
        "fields", _("Open the field sync"), is_for_administrators=True,
    )  # fmt: skip


def _changed_here(told: Told, authors: list[Author], records: int) -> Iterator[Advice]:
    yield Advice(
        _("%(who)s: %(number)s people (%(share)s %% of all), most of them in %(field)s. They go to Salesforce with the "
          "next cycles; nothing has to be done.") % _values(told, authors, records)
    )  # fmt: skip


def _unsynced_here(told: Told, authors: list[Author], records: int) -> Iterator[Advice]:
    yield Advice(
        _("%(who)s: %(number)s people (%(share)s %% of all) were changed only in fields that don’t go to Salesforce. "
          "They are looked up, and nothing is sent, at two API calls a thousand.") % _values(told, authors, records)
    )  # fmt: skip


def _nothing(told: Told, authors: list[Author], records: int) -> Iterator[Advice]:
    return iter(())


ADVICE = {
    ("pull", CauseKind.UNSYNCED): _unsynced_there,
    ("pull", CauseKind.CHANGED): _changed_there,
    ("push", CauseKind.CHANGED): _changed_here,
    ("push", CauseKind.UNSYNCED): _unsynced_here,
}


# --- Until when -----------------------------------------------------------------------------------
UNTIL = {
    Until.NOTHING: "",
    Until.PAUSED: gettext_lazy("not while paused"),
    Until.NEXT_CYCLE: gettext_lazy("with the next cycle"),
    Until.UNKNOWN: gettext_lazy("not known yet: too little was done in the last day"),
}
