"""Story: both sides are edited, a cycle runs, and both sides agree."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.installation import Installation, unique
from tests.processes import eventually

FIELDS = {"LastName": "Shared", "Company": "Shared Ltd", "Phone": "+49 1 000", "Title": "Baker"}


@pytest.fixture
def email(installation: Installation) -> str:
    """The address of a Lead that is in step."""
    address = f"{unique()}@cycle.example"
    installation.emulator.create(Email=address, **FIELDS)
    installation.run_cycle()
    return address


def edit(page: Page, person: dict[str, str], label: str, value: str) -> None:
    page.goto(f"/people/{person['id']}/edit/")
    page.get_by_label(label, exact=True).fill(value)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Waiting to be pushed").first).to_be_visible()


def edit_as_rep(page: Page, person: dict[str, str], label: str, value: str) -> None:
    """In Salesforce, where the SFDC Id on the person's page leads."""
    page.goto(f"/people/{person['id']}/")
    with page.expect_popup() as opened:
        page.get_by_role("link", name=person["sfdc_id"]).first.click()
    record = opened.value
    record.get_by_label(label, exact=True).fill(value)
    record.get_by_role("button", name="Save").click()
    expect(record.get_by_label(label, exact=True)).to_have_value(value)
    expect(record.get_by_role("status")).to_be_visible()
    record.close()


def sync_now(page: Page) -> None:
    """By the button on the dashboard, until the page says, by itself, that the cycle is over."""
    page.goto("/")
    state = page.locator("#sync-state")
    before = state.get_by_role("link").first.get_attribute("href") or ""
    page.evaluate("window.notReloaded = true")
    state.get_by_role("button", name="Sync now").click()
    expect(state.get_by_role("link").first).not_to_have_attribute("href", before)
    expect(page.get_by_role("heading", name="The sync is healthy: in step with Demo Org.")).to_be_visible()
    assert page.evaluate("window.notReloaded")


def test_different_fields_changed_on_both_sides_arrive_on_both(
    marketer_page: Page, installation: Installation, email: str
) -> None:
    page, person = marketer_page, installation.person(email)
    edit_as_rep(page, person, "Phone", "+49 1 222")
    edit(page, person, "Job Title", "Confectioner")
    sync_now(page)
    lead = installation.emulator.read("Lead", person["sfdc_id"])
    assert (lead["Phone"], lead["Title"]) == ("+49 1 222", "Confectioner")
    page.goto(f"/people/{person['id']}/")
    expect(page.get_by_role("definition").get_by_role("link", name="+49 1 222")).to_be_visible()
    expect(page.get_by_text("In step")).to_be_visible()
    log = page.get_by_role("region", name="Activity log")
    phone = log.get_by_role("listitem").filter(has_text="Change Data Value · Phone Number")
    expect(phone.get_by_role("deletion")).to_have_text("+49 1 000")
    expect(phone).to_contain_text("Salesforce: Sarah Bennett")
    expect(log).to_contain_text("Sync Person Updates to SFDC")


def test_of_two_values_for_one_field_ours_wins_and_the_other_is_kept_to_be_taken(
    marketer_page: Page, installation: Installation, email: str
) -> None:
    page, person = marketer_page, installation.person(email)
    installation.emulator.edit("Lead", person["sfdc_id"], Title="Theirs")
    edit(page, person, "Job Title", "Ours")
    sync_now(page)
    assert installation.emulator.read("Lead", person["sfdc_id"])["Title"] == "Ours"
    page.goto(f"/people/{person['id']}/")
    entry = page.get_by_role("listitem").filter(has_text="Sync Conflict · Job Title")
    expect(entry).to_contain_text(re.compile(r"Ours:\s+Ours\s+·\s+Salesforce’s:\s+Theirs\s+·\s+ours stayed"))
    expect(entry).to_contain_text("Both sides changed it between two syncs")
    page.goto("/sync/conflicts/")
    row = page.get_by_role("row", name="Theirs")
    row.get_by_role("button", name="Take Salesforce’s").click()
    expect(page.get_by_role("status").first).to_be_visible()
    assert installation.person(email)["job_title"] == "Theirs"


def test_a_lead_made_in_salesforce_becomes_a_person(marketer_page: Page, installation: Installation) -> None:
    page, email = marketer_page, f"{unique()}@made.example"
    lead = installation.emulator.create(LastName="Maid", Company="Made Ltd", Email=email, City="Ulm")
    sync_now(page)
    page.goto(f"/people/?q={email}")
    page.get_by_role("table").get_by_role("link", name="Maid").click()
    expect(page.get_by_role("heading", name="Maid In step")).to_be_visible()
    expect(page.get_by_role("region", name="Salesforce", exact=True)).to_contain_text(lead)
    expect(page.get_by_role("definition").filter(has_text="Ulm")).to_be_visible()


def test_a_cycle_is_shown_as_it_goes_with_its_steps(marketer_page: Page, installation: Installation) -> None:
    page = marketer_page
    installation.run_cycle()
    email = f"{unique()}@steps.example"
    installation.emulator.create(LastName="Step", Company="Step", Email=email)
    installation.emulator.fault(delay_ms=4000, match="composite", times=1)
    asked = datetime.now(UTC)
    installation.marketer.post("/sync/now/")
    eventually(lambda: installation.health()["running"])
    page.goto("/")
    expect(page.get_by_role("heading", name="A sync cycle is running.")).to_be_visible()
    expect(page.get_by_role("progressbar", name="Progress of the step")).to_be_visible()
    expect(page.get_by_role("button", name="Sync now")).to_have_count(0)
    page.goto("/sync/runs/")
    page.get_by_role("row", name="Running").get_by_role("link").first.click()
    expect(page.get_by_role("heading", name=re.compile(r"Sync cycle #\d+"))).to_be_visible()
    page.evaluate("window.notReloaded = true")
    state = page.get_by_role("region", name="Summary").locator(".chip")
    expect(state).to_have_text("Running")
    expect(state).to_have_text("Succeeded")
    steps = page.get_by_role("region", name="Steps").get_by_role("table")
    for step in ("Pull updates Lead", "All steps"):
        new = steps.get_by_role("row", name=step).get_by_role("cell").nth(3)
        expect(new).to_have_text("1")
    expect(page.get_by_role("region", name="Summary")).to_contain_text("Started by")
    assert page.evaluate("window.notReloaded")
    assert datetime.fromisoformat(installation.health()["last_cycle_at"]) > asked
