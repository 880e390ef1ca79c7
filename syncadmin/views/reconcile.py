"""Reconcile: full checks, what they found, and repairs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from people.downloads import csv_download
from syncadmin import queries
from syncadmin.access import marketer, viewer
from syncadmin.models import ReconcileFinding, ReconcileRun, SObject
from syncadmin.reconcile_table import AS_IT_SHOULD_BE, KINDS, FindingFilter, findings_table
from syncadmin.services import NotConnectedError
from syncadmin.services.explaining import explain
from syncadmin.services.reconcile import checks as reconciling
from syncadmin.services.reconcile import repairs
from syncadmin.services.reconcile.words import MEANINGS
from syncadmin.views.dashboard import back

COUNTS = ("there", "here", "linked", "equal", "differing", "missing_here", "missing_there")
COLUMNS = (
    "what", "why", "object", "sfdc_id", "person_id", "name", "field", "last_agreed", "here", "in_salesforce",
    "why_field", "state", "result",
)  # fmt: skip
LISTED = 10
Reason, State = ReconcileFinding.Reason, ReconcileFinding.State


@require_http_methods(["GET", "HEAD", "POST"])
@viewer
def reconcile(request: HttpRequest) -> HttpResponse:
    """The newest check; posting runs a new one."""
    if request.method == "POST":
        return _start(request)
    newest = ReconcileRun.objects.select_related("requested_by").first()
    return _page(request, newest)


def _start(request: HttpRequest) -> HttpResponse:
    if not request.user.has_perm("people.change_person"):
        raise PermissionDenied
    try:
        run = reconciling.start_check(timezone.now(), request.user)
    except NotConnectedError as error:
        messages.error(request, str(error))
        return redirect("reconcile")
    return redirect(run)


@require_safe
@viewer
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One check. While it is under way, or findings are being repaired, the page asks for itself."""
    return _page(request, get_object_or_404(ReconcileRun.objects.select_related("requested_by"), pk=pk))


def _page(request: HttpRequest, run: ReconcileRun | None) -> HttpResponse:
    context: dict[str, Any] = {
        "run": run,
        "connection": queries.connection(),
        "calls": reconciling.calls_to_check(),
        "runs": list(ReconcileRun.objects.all()[:LISTED]),
    }
    if run is not None:
        context |= _of_run(request, run)
    moving = request.htmx and request.htmx.target == "reconcile"
    return render(request, "syncadmin/_reconcile.html" if moving else "syncadmin/reconcile.html", context)


def _of_run(request: HttpRequest, run: ReconcileRun) -> dict[str, Any]:
    filters = FindingFilter(request.GET, queryset=run.findings.all())
    states = dict(run.findings.values_list("state").annotate(Count("pk")).order_by())
    can_act = request.user.has_perm("people.change_person") and not run.is_open
    reasons = _reasons(run)
    return {
        "filters": filters,
        "table": findings_table(_found(filters), request, can_act=can_act) if run.kept else None,
        "is_empty": not run.differences,
        "is_cut": run.differences > run.kept,
        "can_act": can_act,
        "is_repairing": bool(states.get(State.QUEUED, 0) + states.get(State.WORKING, 0)),
        "repairing": states.get(State.QUEUED, 0) + states.get(State.WORKING, 0),
        "repaired": states.get(State.REPAIRED, 0),
        "sides": _sides(run),
        "duplicates": sum(counts.get("duplicates", 0) for counts in run.counts.values()),
        "reasons": reasons,
        "serious": sum(each["number"] for each in reasons if not each["is_as_it_should_be"]),
        "why": explain(run.error_code, run.error_message) if run.error_code else None,
    }


def _sides(run: ReconcileRun) -> list[tuple[str, list[int]]]:
    """(object, its counts) in the order of the columns."""
    return [
        (str(SObject(object).label), [counts.get(name, 0) for name in COUNTS])
        for object, counts in run.counts.items()
    ]


def _reasons(run: ReconcileRun) -> list[dict[str, Any]]:
    """What was found by reason, the gravest first."""
    return [
        {
            "value": reason.value, "label": reason.label, "number": run.reasons[reason], "tone": KINDS[reason],
            "meaning": MEANINGS[reason][0], "advice": MEANINGS[reason][1],
            "is_as_it_should_be": reason in AS_IT_SHOULD_BE,
        }
        for reason in Reason
        if run.reasons.get(reason)
    ]  # fmt: skip


def _found(filters: FindingFilter) -> QuerySet[ReconcileFinding]:
    found: QuerySet[ReconcileFinding] = filters.qs if filters.is_valid() else ReconcileFinding.objects.none()
    return found


@require_POST
@marketer
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop a check; what it has found stays."""
    run = get_object_or_404(ReconcileRun, pk=pk)
    if reconciling.cancel_check(pk, timezone.now()):
        messages.success(request, _("Cancelled. What it had found stays; run another one at any time."))
    else:
        messages.info(request, _("It has ended already."))
    return redirect(run)


@require_POST
@marketer
def repair(request: HttpRequest, pk: int) -> HttpResponse:
    """Repair one finding (``only``), the ticked ones (``ids``), or all of a ``reason``."""
    run = get_object_or_404(ReconcileRun, pk=pk)
    if run.is_open:
        messages.error(request, _("The check is still under way; repair what it found when it has ended."))
        return redirect(run)
    action = "sync" if request.POST.get("only") else request.POST.get("action", "sync")
    try:
        number = repairs.request_repair(_chosen(request, run), run, action, timezone.now(), request.user)
    except ValueError:
        number = 0
    if number:
        said = ngettext(
            "%s finding is being repaired; its result is in its row.",
            "%s findings are being repaired; the results are in their rows.",
            number,
        )
        messages.success(request, said % f"{number:,}")
    else:
        messages.info(
            request,
            _(
                "Nothing to repair: tick findings that are open. Values are taken or pushed where both sides have some."
            ),
        )
    return redirect(back(request, "reconcile"))


def _chosen(request: HttpRequest, run: ReconcileRun) -> QuerySet[ReconcileFinding]:
    found = repairs.repairable(run)
    if reason := request.POST.get("reason", ""):
        return found.filter(reason=reason[:15])
    ids = [request.POST["only"]] if "only" in request.POST else request.POST.getlist("ids")
    return found.filter(
        pk__in=[int(text) for text in ids if text.isascii() and text.isdecimal() and len(text) < 19]
    )


@require_safe
@viewer
def export(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """The findings that match the filters as CSV: a line for each field that differs."""
    run = get_object_or_404(ReconcileRun, pk=pk)
    found = _found(FindingFilter(request.GET, queryset=run.findings.all()))
    return csv_download("full-check", COLUMNS, _rows(found.iterator(chunk_size=500)))


def _rows(found: Iterator[ReconcileFinding]) -> Iterator[list[Any]]:
    for row in found:
        about = [row.kind, row.reason, row.object, row.sfdc_id, row.person_id, row.name]
        for field in row.fields or [{}]:
            values = [field.get(name) for name in ("label", "base", "here", "there", "reason")]
            yield [*about, *values, row.state, row.outcome]
