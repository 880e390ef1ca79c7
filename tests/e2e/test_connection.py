"""Story: an administrator tends the connection."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.installation import Installation, unique


@pytest.fixture
def page(admin_page: Page, installation: Installation) -> Iterator[Page]:
    """The connection page; the sync goes on afterwards, whatever happens."""
    admin_page.goto("/sync/connection/")
    yield admin_page
    installation.account("admin").post("/sync/connection/pause/", paused="0")


def test_the_connection_can_be_tested(page: Page) -> None:
    page.get_by_role("button", name="Test connection").click()
    report = page.locator("#report")
    expect(report).to_contain_text("Salesforce let us in: Demo Org, as Integration User.")
    expect(report).to_contain_text("API calls were used in 24 hours.")


def test_a_wrong_secret_is_said_in_words_and_the_old_one_goes_on_working(
    page: Page, installation: Installation
) -> None:
    page.get_by_label("Consumer secret").fill("wrong")
    page.get_by_role("button", name="Test connection").click()
    expect(page.locator("#report").get_by_role("alert")).to_contain_text("invalid client credentials")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("These credentials were not stored.")).to_be_visible()
    installation.run_cycle()
    page.goto("/sync/connection/")
    expect(page.get_by_role("banner")).to_contain_text("Working")
    page.get_by_role("button", name="Test connection").click()
    expect(page.locator("#report")).to_contain_text("Salesforce let us in")


def test_while_the_sync_is_paused_single_people_still_go_and_then_it_goes_on(
    page: Page, installation: Installation
) -> None:
    person = installation.add_person(last_name="Lone", company="Lone", email=f"{unique()}@pause.example")
    page.get_by_role("button", name="Pause background sync").click()
    expect(page.get_by_role("banner")).to_contain_text("Paused")
    page.goto("/")
    expect(page.get_by_role("heading", name="The background sync is paused.")).to_be_visible()
    page.goto(f"/people/{person}/")
    page.get_by_role("region", name="Sync to Salesforce").get_by_role("button", name="Sync now").click()
    expect(page.get_by_role("region", name="Sync to Salesforce")).to_contain_text("Lead created")
    page.goto("/")
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_role("banner")).to_contain_text("Working")
    expect(page.get_by_role("heading", name="The sync is healthy: in step with Demo Org.")).to_be_visible()
