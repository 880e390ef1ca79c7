"""The tables of the sync."""

from __future__ import annotations

from typing import Any

import django_tables2 as tables
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from people.paging import paginate
from syncadmin.models import SyncRun
from syncadmin.templatetags import shown
from syncadmin.templatetags.sync import chip_run, duration, when

_NUMBER: dict[str, Any] = {"td": {"class": "num"}, "th": {"class": "num"}}


NOTHING = SafeString('<span class="blank">0</span>')


class CountColumn(tables.Column):
    """A sum of the steps. Zeros are muted, so that what happened stands out."""

    def __init__(self, label: Any, name: str) -> None:
        super().__init__(
            label,
            accessor=f"sum_{name}",
            attrs=_NUMBER,
            order_by=(f"sum_{name}", "pk"),
            initial_sort_descending=True,
        )

    def render(self, value: int) -> SafeString:
        return shown.number(value) if value else NOTHING


class RunsTable(tables.Table):
    """One row per cycle. The id orders as the start does, and has an index."""

    started = tables.Column(
        _("Started"), accessor="started_at", order_by=("pk",), initial_sort_descending=True
    )
    state = tables.Column(_("State"), orderable=False)
    duration = tables.Column(_("Duration"), accessor="pk", orderable=False, attrs=_NUMBER)
    api_calls = tables.Column(
        _("API calls"), order_by=("api_calls", "pk"), attrs=_NUMBER, initial_sort_descending=True
    )
    new = CountColumn(_("New"), "new")
    updated = CountColumn(_("Updated"), "updated")
    deleted = CountColumn(_("Deleted"), "deleted")
    failed = CountColumn(_("Failed"), "failed")
    skipped = CountColumn(_("Skipped"), "skipped")
    conflicts = CountColumn(_("Conflicts"), "conflicts")

    class Meta:
        order_by = "-started"
        empty_text = _("No sync cycles found")

    def render_started(self, record: SyncRun) -> SafeString:
        return format_html(
            '<a class="text-nowrap fw-medium" href="{}">{}</a><div class="text-secondary small">{}</div>',
            record.get_absolute_url(),
            when(record.started_at),
            record.get_trigger_display(),
        )

    def render_state(self, record: SyncRun) -> SafeString:
        return chip_run(record)

    def render_duration(self, record: SyncRun) -> SafeString:
        return format_html('<span class="text-nowrap">{}</span>', duration(record))

    def render_api_calls(self, value: int) -> SafeString:
        return shown.number(value)

    def render_failed(self, value: int) -> SafeString:
        if not value:
            return NOTHING
        return format_html('<span class="text-danger fw-medium">{}</span>', shown.number(value))


def runs_table(runs: QuerySet[SyncRun], request: HttpRequest) -> RunsTable:
    """The page of the table that the query string asks for."""
    table = RunsTable(runs, order_by=request.GET.getlist("sort") or None, request=request)
    paginate(table, request)
    return table
