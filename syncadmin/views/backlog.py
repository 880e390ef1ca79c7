"""The backlog: how much waits, whether it grows, when it is done, and what caused it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
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
from syncadmin.charts import Bar, Series, StackedBars
from syncadmin.models import BacklogSample
from syncadmin.services.backlog import told, words
from syncadmin.services.backlog.now import Backlog, Line, backlog_now
from syncadmin.services.backlog.samples import figures_of
from syncadmin.services.backlog.told import SPANS, Span, Told
from syncadmin.store import backlog as store
from syncadmin.sync.backlog import Figures, Until, bucket
from syncadmin.sync.causes import CauseKind

OLDEST = 10
#: What one bar of the trend stands for.
TREND_SLOTS = {"hour": timedelta(minutes=5), "day": timedelta(minutes=30), "days": timedelta(hours=4)}
WAITING = (
    Series(gettext_lazy("To Salesforce"), "series-1"),
    Series(gettext_lazy("To be created there"), "series-2"),
    Series(gettext_lazy("From Salesforce"), "series-4"),
    Series(gettext_lazy("Flow steps"), "series-3"),
)
CAUSES = (
    (Series(gettext_lazy("Fields that sync"), "series-1"), (CauseKind.CHANGED,)),
    (Series(gettext_lazy("New"), "series-2"), (CauseKind.NEW,)),
    (Series(gettext_lazy("Only fields that don’t sync"), "series-4"), (CauseKind.UNSYNCED,)),
    (
        Series(gettext_lazy("Other"), "series-3"),
        (CauseKind.ECHO, CauseKind.GONE, CauseKind.LEFT_OUT),
    ),
)
#: Why a person waits: the tone of its chip, and what it says.
REASONS = {
    "due": ("info", gettext_lazy("Goes with the next cycle")),
    "retrying": ("warn", gettext_lazy("Refused, is tried again")),
    "held": ("err", gettext_lazy("Refused, held back")),
    "excluded": ("muted", gettext_lazy("Excluded by a rule")),
    "outside": ("muted", gettext_lazy("Outside the record filter")),
    "in_bulk": ("busy", gettext_lazy("In a bulk job")),
}
TREND_COLUMNS = ("counted", *(key.replace(":", "_").rstrip("_") for key in words.NAMES), "total")


@require_safe
@viewer
def backlog(request: HttpRequest) -> HttpResponse:
    """The whole page. A constant number of statements, whatever waits."""
    now, span, connection = timezone.now(), _span(request), queries.connection()
    if connection is None or not connection.is_ready:
        return render(request, "syncadmin/backlog.html", {"connection": connection})
    found, causes = backlog_now(now), told.told(span, now)
    context = {
        "connection": connection,
        "backlog": found,
        "summary": words.summary(found),
        "advice": list(words.advice_on_waiting(found)),
        "lines": [_line(line, _reasons(found)) for line in found.lines],
        "next_try": store.next_try(now) if _has(found, "retrying") else None,
        "trend": trend(span, now),
        "span": span,
        "spans": SPANS.values(),
        "causes": [_causes(causes[direction], span) for direction in ("pull", "push")],
        "oldest": [(person, *_reasons(found)[person.why]) for person in _oldest(found, now)],  # type: ignore[attr-defined]
    }
    return render(request, "syncadmin/backlog.html", context)


@require_safe
@viewer
def export(request: HttpRequest) -> StreamingHttpResponse:
    """What caused it, hour by hour, as CSV."""
    span, now = _span(request), timezone.now()
    return csv_download(f"backlog-causes-{span.name}", told.COLUMNS, told.cells(span, now))


@require_safe
@viewer
def export_trend(request: HttpRequest) -> StreamingHttpResponse:
    """Every sample that is kept, as CSV."""
    return csv_download("backlog-trend", TREND_COLUMNS, _trend_cells())


def _trend_cells() -> Iterator[list[Any]]:
    for sample in BacklogSample.objects.iterator(chunk_size=2_000):
        figures = figures_of(sample)
        counted = figures.counted()
        yield [sample.at.isoformat(), *(counted.get(key, 0) for key in words.NAMES), figures.total]


def _span(request: HttpRequest) -> Span:
    return SPANS.get(request.GET.get("span", ""), SPANS["day"])


def _has(found: Backlog, reason: str) -> bool:
    return any(getattr(line.waiting, reason) for line in found.lines)


def _oldest(found: Backlog, now: datetime) -> list[Any]:
    linked = sum(found.of(key).number for key in ("push:Lead", "push:Contact"))
    return store.oldest(now, OLDEST) if linked else []


# --- Lines ----------------------------------------------------------------------------------------
def _reasons(found: Backlog) -> dict[str, tuple[str, Any]]:
    """Why people wait; while the sync is paused nobody goes with the next cycle."""
    return {**REASONS, "due": ("muted", _("Waits while the sync is paused"))} if found.is_paused else REASONS


def _line(line: Line, reasons: dict[str, tuple[str, Any]]) -> dict[str, Any]:
    return {
        "line": line,
        "name": words.NAMES[line.key],
        "query": _people(line.key),
        "parts": [
            (number, label)
            for name, (_kind, label) in reasons.items()
            if (number := getattr(line.waiting, name))
        ]
        if line.key.startswith("push")
        else [],
        "until": _until(line),
    }


def _people(key: str) -> str:
    """The query of the people list that shows who waits; blank where it can't."""
    direction, _colon, object = key.partition(":")
    return f"state=waiting&type={object}" if direction == "push" and object else ""


