"""Where to look after a flow step was started."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from campaigns.models import FlowStepRun


def follow(request: HttpRequest, run: FlowStepRun) -> HttpResponse:
    """To the run; if it was started for one person from its page, back there, where the run is shown as well."""
    if request.POST.get("back") != "person" or run.total != 1:
        return redirect(run)
    person_id = run.items.values_list("person_id", flat=True).get()
    return redirect(f"{reverse('people:detail', args=[person_id])}?run={run.pk}#person-sync")
