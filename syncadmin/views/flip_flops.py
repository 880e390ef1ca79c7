"""Flip-flops: fields that bounced between two values, and were stopped; and letting them go on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from people.downloads import csv_download
from syncadmin.access import marketer, viewer
from syncadmin.models import FieldSync, FlipFlop, Resolution
from syncadmin.services.review import flipflops, resolving
from syncadmin.sync.flipflop import ROUNDS
from syncadmin.views.chosen import back, chosen
from syncadmin.views.flip_flops_list import FlipFlopFilter, flip_flop_filter, flip_flops_table
from syncadmin.views.resolutions import open_resolution, tell

COLUMNS = (
    "id", "stopped_at", "since", "rounds", "person_id", "person", "object", "field", "ours", "ours_set_by", "theirs",
    "theirs_set_by", "state", "decision", "decided_at", "decided_by",
)  # fmt: skip
CHUNK = 2_000
#: What a marketer may decide; an administrator changes how the field syncs instead.
DECISIONS = (Resolution.Kind.OURS, Resolution.Kind.THEIRS, Resolution.Kind.AGAIN)


@require_safe
@viewer
def flip_flop_list(request: HttpRequest) -> HttpResponse:
    """What is stopped, and what was; the latest first."""
    filters = flip_flop_filter(request.GET)
    can_act = request.user.has_perm("people.change_person")
    table = flip_flops_table(_found(filters), request, can_act=can_act)
    count = table.paginator.count
    _link_to_field_sync([row.record for row in table.page.object_list])
    query = request.GET.copy()
    for name in ("page", "per_page", "sort"):
        query.pop(name, None)
    context = {
        "filters": filters,
        "table": table,
        "count": count,
        "can_act": can_act,
        "is_empty": not count and not filters.is_active,
        "query": query.urlencode(),
        "stopped": flipflops.number_stopped(),
        "open_job": open_resolution(),
        "rounds": ROUNDS,
        "most": resolving.MOST,
    }
    return render(request, "syncadmin/flip_flops.html", context)


def _found(filters: FlipFlopFilter) -> QuerySet[FlipFlop]:
    found: QuerySet[FlipFlop] = filters.qs if filters.is_valid() else FlipFlop.objects.none()
    return found


def _link_to_field_sync(rows: list[FlipFlop]) -> None:
    """Where an administrator changes how the field syncs."""
    names = {row.field for row in rows}
    lines = dict(FieldSync.objects.filter(field__name__in=names).values_list("field__name", "pk"))
    for row in rows:
        row.sync_id = lines.get(row.field)  # type: ignore[attr-defined]


@require_POST
@marketer
def release(request: HttpRequest) -> HttpResponse:
    """Let those that are ticked, or all that the filter shows, sync again."""
    how = request.POST.get("decision", "")
    job = None
    if how in DECISIONS:
        found = chosen(request.POST, flipflops.flip_flops(), flip_flop_filter)
        job = resolving.request(found, how, timezone.now(), request.user)
    if job is None:
        messages.info(request, _("Nothing was changed: choose fields that are stopped."))
        return back(request, "flip-flops")
    if job.is_open:
        return redirect(job)
    tell(request, job)
    return back(request, "flip-flops")


@require_safe
@viewer
def export(request: HttpRequest) -> StreamingHttpResponse:
    """The flip-flops that match the filters, as CSV."""
    return csv_download("flip-flops", COLUMNS, _rows(_found(flip_flop_filter(request.GET))))


def _rows(found: QuerySet[FlipFlop]) -> Iterator[tuple[Any, ...]]:
    portion: list[FlipFlop] = []
    for row in found.iterator(chunk_size=CHUNK):
        portion.append(row)
        if len(portion) == CHUNK:
            yield from map(_row, flipflops.shown(portion))
            portion = []
    yield from map(_row, flipflops.shown(portion))


def _row(item: flipflops.Shown) -> tuple[Any, ...]:
    row = item.row
    return (
        row.pk, row.stopped_at, row.since, row.rounds, row.person_id, str(row.person), row.object, item.label,
        item.ours, item.ours_by, row.theirs, item.theirs_by, row.state, row.decision, row.decided_at,
        row.decided_by.get_username() if row.decided_by else "",
    )  # fmt: skip
