"""Story: a full check finds what was written past the sync and what vanished, and a click repairs it."""

from __future__ import annotations

import sqlite3
import time

from playwright.sync_api import Page, expect

from tests.e2e.installation import Installation, unique


def write_past_the_sync(installation: Installation, email: str, city: str) -> None:
    """As somebody does who has the database open."""
    with sqlite3.connect(installation.dir / "syncadmin.sqlite3", timeout=30) as database:
        database.execute("UPDATE people_person SET city = ? WHERE email = ?", (city, email))


def check(page: Page) -> None:
    page.goto("/sync/reconcile/")
    page.get_by_role("button", name="Run check").click()
    expect(page.locator("#reconcile .chip").first).to_have_text("Done")


def test_a_full_check_finds_differences_says_why_and_repairs_them(
    marketer_page: Page, installation: Installation
) -> None:
    page, word = marketer_page, unique("Reconcile")
    emulator = installation.emulator
    changed, vanished = (
        emulator.create(
            LastName=f"{word}{n}", Company=word, Email=f"{word}{n}@example.com".lower(), City="Rome"
        )
        for n in ("changed", "vanished")
    )
    installation.run_cycle()
    write_past_the_sync(installation, f"{word}changed@example.com".lower(), "Paris")
    emulator.control("hard_delete", {"ids": [vanished]})
    time.sleep(1)  # Salesforce tells of deletions by whole seconds
    check(page)

    row = page.get_by_role("row", name=f"{word}changed")
    expect(row).to_contain_text("Unexplained")
    expect(row).to_contain_text("Here: Paris")
    expect(row).to_contain_text("In Salesforce: Rome")
    row.get_by_role("checkbox").check()
    page.get_by_role("button", name="Push ours").click()
    expect(page.get_by_role("row", name=f"{word}changed")).to_contain_text("In step now.")
    assert emulator.read("Lead", changed)["City"] == "Paris"

    gone = page.get_by_role("row", name=f"{word}vanished")
    expect(gone).to_contain_text("Gone in Salesforce")
    gone.get_by_role("button", name="Repair").click()
    expect(page.get_by_role("row", name=f"{word}vanished")).to_contain_text(
        "The person has followed its record."
    )
    assert installation.person(f"{word}vanished")["sfdc_is_deleted"] == "true"

    person = installation.person(f"{word}changed")["id"]
    page.goto(f"/people/{person}/")
    expect(page.get_by_role("region", name="Activity log")).to_contain_text("Full check #")
    check(page)
    expect(page.get_by_role("row", name=f"{word}changed")).to_have_count(0)


def test_an_administrator_has_it_run_every_night(admin_page: Page, marketer_page: Page) -> None:
    admin_page.goto("/sync/connection/")
    admin_page.get_by_label("Compare everything every night, at").select_option("03:00")
    admin_page.get_by_role("button", name="Save settings").click()
    check(marketer_page)
    expect(marketer_page.get_by_text("Every night at 03:00")).to_be_visible()
    admin_page.goto("/sync/connection/")
    admin_page.get_by_label("Compare everything every night, at").select_option("Never")
    admin_page.get_by_role("button", name="Save settings").click()
