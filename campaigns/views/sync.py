"""Sync to Salesforce: choose an owner, be told what will happen, and start it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from campaigns import queries, services
from campaigns.forms import SyncForm
from campaigns.views.next_page import follow
from people.access import marketer
from people.models import Person
from people.selection import as_pairs, selected
from syncadmin.services import NotConnectedError, ready_connection

NAMES_SHOWN = 10


@require_http_methods(["GET", "HEAD", "POST"])
@marketer
def sync_people(request: HttpRequest) -> HttpResponse:
    """The form; posting it starts the step. A queue for Contacts is asked about first."""
    if not _is_ready():
        return render(request, "campaigns/sync_not_connected.html", status=409 if request.POST else 200)
    data = request.POST if request.method == "POST" else request.GET
    people = selected(data)
    is_sent = request.method == "POST" and "assign_to" in request.POST
    form = SyncForm(request.POST if is_sent else None, people=people)
    if is_sent and form.is_valid() and _is_expected(request, form):
        return _start(request, form)
    return render(request, "campaigns/sync.html", _context(request, form), status=_status(request, form))


def _status(request: HttpRequest, form: SyncForm) -> int:
    if not form.is_bound:
        return 200
    return 409 if form.is_valid() else 422


def _context(request: HttpRequest, form: SyncForm) -> dict[str, Any]:
    data = request.POST if request.method == "POST" else request.GET
    total = form.effect.total
    return {
        "form": form,
        "effect": form.effect,
        "people": form.people[:NAMES_SHOWN],
        "more": max(total - NAMES_SHOWN, 0),
        "selection": as_pairs(data),
        "back": "person" if data.get("back") == "person" and total == 1 else "",
        "has_changed": form.is_bound and form.is_valid(),
    }


def _is_ready() -> bool:
    try:
        ready_connection()
    except NotConnectedError:
        return False
    return True


def _is_expected(request: HttpRequest, form: SyncForm) -> bool:
    """Who confirmed a number of people that match a filter starts it for that number, or is asked again."""
    expected = request.POST.get("expected")
    return not request.POST.get("all") or expected in (None, str(form.effect.total))


def _start(request: HttpRequest, form: SyncForm) -> HttpResponse:
    ids = list(form.people.order_by("pk").values_list("pk", flat=True))
    assign_to = form.cleaned_data["assign_to"]
    run = queries.twin(ids, assign_to, request.user)
    run = run or services.start_sync_to_sfdc(ids, assign_to, user=request.user, now=timezone.now())
    return follow(request, run)


@require_POST
@marketer
def effect(request: HttpRequest) -> HttpResponse:
    """What the owner chosen in the form means for these people: a part of the form, asked for by its script."""
    if not _is_ready():
        return HttpResponse(status=409)
    form = SyncForm(people=selected(request.POST), initial={"assign_to": _offered(request)})
    return render(request, "campaigns/_effect.html", {"form": form, "effect": form.effect})


def _offered(request: HttpRequest) -> str:
    known = SyncForm(people=Person.objects.none()).fields["assign_to"].widget.choices
    values = [value for name, group in known if isinstance(group, list) for value, _label in group]
    chosen = request.POST.get("assign_to", "")
    return chosen if chosen in values else "rules"
