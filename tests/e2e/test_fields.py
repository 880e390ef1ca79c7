"""Story: an administrator decides which fields sync."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.installation import Installation, unique


@pytest.fixture
def label(installation: Installation) -> str:
    """Of a custom field that Salesforce has only just got."""
    name = unique("Shoe")
    spec = {"object": "Lead", "name": f"{name}__c", "label": name, "type": "text"}
    installation.emulator.control("schema", {"add": spec})
    return name


def find(page: Page, text: str) -> None:
    page.goto("/sync/fields/")
    page.get_by_label("Search").fill(text)


def test_a_field_switched_on_is_confirmed_and_then_at_once_on_every_person(
    admin_page: Page, installation: Installation, label: str
) -> None:
    page = admin_page
    person = installation.add_person(last_name="Shod", company="Shod", email=f"{unique()}@field.example")
    page.goto("/sync/fields/")
    page.get_by_role("button", name="Refresh now").click()
    expect(page.get_by_role("status")).to_contain_text("Fields, users and queues were read from Salesforce.")
    find(page, label)
    page.get_by_role("row", name=label).locator("[name^=direction-]").select_option("Both ways")
    expect(page.get_by_text("1 field changed")).to_be_visible()
    page.get_by_role("button", name="Review changes").click()
    summary = page.get_by_role("row", name=label)
    expect(summary.get_by_role("deletion")).to_have_text("Off")
    expect(summary.get_by_role("insertion")).to_have_text("Both ways")
    page.goto(f"/people/{person}/edit/")
    expect(page.get_by_label(label)).to_have_count(0)
    page.go_back()
    page.get_by_role("button", name="Confirm and save").click()
    expect(page.get_by_role("status")).to_contain_text("1 field was changed.")
    page.goto(f"/people/{person}/edit/")
    page.get_by_label(label).fill("Size 43")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("definition").filter(has_text="Size 43")).to_be_visible()
    lead = installation.sync([person])[0]["sfdc_id"]
    assert installation.emulator.read("Lead", lead)[f"{label}__c"] == "Size 43"


def test_fields_that_cannot_sync_are_listed_with_the_reason(admin_page: Page) -> None:
    page = admin_page
    find(page, "full name")
    row = page.get_by_role("region", name="Fields that can’t sync").get_by_role("row", name="Full Name")
    expect(row).to_contain_text("Made by Salesforce of Salutation, First Name and Last Name.")
    expect(row.get_by_role("combobox")).to_have_count(0)
    find(page, "secret")
    expect(
        page.get_by_text("A field that is missing has to be made visible to the sync user")
    ).to_be_visible()


def test_marketers_see_what_syncs_and_cannot_change_it(marketer_page: Page) -> None:
    page = marketer_page
    find(page, "job title")
    expect(page.get_by_role("row", name="Job Title")).to_contain_text("Both ways")
    expect(page.get_by_role("button", name="Review changes")).to_have_count(0)
    expect(page.get_by_role("row", name="Job Title").get_by_role("combobox")).to_have_count(0)
