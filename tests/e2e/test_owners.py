"""Story: an administrator decides to whom marketers may give Leads."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.e2e.conftest import OpenPage
from tests.e2e.installation import Installation, unique

OWNER = "Hiro Nakamura"


def offer(page: Page, *, is_offered: bool) -> None:
    page.goto("/sync/owners/")
    page.get_by_label(f"Marketers may choose {OWNER}").set_checked(is_offered)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_be_visible()


def test_an_owner_taken_out_of_the_offer_can_no_longer_be_chosen(
    open_page: OpenPage, installation: Installation
) -> None:
    admin, page, email = open_page("admin"), open_page("marketer"), f"{unique()}@own.example"
    person = installation.add_person(last_name="Owned", company="Owned", email=email)
    page.goto(f"/people/{person}/")
    choice = page.get_by_label("Lead Owner")
    choice.select_option(OWNER)
    offer(admin, is_offered=False)
    try:
        page.get_by_role("button", name="Sync now").click()  # of a page from before
        expect(page.get_by_text(f"{OWNER} is not offered as a lead owner")).to_be_visible()
        assert installation.person(email)["sfdc_id"] == ""
        page.goto(f"/people/{person}/")
        expect(choice.get_by_role("option", name="Elena Petrova")).to_have_count(1)
        expect(choice.get_by_role("option", name=OWNER)).to_have_count(0)
    finally:
        offer(admin, is_offered=True)
    page.reload()
    expect(choice.get_by_role("option", name=OWNER)).to_have_count(1)


def test_who_left_the_company_is_marked_and_never_offered(admin_page: Page) -> None:
    page = admin_page
    page.goto("/sync/owners/")
    row = page.get_by_role("row", name="Jonas Brandt")
    expect(row).to_contain_text("Inactive, never offered")
    expect(row.get_by_role("checkbox")).to_have_count(0)
    page.get_by_label("Name or e-mail").fill("apac")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("row", name="APAC Leads")).to_be_visible()
    expect(page.get_by_role("row", name="Jonas Brandt")).to_have_count(0)
