"""The list of conflicts: its filters and its table."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

import django_filters
import django_tables2 as tables
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from people.models import Activity, PersonField
from people.paging import paginate
from people.search import search
from syncadmin.filters import DayFilter
from syncadmin.models import Winner
from syncadmin.services.review.conflicts import conflicts, shown


def _field_choices() -> list[tuple[str, str]]:
    """The fields that sync, whether they have conflicts or not."""
    return list(PersonField.objects.filter(sync__isnull=False).values_list("name", "label"))


class ConflictFilter(django_filters.FilterSet):
    """``/sync/conflicts/?q=acme&field=city&winner=ours&since=2026-01-01&until=2026-01-31``"""

    q = django_filters.CharFilter(method="by_person", label=_("Person"), max_length=200)
    field = django_filters.ChoiceFilter(
        choices=_field_choices, field_name="attributes__field", label=_("Field"), empty_label=_("Any field")
    )
    winner = django_filters.ChoiceFilter(
        choices=Winner.choices,
        field_name="attributes__winner",
        label=_("Value that stayed"),
        empty_label=_("Either"),
    )
    since = DayFilter(method="from_day", label=_("From"))
    until = DayFilter(method="to_day", label=_("To"))

    class Meta:
        model = Activity
        fields: list[str] = []

    def by_person(self, queryset: QuerySet[Activity], name: str, value: str) -> QuerySet[Activity]:
        return search(queryset, value, through="person")

    def from_day(self, queryset: QuerySet[Activity], name: str, value: date) -> QuerySet[Activity]:
        return queryset.filter(at__gte=_moment(value, time.min))

    def to_day(self, queryset: QuerySet[Activity], name: str, value: date) -> QuerySet[Activity]:
        return queryset.filter(at__lte=_moment(value, time.max))

    @property
    def is_active(self) -> bool:
        """Whether anything is filtered out."""
        return any(self.data.get(name) for name in self.filters) if self.data else False


def _moment(day: date, clock: time) -> datetime:
    return timezone.make_aware(datetime.combine(day, clock))


def conflict_filter(data: Any) -> ConflictFilter:
    """The filter of a query string."""
    return ConflictFilter(data, queryset=conflicts())


class ConflictsTable(tables.Table):
    """One row per conflict. ``shown`` (a Conflict) is put on the records of the page."""

    at = tables.TemplateColumn(
        template_name="syncadmin/conflicts_when.html", verbose_name=_("When"), order_by=("at", "pk")
    )
    person = tables.Column(
        _("Person"),
        linkify=lambda record: record.person.get_absolute_url(),
        order_by=("person__last_name", "person__first_name", "pk"),
    )
    field = tables.Column(_("Field"), accessor="shown__label", orderable=False)
    ours = tables.TemplateColumn(
        template_name="syncadmin/conflicts_ours.html", verbose_name=_("Ours"), orderable=False
    )
    theirs = tables.TemplateColumn(
        template_name="syncadmin/conflicts_theirs.html", verbose_name=_("Salesforce’s"), orderable=False
    )
    why = tables.TemplateColumn(
        template_name="syncadmin/conflicts_why.html", verbose_name=_("Why"), orderable=False
    )
    action = tables.TemplateColumn(
        template_name="syncadmin/conflicts_action.html",
        verbose_name=_("Other value"),
        orderable=False,
        attrs={"td": {"class": "text-end"}, "th": {"class": "text-end"}},
    )

    class Meta:
        empty_text = _("No conflicts found")


def conflicts_table(found: QuerySet[Activity], request: HttpRequest) -> ConflictsTable:
    """The page of the table that the query string asks for."""
    table = ConflictsTable(found, order_by=request.GET.getlist("sort") or None)
    paginate(table, request)
    for conflict in shown([row.record for row in table.page.object_list]):
        conflict.activity.shown = conflict  # type: ignore[attr-defined]
    return table
