"""*What happened to this record?* One box: an e-mail address, an id of Salesforce, or a name."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from syncadmin.access import viewer
from syncadmin.services.timeline import trace as tracing


@require_safe
@viewer
def trace(request: HttpRequest) -> HttpResponse:
    """The person's timeline, if it must be this one; else whoever it may be, and what became of the others."""
    text = request.GET.get("q", "")
    found = tracing.trace(text) if text.strip() else None
    if found and found.only:
        return redirect("timeline", found.only.pk)
    return render(request, "syncadmin/trace.html", {"found": found, "text": text.strip()[:200]})
