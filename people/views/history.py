"""The history of a field of a person, and setting it back."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from people.access import marketer, viewer
from people.downloads import csv_download
from people.history import HistoryError, history_of, set_back
from people.models import Person, PersonField

COLUMNS = ("since", "value", "who", "source", "reason", "cycle", "is_now")
REASON_LENGTH = 200


@require_safe
@viewer
def history(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Every value that the field has had."""
    person, field = get_object_or_404(Person, pk=pk), get_object_or_404(PersonField, name=name)
    found = history_of(person, field)
    if "csv" in request.GET:
        rows = [
            (one.at, one.value, *(_who(one.entry) if one.entry else ("", "")), one.reason,
             one.entry.run_id if one.entry else None, one.is_now)
            for one in found.values
        ]  # fmt: skip
        return csv_download(f"history-{field.name}", COLUMNS, rows)
    context = {"person": person, "field": field, "history": found, "reason_length": REASON_LENGTH}
    return render(request, "people/field_history.html", context)


def _who(entry: object) -> tuple[str, str]:
    actor, source = getattr(entry, "actor", None), getattr(entry, "source", "")
    return (actor.get_username() if actor else "", source)


@require_POST
@marketer
def set_back_to(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """*Set back to this value* (``to``), with a ``reason`` for the log if one is given."""
    person, field = get_object_or_404(Person, pk=pk), get_object_or_404(PersonField, name=name)
    try:
        set_back(
            person, field, request.POST.get("to", "")[:40], actor=request.user,
            reason=" ".join(request.POST.get("reason", "").split())[:REASON_LENGTH], now=timezone.now(),
        )  # fmt: skip
    except HistoryError as error:
        messages.error(request, str(error))
    else:
        text = _("%s has its earlier value again.") % field.label
        waits = (
            _("It waits to be pushed to Salesforce, if the field syncs.") if person.is_in_salesforce else ""
        )
        messages.success(request, f"{text} {waits}".strip())
    return redirect("people:history", pk, name)
