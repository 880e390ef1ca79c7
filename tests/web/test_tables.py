"""The table of every list: sorting, pages and page sizes as links that keep what else was chosen."""

from __future__ import annotations

import re

import django_tables2 as tables
from django.test import RequestFactory
from django.utils.html import strip_tags


class Names(tables.Table):
    name = tables.Column()
    note = tables.Column(orderable=False)

    class Meta:
        empty_text = "No names yet"


def page(query: str = "", rows: int = 120) -> str:
    request = RequestFactory().get(f"/names/{query}")
    table = Names([{"name": f"n{number:03}", "note": "<b>"} for number in range(rows)])
    tables.RequestConfig(request, paginate={"per_page": 25}).configure(table)
    return str(table.as_html(request))


def links(html: str) -> list[str]:
    return [link.replace("&amp;", "&") for link in re.findall(r'href="([^"]*)"', html)]


def test_pages_keep_the_filters_and_the_order() -> None:
    assert "?q=acme&sort=-name&page=3" in links(page("?q=acme&sort=-name&page=2"))


def test_filters_with_several_values_are_kept() -> None:
    assert "?state=a&state=b&page=2" in links(page("?state=a&state=b"))


def test_sorting_and_page_size_begin_at_the_first_page() -> None:
    found = links(page("?q=x&page=3"))
    assert "?q=x&sort=name" in found
    assert "?q=x&per_page=50" in found


def test_order_is_told_to_screen_readers() -> None:
    assert 'aria-sort="ascending"' in page("?sort=name")
    assert 'aria-sort="descending"' in page("?sort=-name")
    assert "aria-sort" not in page()


def test_rows_shown_are_told() -> None:
    assert "26–50 of 120" in strip_tags(page("?page=2"))


def test_page_shown_is_marked() -> None:
    assert re.search(r'aria-current="page"\s+href="\?page=2"', page("?page=2"))


def test_a_page_beyond_the_end_is_the_last() -> None:
    assert "101–120 of 120" in strip_tags(page("?page=99"))


def test_few_rows_need_no_pages() -> None:
    html = page(rows=3)
    assert "pagination" not in html
    assert "1–3 of 3" in strip_tags(html)


def test_nothing_says_so() -> None:
    html = page(rows=0)
    assert "No names yet" in html
    assert "<table" not in html
    assert "Clear the filters" not in html


def test_nothing_found_offers_to_clear_the_filters() -> None:
    assert "/names/" in links(page("?q=zzz", rows=0))


def test_cells_are_escaped() -> None:
    assert "<b>" not in page()
