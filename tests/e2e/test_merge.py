"""Story: two people turn out to be one; both are in Salesforce, and are one there too."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.e2e.installation import Installation, unique


def test_a_record_that_waited_is_merged_with_the_person_it_is(
    marketer_page: Page, installation: Installation
) -> None:
    page, word = marketer_page, unique("Merge")
    email = f"ada@{word}.example".lower()
    emulator = installation.emulator
    first = emulator.create(
        FirstName="Ada", LastName=word, Company="Engines", Email=email, City="Bonn", Phone="+49 30 1"
    )
    installation.run_cycle()
    second = emulator.create(
        FirstName="Augusta", LastName=word, Company="Engines", Email=email, Title="Countess"
    )
    installation.run_cycle()

    page.goto("/sync/review/")
    page.get_by_role("region", name=f"Augusta {word}").get_by_role(
        "button", name="Same person: merge"
    ).click()
    expect(page.get_by_role("heading", name="Merge people", level=1)).to_be_visible()
    expect(page.get_by_role("row", name="First Name").get_by_label("Ada")).to_be_checked()
    page.get_by_role("row", name="First Name").get_by_label("Augusta").check()
    expect(page.get_by_role("region", name="What happens")).to_contain_text("merged into the Lead")
    page.get_by_role("button", name="Merge", exact=True).click()
    expect(page.get_by_role("heading", name="Merge people", level=1)).to_be_visible()  # not without the tick
    page.get_by_label("can’t be undone").check()
    page.get_by_role("button", name="Merge", exact=True).click()

    expect(page.get_by_text("They are one person now.")).to_be_visible()
    expect(page.get_by_role("heading", name=f"Augusta {word}", level=1)).to_be_visible()
    expect(page.locator(".timeline-title", has_text="Merge People")).to_have_count(1)
    assert installation.person(email)["sfdc_id"] == first
    installation.run_cycle()
    (there,) = emulator.query(f"SELECT Id, FirstName, Title, City FROM Lead WHERE Email = '{email}'")
    assert (there["Id"], there["FirstName"], there["Title"], there["City"]) == (
        first,
        "Augusta",
        "Countess",
        "Bonn",
    )
    assert second != first
    page.goto("/people/duplicates/")
    expect(page.get_by_text(email)).to_have_count(0)
