"""Story: an administrator lets new people of one company in, keeps others out, and both are told why."""

from __future__ import annotations

from time import sleep

from playwright.sync_api import Page, expect

from tests.e2e.conftest import OpenPage
from tests.e2e.installation import Installation, unique


def condition(page: Page, number: int, field: str, asks: str, value: str) -> None:
    """Fill in one row; its operators come with the field."""
    row = page.get_by_role("group", name=f"Condition {number}", exact=True)
    expect(row).to_be_visible()
    expect(page.locator(".htmx-request, .htmx-added, .htmx-settling")).to_have_count(0)
    row.get_by_label("Field").select_option(label=field)
    row.get_by_label("Asks").select_option(label=asks)
    expect(row.get_by_label("Value")).to_be_visible()
    row.get_by_label("Value").fill(value)


def save(page: Page, *, on: bool) -> None:
    page.get_by_label("Switched on").set_checked(on)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Who may sync", level=1)).to_be_visible()
    expect(page.get_by_role("status")).to_be_visible()


def test_new_people_are_created_by_rule_unless_another_rule_keeps_them_out(
    open_page: OpenPage, installation: Installation
) -> None:
    admin, company = open_page("admin"), unique("Guild")
    mine, kept_out = f"{company.lower()}@in.example", f"{company.lower()}@out.example"
    installation.add_person(last_name="Included", company=company, email=mine)
    person = installation.add_person(last_name="Excluded", company=company, city="Nowhere", email=kept_out)
    try:
        admin.goto("/sync/who/")
        admin.get_by_role("link", name="Change: Exclusion rule").click()
        condition(admin, 1, "City", "is", "Nowhere")
        admin.get_by_role("button", name="Add a condition").click()
        condition(admin, 2, "Company Name", "starts with", company)
        save(admin, on=True)
        admin.get_by_role("link", name="Change: Inclusion rule").click()
        condition(admin, 1, "Company Name", "is", company)
        admin.keyboard.press("Tab")
        expect(admin.get_by_role("heading", name="1 person would be created as a Lead")).to_be_visible()
        save(admin, on=True)
        installation.run_cycle()
        assert installation.person(mine)["sfdc_type"] == "Lead"
        assert installation.person(kept_out)["sfdc_type"] == ""
        marketer = open_page("marketer")
        marketer.goto(f"/people/{person}/")
        expect(marketer.get_by_text("Never pushed to Salesforce.")).to_be_visible()
        marketer.get_by_role("button", name="Sync now").click()
        expect(marketer.get_by_text("Not sent: excluded by the rule")).to_be_visible()
    finally:
        for kind in ("inclusion", "exclusion"):
            admin.goto(f"/sync/who/{kind}/")
            save(admin, on=False)


def test_an_answer_that_comes_late_sets_nothing_back(admin_page: Page) -> None:
    """Somebody types faster than the server answers: nothing that was typed is lost, no click either."""
    page = admin_page
    page.goto("/sync/who/exclusion/")
    condition(page, 1, "City", "is", "Nowhere")
    page.route("**/sync/who/exclusion/", lambda route: (sleep(0.5), route.continue_()))
    row = page.get_by_role("group", name="Condition 1", exact=True)
    row.get_by_label("Asks").select_option(label="contains")
    row.get_by_label("Value").fill("Else")
    page.get_by_label("Switched on").check()
    page.get_by_role("button", name="Add a condition").click()
    expect(page.get_by_role("group", name="Condition 2", exact=True)).to_be_visible()
    expect(row.get_by_label("Asks")).to_have_value("contains")
    expect(row.get_by_label("Value")).to_have_value("Else")
    expect(page.get_by_label("Switched on")).to_be_checked()


def test_a_record_filter_is_counted_in_salesforce(admin_page: Page) -> None:
    page = admin_page
    page.goto("/sync/who/Lead/")
    condition(page, 1, "Industry", "is", "Banking")
    page.get_by_role("button", name="Count in Salesforce").click()
    expect(page.get_by_role("heading", name="Leads would sync")).to_be_visible()
