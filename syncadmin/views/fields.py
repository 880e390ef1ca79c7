"""Field sync: which fields sync, in which direction, and who wins. A change is shown in words before it is made."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256

from django.contrib import messages
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from people.models import FieldType
from syncadmin import queries, services
from syncadmin.access import administrator, viewer
from syncadmin.models import FieldSync
from syncadmin.services import Change, Choice, FieldRow
from syncadmin.services.fields.backfills import calls_to_backfill, formula_fields, open_backfills
from syncadmin.services.fields.changes import TEXTS
from syncadmin.services.fields.decisions import open_changes
from syncadmin.services.fields.effects import effect_on_people
from syncadmin.services.fields.schema import facts_of
from syncadmin.services.fields.words import in_words
from syncadmin.sync.fields import TYPE_OF_SALESFORCE
from syncadmin.sync.schema import limits_of

#: Changes of the schema above the table; the others are on their own page.
NEWS_SHOWN = 20
OFF = FieldSync.Direction.OFF
SHOWS = {
    "syncing": lambda row: not row.why_not and row.direction != OFF,
    "off": lambda row: not row.why_not and row.direction == OFF,
    "custom": lambda row: row.is_custom,
    "unavailable": lambda row: bool(row.why_not),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A row with what is chosen for it: what is stored, or what was just posted."""

    row: FieldRow
    choice: Choice
    type: str

    @property
    def searched(self) -> str:
        """What the search box looks through."""
        names = (field.name for field in (self.row.lead, self.row.contact) if field)
        return " ".join((self.row.label, *names, self.row.follows, self.type)).lower()


@require_http_methods(["GET", "HEAD", "POST"])
@viewer
def fields(request: HttpRequest) -> HttpResponse:
    """Every field of Lead and Contact; administrators choose."""
    return _posted(request) if request.method == "POST" else _page(request)


@administrator
def _posted(request: HttpRequest) -> HttpResponse:
    """Choices: shown in words first, saved when confirmed, given back when there is more to change."""
    rows = services.field_rows()
    choices = _choices(request.POST, rows)
    if request.POST.get("step") == "edit":
        return _page(request, choices)
    try:
        changes = services.plan_changes(choices)
        if not changes:
            messages.info(request, _("Nothing was changed."))
            return redirect("fields")
        if request.POST.get("step") != "save":
            return _review(request, changes)
        return _save(request, changes)
    except ValueError as error:
        messages.error(request, _("Nothing was saved. %s") % error)
    except IntegrityError:
        messages.error(
            request, _("Nothing was saved: somebody changed the same fields just now. Look again.")
        )
    return _page(request, choices, status=422)


def _choices(data: QueryDict, rows: Iterable[FieldRow]) -> dict[str, Choice]:
    """What was chosen, by the key of the line; lines that were not posted are left out."""
    winners = {row.key: row.winner for row in rows}
    keys = [name.removeprefix("direction-") for name in data if name.startswith("direction-")]
    return {
        key: Choice(
            data[f"direction-{key}"], data.get(f"winner-{key}", winners.get(key, "")), f"blank-{key}" in data
        )
        for key in keys
    }


# --- Two steps: in words, then in earnest ---------------------------------------------------------
def _review(request: HttpRequest, changes: list[Change], status: int = 200) -> HttpResponse:
    context = {
        "changes": [
            (change, _direction(change.row.direction), _direction(change.choice.direction))
            for change in changes
        ],
        "fingerprint": _fingerprint(changes),
        "people": effect_on_people(changes),
        "calls": calls_to_backfill(
            reads=any(change.brings_values for change in changes),
            pushes=any(change.sends_values for change in changes),
        ),
        "fills": [change.row.label for change in changes if change.brings_values or change.sends_values],
        "connection": queries.connection(),
    }
    return render(request, "syncadmin/fields_review.html", context, status=status)


def _direction(value: str) -> str:
    return str(FieldSync.Direction(value).label)


def _fingerprint(changes: list[Change]) -> str:
    """Of what is changed from what to what: the same only if the summary still tells the truth."""
    told = [
        [change.row.key, change.row.direction, change.row.winner, change.row.blank_never_overwrites,
         change.choice.direction, change.choice.winner, change.choice.blank_never_overwrites]
        for change in changes
    ]  # fmt: skip
    return sha256(json.dumps(sorted(told)).encode()).hexdigest()[:32]


def _save(request: HttpRequest, changes: list[Change]) -> HttpResponse:
    if request.POST.get("fingerprint") != _fingerprint(changes):
        messages.error(
            request, _("Nothing was saved: the fields were changed meanwhile. This is what would change now.")
        )
        return _review(request, changes, status=409)
    fill = request.POST.get("fill") == "1"
    job = services.save_changes(changes, fill=fill, now=timezone.now(), user=request.user)
    number = len(changes)
    saved = ngettext("%s field was changed.", "%s fields were changed.", number) % number
    note = (
        _("The values that were there before are on their way.")
        if job
        else _("It counts from the next sync cycle on.")
    )
    messages.success(request, f"{saved} {note}")
    return redirect(job) if job else redirect("fields")


# --- The page -------------------------------------------------------------------------------------
def _page(
    request: HttpRequest, chosen: Mapping[str, Choice] | None = None, status: int = 200
) -> HttpResponse:
    data = request.POST if request.method == "POST" else request.GET
    text, show = data.get("q", "").strip().lower()[:200], data.get("show", "")
    rows = services.field_rows()
    lines = [_line(row, chosen or {}) for row in rows]
    found = [line for line in lines if text in line.searched and SHOWS.get(show, bool)(line.row)]
    context = {
        "lines": [line for line in found if not line.row.why_not],
        "unavailable": [line for line in found if line.row.why_not],
        "totals": {name: sum(holds(line.row) for line in lines) for name, holds in SHOWS.items()},
        "total": len(lines),
        "q": data.get("q", ""),
        "show": show if show in SHOWS else "",
        "is_filtered": bool(text or show in SHOWS),
        "is_dirty": chosen is not None,
        "refreshed_at": queries.fields_refreshed_at(),
        "news": in_words(open_changes()[:NEWS_SHOWN], rows),
        "jobs": open_backfills(),
        "has_formulas": bool(formula_fields()),
        "connection": queries.connection(),
    }
    return render(request, "syncadmin/fields.html", context, status=status)


def _line(row: FieldRow, chosen: Mapping[str, Choice]) -> Line:
    stored = Choice(row.direction, row.winner, row.blank_never_overwrites)
    return Line(row, chosen.get(row.key, stored), _type(row))


def _type(row: FieldRow) -> str:
    """The type in the reader's words; Salesforce's own where we have none."""
    if row.field is None:
        return str(row.sync.field.get_type_display()) if row.sync else ""
    known = TYPE_OF_SALESFORCE.get(row.field.type)
    if known is None:
        return row.field.type
    limits = limits_of(facts_of(row.field)) if row.field.precision or row.field.type in TEXTS else ""
    return f"{FieldType(known).label} ({limits})" if limits else str(FieldType(known).label)
