"""A decision about many conflicts or flip-flops: how far it is, and what came of it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from syncadmin.access import marketer, viewer
from syncadmin.models import Resolution
from syncadmin.services.explaining import explain
from syncadmin.services.review import resolving

TAKE_OTHER = Resolution.Kind.TAKE_OTHER


def open_resolution() -> Resolution | None:
    """One that is under way, if there is one."""
    return resolving.SLICES.open().first()


def sentences(job: Resolution) -> list[str]:
    """What came of it, in words."""
    if job.kind != TAKE_OTHER:
        return [
            ngettext(
                "%s field syncs again; the next cycle looks at it.",
                "%s fields sync again; the next cycle looks at them.",
                job.changed,
            )
            % f"{job.changed:,}"
        ]
    found = [ngettext("%s value was changed.", "%s values were changed.", job.changed) % f"{job.changed:,}"]
    if job.already:
        text = ngettext("%s held the other value already.", "%s held the other value already.", job.already)
        found.append(text % f"{job.already:,}")
    if job.overtaken:
        text = ngettext(
            "%s had been edited since and was left alone.",
            "%s had been edited since and were left alone.",
            job.overtaken,
        )
        found.append(text % f"{job.overtaken:,}")
    if job.locked:
        text = ngettext("%s can’t be edited here.", "%s can’t be edited here.", job.locked)
        found.append(text % f"{job.locked:,}")
    return found


def tell(request: HttpRequest, job: Resolution) -> None:
    """Say what came of one that is done."""
    level = messages.SUCCESS if job.changed else messages.INFO
    messages.add_message(request, level, " ".join(sentences(job)))


@require_safe
@viewer
def resolution(request: HttpRequest, pk: int) -> HttpResponse:
    """The whole page; for htmx, the part that moves."""
    job = get_object_or_404(Resolution.objects.select_related("requested_by"), pk=pk)
    context = {
        "job": job,
        "is_about_conflicts": job.kind == TAKE_OTHER,
        "sentences": sentences(job) if job.done else [],
        "why": explain(job.error_code, job.error_message) if job.error_code else None,
    }
    template = "syncadmin/_resolution.html" if request.htmx else "syncadmin/resolution.html"
    return render(request, template, context)


@require_POST
@marketer
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop it after the portion it is at; what it has done stays."""
    job = get_object_or_404(Resolution, pk=pk)
    if resolving.SLICES.cancel(pk, timezone.now()):
        messages.success(request, _("Cancelled. What it had changed stays; the others stand as before."))
    else:
        messages.info(request, _("It has ended already."))
    return redirect(job)
