"""Stories: a look ahead, then the start of the sync; and a cycle that the guard stops."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.installation import WAIT_SECONDS, Installation, unique
from tests.processes import eventually

SETTINGS = {
    "form": "settings", "pause_minutes": "5", "lead_winner": "ours", "contact_winner": "ours", "matching": "email",
    "contact_queue": "duplicate", "deleted_here": "comes_back", "guard_share": "20", "guard_least": "100",
}  # fmt: skip


def connect(installation: Installation, host: str) -> None:
    """The same org under another address."""
    installation.account("admin").post(
        "/sync/connection/", form="credentials", action="save", method="client_credentials", client_id="demo",
        client_secret="demo", api_version="62.0", instance_url=installation.emulator.url.replace("127.0.0.1", host),
    )  # fmt: skip


def look_ahead(page: Page) -> None:
    page.get_by_role("button", name="Look ahead").or_(page.get_by_role("button", name="Look again")).click()
    expect(page.get_by_text("API calls of the cycle")).to_be_visible(timeout=WAIT_SECONDS * 1000)


@pytest.fixture
def not_started(installation: Installation) -> Iterator[None]:
    """Nobody has started the sync yet; afterwards it goes on as before."""
    connect(installation, "localhost")
    yield
    admin = installation.account("admin")
    connect(installation, "127.0.0.1")
    admin.post("/sync/preview/")
    eventually(lambda: "Start syncing" in admin.get("/sync/preview/").text, WAIT_SECONDS)
    admin.post("/sync/preview/start/")
    eventually(lambda: installation.health()["sync"] == "healthy", WAIT_SECONDS)


def test_who_connects_looks_at_the_first_sync_and_starts_it(
    admin_page: Page, installation: Installation, not_started: None
) -> None:
    page, name = admin_page, unique("ahead")
    installation.emulator.create(LastName=name, Company="Ahead", Email=f"{name}@ahead.example")
    page.goto("/")
    expect(page.get_by_role("banner")).to_contain_text("Not started")
    expect(page.get_by_role("button", name="Sync now")).to_have_count(0)
    page.get_by_role("link", name="What would the first sync do?").click()
    look_ahead(page)
    expect(page.get_by_role("heading", name="This is what the first sync would do")).to_be_visible()
    expect(page.get_by_role("row", name=f"New person {name}")).to_be_visible()
    assert not installation.people(q=name)
    page.get_by_role("button", name="Start syncing").click()
    expect(page.get_by_text("The sync has been started")).to_be_visible()
    expect(page.get_by_role("heading", name="The sync is healthy: in step with Demo Org.")).to_be_visible(
        timeout=WAIT_SECONDS * 1000
    )
    eventually(lambda: installation.people(q=name), WAIT_SECONDS)


@pytest.fixture
def strict_guard(installation: Installation) -> Iterator[None]:
    """Three people are an unusual share."""
    admin = installation.account("admin")
    admin.post("/sync/connection/", **SETTINGS | {"guard_share": "1", "guard_least": "3"})
    yield
    admin.post("/sync/connection/", **SETTINGS)
    installation.run_cycle()


def test_a_mass_change_is_stopped_until_an_administrator_lets_it_run(
    admin_page: Page, installation: Installation, strict_guard: None
) -> None:
    page, emulator = admin_page, installation.emulator
    # Nobody's story, and such as the org's rule about phone numbers lets be edited.
    where = "IsConverted = false AND City != null AND Phone LIKE '+%'"
    leads = emulator.query(f"SELECT Id FROM Lead WHERE {where} ORDER BY CreatedDate LIMIT 12")
    for lead in leads:
        emulator.edit("Lead", lead["Id"], City="Nowhere")
    page.goto("/")
    page.get_by_role("button", name="Sync now").click()
    expect(page.get_by_role("heading", name="The guard has stopped the sync.")).to_be_visible()
    expect(
        page.get_by_text(re.compile(r"would be overwritten here,.* most in the field City"))
    ).to_be_visible()
    expect(page.get_by_text("changed by Integration User")).to_be_visible()
    assert not installation.people(q="Nowhere")
    page.get_by_role("button", name="Run anyway").click()
    page.get_by_role("dialog").get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="The sync is healthy: in step with Demo Org.")).to_be_visible()
    page.get_by_role("link", name="All cycles").first.click()
    page.locator("tbody tr").first.get_by_role("link").click()
    expect(page.get_by_text("Run anyway, past the guard, by")).to_be_visible()
    assert emulator.read("Lead", leads[0]["Id"])["City"] == "Nowhere"
