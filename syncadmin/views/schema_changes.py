"""What changed in the org's schema: seen, decided, and looked up later."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from people.downloads import csv_download
from syncadmin.access import administrator, viewer
from syncadmin.models import Backfill, SchemaChange
from syncadmin.services.fields import decisions
from syncadmin.services.fields.backfills import calls_to_backfill
from syncadmin.services.fields.words import in_words, type_name
from syncadmin.tables import schema_changes_table

#: Values that don't fit, shown on the page; the file has all.
SHOWN = 50
COLUMNS = (
    "noticed_at",
    "kind",
    "object",
    "api_name",
    "label",
    "what",
    "decision",
    "decided_at",
    "decided_by",
)


@require_safe
@viewer
def changes(request: HttpRequest) -> HttpResponse:
    """All of them, newest first."""
    table = schema_changes_table(request)
    return render(
        request, "syncadmin/schema_changes.html", {"table": table, "is_empty": not table.paginator.count}
    )


@require_safe
@viewer
def export(request: HttpRequest) -> StreamingHttpResponse:
    """All of them as CSV."""
    found = SchemaChange.objects.select_related("decided_by", "field")
    return csv_download("schema-changes", COLUMNS, _rows(found.iterator(chunk_size=500)))


def _rows(found: Iterator[SchemaChange]) -> Iterator[list[Any]]:
    while page := list(islice(found, 500)):
        for news in in_words(page):
            change = news.change
            yield [
                change.noticed_at.isoformat(), change.kind, change.of, change.name, change.label,
                f"{news.title}. {news.text}", change.decision,
                change.decided_at.isoformat() if change.decided_at else "", str(change.decided_by or ""),
            ]  # fmt: skip


@require_POST
@administrator
def settle(request: HttpRequest) -> HttpResponse:
    """*Seen*, or *Not now*: one, several, or all that nobody has to decide."""
    ids = {int(value) for value in request.POST.getlist("ids") if value.isdecimal() and len(value) < 19}
    number = decisions.settle(ids, timezone.now(), request.user)
    said = ngettext("%s change was marked as seen.", "%s changes were marked as seen.", number)
    messages.success(request, said % number)
    return redirect("fields")


# --- One change -----------------------------------------------------------------------------------
@require_http_methods(["GET", "HEAD", "POST"])
@viewer
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """What it means, and the ways to go on; administrators choose one."""
    found = get_object_or_404(SchemaChange.objects.select_related("field", "decided_by"), pk=pk)
    return _decide(request, found) if request.method == "POST" else _page(request, found)


def _page(request: HttpRequest, found: SchemaChange, status: int = 200) -> HttpResponse:
    (news,) = in_words([found])
    context: dict[str, Any] = {"news": news, "change": found, "calls": calls_to_backfill()}
    if news.must_decide:
        unfit = list(islice(decisions.names_of(decisions.unfit_values(found)), SHOWN + 1))
        context |= {
            "unfit": unfit[:SHOWN], "has_more": len(unfit) > SHOWN, "can_convert": found.field.is_custom,
            "after": type_name(found.details["after"]), "left_behind": decisions.left_behind(found),
        }  # fmt: skip
    return render(request, "syncadmin/schema_change.html", context, status=status)


@administrator
def _decide(request: HttpRequest, found: SchemaChange) -> HttpResponse:
    now, user = timezone.now(), request.user
    action = request.POST.get("action", "")
    job: Backfill | None = None
    try:
        if action == "convert":
            job = decisions.convert_field(found, now, user)
        elif action == "remap":
            job = decisions.remap(found, request.POST.get("api_name", ""), now, user)
        elif action == "off":
            decisions.switch_off(found, now, user)
        else:
            raise ValueError(_("That is none of the ways to go on."))
    except ValueError as error:
        messages.error(request, _("Nothing was changed. %s") % error)
        return _page(request, found, status=422)
    if job is not None:
        messages.success(request, _("Decided. The job that brings its values has begun."))
        return redirect(job)
    messages.success(request, _("%s doesn’t sync any more. Its values stay on both sides.") % found.label)
    return redirect("fields")


@require_safe
@viewer
def unfit(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """All values that don't fit the new type, as CSV."""
    found = get_object_or_404(
        SchemaChange.objects.select_related("field"), pk=pk, kind=SchemaChange.Kind.TYPE
    )
    rows = decisions.names_of(decisions.unfit_values(found) if found.field else iter(()))
    cells = ((person.pk, str(person), person.email, value) for person, value in rows)
    return csv_download(f"values-that-dont-fit-{pk}", ("person_id", "name", "email", "value"), cells)
