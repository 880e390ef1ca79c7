"""The list of failures: its filters and its table."""

from __future__ import annotations

from typing import Any

import django_filters
import django_tables2 as tables
from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext_lazy as _

from people.paging import paginate
from people.search import search
from syncadmin.models import SObject, SyncFailure
from syncadmin.services.failures import explained


class FailureFilter(django_filters.FilterSet):
    """``/sync/failures/?state=open&code=STRING_TOO_LONG&direction=push&object=Lead&q=acme``"""

    q = django_filters.CharFilter(method="by_person", label=_("Person"), max_length=200)
    state = django_filters.ChoiceFilter(
        choices=SyncFailure.State.choices, label=_("State"), empty_label=_("Any state")
    )
    code = django_filters.CharFilter(label=_("Code"), max_length=80)
    direction = django_filters.ChoiceFilter(
        choices=SyncFailure.Direction.choices, label=_("Direction"), empty_label=_("Both ways")
    )
    object = django_filters.ChoiceFilter(
        choices=SObject.choices, label=_("Object"), empty_label=_("Any object")
    )

    class Meta:
        model = SyncFailure
        fields: list[str] = []

    def by_person(self, queryset: QuerySet[SyncFailure], name: str, value: str) -> QuerySet[SyncFailure]:
        return search(queryset, value, through="person")

    @property
    def is_active(self) -> bool:
        """Whether anything but the state "open", with which the page begins, is filtered for."""
        return any(self.data.get(name) for name in self.filters if name != "state") or (
            self.data.get("state") != SyncFailure.State.OPEN
        )


def failure_filter(data: QueryDict) -> FailureFilter:
    """The filter of a query string; without a state the open ones are shown."""
    wanted = data.copy()
    wanted.setdefault("state", SyncFailure.State.OPEN)
    rows = SyncFailure.objects.select_related("person").order_by("-last_at", "-pk")
    return FailureFilter(wanted, queryset=rows)


class FailuresTable(tables.Table):
    """One row per failure. ``shown`` (an ExplainedFailure) is put on the records of the page."""

    ids = tables.CheckBoxColumn(
        accessor="pk",
        attrs={
            "th__input": {
                "class": "form-check-input m-0",
                "data-select-all": "",
                "aria-label": _("Select all of this page"),
            },
            "td__input": {
                "class": "form-check-input m-0",
                "name": "ids",
                "data-select": "",
                "aria-label": lambda record: (
                    _("Select the failure of %s") % (record.person or record.sfdc_id)
                ),
            },
            "td": {"class": "w-1"},
            "th": {"class": "w-1"},
        },
    )
    person = tables.TemplateColumn(
        template_name="syncadmin/failures_person.html",
        verbose_name=_("Person"),
        order_by=("person__last_name", "person__first_name", "pk"),
        empty_values=(),
    )
    refused = tables.TemplateColumn(
        template_name="syncadmin/failures_refused.html", verbose_name=_("What was refused"), orderable=False
    )
    value = tables.TemplateColumn(
        template_name="syncadmin/failures_value.html", verbose_name=_("Field and value"), orderable=False
    )
    since = tables.TemplateColumn(
        template_name="syncadmin/failures_since.html", verbose_name=_("Since"), order_by=("first_at", "pk")
    )
    tries = tables.TemplateColumn(
        template_name="syncadmin/failures_tries.html", verbose_name=_("Tries"), order_by=("attempts", "pk")
    )
    actions = tables.TemplateColumn(
        template_name="syncadmin/failures_actions.html",
        verbose_name=_("Actions"),
        orderable=False,
        attrs={"td": {"class": "text-end"}, "th": {"class": "text-end"}},
    )

    class Meta:
        empty_text = _("No failures found")


def failures_table(failures: QuerySet[SyncFailure], request: HttpRequest, *, can_act: bool) -> FailuresTable:
    """The page of the table that the query string asks for."""
    hidden: dict[str, Any] = {} if can_act else {"exclude": ("ids",)}
    sort = request.GET.getlist("sort")
    table = FailuresTable(failures, order_by=sort or None, **hidden)
    paginate(table, request)
    records = [row.record for row in table.page.object_list]
    for shown in explained(records):
        shown.failure.shown = shown  # type: ignore[attr-defined]
    return table
