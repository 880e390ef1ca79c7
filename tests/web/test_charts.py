"""Charts: right heights, readable without seeing, nothing that a strict policy would block."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from django.template.loader import render_to_string

from syncadmin.charts import HEIGHT, Bar, Series, StackedBars, compact, scale_end, sparkline

NEW, FAILED = Series("New", "series-1"), Series("Failed", "series-err")


def chart(*bars: Bar, title: str = "Cycles") -> StackedBars:
    return StackedBars(title, (NEW, FAILED), bars)


def parsed(drawing: str) -> ET.Element:
    return ET.fromstring(drawing)  # noqa: S314 - our own


def parts(drawing: StackedBars, css: str) -> list[ET.Element]:
    return [part for part in parsed(str(drawing.svg)).iter("rect") if part.get("class") == css]


def test_bars_are_as_high_as_their_values() -> None:
    (part,) = parts(chart(Bar("12:00", (20, 0))), "series-1")
    assert float(part.attrib["y"]) == pytest.approx(0)
    assert float(part.attrib["height"]) == pytest.approx(HEIGHT - 1)


def test_parts_stand_on_each_other() -> None:
    drawing = chart(Bar("12:00", (10, 10)))
    (below,), (above,) = parts(drawing, "series-1"), parts(drawing, "series-err")
    assert float(above.attrib["y"]) < float(below.attrib["y"])
    assert float(above.attrib["y"]) + float(above.attrib["height"]) <= float(below.attrib["y"])


def test_one_failure_among_thousands_is_still_seen() -> None:
    (part,) = parts(chart(Bar("12:00", (50_000, 1))), "series-err")
    assert float(part.attrib["height"]) >= 1.5


def test_zero_draws_nothing() -> None:
    drawing = chart(Bar("12:00", (0, 0)))
    assert drawing.is_empty
    assert not parts(drawing, "series-1")


def test_chart_without_bars_is_a_chart() -> None:
    assert parsed(str(chart().svg)).get("role") == "img"


def test_picture_has_a_name_and_a_description() -> None:
    root = parsed(str(chart(Bar("12:00", (3, 1)), Bar("12:05", (4, 0))).svg))
    assert root.get("role") == "img"
    assert [root.findtext("title"), root.findtext("desc")] == ["Cycles", "New: 7, Failed: 1"]
    assert root.get("aria-labelledby") == "chart-title chart-desc"


def test_what_is_written_is_escaped() -> None:
    drawing = str(chart(Bar("<b>", (1, 0)), title='"><script>').svg)
    assert "<script>" not in drawing
    assert "<b>" not in drawing


def test_no_style_and_no_script() -> None:
    drawing = str(chart(Bar("12:00", (3, 1))).svg)
    assert "style=" not in drawing
    assert " on" not in drawing


def test_labels_leave_room_for_each_other() -> None:
    bars = [Bar(f"{hour}:00", (1, 0)) for hour in range(24)]
    labels = [
        text for text in parsed(str(chart(*bars).svg)).iter("text") if text.get("text-anchor") == "middle"
    ]
    assert len(labels) <= 6


@pytest.mark.parametrize(
    ("highest", "end"),
    [
        (0, 4),
        (4, 4),
        (5, 8),
        (9, 12),
        (17, 20),
        (21, 40),
        (101, 120),
        (950, 1200),
        (2500, 4000),
        (50_001, 80_000),
    ],
)
def test_scale_ends_at_a_round_number_with_whole_steps(highest: int, end: int) -> None:
    assert scale_end(highest) == end


@pytest.mark.parametrize(("number", "text"), [(0, "0"), (950, "950"), (1500, "1.5k"), (3_000_000, "3M")])
def test_scale_is_written_short(number: int, text: str) -> None:
    assert compact(number) == text


def test_table_says_the_same_as_the_picture() -> None:
    page = render_to_string(
        "charts/stacked_bars.html", {"chart": chart(Bar("12:00", (1234, 1), url="/sync/runs/7/"))}
    )
    assert "<details>" in page
    assert "1,234" in page
    assert 'href="/sync/runs/7/"' in page


def test_sparkline_runs_from_edge_to_edge() -> None:
    line = parsed(str(sparkline([1, 3, 2], "API calls")))
    points = [tuple(map(float, point.split(","))) for point in line.find("polyline").attrib["points"].split()]
    assert points == [(0.0, 22.0), (48.0, 2.0), (96.0, 12.0)]


@pytest.mark.parametrize("values", [[], [5], [7, 7, 7]])
def test_sparkline_of_little_is_still_a_picture(values: list[int]) -> None:
    assert parsed(str(sparkline(values, "API calls"))).findtext("title") == "API calls"
