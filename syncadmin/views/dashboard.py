"""The start page: how the sync does, what it did, and what needs somebody; and the same for a wall."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from people.queries import counts
from syncadmin import queries
from syncadmin.access import marketer, viewer
from syncadmin.services import NotStartedError, request_cycle
from syncadmin.services.failure_words import in_words
from syncadmin.services.preview.guard import open_stop
from syncadmin.services.reconcile.checks import last_check
from syncadmin.tables import RunsTable
from syncadmin.views.attention import needs
from syncadmin.views.dashboard_charts import charts
from syncadmin.views.state import sync_state

LISTED, CODES = 6, 5
#: How often the page asks for a cycle that was requested, three seconds apart, before it says that none came.
PATIENCE = 40


@require_safe
@viewer
def dashboard(request: HttpRequest) -> HttpResponse:
    """The whole page."""
    return render(
        request, "syncadmin/dashboard.html", {**_live(request, asked=_asked(request)), **_figures()}
    )


@require_safe
@viewer
def wall(request: HttpRequest) -> HttpResponse:
    """The same for a screen on the wall: large, without anything to press, renewed by itself."""
    return render(request, "syncadmin/wall.html", {**_live(request), **_figures()})


@require_safe
@viewer
def live(request: HttpRequest) -> HttpResponse:
    """The state alone, polled while a cycle runs; it tells the page when the figures are old."""
    context = _live(request, asked=_asked(request))
    answer = render(request, "syncadmin/_state.html", context)
    if request.GET.get("ended") != str(context["ended"]):
        answer["HX-Trigger"] = "cycle-ended"
    return answer


@require_POST
@marketer
def sync_now(request: HttpRequest) -> HttpResponse:
    """Ask for a cycle; paused or not."""
    requested = request_cycle(timezone.now())
    if request.htmx and request.htmx.target == "sync-state":
        return render(request, "syncadmin/_state.html", _live(request, asked=1))
    if requested:
        messages.success(request, _("A sync cycle was requested; it begins in a moment."))
    else:
        messages.info(request, _why_not())
    return redirect(back(request, "dashboard"))


def back(request: HttpRequest, route: str) -> str:
    """The page of ours that a button was on (``next``), or the one named."""
    url = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure()):
        return url
    return reverse(route)


def wait_for_cycle() -> HttpResponse:
    """The dashboard, looking out for the cycle that was just asked for."""
    return redirect(f"{reverse('dashboard')}?asked=1")


def _why_not() -> str:
    connection = queries.connection()
    if connection is None or not connection.is_ready:
        return _("There is no connection to Salesforce yet, so nothing can be synced.")
    if connection.awaits_start:
        return str(NotStartedError())
    return _("A sync cycle is under way already.")


def _asked(request: HttpRequest) -> int:
    """How many times the page has asked for the cycle it waits for; 0: it doesn't wait."""
    asked = request.GET.get("asked", "")
    return min(int(asked), PATIENCE + 1) if asked.isdecimal() and len(asked) < 4 else 0


def _live(request: HttpRequest, asked: int = 0) -> dict[str, Any]:
    """The state, and whether the page goes on asking for it."""
    connection, last, now = queries.connection(), queries.last_run(), timezone.now()
    state = sync_state(connection, last, now)
    ended = queries.last_ended_id()
    is_new = request.GET.get("ended", str(ended)) != str(ended)
    waits = bool(asked) and state.name not in ("running", "unconnected") and not is_new
    return {
        "connection": connection,
        "state": state,
        "last": last,
        "ended": ended,
        "guard_stop": open_stop() if state.name == "stopped" else None,
        "step": queries.step_under_way(last) if last and state.name == "running" else None,
        "is_waiting": waits and asked <= PATIENCE,
        "gave_up": waits and asked > PATIENCE,
        "asked": asked + 1,
        "has_next": state.counts_down and connection.next_cycle_at and connection.next_cycle_at > now,
    }


def _figures() -> dict[str, Any]:
    now, recent = timezone.now(), list(queries.runs()[:LISTED])
    return {
        "counts": counts(),
        "charts": charts(now),
        "recent": recent,
        "table": RunsTable(recent, orderable=False, exclude=("deleted", "skipped", "conflicts")),
        "refusals": _refusals(),
        "open_failures": queries.open_failures(),
        "needs": needs(now),
        "last_check": last_check(),
    }


@dataclass(frozen=True, slots=True)
class Refusal:
    """Open failures of one code and direction."""

    code: str
    direction: str
    number: int
    title: str
    advice: str


def _refusals() -> list[Refusal]:
    return [_refusal(**row) for row in queries.open_failures_by_code(CODES)]


def _refusal(code: str, direction: str, number: int) -> Refusal:
    words = in_words(code, direction=direction)
    return Refusal(code, direction, number, words.title, words.advice)
