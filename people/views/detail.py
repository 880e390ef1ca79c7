"""A person's page."""

from __future__ import annotations

from collections.abc import Iterable

from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from people import queries
from people.access import viewer
from people.fields import grouped
from people.models import Activity, ActivityType, Person, PersonField

ACTIVITIES_SHOWN = 15


@require_safe
@viewer
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything known about a person, and what happened to it."""
    person = get_object_or_404(Person.objects.select_related("owner"), pk=pk)
    fields = list(PersonField.objects.all())
    kinds = _kinds(person)
    kind = request.GET.get("type", "")
    context = {
        "person": person,
        "groups": [
            (label, [(field, person.value(field.name)) for field in members])
            for label, members in grouped(fields)
        ],
        "activities": _activities(request, person, kind if kind in ActivityType.values else "", fields),
        "kinds": kinds,
        "kind": kind,
        "waiting": queries.waiting_labels(person),
        "failure": queries.last_failure(person),
    }
    return render(request, "people/person_detail.html", context)


def _kinds(person: Person) -> list[tuple[str, str]]:
    """The types that occur in the person's log, to filter by."""
    there = set(person.activities.order_by().values_list("type", flat=True).distinct())
    return [(value, str(label)) for value, label in ActivityType.choices if value in there]


def _activities(
    request: HttpRequest, person: Person, kind: str, fields: Iterable[PersonField]
) -> Page[Activity]:
    page = Paginator(queries.activities(person, kind), ACTIVITIES_SHOWN).get_page(request.GET.get("page"))
    types = {field.name: field.type for field in fields}
    labels = {field.name: field.label for field in fields}
    for activity in page.object_list:
        activity.field_type = types.get(str(activity.attributes.get("field", "")), "")
        activity.labels = labels
    return page
