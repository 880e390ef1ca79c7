"""Story: an administrator sees that the backlog grows, who and what caused it, and what to do."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.installation import Account, Installation, unique
from tests.reps import Rep

PEOPLE = 120


def measured_before(installation: Installation, *, hours: int, waited: int) -> None:
    """A sample of hours ago, as the worker would have taken it then."""
    figures = {"push": {"Lead": {"due": waited}, "Contact": {}, "": {}}, "pull": {}, "steps": 0}
    at = datetime.now(UTC) - timedelta(hours=hours, minutes=2)
    with sqlite3.connect(installation.dir / "syncadmin.sqlite3", timeout=30) as database:
        database.execute(
            "INSERT INTO syncadmin_backlogsample (at, figures, took_ms) VALUES (?, ?, 1)",
            (at.strftime("%Y-%m-%d %H:%M:%S.%f"), json.dumps(figures)),
        )


@pytest.fixture
def admin(installation: Installation) -> Iterator[Account]:
    """Who pauses the sync, and lets it go on whatever happens."""
    account = installation.account("admin")
    yield account
    account.post("/sync/connection/pause/", paused="0")
    installation.run_cycle()


def test_an_administrator_sees_a_growing_backlog_its_cause_and_what_to_do(
    admin_page: Page, installation: Installation, admin: Account
) -> None:
    page, word, sarah = admin_page, unique("Backlog"), Rep(installation.emulator.url)
    sarah.login()
    leads = sarah.create_all(
        [
            {"LastName": f"{word}{n}", "Company": word, "Email": f"{word}{n}@b.example".lower()}
            for n in range(PEOPLE)
        ]
    )
    installation.run_cycle()
    installation.emulator.control("clock", {"advance_seconds": 2})
    sarah.edit_all(leads, HasOptedOutOfFax=True)  # which doesn't sync
    installation.run_cycle()
    admin.post("/sync/connection/pause/", paused="1")
    for hours, waited in ((6, 0), (1, 40)):
        measured_before(installation, hours=hours, waited=waited)
    people = [
        {"email": f"{word}{n}@b.example".lower(), "company": word, "city": "Bonn"} for n in range(PEOPLE)
    ]
    installation.add_people(people)

    page.goto("/")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Backlog").click()
    state = page.get_by_role("status").filter(has_text="Counted")
    expect(state).to_contain_text("The backlog is growing")
    expect(state).to_contain_text("120 Leads that wait to be pushed, against 0 six hours ago.")
    line = page.get_by_role("row", name="Leads to Salesforce")
    expect(line).to_contain_text("Growing")
    expect(line).to_contain_text("not while paused")

    there = page.get_by_role("region", name="What caused it, in Salesforce")
    expect(
        there.get_by_role("row", name="Sarah Bennett").filter(has_text="Only fields that don’t sync")
    ).to_contain_text("120")
    here = page.get_by_role("region", name="What caused it, here")
    row = here.get_by_role("row", name="CSV import people.csv, by marketer").filter(has_text="Lead")
    expect(row.first).to_contain_text("City 120")
    expect(here).to_contain_text("They go to Salesforce with the next cycles; nothing has to be done.")

    with page.expect_download() as file:
        page.get_by_role("link", name="Export the causes").click()
    assert file.value.suggested_filename.startswith("backlog-causes-day")

    line.get_by_role("link", name="Leads to Salesforce").click()
    expect(page.get_by_role("heading", name="People", level=1)).to_be_visible()
    expect(page.get_by_role("link", name=f"{word}{PEOPLE - 1}")).to_be_visible()

    admin.post("/sync/connection/pause/", paused="0")
    installation.run_cycle()
    page.goto("/sync/backlog/")
    expect(page.get_by_role("row", name="Leads to Salesforce")).to_contain_text("Normal")
