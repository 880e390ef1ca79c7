"""The tables of flow steps."""

from __future__ import annotations

from typing import Any

import django_tables2 as tables
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns import queries
from campaigns.effects import owner_names
from campaigns.models import FlowStepItem, FlowStepRun
from campaigns.words import tell
from people.paging import paginate

_NUMBER: dict[str, Any] = {"td": {"class": "num"}, "th": {"class": "num"}}
_STATES = ("done", "skipped", "failed")


class RunsTable(tables.Table):
    """One row per run. ``counts`` and ``asked`` are put on the records of the page."""

    requested = tables.TemplateColumn(
        template_name="campaigns/_run_cell.html", verbose_name=gettext_lazy("Requested")
    )
    by = tables.Column(gettext_lazy("By"), accessor="requested_by", default="–")
    step = tables.Column(gettext_lazy("Flow step"), accessor="get_step_display")
    asked = tables.Column(gettext_lazy("Owner asked for"))
    state = tables.TemplateColumn(
        template_name="campaigns/_run_state.html", verbose_name=gettext_lazy("State")
    )
    people = tables.Column(gettext_lazy("People"), accessor="total", attrs=_NUMBER)
    done = tables.Column(gettext_lazy("Done"), accessor="counts__done", attrs=_NUMBER, default="0")
    skipped = tables.Column(gettext_lazy("Skipped"), accessor="counts__skipped", attrs=_NUMBER, default="0")
    failed = tables.Column(gettext_lazy("Failed"), accessor="counts__failed", attrs=_NUMBER, default="0")

    class Meta:
        orderable = False
        empty_text = gettext_lazy("No flow steps yet")

    def render_by(self, value: Any) -> str:
        return value.get_full_name() or value.get_username()

    def render_failed(self, value: int) -> SafeString | int:
        return format_html('<span class="text-danger fw-medium">{}</span>', value) if value else value


class ItemsTable(tables.Table):
    """One row per person of a run. ``told`` is put on the records of the page."""

    person = tables.Column(gettext_lazy("Person"), linkify=lambda record: record.person.get_absolute_url())
    state = tables.TemplateColumn(
        template_name="campaigns/_item_state.html", verbose_name=gettext_lazy("State")
    )
    outcome = tables.TemplateColumn(
        template_name="campaigns/_item_outcome.html", verbose_name=gettext_lazy("What happened")
    )
    record = tables.TemplateColumn(
        template_name="campaigns/_item_record.html",
        verbose_name=gettext_lazy("In Salesforce"),
        empty_values=(),
    )
    owner = tables.TemplateColumn(
        template_name="campaigns/_item_owner.html", verbose_name=gettext_lazy("Lead Owner"), empty_values=()
    )

    class Meta:
        orderable = False
        empty_text = gettext_lazy("Nobody")


def runs_table(request: HttpRequest) -> RunsTable:
    """The page of runs that the query string asks for."""
    table = RunsTable(queries.runs())
    paginate(table, request)
    runs = [row.record for row in table.page.object_list]
    counts = queries.counts_of(runs)
    names = owner_names({str(run.parameters.get("assign_to", "")) for run in runs})
    for run in runs:
        run.counts = dict.fromkeys(_STATES, 0) | counts.get(run.pk, {})
        run.asked = names[str(run.parameters.get("assign_to", ""))] or _("Assignment rules")
    return table


def items_table(run: FlowStepRun, state: str, request: HttpRequest) -> ItemsTable:
    """The page of a run's people that the query string asks for."""
    table = ItemsTable(queries.items(run, state).select_related("run"))
    paginate(table, request)
    items: list[FlowStepItem] = [row.record for row in table.page.object_list]
    for told in tell(items):
        told.item.told = told  # type: ignore[attr-defined]
    return table
