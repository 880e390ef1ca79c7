"""``python -m tests.e2e.screenshots``: take the pictures in docs/screenshots anew, of an installation made for it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from syncadmin.demo_setup import PROJECT
from tests.e2e.conftest import log_in
from tests.e2e.installation import BROWSER, Installation, running

FOLDER = PROJECT / "docs" / "screenshots"
WIDTH, HEIGHT, HEIGHT_OF_PERSON = 1280, 860, 1400
MOST_BYTES = 250_000
SENT = ("Albrecht", "Kern", "Demir", "Whitaker", "Penhallow", "Ellison", "Lombardo", "Holmqvist")
REFUSED = ("Brandt", "Pohl", "Ginevra")


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as installation:
        prepare(installation)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(**BROWSER)
            page = browser.new_page(base_url=installation.url, reduced_motion="reduce")
            log_in(page, "admin")
            for name, show in PICTURES.items():
                page.set_viewport_size({"width": WIDTH, "height": HEIGHT})
                show(page, installation)
                take(page, name)
            browser.close()


def prepare(installation: Installation) -> None:
    """A morning's work: both sides edit, some people are sent, a few are refused, one field is in conflict."""
    for edits in ({"Title": "Head of Growth"}, {"Phone": "+1 415 555 0142"}, {"City": "Lyon"}):
        for lead in installation.emulator.query("SELECT Id FROM Lead ORDER BY CreatedDate DESC LIMIT 9"):
            installation.emulator.edit("Lead", lead["Id"], **edits)
        installation.run_cycle()
    installation.sync([_id(installation, name) for name in SENT])
    installation.sync([_id(installation, name) for name in REFUSED])
    person = installation.person("Lombardo")
    installation.emulator.edit("Lead", person["sfdc_id"], Title="Export Director")
    installation.marketer.post(f"/people/{person['id']}/edit/", **person | {"job_title": "Head of Export"})
    installation.run_cycle()


def _id(installation: Installation, name: str) -> int:
    return int(installation.people(q=name)[0]["id"])


def show_dashboard(page: Page, _: Installation) -> None:
    page.emulate_media(color_scheme="light")
    page.goto("/")


def show_dark_dashboard(page: Page, _: Installation) -> None:
    page.emulate_media(color_scheme="dark")
    page.goto("/")


def show_people(page: Page, _: Installation) -> None:
    page.emulate_media(color_scheme="light")
    page.goto("/people/")
    for number in range(1, 4):
        page.get_by_role("row").nth(number).get_by_role("checkbox").check()


def show_person(page: Page, installation: Installation) -> None:
    page.set_viewport_size({"width": WIDTH, "height": HEIGHT_OF_PERSON})
    page.goto(f"/people/{_id(installation, 'Lombardo')}/")


def show_sync(page: Page, installation: Installation) -> None:
    contact = installation.people(type="Contact")[0]["id"]
    others = [row["id"] for row in installation.people(state="not_in_sfdc")[:4]]
    page.goto("/campaigns/sync/?" + "&".join(f"ids={number}" for number in (contact, *others)))
    page.get_by_label("Lead Owner").select_option("APAC Leads")
    page.get_by_role("alert").wait_for()


def show_fields(page: Page, _: Installation) -> None:
    page.goto("/sync/fields/")
    page.get_by_role("row", name="Job Title").locator("[name^=winner-]").select_option(index=1)


PICTURES: dict[str, Callable[[Page, Installation], None]] = {
    "dashboard": show_dashboard,
    "dashboard-dark": show_dark_dashboard,
    "people": show_people,
    "person": show_person,
    "sync": show_sync,
    "fields": show_fields,
}


def take(page: Page, name: str) -> None:
    path = FOLDER / f"{name}.png"
    page.wait_for_load_state("networkidle")
    page.screenshot(path=path)
    assert path.stat().st_size < MOST_BYTES, f"{name} is too large for a picture in the documents"


if __name__ == "__main__":
    main()
