"""The table of people."""

from __future__ import annotations

from datetime import datetime

import django_tables2 as tables
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from people.models import LeadOwner, Person, PersonState
from people.paging import paginate
from people.queries import with_state_rank

CHIPS = {
    PersonState.IN_STEP: "ok",
    PersonState.WAITING: "info",
    PersonState.FAILING: "err",
    PersonState.NOT_IN_SFDC: "muted",
    PersonState.DELETED: "warn",
}


def _select_label(record: Person) -> str:
    return _("Select %s") % record


class PeopleTable(tables.Table):
    """One row per person. Every order ends with the id, so that pages neither repeat nor lose anybody."""

    ids = tables.CheckBoxColumn(
        accessor="pk",
        attrs={
            "th__input": {
                "class": "form-check-input m-0",
                "data-select-all": "",
                "aria-label": gettext_lazy("Select everybody on this page"),
            },
            "td__input": {
                "class": "form-check-input m-0",
                "name": "ids",
                "data-select": "",
                "aria-label": _select_label,
            },
            "td": {"class": "w-1"},
            "th": {"class": "w-1"},
        },
    )
    name = tables.Column(
        gettext_lazy("Name"), accessor="pk", order_by=("last_name", "first_name", "pk"), empty_values=()
    )
    company = tables.Column(gettext_lazy("Company"), order_by=("company", "pk"))
    sfdc_type = tables.Column(gettext_lazy("SFDC Type"), order_by=("sfdc_type", "pk"))
    owner = tables.Column(gettext_lazy("Lead Owner"), order_by=("owner__name", "pk"))
    state = tables.Column(gettext_lazy("State"), accessor="sfdc_state", order_by=("state_rank", "pk"))
    updated_at = tables.Column(gettext_lazy("Updated"), order_by=("updated_at", "pk"))

    class Meta:
        default = "–"
        order_by = "-updated_at"
        empty_text = gettext_lazy("No people found")

    def render_name(self, record: Person) -> SafeString:
        link = format_html('<a class="fw-medium" href="{}">{}</a>', record.get_absolute_url(), record)
        if not record.full_name or not record.email:
            return link
        return format_html('{}<div class="text-secondary small">{}</div>', link, record.email)

    def render_owner(self, value: LeadOwner) -> SafeString:
        if value.kind == LeadOwner.Kind.QUEUE:
            return format_html('{} <span class="text-secondary">({})</span>', value, _("queue"))
        return format_html("{}", value)

    def render_state(self, value: PersonState) -> SafeString:
        return format_html('<span class="chip chip-{}">{}</span>', CHIPS[value], value.label)

    def render_updated_at(self, value: datetime) -> SafeString:
        local = timezone.localtime(value)
        shown = date_format(local, "j M Y, H:i")
        return format_html('<time class="text-nowrap" datetime="{}">{}</time>', local.isoformat(), shown)


def people_table(people: QuerySet[Person], request: HttpRequest) -> PeopleTable:
    """The page of the table that the query string asks for; what it can't have is the nearest there is."""
    sort = request.GET.getlist("sort")
    table = PeopleTable(with_state_rank(people), order_by=sort or None)
    paginate(table, request)
    return table
