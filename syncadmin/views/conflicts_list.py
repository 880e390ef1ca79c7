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

from people.models import PersonField
from people.paging import paginate
from people.search import search
from syncadmin.filters import DayFilter
from syncadmin.models import SObject, SyncConflict, Winner
from syncadmin.services.review.conflicts import conflicts, shown


def field_choices() -> list[tuple[str, str]]:
    """The fields that sync, whether they have conflicts or not."""
    return list(PersonField.objects.filter(sync__isnull=False).values_list("name", "label"))


class ConflictFilter(django_filters.FilterSet):
    """``/sync/conflicts/?q=acme&field=city&winner=ours&state=stands&object=Lead&since=2026-01-01&until=2026-01-31``"""

    q = django_filters.CharFilter(method="by_person", label=_("Person"), max_length=200)
    field = django_filters.ChoiceFilter(choices=field_choices, label=_("Field"), empty_label=_("Any field"))
    winner = django_filters.ChoiceFilter(
        choices=Winner.choices, label=_("Value that stayed"), empty_label=_("Either")
    )
    state = django_filters.ChoiceFilter(
        choices=SyncConflict.State.choices, label=_("State"), empty_label=_("Any state")
    )
    object = django_filters.ChoiceFilter(
        choices=SObject.choices, label=_("Object"), empty_label=_("Any object")
    )
    since = DayFilter(method="from_day", label=_("From"))
    until = DayFilter(method="to_day", label=_("To"))

    class Meta:
        model = SyncConflict
        fields: list[str] = []

    def by_person(self, queryset: QuerySet[SyncConflict], name: str, value: str) -> QuerySet[SyncConflict]:
        return search(queryset, value, through="person")

    def from_day(self, queryset: QuerySet[SyncConflict], name: str, value: date) -> QuerySet[SyncConflict]:
        return queryset.filter(at__gte=moment(value, time.min))

    def to_day(self, queryset: QuerySet[SyncConflict], name: str, value: date) -> QuerySet[SyncConflict]:
        return queryset.filter(at__lte=moment(value, time.max))

    @property
    def is_active(self) -> bool:
        """Whether anything is filtered out."""
        return any(self.data.get(name) for name in self.filters) if self.data else False


def moment(day: date, clock: time) -> datetime:
    """The beginning, or the end, of a day in the reader's time zone."""
    return timezone.make_aware(datetime.combine(day, clock))


def conflict_filter(data: Any) -> ConflictFilter:
    """The filter of a query string."""
    return ConflictFilter(data, queryset=conflicts())


def tick_column() -> tables.CheckBoxColumn:
    """A box for each row, and one for all of the page."""
    box = {"class": "form-check-input m-0"}
    return tables.CheckBoxColumn(
        accessor="pk",
        attrs={
            "th__input": {**box, "data-select-all": "", "aria-label": _("Select all of this page")},
            "td__input": {
                **box,
                "name": "ids",
                "data-select": "",
                "aria-label": lambda record: (
                    _("Select %(field)s of %(person)s") % {"field": record.label, "person": record.person}
                ),
            },
            "td": {"class": "w-1"},
            "th": {"class": "w-1"},
        },
    )


VALUE = {"td": {"class": "one-of-two"}}


class ConflictsTable(tables.Table):
    """One row per conflict. ``shown`` (a Conflict) is put on the records of the page."""

    ids = tick_column()
    at = tables.TemplateColumn(
        template_name="syncadmin/conflicts_when.html", verbose_name=_("When"), order_by=("at", "id")
    )
    # People have no index of their names among conflicts: sorting by them would read all.
    person = tables.Column(
        _("Person"), linkify=lambda record: record.person.get_absolute_url(), orderable=False
    )
    field = tables.Column(_("Field"), accessor="shown__label", orderable=False)
    ours = tables.TemplateColumn(
        template_name="syncadmin/conflicts_ours.html",
        verbose_name=_("Ours"),
        orderable=False,
        attrs=VALUE,
    )
    theirs = tables.TemplateColumn(
        template_name="syncadmin/conflicts_theirs.html",
        verbose_name=_("Salesforce’s"),
        orderable=False,
        attrs=VALUE,
    )
    why = tables.TemplateColumn(
        template_name="syncadmin/conflicts_why.html",
        verbose_name=_("Why"),
        orderable=False,
        attrs=VALUE,
    )
    action = tables.TemplateColumn(
        template_name="syncadmin/conflicts_action.html",
        verbose_name=_("Other value"),
        orderable=False,
        attrs={"td": {"class": "text-end one-of-two"}, "th": {"class": "text-end"}},
    )

    class Meta:
        order_by = "-at"
        empty_text = _("No conflicts found")


def conflicts_table(found: QuerySet[SyncConflict], request: HttpRequest, *, can_act: bool) -> ConflictsTable:
    """The page of the table that the query string asks for."""
    hidden: dict[str, Any] = {} if can_act else {"exclude": ("ids",)}
    table = ConflictsTable(found, order_by=request.GET.getlist("sort") or None, **hidden)
    paginate(table, request)
    for conflict in shown([row.record for row in table.page.object_list]):
        conflict.row.shown = conflict  # type: ignore[attr-defined]
    return table
