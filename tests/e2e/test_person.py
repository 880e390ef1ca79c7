"""Story: a marketer reads and edits one person."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.e2e.installation import Installation, unique


def test_a_value_that_cannot_be_is_refused_at_its_field_and_another_is_saved(
    marketer_page: Page, installation: Installation
) -> None:
    page, email = marketer_page, f"{unique()}@edit.example"
    person = installation.add_person(last_name="Editable", email=email, job_title="Trainee")
    page.goto(f"/people/{person}/")
    page.get_by_role("link", name="Edit", exact=True).click()
    page.get_by_label("Email Address").fill("no address")
    page.get_by_label("Job Title").fill("Captain")
    expect(page.get_by_text("Not saved yet")).to_be_visible()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("Not saved.")
    expect(page.get_by_label("Email Address")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("Job Title")).to_have_value("Captain")
    assert installation.person(email)["job_title"] == "Trainee"
    page.get_by_label("Email Address").fill(f"new.{email}")
    page.get_by_role("button", name="Save").click()
    expect(page).to_have_url(re.compile(rf"/people/{person}/$"))
    expect(page.get_by_role("definition").filter(has_text="Captain")).to_be_visible()
    assert installation.person(email)["email"] == f"new.{email}"


def test_the_activity_log_says_what_changed_from_what_to_what_by_whom_newest_first(
    marketer_page: Page, installation: Installation
) -> None:
    page = marketer_page
    person = installation.add_person(last_name="Logged", email=f"{unique()}@log.example", city="Ulm")
    for city in ("Bonn", "Kiel"):
        page.goto(f"/people/{person}/edit/")
        page.get_by_label("City").fill(city)
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("heading", name="Logged", level=1)).to_be_visible()
    entries = page.get_by_role("region", name="Activity log").get_by_role("listitem")
    expect(entries).to_have_count(3)
    for entry, old, new in ((0, "Bonn", "Kiel"), (1, "Ulm", "Bonn")):
        expect(entries.nth(entry)).to_contain_text("Change Data Value · City")
        expect(entries.nth(entry).get_by_role("deletion")).to_have_text(old)
        expect(entries.nth(entry).get_by_role("insertion")).to_have_text(new)
        expect(entries.nth(entry)).to_contain_text("marketer")
    expect(entries.nth(2)).to_contain_text("New Person")
    page.get_by_label("Type of activity").select_option("New Person")
    expect(entries).to_have_count(1)
    expect(page).to_have_url(re.compile("type=new_person"))


def test_what_salesforce_has_of_a_person_is_on_its_page(
    marketer_page: Page, installation: Installation
) -> None:
    page, email = marketer_page, f"{unique()}@info.example"
    user = installation.emulator.query("SELECT Id FROM User WHERE Name = 'Carla Mendes'")[0]["Id"]
    lead = installation.emulator.create(LastName="Known", Company="Info", Email=email, OwnerId=user)
    installation.run_cycle()
    page.goto(f"/people/{installation.person(email)['id']}/")
    facts = page.get_by_role("region", name="Salesforce", exact=True)
    for fact in (r"SFDC Type\s+Lead", r"Lead Owner\s+Carla Mendes"):
        expect(facts).to_contain_text(re.compile(fact))
    expect(facts.get_by_role("link", name=lead)).to_have_attribute("href", re.compile(lead))
    expect(page.get_by_text("In step")).to_be_visible()
    expect(page.get_by_role("region", name="Activity log")).to_contain_text("New Person")
