"""The request inspector: what was asked of Salesforce, what it answered, and whom it was about. Administrators only."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from people.downloads import csv_download
from people.models import Person
from syncadmin import queries
from syncadmin.access import administrator
from syncadmin.models import ApiRequest
from syncadmin.request_table import RequestFilter, chip_outcome, requests_table
from syncadmin.services.explaining import explain

#: What a list doesn't need: it may be large.
HEAVY = ("request_body", "answer_body")
PEOPLE_SHOWN = 50
COLUMNS = (
    "id", "sent_at", "method", "path", "requests_within", "status", "outcome", "code", "api_calls", "bytes_sent",
    "bytes_received", "milliseconds", "purpose", "cycle", "records",
)  # fmt: skip
NAMES = (
    "pk", "at", "method", "path", "parts", "status", "outcome", "code", "calls", "sent", "received", "milliseconds",
    "purpose", "run_id", "records",
)  # fmt: skip


@require_safe
@administrator
def request_list(request: HttpRequest) -> HttpResponse:
    """Every request that is kept, newest first."""
    filters = RequestFilter(request.GET, queryset=ApiRequest.objects.defer(*HEAVY))
    table = requests_table(_found(filters), request)
    context = {
        "filters": filters,
        "table": table,
        "is_empty": not table.paginator.count and not filters.is_active,
        "connection": queries.connection(),
    }
    return render(request, "syncadmin/requests.html", context)


def _found(filters: RequestFilter) -> QuerySet[ApiRequest]:
    found: QuerySet[ApiRequest] = filters.qs if filters.is_valid() else ApiRequest.objects.none()
    return found


@require_safe
@administrator
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One request."""
    found = get_object_or_404(ApiRequest, pk=pk)
    ids = list(found.people.order_by("person_id").values_list("person_id", flat=True)[: PEOPLE_SHOWN + 1])
    known = Person.objects.in_bulk(ids[:PEOPLE_SHOWN])
    context = {
        "found": found,
        "outcome": chip_outcome(found),
        "why": explain(found.code) if found.code else None,
        "parts": found.parts.splitlines(),
        "people": [(pk, known.get(pk)) for pk in ids[:PEOPLE_SHOWN]],
        "has_more": len(ids) > PEOPLE_SHOWN,
        "bodies": [("request", pretty(found.request_body)), ("answer", pretty(found.answer_body))],
        "connection": queries.connection(),
    }
    return render(request, "syncadmin/request.html", context)


def pretty(body: str) -> str:
    """JSON with line breaks; what isn't whole JSON as it is."""
    try:
        return json.dumps(json.loads(body), indent=2, ensure_ascii=False)
    except ValueError:
        return body


@require_safe
@administrator
def export(request: HttpRequest) -> StreamingHttpResponse:
    """The requests that match the filters, as CSV, without bodies."""
    found = _found(RequestFilter(request.GET, queryset=ApiRequest.objects.order_by("-pk")))
    return csv_download("requests", COLUMNS, _rows(found))


def _rows(found: QuerySet[ApiRequest]) -> Iterator[list[Any]]:
    for row in found.values_list(*NAMES).iterator(chunk_size=2_000):
        pk, at, *rest = row
        yield [pk, at.isoformat(), *rest]
