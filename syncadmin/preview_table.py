"""The items of a preview: table and filter."""

from __future__ import annotations

import django_filters
import django_tables2 as tables
from django import forms
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from people.paging import paginate
from syncadmin.models import PreviewItem
from syncadmin.services.explaining import explain
from syncadmin.templatetags.sync import change, chip

KINDS = {
    "new": "ok", "link": "info", "change": "info", "push": "busy", "create": "busy", "conflict": "warn",
    "delete": "err", "restore": "ok", "convert": "info", "merge": "warn", "hold": "warn", "owner": "info",
    "fail": "err",
}  # fmt: skip
WINNERS = {"ours": gettext_lazy("Ours wins"), "salesforce": gettext_lazy("Salesforce’s wins")}
REASONS = {
    "both_changed": gettext_lazy("changed on both sides"),
    "first_link": gettext_lazy("both had a value when they were linked"),
    "blank_never_overwrites": gettext_lazy("a blank never overwrites a value"),
    "opted_out": gettext_lazy("who opted out stays opted out"),
    "several_matches": gettext_lazy("somebody here has the same e-mail address"),
    "same e-mail": gettext_lazy("the same e-mail address"),
    "lost answer": gettext_lazy("created before; the answer was lost"),
    "merged": gettext_lazy("their records became one"),
}


class ItemFilter(django_filters.FilterSet):
    """``?kind=push&q=lovelace``"""

    kind = django_filters.ChoiceFilter(
        choices=PreviewItem.Kind.choices,
        label=gettext_lazy("What"),
        empty_label=gettext_lazy("Anything"),
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    q = django_filters.CharFilter(
        method="with_text",
        label=gettext_lazy("Person or field"),
        widget=forms.TextInput(attrs={"class": "form-control", "type": "search"}),
    )

    class Meta:
        model = PreviewItem
        fields: list[str] = []

    def with_text(self, queryset: QuerySet[PreviewItem], name: str, value: str) -> QuerySet[PreviewItem]:
        return queryset.filter(Q(name__icontains=value) | Q(label__icontains=value))

    @property
    def is_active(self) -> bool:
        """Whether anything is filtered out."""
        return any(self.data.get(name) for name in self.filters) if self.data else False


class ItemsTable(tables.Table):
    """One row per thing that would happen."""

    kind = tables.Column(gettext_lazy("What"), orderable=False)
    name = tables.Column(gettext_lazy("Person"), orderable=False, empty_values=())
    label = tables.Column(gettext_lazy("Field"), orderable=False, empty_values=())
    new = tables.Column(gettext_lazy("Now → then"), orderable=False, empty_values=())
    reason = tables.Column(gettext_lazy("Why"), orderable=False, empty_values=())

    class Meta:
        empty_text = gettext_lazy("Nothing matches")

    def render_kind(self, record: PreviewItem) -> SafeString:
        return chip(KINDS[record.kind], record.get_kind_display())

    def render_name(self, record: PreviewItem) -> SafeString:
        detail = format_html(
            '<div class="text-secondary small">{} <code>{}</code></div>', record.object, record.sfdc_id
        )
        name = record.name or _("(no name)")
        if record.person_id:
            url = reverse("people:detail", args=[record.person_id])
            name = format_html('<a class="fw-medium" href="{}">{}</a>', url, name)
        return format_html("{}{}", name, detail if record.sfdc_id else "")

    def render_label(self, record: PreviewItem) -> str:
        return record.label or "–"

    def render_new(self, record: PreviewItem) -> SafeString | str:
        if record.kind == PreviewItem.Kind.FAIL:
            return str(record.new or "")
        if record.old is None and record.new is None:
            return "–"
        return change(record.old, record.new)

    def render_reason(self, record: PreviewItem) -> str:
        if record.kind == PreviewItem.Kind.FAIL:
            return explain(record.reason, str(record.new or "")).title
        said = str(REASONS.get(record.reason, record.reason))
        winner = str(WINNERS.get(record.winner, ""))
        return f"{winner}: {said}" if winner and said else said or "–"


def items_table(items: QuerySet[PreviewItem], request: HttpRequest) -> ItemsTable:
    """The page of the table that the query string asks for."""
    table = ItemsTable(items)
    paginate(table, request)
    return table
