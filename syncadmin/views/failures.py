"""Failures: what was refused, why, and what can be done about it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from people.downloads import csv_download
from syncadmin.access import marketer, viewer
from syncadmin.models import SyncFailure
from syncadmin.services import NotConnectedError, failures
from syncadmin.services.review import held
from syncadmin.views.failures_list import FailureFilter, failure_filter, failures_table

COLUMNS = (
    "id", "state", "direction", "object", "person_id", "person", "sfdc_id", "code", "message", "fields", "values",
    "advice", "owner_asked", "tries", "first_at", "last_at", "next_try", "ignored_because",
)  # fmt: skip
CHUNK = 2_000
LONGEST_REASON = 500


@require_safe
@viewer
def failure_list(request: HttpRequest) -> HttpResponse:
    """The open failures, summed up by code at the top."""
    filters = failure_filter(request.GET)
    can_act = request.user.has_perm("people.change_person")
    table = failures_table(_found(filters), request, can_act=can_act)
    summary = failures.summary()
    context = {
        "filters": filters,
        "table": table,
        "summary": summary,
        "code": request.GET.get("code", ""),
        "is_empty": not summary and not filters.is_active,
        "query": request.GET.urlencode(),
    }
    return render(request, "syncadmin/failures.html", context)


def _found(filters: FailureFilter) -> QuerySet[SyncFailure]:
    found: QuerySet[SyncFailure] = filters.qs if filters.is_valid() else SyncFailure.objects.none()
    return found


@require_safe
@viewer
def failure(request: HttpRequest, pk: int) -> HttpResponse:
    """One failure with all that is known about it, and what can be done."""
    found = get_object_or_404(SyncFailure.objects.select_related("person", "run"), pk=pk)
    shown = failures.explained([found])[0]
    is_open = found.state == SyncFailure.State.OPEN
    context = {
        "failure": found,
        "shown": shown,
        "is_open": is_open,
        "candidates": held.candidates(found) if shown.is_held else [],
        "longest": LONGEST_REASON,
    }
    return render(request, "syncadmin/failures_detail.html", context)


@require_POST
@marketer
def ignore(request: HttpRequest) -> HttpResponse:
    """Ask for the reason, then ignore the chosen failures."""
    chosen = failures.chosen(list(_numbers(request.POST.getlist("ids"))))
    reason = request.POST.get("reason", "").strip()[:LONGEST_REASON]
    if reason:
        number = failures.ignore(chosen, reason, timezone.now())
        text = ngettext("%s failure is ignored now.", "%s failures are ignored now.", number)
        messages.success(request, text % number)
        return redirect("failures")
    rows = failures.explained(chosen.select_related("person")[:CHUNK])
    context = {"rows": rows, "is_asked_again": "reason" in request.POST, "longest": LONGEST_REASON}
    return render(
        request, "syncadmin/failures_ignore.html", context, status=422 if "reason" in request.POST else 200
    )


def _numbers(texts: Iterable[str]) -> Iterable[int]:
    return (int(text) for text in texts if text.isascii() and text.isdecimal() and len(text) < 19)


@require_POST
@marketer
def create_person(request: HttpRequest, pk: int) -> HttpResponse:
    """A held record becomes a person of its own."""
    try:
        person_id = held.create_person(pk, timezone.now(), actor_id=request.user.pk)
    except (held.HeldError, NotConnectedError) as error:
        messages.error(request, str(error))
        return redirect("failures")
    messages.success(request, _("The record is a person of its own now."))
    return _decided(request, person_id)


@require_POST
@marketer
def link(request: HttpRequest, pk: int) -> HttpResponse:
    """A held record is linked to a person (``person``), or a held person to a record (``sfdc_id``)."""
    person_id = next(iter(_numbers([request.POST.get("person", "")])), 0)
    sfdc_id = request.POST.get("sfdc_id", "")[:18]
    try:
        linked = held.link(
            pk, person_id=person_id, sfdc_id=sfdc_id, now=timezone.now(), actor_id=request.user.pk
        )
    except (held.HeldError, NotConnectedError) as error:
        messages.error(request, str(error))
        return redirect("failures")
    messages.success(request, _("Linked. Where the two differ, the next sync cycle sends what won."))
    return _decided(request, linked)


def _decided(request: HttpRequest, person_id: int) -> HttpResponse:
    """To the person; or to the next decision, where this one was made from the list of all."""
    if request.POST.get("back") == "review":
        return redirect("review")
    return redirect("people:detail", person_id)


@require_safe
@viewer
def export(request: HttpRequest) -> StreamingHttpResponse:
    """The failures that match the filters, as CSV."""
    return csv_download("failures", COLUMNS, _rows(_found(failure_filter(request.GET))))


def _rows(found: QuerySet[SyncFailure]) -> Iterator[tuple[Any, ...]]:
    portion: list[SyncFailure] = []
    for row in found.iterator(chunk_size=CHUNK):
        portion.append(row)
        if len(portion) == CHUNK:
            yield from map(_row, failures.explained(portion))
            portion = []
    yield from map(_row, failures.explained(portion))


def _row(shown: failures.ExplainedFailure) -> tuple[Any, ...]:
    row = shown.failure
    return (
        row.pk, row.state, row.direction, row.object, row.person_id, str(row.person or ""), row.sfdc_id, row.code,
        row.message, ", ".join(field.label for field in shown.fields),
        "; ".join(f"{field.label}: {'' if field.value is None else field.value}" for field in shown.fields),
        shown.advice, row.assign_to, row.attempts, row.first_at, row.last_at, shown.next_try,
        row.values.get("ignored_because"),
    )  # fmt: skip
