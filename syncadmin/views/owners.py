"""Lead owners: which users and queues of the org marketers may give Leads to."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from people.models import LeadOwner
from syncadmin import queries, services
from syncadmin.access import administrator, viewer

#: More than fit are found by searching; the form only speaks of those that it shows.
SHOWN = 1_000


@require_http_methods(["GET", "HEAD", "POST"])
@viewer
def owners(request: HttpRequest) -> HttpResponse:
    """Users and queues; administrators choose among them."""
    return _save(request) if request.method == "POST" else _page(request, _offered(), _default())


def _offered() -> set[str]:
    found = LeadOwner.objects.filter(is_active=True, is_offered=True)
    return set(found.values_list("pk", flat=True))


def _default() -> str:
    return LeadOwner.objects.filter(is_default=True).values_list("pk", flat=True).first() or ""


@administrator
def _save(request: HttpRequest) -> HttpResponse:
    """All that the form shows at once; owners that a search left out stay as they are."""
    shown = set(request.POST.get("shown", "").split(","))
    ticked = set(request.POST.getlist("offered"))
    offered = (_offered() - shown) | ticked
    default = request.POST.get("default", _default())
    if problem := _problem(ticked, offered, default):
        messages.error(request, problem)
        return _page(request, offered, default, status=422)
    services.save_offered(offered, default)
    messages.success(request, _("The lead owners were saved."))
    query = request.POST.get("q", "")
    return redirect(reverse("owners") + (f"?{urlencode({'q': query})}" if query else ""))


def _problem(ticked: set[str], offered: set[str], default: str) -> str:
    """Why this can't be saved; blank if it can."""
    chosen = {*ticked, default} - {""}
    if chosen - queries.active_owner_ids(chosen):
        return _("Nothing was saved: an owner that was chosen is no longer active in Salesforce. Look again.")
    if default and default not in offered:
        return _(
            "Nothing was saved: the owner that is chosen by default must be one that marketers may choose."
        )
    return ""


def _page(request: HttpRequest, offered: set[str], default: str, status: int = 200) -> HttpResponse:
    text = (
        (request.POST if request.method == "POST" else request.GET)
        .get("q", "")
        .replace("\0", "")
        .strip()[:200]
    )
    found = list(queries.owners(text)[: SHOWN + 1])
    shown = found[:SHOWN]
    context = {
        "q": text,
        "groups": [
            (_("Queues"), [owner for owner in shown if owner.kind == LeadOwner.Kind.QUEUE]),
            (_("Users"), [owner for owner in shown if owner.kind == LeadOwner.Kind.USER]),
        ],
        "shown": ",".join(owner.pk for owner in shown if owner.is_active),
        "has_more": len(found) > SHOWN,
        "offered": offered,
        "default": default,
        "is_empty": not found and not text,
        "refreshed_at": queries.owners_refreshed_at(),
        "connection": queries.connection(),
    }
    return render(request, "syncadmin/owners.html", context, status=status)
