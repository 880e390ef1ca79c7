"""The log of requests: table and filter."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

import django_filters
import django_tables2 as tables
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from people.models import Person
from people.paging import paginate
from syncadmin.filters import DayFilter, moment_of
from syncadmin.models import ApiRequest, ApiRequestPerson, Purpose
from syncadmin.templatetags import shown
from syncadmin.templatetags.sync import chip

Outcome = ApiRequest.Outcome
KINDS = {
    Outcome.OK: "ok", Outcome.PARTLY: "warn", Outcome.REFUSED: "err", Outcome.LOST: "err", Outcome.UNDONE: "warn",
}  # fmt: skip
#: People whom a text may mean; of more none is looked for.
MOST_MEANT = 50
_NUMBER: dict[str, Any] = {"td": {"class": "num"}, "th": {"class": "num"}}
_WIDE: dict[str, Any] = {
    "td": {"class": "num d-none d-lg-table-cell"}, "th": {"class": "num d-none d-lg-table-cell"},
}  # fmt: skip


class RequestFilter(django_filters.FilterSet):
    """``/sync/requests/?path=composite&outcome=refused&purpose=push&run=7&person=ada@acme.example&since=2026-11-22``"""

    path = django_filters.CharFilter(lookup_expr="icontains", label=_("Path"), max_length=200)
    outcome = django_filters.ChoiceFilter(
        choices=Outcome.choices, label=_("Outcome"), empty_label=_("Any outcome")
    )
    code = django_filters.CharFilter(method="with_code", label=_("Error code"), max_length=80)
    purpose = django_filters.ChoiceFilter(
        choices=Purpose.choices, label=_("Purpose"), empty_label=_("Any purpose")
    )
    run = django_filters.NumberFilter(field_name="run_id", label=_("Cycle"), min_value=1, max_value=2**62)
    person = django_filters.CharFilter(
        method="about", label=_("Person: id, e-mail or SFDC Id"), max_length=200
    )
    since = DayFilter(method="made_since", label=_("From"))
    until = DayFilter(method="made_until", label=_("To"))

    class Meta:
        model = ApiRequest
        fields: list[str] = []

    def with_code(self, queryset: QuerySet[ApiRequest], name: str, value: str) -> QuerySet[ApiRequest]:
        return queryset.filter(code=value.strip().upper())  # as Salesforce writes them

    def about(self, queryset: QuerySet[ApiRequest], name: str, value: str) -> QuerySet[ApiRequest]:
        ids = list(people_meant(value))
        links = ApiRequestPerson.objects.filter(person_id__in=ids)
        return queryset.filter(pk__in=links.values("request_id"))

    def made_since(self, queryset: QuerySet[ApiRequest], name: str, value: date) -> QuerySet[ApiRequest]:
        return queryset.filter(at__gte=moment_of(value, time.min))

    def made_until(self, queryset: QuerySet[ApiRequest], name: str, value: date) -> QuerySet[ApiRequest]:
        return queryset.filter(at__lte=moment_of(value, time.max))

    @property
    def is_active(self) -> bool:
        """Whether anything is filtered out."""
        return any(self.data.get(name) for name in self.filters) if self.data else False


def people_meant(text: str) -> set[int]:
    """People by their id, e-mail or SFDC Id; somebody who is gone is still known by id."""
    text = text.strip().removeprefix("#")
    meant = set(
        Person.objects.filter(Q(email=text.lower()) | Q(sfdc_id=text)).values_list("pk", flat=True)[
            :MOST_MEANT
        ]
    )
    if text.isascii() and text.isdecimal() and len(text) < 19:
        meant.add(int(text))
    return meant


class RequestsTable(tables.Table):
    """One row per request, newest first: the id orders as the time does, and has an index."""

    at = tables.Column(_("Sent"), order_by=("pk",), initial_sort_descending=True)
    path = tables.Column(_("Request"), orderable=False, attrs={"td": {"class": "told"}})
    outcome = tables.Column(_("Outcome"), orderable=False)
    sent = tables.Column(_("Sent, received"), orderable=False, attrs=_WIDE)
    milliseconds = tables.Column(_("Took"), orderable=False, attrs=_NUMBER)
    purpose = tables.Column(_("Purpose"), orderable=False, attrs={
        "td": {"class": "d-none d-md-table-cell"}, "th": {"class": "d-none d-md-table-cell"},
    })  # fmt: skip

    class Meta:
        order_by = "-at"
        empty_text = _("No requests found")

    def render_at(self, record: ApiRequest, value: datetime) -> SafeString:
        local = timezone.localtime(value)
        return format_html(
            '<time class="text-nowrap" datetime="{}">{}</time>',
            local.isoformat(),
            date_format(local, "j M, H:i:s"),
        )

    def render_path(self, record: ApiRequest) -> SafeString:
        first, more = record.parts.partition("\n")[0], record.parts.count("\n")
        within = format_html(
            '<div class="text-secondary small text-break">{}{}</div>',
            first[:120],
            f" +{more}" if more else "",
        )
        return format_html(
            '<a class="fw-medium text-break" href="{}">{} {}</a>{}',
            record.get_absolute_url(), record.method, short_path(record.path), within if record.parts else "",
        )  # fmt: skip

    def render_outcome(self, record: ApiRequest) -> SafeString:
        # A long code may break behind its underscores.
        code = format_html_join(SafeString("_<wbr>"), "{}", ((part,) for part in record.code.split("_")))
        return format_html(
            '{}<div class="text-secondary small">{} {}</div>', chip_outcome(record), record.status or "", code
        )

    def render_sent(self, record: ApiRequest) -> SafeString:
        return format_html(
            '<span class="text-nowrap">{}</span><br><span class="text-nowrap">{}</span>',
            filesizeformat(record.sent), filesizeformat(record.received),
        )  # fmt: skip

    def render_milliseconds(self, value: int) -> SafeString:
        took = f"{value} ms" if value < 10_000 else shown.length_of_time(value / 1000)
        return format_html('<span class="text-nowrap">{}</span>', took)

    def render_purpose(self, record: ApiRequest) -> SafeString:
        if record.run_id is None:
            return format_html("{}", record.get_purpose_display())
        return format_html(
            '{}<div class="text-secondary small">{} #{}</div>',
            record.get_purpose_display(),
            _("Cycle"),
            record.run_id,
        )


def short_path(path: str) -> str:
    """An address without what every address has."""
    head, version, rest = path.partition("/services/data/")
    return (rest.partition("/")[2] or rest) if version and not head else path


def chip_outcome(request: ApiRequest) -> SafeString:
    """What came of it, in a word."""
    return chip(KINDS[Outcome(request.outcome)], str(request.get_outcome_display()))


def requests_table(requests: QuerySet[ApiRequest], request: HttpRequest) -> RequestsTable:
    """The page of the table that the query string asks for."""
    table = RequestsTable(requests, order_by=request.GET.getlist("sort") or None)
    paginate(table, request)
    return table
