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


def test_one_cause_is_one_card_and_is_assigned_corrected_retried_and_ignored(
    marketer_page: Page, installation: Installation
) -> None:
    page, word = marketer_page, unique("Cause")
    names = ("Ring", "Ding", "Dong")
    people = {
        name: installation.add_person(
            last_name=f"{name}{word}",
            company=word,
            email=f"{name.lower()}@{word}.example",
            phone=f"0341 {number}",
        )
        for number, name in enumerate(names)
    }
    installation.sync(list(people.values()))
    page.goto(f"/sync/failures/?q={word}")
    card = page.get_by_role("region", name="A validation rule in Salesforce said no")
    expect(card).to_contain_text(re.compile(r"3\s+people"))
    expect(card).to_contain_text(RULE)
    expect(card).to_contain_text("Phone Number")
    expect(card).to_contain_text("None of them is tried again until something changes.")
    card.get_by_role("link", name="Show the people").click()
    expect(page.get_by_role("row", name=f"Ring{word}")).to_contain_text(
        "Not tried again until the person, the record or the settings change."
    )
    page.get_by_label("Person").fill(word)
    page.get_by_role("button", name="Filter").click()
    page.get_by_label("Select all of this page").check()
    page.locator("#assign-selected").select_option(label="marketer (me)")
    page.locator("[data-selection-bar]").get_by_role("button", name="Assign").click()
    expect(page.get_by_text("3 failures are assigned to marketer now.")).to_be_visible()
    page.goto(f"/sync/failures/?assignee=me&q={word}")
    expect(page.get_by_role("row", name=word)).to_have_count(3)
    page.get_by_role("link", name=f"Ring{word}").click()
    expect(page.get_by_label("Phone Number", exact=True)).to_be_focused()
    expect(page.get_by_role("note")).to_contain_text(RULE)
    page.get_by_label("Phone Number", exact=True).fill("+49 341 1")
    page.get_by_role("button", name="Save").click()
    page.goto(f"/sync/failures/?q={word}")
    expect(page.get_by_role("row", name=f"Ring{word}")).to_contain_text("something has changed since")
    page.get_by_role("row", name=f"Ring{word}").get_by_role("button", name="Retry").click()
    expect(page.get_by_role("region", name="Progress").locator(".chip")).to_have_text("Done")
    page.goto(f"/sync/failures/?q={word}")
    expect(page.get_by_role("row", name=word)).to_have_count(2)
    page.get_by_label("Select all of this page").check()
    page.locator("[data-selection-bar]").get_by_role("button", name="Ignore").click()
    page.get_by_label("Why").fill("Nobody rings them")
    page.get_by_role("button", name="Ignore").click()
    expect(page.get_by_text("2 failures are ignored now.")).to_be_visible()
    page.goto(f"/sync/failures/?q={word}&state=ignored")
    expect(page.get_by_role("row", name=f"Dong{word}")).to_contain_text("Nobody rings them")
