"""API use in a browser: weigh settings before they are changed, set an allowance, look a request up."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.e2e.conftest import OpenPage
from tests.e2e.installation import Installation, unique


def test_an_administrator_weighs_a_setting_allows_calls_and_finds_the_request_of_a_person(
    open_page: OpenPage, installation: Installation
) -> None:
    email = f"{unique()}@api.example"
    person = installation.add_person(last_name="Calls", company="Api", email=email)
    installation.sync([person])
    page = open_page("admin")
    page.goto("/")
    page.get_by_role("link", name="API use").first.click()
    expect(page.get_by_role("heading", name="API use", level=1)).to_be_visible()
    costs = page.locator("#costs")
    page.get_by_label("Pause between cycles").fill("30")
    expect(costs.get_by_role("row", name="Asking what is new")).to_contain_text("48")
    page.get_by_role("link", name="Change", exact=True).click()
    page.get_by_label("API calls that Syncadmin may make").fill("20000")
    page.get_by_role("button", name="Save settings").click()
    page.goto("/sync/api/")
    expect(page.get_by_text("An administrator has allowed 20,000 calls")).to_be_visible()
    page.get_by_role("link", name="Requests").last.click()
    page.get_by_label("Person: id, e-mail").fill(email)
    page.get_by_role("button", name="Filter").click()
    rows = page.get_by_role("main").get_by_role("row").filter(has_text="Clicks and flow steps")
    expect(rows).not_to_have_count(0)
    rows.first.get_by_role("link").click()
    expect(page.get_by_role("link", name="Calls", exact=True)).to_be_visible()
    expect(page.get_by_role("region", name="What was sent")).to_contain_text("compositeRequest")
