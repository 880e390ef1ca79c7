"""Charts as SVG, made on the server: no script, themed by classes, and readable without seeing them.

    chart = StackedBars(title, series=(Series("updated", "Updated"), ...), bars=(Bar("12:05", (3, 1)), ...))
    {% include "charts/stacked_bars.html" %}    the picture, its legend, and the same numbers as a table

Widths are percentages, heights pixels, so a chart fills its card while its text keeps its size.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

HEIGHT = 160  # of the plot
FOOT = 22  # for the labels below it
GAP = 0.28  # of a slot, between two bars
WIDEST = 6.0  # per cent of the width, so that two bars aren't two walls
LABELS = 6  # at most, on a narrow screen


class Series(NamedTuple):
    """One colour of the bars. ``css`` is a class of app.css: series-1 … series-4, series-err."""

    label: str
    css: str = "series-1"


class Bar(NamedTuple):
    """One bar: a value per series. ``url`` is where the table's row leads."""

    label: str
    values: Sequence[int]
    url: str = ""

    @property
    def total(self) -> int:
        return sum(self.values)


@dataclass(frozen=True)
class StackedBars:
    """A chart, ready for templates/charts/stacked_bars.html."""

    title: str
    series: Sequence[Series]
    bars: Sequence[Bar]
    description: str = ""
    id: str = "chart"

    @property
    def is_empty(self) -> bool:
        return not any(bar.total for bar in self.bars)

    @property
    def svg(self) -> SafeString:
        return stacked_bars(self)


def stacked_bars(chart: StackedBars) -> SafeString:
    """The picture: grid and scale, one group of rectangles per bar, labels below."""
    top = scale_end(max((bar.total for bar in chart.bars), default=0))
    return format_html(
        '<svg class="chart-svg" role="img" aria-labelledby="{id}-title {id}-desc"'
        ' width="100%" height="{height}">'
        '<title id="{id}-title">{title}</title><desc id="{id}-desc">{desc}</desc>{grid}{bars}{labels}</svg>',
        id=chart.id,
        height=HEIGHT + FOOT,
        title=chart.title,
        desc=chart.description or summary(chart),
        grid=_grid(top),
        bars=format_html_join("", "{}", ((_bar(chart, index, top),) for index in range(len(chart.bars)))),
        labels=_labels(chart.bars),
    )


def summary(chart: StackedBars) -> str:
    """The chart in a sentence: the sum of each series."""
    sums = (sum(bar.values[index] for bar in chart.bars) for index in range(len(chart.series)))
    return ", ".join(f"{series.label}: {total}" for series, total in zip(chart.series, sums, strict=True))


def scale_end(highest: int) -> int:
    """The top of the scale: four round steps, so that every line of the grid is a whole number."""
    step, power = -(-highest // 4), 1
    while step > 5 * power:
        power *= 10
    return 4 * next(round_ * power for round_ in (1, 2, 3, 4, 5) if round_ * power >= step)


def compact(number: float) -> str:
    """950, 1.5k, 20k, 3M: what fits beside a scale."""
    for size, letter in ((1_000_000, "M"), (1_000, "k")):
        if number >= size:
            return f"{number / size:.1f}".removesuffix(".0") + letter
    return f"{number:.1f}".removesuffix(".0")


def _grid(top: int) -> SafeString:
    lines = ((HEIGHT - HEIGHT * part // 4, compact(top * part / 4), part) for part in range(5))
    return format_html_join(
        "",
        '<line class="{2}" x1="0" x2="100%" y1="{0}.5" y2="{0}.5"/>'
        '<text x="-8" y="{0}" dy="0.35em" text-anchor="end">{1}</text>',
        ((y, text, "chart-grid" if part else "chart-base") for y, text, part in lines),
    )


def _bar(chart: StackedBars, index: int, top: int) -> SafeString:
    bar, slot = chart.bars[index], 100 / len(chart.bars)
    width = min(slot * (1 - GAP), WIDEST)
    left = slot * index + (slot - width) / 2
    rectangles = format_html_join(
        "",
        '<rect class="{}" x="{}%" width="{}%" y="{}" height="{}" rx="1.5"/>',
        ((css, f"{left:.3f}", f"{width:.3f}", y, height) for css, y, height in _stack(chart, bar, top)),
    )
    return format_html(
        '<g class="chart-bar"><title>{}</title>'
        '<rect class="chart-hit" x="{}%" width="{}%" y="0" height="{}"/>{}</g>',
        _told(chart, bar),
        f"{slot * index:.3f}",
        f"{slot:.3f}",
        HEIGHT,
        rectangles,
    )


def _stack(chart: StackedBars, bar: Bar, top: int) -> Iterator[tuple[str, str, str]]:
    """Class, y and height of each part, from the bottom up; a value above zero is never invisible."""
    bottom = float(HEIGHT)
    for series, value in zip(chart.series, bar.values, strict=True):
        if value:
            height = max(HEIGHT * value / top, 2.0)
            yield series.css, f"{bottom - height:.1f}", f"{max(height - 1, 1.5):.1f}"
            bottom -= height


def _told(chart: StackedBars, bar: Bar) -> str:
    parts = (f"{s.label} {intcomma(v)}" for s, v in zip(chart.series, bar.values, strict=True) if v)
    return f"{bar.label}: {', '.join(parts) or 0}"


def _labels(bars: Sequence[Bar]) -> SafeString:
    every = max(1, -(-len(bars) // LABELS))
    slot = 100 / len(bars) if bars else 0
    shown = [(slot * (index + 0.5), bar.label) for index, bar in enumerate(bars) if index % every == 0]
    return format_html_join(
        "",
        '<text x="{}%" y="{}" text-anchor="middle">{}</text>',
        ((f"{x:.3f}", HEIGHT + 16, label) for x, label in shown),
    )


def sparkline(values: Sequence[float], title: str, width: int = 96, height: int = 24) -> SafeString:
    """A line as high as a word, for a card or a row of a table."""
    return format_html(
        '<svg class="sparkline" role="img" viewBox="0 0 {} {}" preserveAspectRatio="none">'
        '<title>{}</title><polyline points="{}"/></svg>',
        width,
        height,
        title,
        " ".join(f"{x:.1f},{y:.1f}" for x, y in _points(values, width, height)),
    )


def _points(values: Sequence[float], width: int, height: int) -> Iterator[tuple[float, float]]:
    if not values:
        return
    low, span = min(values), max(values) - min(values)
    step = width / max(len(values) - 1, 1)
    for index, value in enumerate(values):
        part = (value - low) / span if span else 0.5
        yield index * step, height - 2 - part * (height - 4)