def _until(line: Line) -> Any:
    """When the line is done: a length of time, or words."""
    if line.drain.until is Until.IN:
        return line.drain.time
    if line.key == "steps" and line.number:
        return _("at once; they don’t wait for a cycle")
    return words.UNTIL[line.drain.until]


# --- Charts ---------------------------------------------------------------------------------------
def trend(span: Span, now: datetime) -> StackedBars:
    """How much waited: the last sample of each slot. What wasn't measured has no bar."""
    slot = TREND_SLOTS[span.name]
    last = {bucket(s.at, slot): figures_of(s) for s in _samples(bucket(now - span.length, slot))}
    bars = [Bar(_label(at, span), _heights(figures)) for at, figures in last.items()]
    return StackedBars(_("How much waited"), WAITING, bars, description=_about(last), id="trend")


def _samples(since: datetime) -> Iterator[BacklogSample]:
    yield from BacklogSample.objects.filter(at__gte=since).order_by("at", "pk")


def _heights(figures: Figures) -> tuple[int, ...]:
    counted = figures.counted()
    linked = counted.get("push:Lead", 0) + counted.get("push:Contact", 0)
    pulled = sum(figures.pull.values())
    return (linked, counted.get("push:", 0), pulled, figures.steps)


def _about(last: dict[datetime, Figures]) -> str:
    totals = [figures.total for figures in last.values()]
    values = {
        "least": min(totals, default=0),
        "most": max(totals, default=0),
        "last": totals[-1] if totals else 0,
    }
    return _("Between %(least)s and %(most)s waited, %(last)s at last.") % values


def _label(at: datetime, span: Span) -> str:
    local = timezone.localtime(at)
    return date_format(local, "H:i" if span.name != "days" else "j M H:i")


def _causes(found: Told, span: Span) -> dict[str, Any]:
    bars = [
        Bar(_label(at, span), [sum(slot[kind] for kind in kinds) for _series, kinds in CAUSES])
        for at, slot in found.slots.items()
    ]
    is_pull = found.direction == "pull"
    title = _("Records that had changed in Salesforce") if is_pull else _("Changes made here")
    series = [series for series, _kinds in CAUSES]
    return {
        "told": found,
        "title": title,
        "sentence": words.sentence(found) if found.total else "",
        "advice": list(words.advice_on_causes(found)),
        "chart": StackedBars(title, series, bars, id=f"causes-{found.direction}"),
        "rows": [(author, found.share(author.records)) for author in found.shown],
    }
