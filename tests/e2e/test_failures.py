"""Story: what Salesforce refuses is said with rule, field, value and what to do; then it is mended and retried."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.e2e.installation import Installation, unique

RULE = "Phone numbers must start with + and the country code"
BAD_PHONE = "0341 555 0190"


def send_all(page: Page, company: str) -> None:
    page.goto(f"/people/?q={company}")
    page.get_by_label("Select everybody on this page").check()
    page.get_by_role("button", name="Sync to Salesforce").click()
    page.get_by_role("button", name="Sync to Salesforce").click()
    expect(page.get_by_role("region", name="Progress").locator(".chip")).to_have_text("Done")


def mend(page: Page, label: str, value: str) -> None:
    """By the button beside the reason, which leads to the field."""
    page.locator("section.alert-danger").get_by_role("link", name="Edit", exact=True).click()
    expect(page).to_have_url(re.compile("/edit/#id_"))
    page.get_by_label(label, exact=True).fill(value)
    page.get_by_role("button", name="Save").click()


def retry(page: Page, installation: Installation, email: str) -> None:
    page.locator("section.alert-danger").get_by_role("button", name="Retry").click()
    expect(page.get_by_role("region", name="Sync to Salesforce")).to_contain_text("Lead created")
    expect(page.locator("section.alert-danger")).to_have_count(0)
    assert installation.emulator.query(f"SELECT Id FROM Lead WHERE Email = '{email}'")


def test_two_are_refused_the_third_is_not_held_up(marketer_page: Page, installation: Installation) -> None:
    page, word = marketer_page, unique("Refused")
    good = installation.add_person(last_name="Good", company=word, email=f"good@{word}.example")
    installation.add_person(last_name="Ring", company=word, email=f"ring@{word}.example", phone=BAD_PHONE)
    installation.add_person(last_name="Lonely", email=f"lonely@{word}.example")
    send_all(page, word)
    progress = page.get_by_role("region", name="Progress")
    expect(progress).to_contain_text(re.compile(r"Done:\s+1\s+Skipped:\s+0\s+Failed:\s+2"))
    expect(page.get_by_role("button", name="Retry the 2 that failed")).to_be_visible()
    expect(page.get_by_role("row", name="Ring")).to_contain_text(RULE)
    assert installation.person(f"good@{word}.example")["id"] == str(good)
    assert installation.person(f"good@{word}.example")["sfdc_type"] == "Lead"


def test_a_validation_rule_is_named_with_field_and_value_and_a_retry_works_once_it_is_kept(
    marketer_page: Page, installation: Installation
) -> None:
    page, word = marketer_page, unique("Ring")
    email = f"ring@{word}.example"
    person = installation.add_person(last_name="Ring", company=word, email=email, phone=BAD_PHONE)
    send_all(page, word)
    page.goto(f"/people/{person}/")
    reason = page.locator("section.alert-danger")
    expect(reason).to_contain_text(RULE)
    expect(reason).to_contain_text(f"Phone Number: {BAD_PHONE}")
    entry = page.get_by_role("region", name="Activity log").get_by_role("listitem").first
    expect(entry).to_contain_text("Sync to SFDC Failed")
    expect(entry).to_contain_text(RULE)
    page.goto("/sync/failures/")
    expect(page.get_by_role("row", name=f"Ring {email}")).to_contain_text(BAD_PHONE)
    page.goto(f"/people/{person}/")
    mend(page, "Phone Number", "+49 341 555 0190")
    retry(page, installation, email)
    expect(page.get_by_role("region", name="Activity log")).to_contain_text("Sync Person to SFDC")


def test_a_person_without_company_is_not_sent_and_the_missing_field_is_named(
    marketer_page: Page, installation: Installation
) -> None:
    page, word = marketer_page, unique("Lonely")
    email = f"lonely@{word}.example"
    person = installation.add_person(last_name="Lonely", email=email)
    page.goto(f"/people/{person}/")
    panel = page.get_by_role("region", name="Sync to Salesforce")
    panel.get_by_role("button", name="Sync now").click()
    expect(page.locator("section.alert-danger")).to_contain_text("Company")
    assert installation.emulator.query(f"SELECT Id FROM Lead WHERE Email = '{email}'") == []
    entry = page.get_by_role("region", name="Activity log").get_by_role("listitem").first
    expect(entry).to_contain_text("Sync to SFDC Failed")
    expect(entry).to_contain_text("Company")
    mend(page, "Company Name", "Not Lonely Ltd")
    retry(page, installation, email)
