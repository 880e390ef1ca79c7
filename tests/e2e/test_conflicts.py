"""Both sides change the same field: what stays, what bounces, and how a marketer decides it."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.e2e.installation import Installation, unique


def edit(installation: Installation, word: str, **values: str) -> None:
    person = installation.person(word)
    installation.marketer.post(f"/people/{person['id']}/edit/", **person | values)


def test_the_other_value_is_taken_for_many_at_once_and_what_was_edited_since_is_left_alone(
    marketer_page: Page, installation: Installation
) -> None:
    page, word = marketer_page, unique("both")
    emails = [f"{n}@{word}.example" for n in ("a", "b", "c")]
    ids = [installation.add_person(last_name=word, company=word, email=email, city="Ulm") for email in emails]
    installation.sync(ids)
    for email in emails:
        sfdc_id = installation.person(email)["sfdc_id"]
        edit(installation, email, city="Hamburg")
        installation.emulator.edit("Lead", sfdc_id, City="Bonn")
    installation.run_cycle()
    edit(installation, emails[2], city="Genf")

    page.goto(f"/sync/conflicts/?q={word}&field=city&state=stands")
    expect(page.get_by_role("row", name=word)).to_have_count(3)
    page.get_by_label("Select all of this page").check()
    page.get_by_role("button", name="Take the other value").click()
    page.get_by_role("dialog").get_by_role("button", name="Take the other values").click()
    expect(page.get_by_role("status")).to_contain_text("2 values were changed.")
    expect(page.get_by_role("status")).to_contain_text("1 had been edited since and was left alone.")
    assert [installation.person(email)["city"] for email in emails] == ["Bonn", "Bonn", "Genf"]


def test_a_field_that_bounces_is_stopped_and_told_until_somebody_decides(
    marketer_page: Page, installation: Installation
) -> None:
    page, word = marketer_page, unique("bounce")
    email = f"{word}@bounce.example"
    person = installation.add_person(last_name=word, company=word, email=email, job_title="Head")
    installation.sync([person])
    flow = {"name": word, "object": "Lead", "field": "Title", "formula": '"Manager"'}
    installation.emulator.rules(automation=flow | {"criteria": f'LastName = "{word}"'})
    try:
        for _ in range(4):
            edit(installation, email, job_title="Chief")
            installation.sync([person])  # pushed, and rewritten in Salesforce
            installation.sync([person])  # which is seen
    finally:
        installation.emulator.rules(automation={"name": word, "object": "Lead", "remove": True})

    page.goto(f"/people/{person}/")
    warning = page.get_by_role("region", name="Stopped, because it bounces between two values")
    expect(warning).to_contain_text("an automation in Salesforce, within the save of our push")
    warning.get_by_role("link", name="Decide").click()
    row = page.get_by_role("row", name=word)
    expect(row).to_contain_text("Chief")
    expect(row).to_contain_text("Manager")
    row.get_by_role("checkbox").check()
    page.get_by_role("button", name="Keep Salesforce’s").click()
    expect(page.get_by_role("status")).to_contain_text("1 field syncs again")
    assert installation.person(email)["job_title"] == "Manager"
