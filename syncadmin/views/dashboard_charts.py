"""The charts of the dashboard: what the last hours and days brought."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from syncadmin import trends
from syncadmin.charts import Bar, Series, StackedBars
from syncadmin.services.api import use
from syncadmin.services.backlog.told import SPANS
from syncadmin.views.api_use import calls_chart
from syncadmin.views.backlog import trend


@dataclass(frozen=True, slots=True)
class Card:
    """A chart with where it leads, and what is said instead of it while there is nothing to show."""

    chart: StackedBars
    url: str
    more: str
    nothing: str


def charts(now: datetime) -> list[Card]:
    """All of them, in the order of the page; a constant number of statements."""
    return [_throughput(now), _backlog(now), _api_calls(now), _failures(now), _conflicts(now)]


def _throughput(now: datetime) -> Card:
    series = (
        Series(_("From Salesforce"), "series-2"), Series(_("To Salesforce"), "series-1"),
        Series(_("Failed"), "series-err"),
    )  # fmt: skip
    bars = [
        Bar(date_format(hour.at, "H:i"), (hour.pulled, hour.pushed, hour.failed))
        for hour in trends.throughput(now)
    ]
    chart = StackedBars(_("Synced, last 24 hours"), series, bars, id="throughput")
    return Card(chart, reverse("runs"), _("All cycles"), _("No cycle changed anybody in the last 24 hours."))


def _backlog(now: datetime) -> Card:
    chart = replace(trend(SPANS["day"], now), title=_("Backlog, last 24 hours"))
    return Card(chart, reverse("backlog"), _("Backlog"), _("Nothing has waited in the last 24 hours."))


def _api_calls(now: datetime) -> Card:
    chart = replace(calls_chart(use.last_hours(now), is_month=False), title=_("API calls, last 24 hours"))
    return Card(chart, reverse("api-use"), _("API use"), _("No API call was made in the last 24 hours."))


def _failures(now: datetime) -> Card:
    series = (Series(_("New"), "series-err"), Series(_("Resolved or ignored"), "series-3"))
    bars = [Bar(_day(day.day), (day.first, day.second)) for day in trends.failures(now)]
    chart = StackedBars(_("Failures, last 14 days"), series, bars, id="failures")
    return Card(chart, reverse("failures"), _("All failures"), _("Nothing was refused in the last 14 days."))


def _conflicts(now: datetime) -> Card:
    series = (Series(_("Ours stayed"), "series-1"), Series(_("Salesforce’s stayed"), "series-2"))
    bars = [Bar(_day(day.day), (day.first, day.second)) for day in trends.conflicts(now)]
    chart = StackedBars(_("Conflicts, last 14 days"), series, bars, id="conflicts")
    nothing = _("Nobody changed the same field on both sides in the last 14 days.")
    return Card(chart, reverse("conflicts"), _("All conflicts"), nothing)


def _day(day: date) -> str:
    return date_format(day, "j M")
