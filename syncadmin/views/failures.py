"""Failures: what was refused, by its cause and one by one; and the same as a file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from people.downloads import csv_download
from syncadmin.access import viewer
from syncadmin.failure_filters import FailureFilter, colleagues, failure_filter, name_of
from syncadmin.models import FailureGroup, SyncFailure
from syncadmin.services import failure_groups, failures
from syncadmin.services.review import held
from syncadmin.views.failures_actions import LONGEST_REASON
from syncadmin.views.failures_list import failures_table

COLUMNS = (
    "id", "state", "direction", "object", "person_id", "person", "sfdc_id", "cause_id", "cause", "code", "title",
    "message", "fields", "values", "advice", "who", "assigned_to", "owner_asked", "cycle", "flow_step_run", "tries",
    "first_at", "last_at", "next", "next_try", "resolved_at", "ignored_because",
)  # fmt: skip
CHUNK = 2_000


@require_safe
@viewer
def failure_list(request: HttpRequest) -> HttpResponse:
    """The open failures: their causes as cards, and each of them below."""
    filters, can_act = failure_filter(request), request.user.has_perm("people.change_person")
    found = _found(filters)
    cards = _cards(filters, found, show_all="all" in request.GET)
    group = _group(filters)
    limit = failure_groups.MOST if "all" in request.GET else failure_groups.FEW
    table = failures_table(found, request, can_act=can_act)
    context = {
        "filters": filters,
        "table": table,
        "cards": cards[:limit],
        "has_more_cards": len(cards) > limit,
        "group": group,
        "colleagues": [(user.pk, name_of(user)) for user in colleagues()] if can_act else [],
        "is_empty": not filters.is_active and not table.paginator.count,
        "query": request.GET.urlencode(),
    }
    return render(request, "syncadmin/failures.html", context)


def _found(filters: FailureFilter) -> QuerySet[SyncFailure]:
    found: QuerySet[SyncFailure] = filters.qs if filters.is_valid() else SyncFailure.objects.none()
    return found


def _cards(
    filters: FailureFilter, found: QuerySet[SyncFailure], *, show_all: bool
) -> list[failure_groups.GroupCard]:
    """The causes of what the filters find, one more than are shown. Of what is over there are none."""
    if filters.data.get("state") != SyncFailure.State.OPEN:
        return []
    limit = failure_groups.MOST if show_all else failure_groups.FEW
    return failure_groups.cards(found, timezone.now(), limit + 1)


def _group(filters: FailureFilter) -> FailureGroup | None:
    """The cause that is looked at."""
    number = filters.form.cleaned_data.get("group") if filters.is_valid() else None
    return FailureGroup.objects.select_related("assignee").filter(pk=number).first() if number else None


@require_safe
@viewer
def failure(request: HttpRequest, pk: int) -> HttpResponse:
    """One failure with all that is known about it, and what can be done."""
    known = SyncFailure.objects.select_related("person", "run", "group", "assignee", "stopped_by")
    found = get_object_or_404(known, pk=pk)
    shown = failures.explained([found], timezone.now())[0]
    context = {
        "failure": found,
        "shown": shown,
        "is_open": found.state == SyncFailure.State.OPEN,
        "candidates": held.candidates(found) if shown.is_held else [],
        "colleagues": [(user.pk, name_of(user)) for user in colleagues()],
        "longest": LONGEST_REASON,
    }
    return render(request, "syncadmin/failures_detail.html", context)


@require_safe
@viewer
def export(request: HttpRequest) -> StreamingHttpResponse:
    """The failures that match the filters, as CSV."""
    return csv_download("failures", COLUMNS, _rows(_found(failure_filter(request))))


def _rows(found: QuerySet[SyncFailure]) -> Iterator[tuple[Any, ...]]:
    now, portion = timezone.now(), list[SyncFailure]()
    for row in found.select_related("person", "assignee", "stopped_by", "group").iterator(chunk_size=CHUNK):
        portion.append(row)
        if len(portion) == CHUNK:
            yield from map(_row, failures.explained(portion, now))
            portion = []
    yield from map(_row, failures.explained(portion, now))


def _row(shown: failures.ExplainedFailure) -> tuple[Any, ...]:
    row = shown.failure
    return (
        row.pk, row.state, row.direction, row.object, row.person_id, str(row.person or ""), row.sfdc_id,
        row.group_id, row.group.text if row.group else "", row.code, shown.title, row.message,
        ", ".join(field.label for field in shown.fields),
        "; ".join(f"{field.label}: {'' if field.value is None else field.value}" for field in shown.fields),
        shown.advice, shown.who, name_of(row.assignee) if row.assignee else "", row.assign_to, row.run_id,
        row.step_run_id, row.attempts, row.first_at, row.last_at, shown.standing.text, shown.standing.at,
        row.resolved_at, row.ignored_because,
    )  # fmt: skip
