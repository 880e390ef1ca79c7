"""The tables of the sync."""

from __future__ import annotations

from typing import Any

import django_tables2 as tables
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from people.paging import paginate
from syncadmin.models import SchemaChange, SyncRun
from syncadmin.services.fields.words import in_words
from syncadmin.templatetags import shown
from syncadmin.templatetags.sync import chip, chip_run, duration, when

_NUMBER: dict[str, Any] = {"td": {"class": "num"}, "th": {"class": "num"}}

#: Left out where there is little room.
_WIDE: dict[str, Any] = {"td": {"class": "d-none d-md-table-cell"}, "th": {"class": "d-none d-md-table-cell"}}


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
    table = RunsTable(runs, order_by=request.GET.getlist("sort") or None)
    paginate(table, request)
    return table


class SchemaChangesTable(tables.Table):
    """One row per change of a field in Salesforce. ``words`` (a News) is put on the records of the page."""

    noticed = tables.Column(
        _("Noticed"), accessor="noticed_at", order_by=("noticed_at", "pk"), initial_sort_descending=True
    )
    what = tables.Column(
        _("What"), accessor="label", order_by=("label", "pk"), attrs={"td": {"class": "told"}}
    )
    kind = tables.Column(_("Kind"), order_by=("kind", "pk"), attrs=_WIDE)
    decision = tables.Column(_("Decision"), empty_values=(), order_by=("decided_at", "pk"))

    class Meta:
        order_by = "-noticed"
        empty_text = _("No changes found")

    def render_noticed(self, record: SchemaChange) -> SafeString:
        return when(record.noticed_at)

    def render_what(self, record: SchemaChange) -> SafeString:
        words = record.words  # type: ignore[attr-defined]
        return format_html(
            '<a class="fw-medium text-break" href="{}">{}</a><div class="text-secondary small">{}</div>',
            reverse("schema-change", args=[record.pk]), words.title, words.text,
        )  # fmt: skip

    def render_decision(self, record: SchemaChange) -> SafeString:
        if record.decided_at is None:
            return chip("warn", gettext("Open"))
        by = f" · {record.decided_by.get_username()}" if record.decided_by else ""
        return format_html(
            '{}<div class="text-secondary small">{}{}</div>',
            record.get_decision_display(), when(record.decided_at), by,
        )  # fmt: skip


def schema_changes_table(request: HttpRequest) -> SchemaChangesTable:
    """The page of the table that the query string asks for."""
    found = SchemaChange.objects.select_related("field", "decided_by")
    table = SchemaChangesTable(found, order_by=request.GET.getlist("sort") or None)
    paginate(table, request)
    for news in in_words([row.record for row in table.page.object_list]):
        news.change.words = news  # type: ignore[attr-defined]
    return table
