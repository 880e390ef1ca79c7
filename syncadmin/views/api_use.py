"""API use: calls by what they were for, the allowance, how the day goes on, and what other settings would cost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from people.downloads import csv_download
from syncadmin import queries
from syncadmin.access import viewer
from syncadmin.calculator_form import CalculatorForm
from syncadmin.charts import Bar, Series, StackedBars
from syncadmin.models import ApiHour, Connection
from syncadmin.services.api import use
from syncadmin.services.api.calculator import Comparison, compare, usual_plan
from syncadmin.services.api.waiting import waiting_run
from syncadmin.sync.costs import cycles_a_day

SERIES = (
    Series(gettext_lazy("Cycles: reading"), "series-1"),
    Series(gettext_lazy("Cycles: writing"), "series-2"),
    Series(gettext_lazy("Clicks and flow steps"), "series-4"),
    Series(gettext_lazy("Checks, backfills and the rest"), "series-3"),
)
OF_ORG = (Series(gettext_lazy("Syncadmin"), "series-1"), Series(gettext_lazy("Other apps"), "series-3"))
COLUMNS = ("hour", "purpose", "api_calls", "requests", "not_answered_well", "org_used", "org_limit")


@require_safe
@viewer
def api_use(request: HttpRequest) -> HttpResponse:
    """The page. The calculator's form is part of the query string."""
    connection = queries.connection()
    if connection is None or not use.has_any():
        return render(request, "syncadmin/api_use.html", {"connection": connection, "is_empty": True})
    now = timezone.now()
    is_month = request.GET.get("span") == "month"
    slots = use.last_days(now) if is_month else use.last_hours(now)
    context = {
        "connection": connection,
        "standing": use.standing(connection, now),
        "waiting": waiting_run(),
        "is_month": is_month,
        "chart": calls_chart(slots, is_month=is_month),
        "org_chart": _of_org(slots, is_month=is_month),
        "purposes": use.by_purpose(now),
        "cycles_a_day": cycles_a_day(connection.pause_minutes),
        **_calculator(request, connection),
    }
    return render(request, "syncadmin/api_use.html", context)


def _calculator(request: HttpRequest, connection: Connection) -> dict[str, Any]:
    form = CalculatorForm.of(usual_plan(connection, timezone.now()), request.GET)
    result: Comparison | None = None
    if form.is_valid():
        result = compare(connection, form.plan, form.cleaned_data["once"])
    return {"form": form, "result": result}


def _label(slot: use.Slot, *, is_month: bool) -> str:
    if is_month:
        return date_format(slot.start, "j M")
    return date_format(timezone.localtime(slot.start), "H:i")  # type: ignore[arg-type]


def calls_chart(slots: list[use.Slot], *, is_month: bool) -> StackedBars:
    title = (
        _("API calls of the last 30 days, by day")
        if is_month
        else _("API calls of the last 24 hours, by hour")
    )
    bars = [Bar(_label(slot, is_month=is_month), slot.groups) for slot in slots]
    return StackedBars(title, SERIES, bars, id="calls")


def _of_org(slots: list[use.Slot], *, is_month: bool) -> StackedBars:
    title = _("Used in the 24 hours before, by all apps of the org")
    bars = [Bar(_label(slot, is_month=is_month), (slot.ours, slot.others)) for slot in slots]
    description = _("As Salesforce told with its last answer of each hour or day.")
    return StackedBars(title, OF_ORG, bars, description, id="org")


@require_safe
@viewer
def export(request: HttpRequest) -> StreamingHttpResponse:
    """All hours, as CSV."""
    return csv_download("api-use", COLUMNS, _rows())


def _rows() -> Iterator[list[Any]]:
    names = ("hour", "purpose", "calls", "requests", "refused", "org_used", "org_limit")
    rows = ApiHour.objects.order_by("-hour", "purpose").values_list(*names)
    for hour, *rest in rows.iterator(chunk_size=2_000):
        yield [hour.isoformat(), *rest]
