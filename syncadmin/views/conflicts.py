"""Conflicts: both sides changed the same field; one value stayed, and the other is kept here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from people.downloads import csv_download
from people.models import Activity
from syncadmin.access import marketer, viewer
from syncadmin.services.review import conflicts
from syncadmin.views.conflicts_list import ConflictFilter, conflict_filter, conflicts_table

COLUMNS = (
    "id", "at", "person_id", "person", "field", "ours", "theirs", "winner", "why", "changed_in_salesforce_by", "cycle",
)  # fmt: skip
CHUNK = 2_000


@require_safe
@viewer
def conflict_list(request: HttpRequest) -> HttpResponse:
    """Every conflict, newest first."""
    filters = conflict_filter(request.GET)
    table = conflicts_table(_found(filters), request)
    context = {
        "filters": filters,
        "table": table,
        "is_empty": not table.paginator.count and not filters.is_active,
        "query": request.GET.urlencode(),
    }
    return render(request, "syncadmin/conflicts.html", context)


def _found(filters: ConflictFilter) -> QuerySet[Activity]:
    found: QuerySet[Activity] = filters.qs if filters.is_valid() else Activity.objects.none()
    return found


@require_POST
@marketer
def take(request: HttpRequest, pk: int) -> HttpResponse:
    """*Take the other value*."""
    get_object_or_404(conflicts.conflicts(), pk=pk)
    try:
        taken = conflicts.take_other(pk, actor=request.user, now=timezone.now())
    except conflicts.ConflictError as error:
        messages.info(request, str(error))
        return _back(request)
    if taken.ours_won:
        text = _("%(field)s of %(person)s has the value of Salesforce now.")
    else:
        text = _("%(field)s of %(person)s has our value again; it waits to be pushed to Salesforce.")
    messages.success(request, text % {"field": taken.label, "person": taken.activity.person})
    return _back(request)


def _back(request: HttpRequest) -> HttpResponse:
    back = request.POST.get("back", "")
    if back.startswith("/") and url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        return redirect(back)
    return redirect("conflicts")


@require_safe
@viewer
def export(request: HttpRequest) -> StreamingHttpResponse:
    """The conflicts that match the filters, as CSV."""
    return csv_download("conflicts", COLUMNS, _rows(_found(conflict_filter(request.GET))))


def _rows(found: QuerySet[Activity]) -> Iterator[tuple[Any, ...]]:
    portion: list[Activity] = []
    for row in found.iterator(chunk_size=CHUNK):
        portion.append(row)
        if len(portion) == CHUNK:
            yield from map(_row, conflicts.shown(portion))
            portion = []
    yield from map(_row, conflicts.shown(portion))


def _row(conflict: conflicts.Conflict) -> tuple[Any, ...]:
    row = conflict.activity
    return (
        row.pk, row.at, row.person_id, str(row.person), conflict.label, conflict.ours, conflict.theirs,
        row.attributes.get("winner"), conflict.reason, row.attributes.get("theirs_by"), row.run_id,
    )  # fmt: skip
