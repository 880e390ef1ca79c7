"""Story: a person was excluded, then refused, then mended and pushed; the timeline tells it, and why, in order."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.e2e.conftest import OpenPage
from tests.e2e.installation import Installation, unique
from tests.e2e.test_who_may_sync import condition, save

BAD_PHONE, GOOD_PHONE = "0341 555 0190", "+49 341 555 0190"


def edit(page: Page, person: str, label: str, value: str) -> None:
    page.goto(f"/people/{person}/edit/")
    page.get_by_label(label, exact=True).fill(value)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved:")).to_be_visible()


def told(page: Page) -> list[str]:
    return [title.strip() for title in page.locator(".timeline-title").all_inner_texts()]


def in_order(found: list[str], wanted: list[str]) -> bool:
    rest = iter(found)
    return all(any(title.startswith(one) for title in rest) for one in wanted)


def test_the_timeline_tells_why_a_person_did_and_did_not_sync(
    open_page: OpenPage, installation: Installation
) -> None:
    admin, page, word = open_page("admin"), open_page("marketer"), unique("Told")
    email = f"ada@{word}.example".lower()
    lead = installation.emulator.create(LastName=word, Company=word, Email=email, City="Rome")
    installation.run_cycle()
    person = installation.person(email)["id"]
    try:
        admin.goto("/sync/who/exclusion/")
        condition(admin, 1, "Company Name", "is", word)
        save(admin, on=True)
        edit(page, person, "City", "Paris")
        installation.run_cycle()
        page.goto(f"/people/{person}/")
        page.get_by_role("button", name="Explain now").click()
        expect(page.get_by_text("Never pushed: excluded by a rule")).to_be_visible()
        expect(page.get_by_role("region", name="Differs, and stays so")).to_contain_text("Paris")
    finally:
        admin.goto("/sync/who/exclusion/")
        save(admin, on=False)

    edit(page, person, "Phone Number", BAD_PHONE)
    installation.run_cycle()
    page.goto(f"/people/{person}/timeline/")
    expect(page.get_by_text("Refused, and held back")).to_be_visible()
    page.get_by_role("list").get_by_role("link", name="Edit", exact=True).click()
    page.get_by_label("Phone Number", exact=True).fill(GOOD_PHONE)
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Explain now").click()
    pushed = page.get_by_role("row", name="Pushed to Salesforce").filter(has_text="Phone Number")
    expect(pushed).to_contain_text(GOOD_PHONE)
    installation.run_cycle()
    assert installation.emulator.read("Lead", lead)["Phone"] == GOOD_PHONE

    page.goto("/sync/trace/")
    page.get_by_label("E-mail address, Salesforce id").fill(lead[:15])
    page.get_by_role("button", name="Look").click()
    expect(page.get_by_role("heading", name="Timeline", level=1)).to_be_visible()
    assert in_order(
        told(page)[::-1],
        ["New Person", "City changed here", "Not pushed: excluded by a rule", "Phone Number changed here", "Refused",
         "Phone Number changed here", "Pushed to Salesforce"],
    )  # fmt: skip
    page.get_by_label("Kind").select_option(label="Refused")
    page.get_by_role("button", name="Filter", exact=True).click()
    expect(page.locator(".timeline-title")).to_have_count(1)
    page.locator(".timeline-head a").click()
    expect(page.locator(".timeline-here")).to_contain_text("Phone numbers must start with +")

    installation.emulator.edit("Lead", lead, City="London")
    page.goto(f"/people/{person}/")
    page.get_by_role("button", name="Check against Salesforce").click()
    row = page.get_by_role("row", name="City")
    expect(row).to_contain_text("On its way")
    row.get_by_role("button", name="Push ours").click()
    expect(page.get_by_text("In step now.")).to_be_visible()
    assert installation.emulator.read("Lead", lead)["City"] == "Paris"

    page.goto(f"/people/{person}/")
    page.get_by_role("link", name="City", exact=True).click()
    page.get_by_label("Reason, for the activity log").fill("Rome was right")
    page.get_by_role("row", name="Rome").get_by_role("button", name="Set back to this value").click()
    expect(page.get_by_text("City has its earlier value again.")).to_be_visible()
    expect(page.get_by_role("row", name="Set back to an earlier value: Rome was right")).to_contain_text(
        "Rome"
    )
    installation.run_cycle()
    assert installation.emulator.read("Lead", lead)["City"] == "Rome"
