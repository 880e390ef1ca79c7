"""Story: Salesforce gets a field; it is offered, switched on, filled, and on the person's page."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.e2e.installation import Installation, unique


def test_a_field_added_in_salesforce_is_offered_switched_on_and_filled(
    admin_page: Page, marketer_page: Page, installation: Installation
) -> None:
    label = unique("Hat")
    lead = installation.emulator.create(LastName=label, Company="Hats", Email=f"{label.lower()}@hat.example")
    installation.run_cycle()
    spec = {"object": "Lead", "name": f"{label}__c", "label": label, "type": "text"}
    installation.emulator.control("schema", {"add": spec})
    installation.emulator.edit("Lead", lead, **{f"{label}__c": "Bowler"})
    installation.run_cycle()

    page = admin_page
    page.goto("/")
    page.get_by_role("link", name="of fields in Salesforce").click()
    expect(page.get_by_text(f"New in Salesforce: {label} (Lead)")).to_be_visible()
    page.get_by_role("button", name=f"Sync it ({label})").click()
    expect(page.get_by_role("checkbox", name="Bring the values that are there already")).to_be_checked()
    page.get_by_role("button", name="Confirm and save").click()
    expect(page.get_by_role("heading", name="Backfill", level=1)).to_be_visible()
    expect(page.get_by_text("Done", exact=True)).to_be_visible()

    person = installation.person(label)["id"]
    marketer_page.goto(f"/people/{person}/")
    expect(marketer_page.get_by_role("definition").filter(has_text="Bowler")).to_be_visible()
    expect(marketer_page.get_by_text("Read from Salesforce")).to_be_visible()
    page.goto("/sync/fields/changes/")
    expect(page.get_by_role("row", name=f"New in Salesforce: {label}")).to_contain_text("Switched on")
