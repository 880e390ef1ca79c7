"""Flow step runs: the list, one run as it goes, its people as a file, and those who failed once more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import trigger_client_event

from campaigns import queries, services
from campaigns.effects import owner_name
from campaigns.models import FlowStepItem, FlowStepRun
from campaigns.tables import items_table, runs_table
from campaigns.views.next_page import follow
from campaigns.words import tell
from people.access import marketer, viewer
from people.downloads import csv_download
from people.selection import selected
from syncadmin.services import NotConnectedError

COLUMNS = (
    "person_id", "name", "email", "state", "outcome", "sfdc_id", "duplicate_id", "owner_asked", "owner", "code",
    "message", "advice",
)  # fmt: skip
CHUNK = 2_000


@require_safe
@viewer
def run_list(request: HttpRequest) -> HttpResponse:
    """All runs, newest first."""
    table = runs_table(request)
    context = {"table": table, "is_empty": not table.paginator.count}
    return render(request, "campaigns/run_list.html", context)


@require_safe
@viewer
def run(request: HttpRequest, pk: int) -> HttpResponse:
    """One run, and what became of each person."""
    found = get_object_or_404(queries.runs(), pk=pk)
    state = request.GET.get("state", "")
    context = _live(found) | {
        "table": items_table(found, state, request),
        "state": state if state in FlowStepItem.State.values else "",
        "states": FlowStepItem.State.choices,
    }
    return render(request, "campaigns/run_detail.html", context)


@require_safe
@viewer
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The part of a page that shows how far a run is; asked for again and again until it is done."""
    found = get_object_or_404(queries.runs(), pk=pk)
    context = _live(found) | {"is_poll": True}
    template = "campaigns/_run_live.html"
    if person := selected(request.GET).first():
        context |= {"told": _told_of(found, person.pk), "person": person}
        template = "campaigns/_person_run.html"
    answer = render(request, template, context)
    if found.state == FlowStepRun.State.DONE or str(context["counts"]["finished"]) != request.GET.get("seen"):
        trigger_client_event(answer, "flow-moved", after="settle")
    if found.state == FlowStepRun.State.DONE:
        trigger_client_event(answer, "flow-done", after="settle")
    return answer


def _live(found: FlowStepRun) -> dict[str, Any]:
    return {
        "run": found,
        "counts": services.progress(found),
        "asked": owner_name(found.parameters.get("assign_to", "")),
        "is_waiting_long": queries.is_waiting_long(found, timezone.now()),
    }


def _told_of(found: FlowStepRun, person_id: int) -> Any:
    return next(iter(tell(queries.items(found).filter(person=person_id))), None)


@require_safe
@viewer
def export(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """The people of a run, in one state if asked, as CSV."""
    found = get_object_or_404(FlowStepRun, pk=pk)
    return csv_download(f"flow-step-run-{pk}", COLUMNS, _rows(found, request.GET.get("state", "")))


def _rows(found: FlowStepRun, state: str) -> Iterator[tuple[Any, ...]]:
    portion: list[FlowStepItem] = []
    for item in queries.items(found, state).select_related("run").iterator(chunk_size=CHUNK):
        portion.append(item)
        if len(portion) == CHUNK:
            yield from map(_row, tell(portion))
            portion = []
    yield from map(_row, tell(portion))


def _row(told: Any) -> tuple[Any, ...]:
    person, outcome = told.item.person, told.outcome
    return (
        person.pk, person.full_name, person.email, told.item.state, told.what, outcome.get("sfdc_id"),
        outcome.get("duplicate_id"), told.asked, told.owner, outcome.get("code"), told.message, told.advice,
    )  # fmt: skip


@require_POST
@marketer
def retry(request: HttpRequest, pk: int) -> HttpResponse:
    """The step again, with the same owner, for those who failed: all of them, or those that were sent along."""
    found = get_object_or_404(FlowStepRun, pk=pk)
    failed = found.items.filter(state=FlowStepItem.State.FAILED)
    if "ids" in request.POST:
        failed = failed.filter(person__in=selected(request.POST).order_by())
    ids = list(failed.order_by("person_id").values_list("person_id", flat=True))
    if not ids:
        messages.info(request, _("Nobody failed here, so nobody was synced again."))
        return redirect(found)
    try:
        again = services.start_sync_to_sfdc(
            ids, found.parameters["assign_to"], user=request.user, now=timezone.now()
        )
    except (NotConnectedError, ValueError) as error:
        messages.error(request, str(error))
        return redirect(found)
    return follow(request, again)
