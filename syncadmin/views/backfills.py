"""A backfill as it goes: how far it is, what came of it, and the values it kept apart."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from people.downloads import csv_download
from syncadmin import services
from syncadmin.access import administrator, viewer
from syncadmin.models import Backfill
from syncadmin.services.explaining import explain
from syncadmin.services.fields.backfills import formula_fields

KEPT_SHOWN = 50


@require_safe
@viewer
def backfill(request: HttpRequest, pk: int) -> HttpResponse:
    """The whole page; for htmx, the part that moves."""
    job = get_object_or_404(Backfill.objects.select_related("requested_by"), pk=pk)
    kept = list(job.kept_values.select_related("person")[: KEPT_SHOWN + 1])
    context: dict[str, Any] = {
        "job": job,
        "kept": kept[:KEPT_SHOWN],
        "has_more": len(kept) > KEPT_SHOWN,
        "can_cancel": job.is_open
        and not (job.kind == Backfill.Kind.CONVERT and job.stage in ("", "convert")),
        "why": explain(job.error_code, job.error_message) if job.error_code else None,
    }
    template = "syncadmin/_backfill.html" if request.htmx else "syncadmin/backfill.html"
    return render(request, template, context)


@require_POST
@administrator
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop it; what it has done stays."""
    job = get_object_or_404(Backfill, pk=pk)
    if services.cancel_backfill(pk, timezone.now()):
        messages.success(request, _("Cancelled. What it had done stays; start it again at any time."))
    else:
        messages.info(request, _("It can’t be cancelled: it has ended, or values are just being converted."))
    return redirect(job)


@require_POST
@administrator
def again(request: HttpRequest, pk: int) -> HttpResponse:
    """The same once more, for one that failed or was cancelled: what is done already costs nothing but the reading."""
    job = get_object_or_404(Backfill, pk=pk, state__in=[Backfill.State.FAILED, Backfill.State.CANCELLED])
    try:
        return redirect(services.start_backfill(job.fields, job.kind, timezone.now(), request.user))
    except ValueError as error:
        messages.error(request, str(error))
        return redirect(job)


@require_POST
@administrator
def refresh(request: HttpRequest) -> HttpResponse:
    """Read formulas, and what is read through a relationship, again for everybody who is linked."""
    names = formula_fields()
    if not names:
        messages.info(request, _("No formula field syncs, so there is nothing to read again."))
        return redirect("fields")
    try:
        job = services.start_backfill(names, Backfill.Kind.REFRESH, timezone.now(), request.user)
    except ValueError as error:
        messages.error(request, str(error))
        return redirect("fields")
    return redirect(job)


@require_safe
@viewer
def kept(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """All values that were kept apart, as CSV."""
    job = get_object_or_404(Backfill, pk=pk)
    found = job.kept_values.select_related("person").iterator(chunk_size=2_000)
    rows = (
        (k.person_id, str(k.person), k.person.email, k.field, k.value, k.kept_at.isoformat()) for k in found
    )
    return csv_download(
        f"kept-values-{pk}", ("person_id", "name", "email", "field", "value", "kept_at"), rows
    )
