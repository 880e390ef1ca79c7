"""What the next cycle would do; and with the first look, the start of the sync."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from people.downloads import csv_download
from syncadmin import queries, services
from syncadmin.access import administrator, viewer
from syncadmin.models import PreviewItem, SyncPreview
from syncadmin.preview_table import ItemFilter, items_table
from syncadmin.services.explaining import explain
from syncadmin.services.preview.previews import ITEMS, first_preview
from syncadmin.services.rereading import calls_to_read_all
from syncadmin.views.dashboard import wait_for_cycle

COLUMNS = (
    "what", "person_id", "person", "object", "sfdc_id", "field", "label", "now", "then", "winner", "why",
)  # fmt: skip
FIELDS_SHOWN = 12


@require_http_methods(["GET", "HEAD", "POST"])
@viewer
def preview(request: HttpRequest) -> HttpResponse:
    """The newest preview, or how to get one; posting asks for a new one."""
    if request.method == "POST":
        return _ask(request)
    newest, known = SyncPreview.objects.first(), queries.connection()
    if newest is not None and not (known and known.awaits_start and not newest.is_first):
        return _page(request, newest)
    context = {"connection": known, "calls": calls_to_read_all()}
    return render(request, "syncadmin/preview.html", context)


def _ask(request: HttpRequest) -> HttpResponse:
    if not request.user.has_perm("people.change_person"):
        raise PermissionDenied
    try:
        found = services.request_preview(timezone.now(), request.user)
    except services.NotConnectedError as error:
        messages.error(request, str(error))
        return redirect("preview")
    return redirect(found)


@require_safe
@viewer
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One preview. While it is under way, the page asks for itself every two seconds."""
    return _page(request, get_object_or_404(SyncPreview, pk=pk))


def _page(request: HttpRequest, found: SyncPreview) -> HttpResponse:
    filters = ItemFilter(request.GET, queryset=found.items.all())
    connection, counts = queries.connection(), found.counts
    context = {
        "preview": found,
        "connection": connection,
        "steps": [_named(step) for step in counts.get("steps", ())],
        "kinds": _kinds(counts.get("kinds", {})),
        "fields": counts.get("fields", [])[:FIELDS_SHOWN],
        "is_guarded": counts.get("is_guarded", False),
        "filters": filters,
        "table": items_table(filters.qs, request) if found.state == SyncPreview.State.DONE else None,
        "is_cut": found.changes > ITEMS,
        "why": explain(found.error_code, found.error_message) if found.error_code else None,
        "may_start": bool(connection and connection.awaits_start and first_preview(connection) == found),
    }
    template = "syncadmin/_preview.html" if request.htmx else "syncadmin/preview.html"
    return render(request, template, context)


def _named(step: dict[str, Any]) -> dict[str, Any]:
    from syncadmin.models import SyncStep

    return {**step, "operation": SyncStep.Operation(step["operation"]).label}


def _kinds(counts: dict[str, int]) -> list[tuple[str, str, int]]:
    """(kind, label, number) of what would happen at all."""
    return [(kind.value, str(kind.label), counts[kind]) for kind in PreviewItem.Kind if counts.get(kind)]


@require_POST
@administrator
def start(request: HttpRequest) -> HttpResponse:
    """*Start syncing*, for those who have seen what the first sync does."""
    connection = queries.connection()
    if connection is None or not connection.is_ready or not connection.awaits_start:
        messages.info(request, _("The sync has been started already, or there is no connection yet."))
    elif first_preview(connection) is None:
        messages.error(request, _("Look at what the first sync would do; then start it."))
        return redirect("preview")
    else:
        services.start_syncing(timezone.now())
        messages.success(request, _("The sync has been started; the first cycle begins in a moment."))
        return wait_for_cycle()
    return redirect("dashboard")


@require_safe
@viewer
def export(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """The items that were kept, as CSV."""
    found = get_object_or_404(SyncPreview, pk=pk)
    items = ItemFilter(request.GET, queryset=found.items.all()).qs
    return csv_download("preview", COLUMNS, _rows(items.iterator(chunk_size=500)))


def _rows(items: Iterator[PreviewItem]) -> Iterator[list[Any]]:
    for item in items:
        yield [
            item.kind, item.person_id, item.name, item.object, item.sfdc_id, item.field, item.label, item.old,
            item.new, item.winner, item.reason,
        ]  # fmt: skip
