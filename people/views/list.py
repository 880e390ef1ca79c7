"""The list of people, and deleting those that are chosen in it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from people import queries, services
from people.access import marketer, viewer
from people.filters import PeopleFilter
from people.models import Person
from people.selection import as_pairs, selected
from people.tables import people_table

NAMES_SHOWN = 10


@require_safe
@viewer
def people_list(request: HttpRequest) -> HttpResponse:
    """People: searched, filtered, sorted, paged, chosen."""
    filters = PeopleFilter(request.GET, queryset=queries.people())
    found = filters.qs if filters.is_valid() else Person.objects.none()
    table = people_table(found, request)
    context = {
        "filters": filters,
        "table": table,
        "count": table.paginator.count,
        "query": _without_page(request),
        "is_empty": not table.paginator.count and not filters.is_active and not Person.objects.exists(),
    }
    return render(request, "people/person_list.html", context)


def _without_page(request: HttpRequest) -> str:
    query = request.GET.copy()
    for name in ("page", "per_page", "sort"):
        query.pop(name, None)
    return query.urlencode()


@require_http_methods(["GET", "HEAD", "POST"])
@marketer
def delete(request: HttpRequest) -> HttpResponse:
    """Ask, then delete. Whoever confirmed a number deletes that number, or is asked again."""
    data = request.POST if request.method == "POST" else request.GET
    people = selected(data)
    count = people.count()
    if request.method == "POST" and data.get("expected") == str(count):
        return _deleted(request, people.values_list("pk", flat=True), count)
    context = {
        "count": count,
        "people": people[:NAMES_SHOWN],
        "more": max(count - NAMES_SHOWN, 0),
        "in_salesforce": people.exclude(sfdc_id="").filter(sfdc_is_deleted=False).count(),
        "selection": as_pairs(data),
        "has_changed": request.method == "POST",
    }
    return render(
        request, "people/person_delete.html", context, status=409 if context["has_changed"] else 200
    )


def _deleted(request: HttpRequest, ids: object, count: int) -> HttpResponse:
    if count:
        gone = services.delete_people(ids, actor=request.user, source="People list", now=timezone.now())
        messages.success(request, ngettext("%s person was deleted.", "%s people were deleted.", gone) % gone)
    else:
        messages.info(request, _("Nobody was chosen, so nobody was deleted."))
    return redirect("people:list")
