"""Changes of the org's schema in words: what happened, what it means here, what may be done."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from people.models import FieldType
from syncadmin.models import ObjectField, SchemaChange
from syncadmin.services.fields.decisions import candidates, unfit_changes
from syncadmin.services.fields.rows import FieldRow
from syncadmin.sync.fields import TYPE_OF_SALESFORCE

Kind = SchemaChange.Kind


@dataclass(slots=True)
class News:
    """One change for the reader. ``row``: the line with which a new field is switched on.

    ``must_decide``: it can't be waved through, for the field doesn't sync until somebody decides.
    """

    change: SchemaChange
    title: str
    text: str
    row: FieldRow | None = None
    candidates: list[ObjectField] = field(default_factory=list)
    must_decide: bool = False

    @property
    def direction(self) -> str:
        """With which a new field is switched on, unless somebody chooses another."""
        return self.row.directions[0][0] if self.row else ""


def in_words(changes: Iterable[SchemaChange], rows: Iterable[FieldRow] = ()) -> list[News]:
    """The changes, told. ``rows``: the lines of the field sync page, to offer what is new."""
    changes = list(changes)
    unfit = set(unfit_changes()) if any(change.kind == Kind.TYPE for change in changes) else set()
    renamed = candidates(changes)
    successors = {one.name for found in renamed.values() for one in found}
    by_name = {one.name: row for row in rows if row.sync is None and not row.why_not for one in row.both}
    found = []
    for change in changes:
        title, text = _WORDS[Kind(change.kind)](change, change.pk in unfit)
        news = News(
            change, title, text, must_decide=change.pk in unfit, candidates=renamed.get(change.pk, [])
        )
        if change.kind == Kind.NEW and change.name in successors:
            news.text = _("Probably it is what became of a field that is gone: decide there how to go on.")
        elif change.kind == Kind.NEW and not change.decided_at:
            news.row = by_name.get(change.name)
        if news.candidates:
            news.text += " " + _("Probably it is called %s now.") % news.candidates[0].name
        found.append(news)
    return found


def type_name(salesforce: str) -> str:
    """A type of Salesforce in the reader's words; Salesforce's own where we have none."""
    known = TYPE_OF_SALESFORCE.get(salesforce)
    return str(FieldType(known).label) if known else salesforce


def _new(change: SchemaChange, must_decide: bool) -> tuple[str, str]:
    names = {"label": change.label, "of": change.of, "type": type_name(change.details.get("type", ""))}
    return (
        _("New in Salesforce: %(label)s (%(of)s)") % names,
        _("%(type)s. It doesn’t sync yet; people get the field when it is switched on.") % names,
    )


def _gone(change: SchemaChange, must_decide: bool) -> tuple[str, str]:
    return (
        _("%(label)s (%(of)s) is gone, or hidden from the sync user")
        % {"label": change.label, "of": change.of},
        _(
            "It doesn’t sync any more; its values here are kept. If it becomes visible again, it goes on by itself."
        ),
    )


def _back(change: SchemaChange, must_decide: bool) -> tuple[str, str]:
    return (
        _("%(label)s (%(of)s) is visible again") % {"label": change.label, "of": change.of},
        _("It syncs again. What was changed meanwhile was read for everybody who is linked."),
    )


def _label(change: SchemaChange, must_decide: bool) -> tuple[str, str]:
    return (
        _("“%(before)s” (%(of)s) is now called “%(after)s”") % {**change.details, "of": change.of},
        _("People’s pages show the new label, unless it had one of its own here. Its values and names stay."),
    )


def _type(change: SchemaChange, must_decide: bool) -> tuple[str, str]:
    names = {
        "label": change.label, "of": change.of, "before": type_name(change.details["before"]),
        "after": type_name(change.details["after"]),
    }  # fmt: skip
    title = _("%(label)s (%(of)s) was %(before)s and is %(after)s now") % names
    if must_decide:
        return title, _(
            "It doesn’t sync until that is decided. Nothing was deleted: its values here are kept."
        )
    return title, _("Its values have the same form, so it goes on syncing.")


def _choices(change: SchemaChange, must_decide: bool) -> tuple[str, str]:
    added, removed = change.details.get("added", []), change.details.get("removed", [])
    parts = [
        _("New: %s.") % _listed(added) if added else "",
        _("No more offered: %s; people who have it keep it.") % _listed(removed) if removed else "",
    ]
    title = _("%(label)s (%(of)s) has other values to choose from") % {"label": change.label, "of": change.of}
    return title, " ".join(filter(None, parts))


def _listed(values: list[str]) -> str:
    return ", ".join(values[:8]) + (", …" if len(values) > 8 else "")


def _limits(change: SchemaChange, must_decide: bool) -> tuple[str, str]:
    title = _("%(label)s (%(of)s) holds more or less than before") % {"label": change.label, "of": change.of}
    text = _("It was %(before)s and is %(after)s (characters, or digits before and behind the point).")
    return title, f"{text % change.details} {_('What is longer fails, with Salesforce’s reason.')}"


def _access(change: SchemaChange, must_decide: bool) -> tuple[str, str]:
    names = {"label": change.label, "of": change.of}
    if change.details.get("writable"):
        return (
            _("%(label)s (%(of)s) may be written by the sync user again") % names,
            _("It syncs as it is set below; edits made here go to Salesforce again."),
        )
    return (
        _("%(label)s (%(of)s) may no more be written by the sync user") % names,
        _(
            "It only comes from Salesforce now. To push it again, give the sync user edit access to the field."
        ),
    )


_WORDS = {
    Kind.NEW: _new, Kind.GONE: _gone, Kind.BACK: _back, Kind.LABEL: _label, Kind.TYPE: _type,
    Kind.CHOICES: _choices, Kind.LIMITS: _limits, Kind.ACCESS: _access,
}  # fmt: skip
