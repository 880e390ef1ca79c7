"""The table of failures."""

from __future__ import annotations

from typing import Any

import django_tables2 as tables
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from people.paging import paginate
from syncadmin.models import SyncFailure
from syncadmin.services.failures import explained


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
        orderable=False,
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
        template_name="syncadmin/failures_tries.html", verbose_name=_("What comes next"), orderable=False
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
    for shown in explained(records, timezone.now()):
        shown.failure.shown = shown  # type: ignore[attr-defined]
    return table
