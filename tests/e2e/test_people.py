"""Story: a marketer finds people in the list, and chooses among them."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.installation import Installation, unique


@pytest.fixture
def crowd(installation: Installation) -> str:
    """Thirty people of a company of their own; its name."""
    company = unique("Kite")
    installation.add_people(
        [
            {"last_name": f"Person{number:02}", "company": company, "email": f"p{number}@{company}.example"}
            for number in range(30)
        ]
    )
    return company


def names(page: Page) -> list[str]:
    return page.locator("#people tbody tr td:nth-child(2) a").all_inner_texts()


def search(page: Page, text: str, found: int) -> None:
    page.goto("/people/")
    page.get_by_label("Search").fill(text)
    expect(page.locator("[data-selection]")).to_have_attribute("data-total", str(found))


def test_search_sort_filter_and_page_are_kept_in_the_address(marketer_page: Page, crowd: str) -> None:
    page = marketer_page
    search(page, crowd, 30)
    expect(page).to_have_url(re.compile(rf"\?q={crowd}$"))
    page.get_by_label("State").select_option("Not in Salesforce")
    expect(page).to_have_url(re.compile("state=not_in_sfdc"))
    page.get_by_role("link", name="Name").click()
    expect(page.get_by_role("columnheader", name="Name")).to_have_attribute("aria-sort", "ascending")
    assert names(page)[:2] == ["Person00", "Person01"]
    page.get_by_role("link", name="Next page").click()
    expect(page.get_by_text("26–30 of 30")).to_be_visible()
    assert names(page) == [f"Person{number}" for number in range(25, 30)]
    for part in (f"q={crowd}", "state=not_in_sfdc", "sort=name", "page=2"):
        assert part in page.url
    page.reload()
    assert names(page) == [f"Person{number}" for number in range(25, 30)]
    expect(page.get_by_label("Search")).to_have_value(crowd)
    page.go_back()
    expect(page.get_by_text("1–25 of 30")).to_be_visible()


def test_a_filter_that_matches_nobody_says_so_and_can_be_cleared(marketer_page: Page, crowd: str) -> None:
    page = marketer_page
    search(page, crowd, 30)
    page.get_by_label("SFDC Type").select_option("Contact")
    expect(page.get_by_text("No people found")).to_be_visible()
    page.get_by_role("link", name="Clear the filters").click()
    expect(page).to_have_url(re.compile(r"/people/$"))


def test_a_selection_reaches_over_all_pages(marketer_page: Page, crowd: str) -> None:
    page = marketer_page
    search(page, crowd, 30)
    expect(page.get_by_role("button", name="Sync to Salesforce")).to_be_hidden()
    page.get_by_label("Select everybody on this page").check()
    expect(page.get_by_text("25 selected")).to_be_visible()
    page.get_by_label("Select all 30 people that match").check()
    expect(page.get_by_text("30 selected")).to_be_visible()
    page.get_by_role("button", name="Sync to Salesforce").click()
    expect(page.get_by_role("heading", name="Sync 30 people to Salesforce")).to_be_visible()


def test_only_those_who_are_ticked_are_deleted_after_a_question(marketer_page: Page, crowd: str) -> None:
    page = marketer_page
    search(page, crowd, 30)
    page.get_by_role("link", name="Name").click()
    for number in (1, 3):
        page.get_by_label(f"Select Person{number:02}").check()
    expect(page.get_by_text("2 selected")).to_be_visible()
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("heading", name="Delete 2 people?")).to_be_visible()
    page.get_by_role("button", name="Delete 2 people").click()
    expect(page.get_by_role("status").get_by_text("2 people were deleted.")).to_be_visible()
    search(page, crowd, 28)
