"""Story: a marketer sends people to Salesforce, and says who shall own them there."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.installation import Installation, unique

STEP = "Sync to Salesforce"
LEAD_ID = re.compile(r"00Q\w{15}")


@pytest.fixture
def ready_person(installation: Installation) -> Callable[..., tuple[int, str]]:
    """Somebody who is not in Salesforce yet and may go there: id and e-mail."""

    def make(**values: str) -> tuple[int, str]:
        email = f"{unique()}@sync.example"
        values = {"last_name": "Sendable", "company": "Sync", "country": "Germany"} | values
        return installation.add_person(email=email, **values), email

    return make


def lead_of(installation: Installation, email: str) -> dict[str, Any]:
    (lead,) = installation.emulator.query(f"SELECT Id, OwnerId, Owner.Name FROM Lead WHERE Email = '{email}'")
    return lead


def test_by_the_assignment_rules_it_goes_from_queued_to_done_before_ones_eyes(
    marketer_page: Page, installation: Installation, ready_person: Callable[..., tuple[int, str]]
) -> None:
    page, (person, email) = marketer_page, ready_person()
    others = [ready_person()[0] for _ in range(2)]
    page.goto(f"/people/{person}/")
    installation.emulator.fault(delay_ms=1500, match="sobjects")
    for other in others:  # both workers are busy
        installation.start_sync([other])
    panel = page.get_by_role("region", name=STEP)
    expect(panel.get_by_label("Lead Owner")).to_have_value("rules")
    expect(panel).to_contain_text("Salesforce’s assignment rules choose the owner of new Leads.")
    panel.get_by_role("button", name="Sync now").click()
    expect(panel.locator(".chip")).to_have_text("Queued")
    page.evaluate("window.notReloaded = true")
    expect(panel.locator(".chip")).to_have_text("Running")
    expect(panel.locator(".chip")).to_have_text("Done")
    expect(panel).to_contain_text("Lead created")
    facts = page.get_by_role("region", name="Salesforce", exact=True)
    lead = lead_of(installation, email)
    expect(facts.get_by_role("link", name=lead["Id"])).to_have_attribute("href", re.compile(lead["Id"]))
    expect(facts).to_contain_text("Marco Keller")
    assert lead["Owner"]["Name"] == "Marco Keller"
    assert page.evaluate("window.notReloaded")


@pytest.mark.parametrize("owner", ["Elena Petrova", "APAC Leads"])
def test_a_user_or_a_queue_becomes_the_owner(
    owner: str, marketer_page: Page, installation: Installation, ready_person: Callable[..., tuple[int, str]]
) -> None:
    page, (person, email) = marketer_page, ready_person()
    page.goto(f"/people/{person}/")
    panel = page.get_by_role("region", name=STEP)
    panel.get_by_label("Lead Owner").select_option(owner)
    expect(panel).to_contain_text(f"{owner} becomes the owner.")
    panel.get_by_role("button", name="Sync now").click()
    expect(panel).to_contain_text("Lead created")
    expect(page.get_by_role("region", name="Salesforce", exact=True)).to_contain_text(owner)
    assert lead_of(installation, email)["Owner"]["Name"] == owner
    expect(page.get_by_role("region", name="Activity log")).to_contain_text(f"owner: {owner}")


def test_a_selection_has_a_page_with_a_progress_bar_and_every_outcome(
    marketer_page: Page, installation: Installation
) -> None:
    company, page = unique("Thirty"), marketer_page
    installation.add_people(
        [{"last_name": f"N{n}", "company": company, "email": f"n{n}@{company}.example"} for n in range(30)]
    )
    page.goto(f"/people/?q={company}")
    page.get_by_label("Select everybody on this page").check()
    page.get_by_label("Select all 30 people that match").check()
    page.get_by_role("button", name=STEP).click()
    page.get_by_label("Lead Owner").select_option("Healthcare Desk")
    installation.emulator.fault(delay_ms=1200, match="sobjects")
    page.get_by_role("button", name=STEP).click()
    progress = page.get_by_role("region", name="Progress")
    expect(progress.get_by_role("progressbar")).to_be_visible()
    page.evaluate("window.notReloaded = true")
    expect(progress).to_contain_text("30 of 30 people")
    expect(progress.locator(".chip")).to_have_text("Done")
    expect(progress.get_by_role("progressbar", name="People done")).to_have_attribute("value", "30")
    expect(page.get_by_role("region", name="People").get_by_role("row")).to_have_count(26)
    expect(page.get_by_role("row", name=LEAD_ID).first).to_contain_text("Healthcare Desk")
    assert page.evaluate("window.notReloaded")
    leads = installation.emulator.query(f"SELECT Owner.Name FROM Lead WHERE Company = '{company}'")
    assert [lead["Owner"]["Name"] for lead in leads] == ["Healthcare Desk"] * 30


def test_a_contact_for_a_queue_gets_a_duplicate_lead_and_is_told_before_and_after(
    marketer_page: Page, installation: Installation
) -> None:
    page, email = marketer_page, f"{unique()}@contact.example"
    account = installation.emulator.query("SELECT Id FROM Account LIMIT 1")[0]["Id"]
    contact = installation.emulator.create("Contact", LastName="Twofold", Email=email, AccountId=account)
    installation.run_cycle()
    page.goto(f"/people/{installation.person(email)['id']}/")
    panel = page.get_by_role("region", name=STEP)
    panel.get_by_text(STEP, exact=True).last.click()
    panel.get_by_label("Lead Owner").select_option("APAC Leads")
    expect(panel.get_by_role("alert")).to_contain_text(
        "This person is a Contact, which can’t belong to a queue."
    )
    expect(panel.get_by_role("alert")).to_contain_text(
        "A duplicate Lead will be created for it and given to APAC Leads."
    )
    assert installation.emulator.query(f"SELECT Id FROM Lead WHERE Email = '{email}'") == []
    panel.get_by_label("Yes, create the duplicate Lead").check()
    panel.get_by_role("button", name="Sync now").click()
    expect(panel).to_contain_text("a duplicate Lead was created for it")
    lead = lead_of(installation, email)
    assert lead["Owner"]["Name"] == "APAC Leads"
    expect(panel.get_by_role("link", name=lead["Id"])).to_be_visible()
    log = page.get_by_role("region", name="Activity log")
    expect(log.get_by_role("listitem").first).to_contain_text("a duplicate Lead was created for it")
    expect(log.get_by_role("link", name=lead["Id"])).to_be_visible()
    person = installation.person(email)
    assert (person["sfdc_type"], person["sfdc_id"]) == ("Contact", contact)
