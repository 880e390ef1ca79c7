"""The list of flip-flops: its filters and its table."""

from __future__ import annotations

from datetime import date, time
from typing import Any

import django_filters
import django_tables2 as tables
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from people.paging import paginate
from people.search import search
from syncadmin.filters import DayFilter
from syncadmin.models import FlipFlop
from syncadmin.services.review.flipflops import flip_flops, shown
from syncadmin.views.conflicts_list import VALUE, field_choices, moment, tick_column


class FlipFlopFilter(django_filters.FilterSet):
    """``/sync/conflicts/flip-flops/?q=acme&field=city&state=stopped&since=2026-01-01&until=2026-01-31``"""

    q = django_filters.CharFilter(method="by_person", label=_("Person"), max_length=200)
    field = django_filters.ChoiceFilter(choices=field_choices, label=_("Field"), empty_label=_("Any field"))
    state = django_filters.ChoiceFilter(
        choices=FlipFlop.State.choices, label=_("State"), empty_label=_("Any state")
    )
    since = DayFilter(method="from_day", label=_("From"))
    until = DayFilter(method="to_day", label=_("To"))

    class Meta:
        model = FlipFlop
        fields: list[str] = []

    def by_person(self, queryset: QuerySet[FlipFlop], name: str, value: str) -> QuerySet[FlipFlop]:
        return search(queryset, value, through="person")

    def from_day(self, queryset: QuerySet[FlipFlop], name: str, value: date) -> QuerySet[FlipFlop]:
        return queryset.filter(stopped_at__gte=moment(value, time.min))

    def to_day(self, queryset: QuerySet[FlipFlop], name: str, value: date) -> QuerySet[FlipFlop]:
        return queryset.filter(stopped_at__lte=moment(value, time.max))

    @property
    def is_active(self) -> bool:
        """Whether anything is filtered out."""
        return any(self.data.get(name) for name in self.filters) if self.data else False


def flip_flop_filter(data: Any) -> FlipFlopFilter:
    """The filter of a query string."""
    return FlipFlopFilter(data, queryset=flip_flops())


class FlipFlopsTable(tables.Table):
    """One row per flip-flop. ``shown`` (a Shown) is put on the records of the page."""

    ids = tick_column()
    stopped_at = tables.TemplateColumn(
        template_name="syncadmin/flip_flops_when.html",
        verbose_name=_("Stopped"),
        order_by=("stopped_at", "id"),
    )
    person = tables.Column(
        _("Person"), linkify=lambda record: record.person.get_absolute_url(), orderable=False
    )
    field = tables.Column(_("Field"), accessor="shown__label", orderable=False)
    ours = tables.TemplateColumn(
        template_name="syncadmin/flip_flops_ours.html",
        verbose_name=_("Ours, and who sets it"),
        orderable=False,
        attrs=VALUE,
    )
    theirs = tables.TemplateColumn(
        template_name="syncadmin/flip_flops_theirs.html",
        verbose_name=_("Salesforce’s, and who sets it"),
        orderable=False,
        attrs=VALUE,
    )
    action = tables.TemplateColumn(
        template_name="syncadmin/flip_flops_action.html",
        verbose_name=_("State"),
        orderable=False,
        attrs=VALUE,
    )

    class Meta:
        order_by = "-stopped_at"
        empty_text = _("No flip-flops found")


def flip_flops_table(found: QuerySet[FlipFlop], request: HttpRequest, *, can_act: bool) -> FlipFlopsTable:
    """The page of the table that the query string asks for."""
    hidden: dict[str, Any] = {} if can_act else {"exclude": ("ids",)}
    table = FlipFlopsTable(found, order_by=request.GET.getlist("sort") or None, **hidden)
    paginate(table, request)
    for item in shown([row.record for row in table.page.object_list]):
        item.row.shown = item  # type: ignore[attr-defined]
    return table
