"""Retry what was refused: people go to Salesforce once more, held records are read once more."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from campaigns import services
from campaigns.models import FlowStepRun
from campaigns.views.next_page import follow
from people.access import marketer
from syncadmin.services import NotConnectedError, failures
from syncadmin.services.review import held

#: Ids that a form may send one by one; more are chosen by their code.
MOST = 1_000


@require_POST
@marketer
def retry(request: HttpRequest) -> HttpResponse:
    """Failures by id (``only``, or ``ids``), or all of a ``group``, or of a ``code`` and ``direction``."""
    chosen = _chosen(request)
    pulls = list(chosen.filter(direction=failures.PULL).values_list("pk", flat=True))
    try:
        runs = _push_again(request, failures.to_push_again(chosen))
        if pulls:
            _pull_again(request, pulls)
    except (NotConnectedError, held.HeldError) as error:
        messages.error(request, str(error))
        return redirect("failures")
    if not runs and not pulls:
        messages.info(request, _("There was nothing to retry: it works by now, or was ignored."))
    return _next(request, runs)


def _chosen(request: HttpRequest) -> QuerySet[failures.SyncFailure]:
    ids = [text for name in ("only", "ids") for text in request.POST.getlist(name)]
    if request.POST.get("only"):
        ids = [request.POST["only"]]
    if ids:
        return failures.chosen(list(_numbers(ids))[:MOST])
    group = next(iter(_numbers([request.POST.get("group", "")])), 0)
    code, direction = request.POST.get("code", ""), request.POST.get("direction", "")
    return failures.chosen(group=group, code=code, direction=direction)


def _numbers(texts: Iterable[str]) -> Iterable[int]:
    return (int(text) for text in texts if text.isascii() and text.isdecimal() and len(text) < 19)


def _push_again(request: HttpRequest, wanted: dict[str, list[int]]) -> list[FlowStepRun]:
    """One run for each owner that was asked for; an owner that can't be chosen any more is told."""
    runs = []
    for assign_to, person_ids in wanted.items():
        try:
            run = services.start_sync_to_sfdc(person_ids, assign_to, user=request.user, now=timezone.now())
        except ValueError as error:
            messages.error(request, _("%s Sync these people with another owner.") % error)
        else:
            runs.append(run)
    return runs


def _pull_again(request: HttpRequest, failure_ids: list[int]) -> None:
    result = held.retry_pull(failure_ids, timezone.now(), actor_id=request.user.pk)
    parts = [
        ngettext("%s record was stored.", "%s records were stored.", result.stored) % result.stored,
        ngettext("%s is still held.", "%s are still held.", result.held) % result.held,
        ngettext("%s is gone from Salesforce.", "%s are gone from Salesforce.", result.gone) % result.gone,
    ]
    numbers = (result.stored, result.held, result.gone)
    text = " ".join(part for part, number in zip(parts, numbers, strict=True) if number)
    (messages.warning if result.held else messages.success)(request, text)


def _next(request: HttpRequest, runs: list[FlowStepRun]) -> HttpResponse:
    if not runs:
        return redirect("failures")
    if len(runs) > 1:
        messages.success(request, _("Retrying, one run for each owner that was asked for."))
        return redirect("campaigns:list")
    return follow(request, runs[0])
