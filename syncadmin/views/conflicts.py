"""Conflicts: both sides changed the same field; one value stayed, and the other is kept here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from people.downloads import csv_download
from syncadmin.access import marketer, viewer
from syncadmin.models import Resolution, SyncConflict
from syncadmin.services.review import conflicts, flipflops, resolving
from syncadmin.services.review.contested import contested_fields
from syncadmin.views.chosen import back, chosen
from syncadmin.views.conflicts_list import ConflictFilter, conflict_filter, conflicts_table
from syncadmin.views.resolutions import open_resolution, tell

COLUMNS = (
    "id", "at", "person_id", "person", "object", "field", "ours", "theirs", "winner", "why", "changed_in_salesforce_by",
    "cycle", "state", "decided_at",
)  # fmt: skip
CHUNK = 2_000


@require_safe
@viewer
def conflict_list(request: HttpRequest) -> HttpResponse:
    """Every conflict, newest first, with the fields that conflict often."""
    filters = conflict_filter(request.GET)
    can_act = request.user.has_perm("people.change_person")
    table = conflicts_table(_found(filters), request, can_act=can_act)
    count = table.paginator.count
    context = {
        "filters": filters,
        "table": table,
        "count": count,
        "can_act": can_act,
        "is_empty": not count and not filters.is_active,
        "query": _without_page(request),
        "contested": contested_fields(timezone.now()),
        "stopped": flipflops.number_stopped(),
        "open_job": open_resolution(),
        "most": resolving.MOST,
    }
    return render(request, "syncadmin/conflicts.html", context)


def _found(filters: ConflictFilter) -> QuerySet[SyncConflict]:
    found: QuerySet[SyncConflict] = filters.qs if filters.is_valid() else SyncConflict.objects.none()
    return found


def _without_page(request: HttpRequest) -> str:
    query = request.GET.copy()
    for name in ("page", "per_page", "sort"):
        query.pop(name, None)
    return query.urlencode()


@require_POST
@marketer
def take(request: HttpRequest, pk: int) -> HttpResponse:
    """*Take the other value*."""
    get_object_or_404(conflicts.conflicts(), pk=pk)
    try:
        taken = conflicts.take_other(pk, actor=request.user, now=timezone.now())
    except conflicts.ConflictError as error:
        messages.info(request, str(error))
        return back(request, "conflicts")
    if taken.ours_won:
        text = _("%(field)s of %(person)s has the value of Salesforce now.")
    else:
        text = _("%(field)s of %(person)s has our value again; it waits to be pushed to Salesforce.")
    messages.success(request, text % {"field": taken.label, "person": taken.row.person})
    return back(request, "conflicts")


@require_POST
@marketer
def resolve(request: HttpRequest) -> HttpResponse:
    """*Take the other value* of those that are ticked, or of all that the filter shows."""
    found = chosen(request.POST, conflicts.conflicts(), conflict_filter)
    job = resolving.request(found, Resolution.Kind.TAKE_OTHER, timezone.now(), request.user)
    if job is None:
        messages.info(request, _("Nothing was changed: tick conflicts that stand."))
        return back(request, "conflicts")
    if job.is_open:
        return redirect(job)
    tell(request, job)
    return back(request, "conflicts")


@require_safe
@viewer
def export(request: HttpRequest) -> StreamingHttpResponse:
    """The conflicts that match the filters, as CSV."""
    return csv_download("conflicts", COLUMNS, _rows(_found(conflict_filter(request.GET))))


def _rows(found: QuerySet[SyncConflict]) -> Iterator[tuple[Any, ...]]:
    portion: list[SyncConflict] = []
    for row in found.iterator(chunk_size=CHUNK):
        portion.append(row)
        if len(portion) == CHUNK:
            yield from map(_row, conflicts.shown(portion))
            portion = []
    yield from map(_row, conflicts.shown(portion))


def _row(conflict: conflicts.Conflict) -> tuple[Any, ...]:
    row = conflict.row
    return (
        row.pk, row.at, row.person_id, str(row.person), row.object, conflict.label, conflict.ours, conflict.theirs,
        row.winner, conflict.reason, row.theirs_by, row.run_id, row.state, row.decided_at,
    )  # fmt: skip
