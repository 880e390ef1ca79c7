"""Everybody can use it: by keyboard alone, and as axe checks WCAG 2.2 A and AA, in every size and theme."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e.conftest import OpenPage, watch
from tests.e2e.installation import Installation, unique

ALL = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
CONTRAST = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
# Structure doesn't depend on the theme: each size gets all rules once, and those about colours in both themes.
LOOKS = ((1280, "light", ALL), (1280, "dark", CONTRAST), (390, "light", CONTRAST), (390, "dark", ALL))
PAGES = (
    "/", "/wall/", "/people/?q=son", "/people/?q=nobody-has-this", "/people/new/", "/people/{person}/",
    "/people/{person}/edit/",
    "/people/import/", "/people/delete/?ids={person}", "/campaigns/", "/campaigns/sync/?ids={person}",
    "{run}", "/sync/runs/", "/sync/failures/", "/sync/conflicts/", "/sync/conflicts/flip-flops/",
    "/sync/fields/?q=name", "/sync/owners/",
    "/sync/connection/", "/sync/fields/changes/", "/people/duplicates/", "/people/duplicates/?by=name",
    "/people/merge/?ids={person}&ids=1", "/people/deleted/", "/sync/review/",
    "/sync/reconcile/", "/sync/failures/?group={group}", "/sync/failures/{failure}/",
    "/sync/tokens/", "/sync/retention/", "/api/v1/docs/",
    "/sync/backlog/", "/sync/backlog/?span=hour",
    "/sync/alerts/", "/sync/alerts/mine/", "/sync/alerts/shared/", "/sync/alerts/shared/new/",
    "/sync/alerts/deliveries/",
    "/sync/api/", "/sync/api/?span=month", "/sync/requests/", "/sync/requests/3/",
    "/people/{person}/timeline/", "/people/{person}/explain/", "/people/{person}/check/",
    "/people/{person}/fields/phone/", "/sync/trace/", "/sync/trace/?q=nobody@nowhere.example", "/sync/trace/?q=a",
)  # fmt: skip


@pytest.fixture(scope="session")
def addresses(installation: Installation) -> dict[str, str]:
    """Of somebody whom Salesforce refuses, which shows most of what there is; and of the run."""
    person = installation.add_person(
        last_name="Axe", company="Axe", email=f"{unique()}@axe.example", phone="0341 555 0190"
    )
    run = installation.start_sync([person])
    installation.sync([person])
    installation.marketer.post("/sync/reconcile/")
    failure = (installation.failures(q="Axe") or installation.failures())[0]
    installation.account("admin").post(
        "/sync/alerts/shared/new/", name="#axe", method="email", address="axe@example.com", kinds=["failures"],
        digest_hour="8", time_zone="UTC", test="1",
    )  # fmt: skip
    return {"person": str(person), "run": run, "failure": failure["id"], "group": failure["cause_id"]}


def violations(page: Page) -> list[str]:
    page.evaluate(Axe().axe_script)
    return [found for look in LOOKS for found in _violations(page, *look)]


def _violations(page: Page, width: int, theme: Literal["light", "dark"], rules: Any) -> Iterator[str]:
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", theme)
    options = {"runOnly": rules, "resultTypes": ["violations"]}
    for rule in page.evaluate("options => axe.run(options)", options)["violations"]:
        where = ", ".join(str(node["target"]) for node in rule["nodes"][:3])
        yield f"{page.url} {width} {theme}: {rule['id']}: {where}"
    wide = page.evaluate("document.documentElement.scrollWidth")
    if wide > width:
        yield f"{page.url}: {wide} pixels wide on a screen of {width}"


@pytest.fixture(scope="module")
def shared_context(
    browser: Browser, installation: Installation, logged_in: Callable[[str], Any]
) -> Iterator[Any]:
    """One for all, which is faster."""
    with browser.new_context(base_url=installation.url, storage_state=logged_in("admin")) as made:
        yield made


@pytest.fixture
def one_page(shared_context: BrowserContext, errors: list[str]) -> Iterator[Page]:
    page = shared_context.new_page()
    watch(page, errors)
    yield page
    page.close()


@pytest.mark.parametrize("address", PAGES)
def test_axe_finds_nothing(address: str, one_page: Page, addresses: dict[str, str]) -> None:
    one_page.goto(address.format(**addresses))
    expect(one_page.locator("h1")).to_be_visible()
    assert violations(one_page) == []


def test_axe_finds_nothing_before_the_login(open_page: OpenPage) -> None:
    page = open_page()
    page.goto("/login/")
    assert violations(page) == []


def test_one_can_log_in_and_move_about_by_keyboard_alone(open_page: OpenPage) -> None:
    page = open_page()
    page.goto("/login/")
    expect(page.get_by_label("User name")).to_be_focused()
    page.keyboard.type("marketer")
    page.keyboard.press("Tab")
    page.keyboard.type("demo")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Dashboard", level=1)).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("main :focus")).to_be_visible()


def test_the_menu_of_a_small_screen_opens_by_keyboard(open_page: OpenPage) -> None:
    page = open_page("viewer")
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto("/")
    menu = page.get_by_role("button", name="Navigation")
    expect(page.get_by_role("link", name="Lead owners")).to_be_hidden()
    menu.focus()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Lead owners").press("Enter")
    expect(page.get_by_role("heading", name="Lead owners")).to_be_visible()
