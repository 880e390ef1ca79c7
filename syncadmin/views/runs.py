"""The cycles: what each of them did, step by step."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from people.downloads import csv_download
from syncadmin import queries
from syncadmin.access import viewer
from syncadmin.filters import RunFilter
from syncadmin.models import SyncRun
from syncadmin.services.cycle.lease import LEASE
from syncadmin.services.explaining import explain
from syncadmin.services.failures import explained
from syncadmin.services.preview.guard import open_stop
from syncadmin.tables import runs_table

FAILURES_SHOWN = 50
COLUMNS = (
    "cycle",
    "state",
    "started_by",
    "started",
    "ended",
    "seconds",
    "api_calls",
    *queries.COUNTS,
    "error_code",
    "error_message",
    "unguarded_by",
)


@require_safe
@viewer
def runs(request: HttpRequest) -> HttpResponse:
    """Every cycle, newest first."""
    filters = RunFilter(request.GET, queryset=queries.runs())
    table = runs_table(_found(filters), request)
    is_empty = not table.paginator.count and not filters.is_active
    context = {"filters": filters, "table": table, "is_empty": is_empty, "connection": queries.connection()}
    return render(request, "syncadmin/runs.html", context)


def _found(filters: RunFilter) -> QuerySet[SyncRun]:
    return filters.qs if filters.is_valid() else queries.runs().none()


@require_safe
@viewer
def run(request: HttpRequest, pk: int) -> HttpResponse:
    """One cycle. While it runs, the page asks for itself every two seconds."""
    found = get_object_or_404(queries.runs(), pk=pk)
    failures = list(queries.failures_of(found)[: FAILURES_SHOWN + 1])
    context = {
        "run": found,
        "steps": list(found.steps.all()),
        "counts": [(name, getattr(found, f"sum_{name}")) for name in queries.COUNTS],
        "why": explain(found.error_code, found.error_message) if found.error_code else None,
        "failures": explained(failures[:FAILURES_SHOWN], timezone.now()),
        "has_more": len(failures) > FAILURES_SHOWN,
        "is_live": _is_live(found),
        "guard_stop": open_stop() if _is_latest_stop(found) else None,
        "connection": queries.connection(),
    }
    template = "syncadmin/_run.html" if request.htmx else "syncadmin/run.html"
    return render(request, template, context)


def _is_latest_stop(found: SyncRun) -> bool:
    """What is open now is what stopped this cycle, if none ran since."""
    last = queries.last_run()
    return found.state == SyncRun.State.STOPPED and last is not None and last.pk == found.pk


def _is_live(found: SyncRun) -> bool:
    return found.state == SyncRun.State.RUNNING and found.heartbeat_at >= timezone.now() - LEASE


@require_safe
@viewer
def export(request: HttpRequest) -> StreamingHttpResponse:
    """The cycles that match the filters, as CSV."""
    found = _found(RunFilter(request.GET, queryset=queries.runs()))
    return csv_download("sync-cycles", COLUMNS, map(_cells, found.iterator(chunk_size=2_000)))


def _cells(run: SyncRun) -> list[Any]:
    seconds = (run.ended_at - run.started_at).total_seconds() if run.ended_at else ""
    ended = run.ended_at.isoformat() if run.ended_at else ""
    return [
        run.pk, run.state, run.trigger, run.started_at.isoformat(), ended, seconds, run.api_calls,
        *(getattr(run, f"sum_{name}") for name in queries.COUNTS), run.error_code, run.error_message,
        run.unguarded_by,
    ]  # fmt: skip
