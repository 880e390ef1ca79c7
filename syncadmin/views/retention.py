"""Retention: how long what has happened is kept, what a change would remove, and what was removed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from people.downloads import csv_download
from syncadmin.access import administrator
from syncadmin.models import Pruning
from syncadmin.services.retention import pruning, settings
from syncadmin.services.retention.kinds import kinds
from syncadmin.services.retention.settings import Kept

FOR_EVER = "ever"
CHOICES: tuple[tuple[str, Any], ...] = (
    ("7", gettext_lazy("7 days")), ("30", gettext_lazy("30 days")), ("90", gettext_lazy("90 days")),
    ("180", gettext_lazy("180 days")), ("365", gettext_lazy("A year")), ("730", gettext_lazy("2 years")),
    ("1825", gettext_lazy("5 years")), (FOR_EVER, gettext_lazy("For ever")),
)  # fmt: skip
COLUMNS = ("kind", "kept_for", "rows", "oldest_at", "counted_at", "pruned_at", "pruned", "pruned_ever")


@dataclass(frozen=True, slots=True)
class Line:
    """A kind on the page, with what may be chosen for it."""

    kept: Kept
    choices: list[tuple[str, str]]
    chosen: str


@require_http_methods(["GET", "HEAD", "POST"])
@administrator
def retention(request: HttpRequest) -> HttpResponse:
    """The settings. Posting shows what they would remove; posting that saves them."""
    if request.method != "POST":
        return _page(request)
    wanted = _wanted(request)
    if wanted is None:
        messages.error(
            request, _("Nothing was saved: choose how long each kind is kept, or leave it as it is.")
        )
        return _page(request, status=422)
    if request.POST.get("action") == "save":
        return _save(request, wanted)
    effects = settings.effects(wanted, timezone.now())
    if not effects:
        messages.info(request, _("Nothing was changed."))
        return redirect("retention")
    shown = [(each, words(each.before), words(each.after), _value(each.after)) for each in effects]
    context = {"effects": shown, "total": sum(each.rows for each in effects)}
    return render(request, "syncadmin/retention_review.html", context)


def _save(request: HttpRequest, wanted: dict[str, int | None]) -> HttpResponse:
    number = settings.save(wanted, request.user, timezone.now())
    said = ngettext("%s setting was saved.", "%s settings were saved.", number) % number
    later = _("What is older is removed by the next daily job, or at once by “Remove now”.")
    messages.success(request, f"{said} {later}")
    return redirect("retention")


def _wanted(request: HttpRequest) -> dict[str, int | None] | None:
    """The days of each kind that the form speaks of; None if it makes no sense."""
    found: dict[str, int | None] = {}
    for kind in kinds():
        text = request.POST.get(f"days-{kind.name}")
        if text is None:
            continue
        days = int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else None
        if text != FOR_EVER and not (days and days <= settings.LONGEST):
            return None
        found[kind.name] = days
    return found or None


def _page(request: HttpRequest, status: int = 200) -> HttpResponse:
    jobs, kept = pruning.last_pruned(), settings.kept()
    labels = {kind.name: str(kind.label) for kind in kinds()}
    context = {
        "lines": [Line(each, _choices(each.days), _value(each.days)) for each in kept],
        "jobs": [(job, _removed(job, labels)) for job in jobs],
        "under_way": next((job for job in jobs if job.is_open), None),
        "counted_at": max((each.row.counted_at for each in kept if each.row.counted_at), default=None),
        "hour": pruning.HOUR,
    }
    return render(request, "syncadmin/retention.html", context, status=status)


def _choices(current: int | None) -> list[tuple[str, str]]:
    """The usual ones, and the current one if it is none of them."""
    found = {value: str(label) for value, label in CHOICES}
    if _value(current) not in found:
        found = {_value(current): words(current), **found}
    return list(found.items())


def _value(days: int | None) -> str:
    return FOR_EVER if days is None else str(days)


def words(days: int | None) -> str:
    """How long, as the page says it."""
    known = {value: str(label) for value, label in CHOICES}
    return known.get(_value(days)) or ngettext("%s day", "%s days", days or 0) % days


def _removed(job: Pruning, labels: dict[str, str]) -> list[tuple[str, int]]:
    return [(labels.get(name, name), number) for name, number in job.removed.items() if number]


@require_POST
@administrator
def prune(request: HttpRequest) -> HttpResponse:
    """Remove what is old now, instead of tonight."""
    pruning.start_pruning(timezone.now(), request.user)
    messages.success(
        request, _("Rows that are older than the settings say are being removed, a few at a time.")
    )
    return redirect("retention")


@require_POST
@administrator
def cancel(request: HttpRequest) -> HttpResponse:
    """Stop the job that is under way."""
    job = next((job for job in pruning.last_pruned() if job.is_open), None)
    if job is not None and pruning.cancel_pruning(job.pk, timezone.now()):
        messages.success(
            request, _("Stopped. What was removed until then is gone; the rest is kept until tomorrow.")
        )
    else:
        messages.info(request, _("It has ended already."))
    return redirect("retention")


@require_safe
@administrator
def export(request: HttpRequest) -> StreamingHttpResponse:
    """The settings and the numbers as CSV."""
    return csv_download("retention", COLUMNS, _rows(settings.kept()))


def _rows(found: list[Kept]) -> Iterator[list[Any]]:
    for each in found:
        row = each.row
        yield [
            str(each.kind.label), words(each.days), row.rows, row.oldest_at, row.counted_at, row.pruned_at,
            row.pruned, row.pruned_ever,
        ]  # fmt: skip
