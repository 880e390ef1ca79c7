"""Story: a marketer logs in and sees how the sync does."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.e2e.conftest import OpenPage, log_in
from tests.e2e.installation import Installation, unique

FIGURES = ("Leads", "Contacts", "Not in Salesforce", "Waiting", "Failing", "Deleted")


def test_who_logs_in_sees_that_the_sync_is_healthy_and_when_it_goes_on(
    open_page: OpenPage, installation: Installation
) -> None:
    installation.run_cycle()  # so that none is due while we look
    page = open_page()
    page.goto("/people/")
    expect(page).to_have_url(re.compile("/login/"))
    log_in(page, "marketer")
    expect(page.get_by_role("heading", name="The sync is healthy: in step with Demo Org.")).to_be_visible()
    expect(page.get_by_role("banner")).to_contain_text("Working")
    last = page.locator("#sync-state").get_by_role("link", name="just now")
    expect(last).to_have_attribute("href", re.compile(r"^/sync/runs/\d+/$"))
    countdown = page.locator("#sync-state [data-countdown]")
    expect(countdown).to_have_text(re.compile(r"^[45]:\d\d$"))
    expect(countdown).not_to_have_text(countdown.inner_text())


def test_every_figure_is_the_number_of_people_that_its_link_lists(
    marketer_page: Page, installation: Installation
) -> None:
    refused = installation.add_person(last_name="Nocompany", email=f"{unique()}@figures.example")
    assert installation.sync([refused])[0]["state"] == "failed"
    page = marketer_page
    for label in FIGURES:
        page.goto("/")
        figure = page.locator(".stat").filter(has_text=re.compile(rf"^\s*{label}"))
        number = figure.locator(".stat-value").inner_text()
        figure.click()
        expect(page.get_by_role("heading", name="People", level=1)).to_be_visible()
        expect(page.locator("[data-selection]")).to_have_attribute("data-total", number)
        assert label in ("Waiting", "Deleted") or number != "0", label


def test_the_chart_has_its_numbers_as_a_table(marketer_page: Page, installation: Installation) -> None:
    page = marketer_page
    for number in range(2):
        installation.emulator.create(
            LastName=f"Charted{number}", Company="Chart", Email=f"{unique()}@chart.example"
        )
    installation.run_cycle()
    page.goto("/")
    chart = page.get_by_role("region", name="Synced, last 24 hours")
    expect(chart.get_by_role("img")).to_be_visible()
    expect(chart.get_by_role("table")).to_be_hidden()
    chart.get_by_text("Show as a table").click()
    last_hour = chart.get_by_role("table").locator("tbody tr").last
    expect(last_hour.get_by_role("cell")).to_have_count(3)
    expect(last_hour.get_by_role("cell").first).not_to_have_text("0")


def test_viewers_are_offered_nothing_that_they_may_not_do(viewer_page: Page) -> None:
    page = viewer_page
    page.goto("/")
    expect(page.get_by_role("heading", name="Dashboard", level=1)).to_be_visible()
    expect(page.get_by_role("button", name="Sync now")).to_have_count(0)
    page.goto("/people/")
    expect(page.get_by_role("link", name="New person")).to_have_count(0)
    expect(page.get_by_role("link", name="Import CSV")).to_have_count(0)
    page.get_by_role("table").get_by_role("link").nth(8).click()
    expect(page.get_by_text("Marketers and administrators may sync people.")).to_be_visible()
    expect(page.get_by_role("link", name="Edit", exact=True)).to_have_count(0)
