"""A running installation, and browsers in which marketer, administrator and viewer are logged in to it.

A page on which the browser reports an error (a script that fails, something missing, something that the content
security policy forbids) fails its test.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from tests.alerts.receivers import Mailbox, mail_server
from tests.e2e.installation import BROWSER, Installation, running

HERE = Path(__file__).parent
SECONDS = 20
OpenPage = Callable[..., Page]
#: What Chromium and htmx call an error, and is what we ask for: the answer to a form that is refused, and a request
#: that gives way to a newer one (a request that fails says htmx:sendError or htmx:responseError besides).
MEANT = ("status of 422", "htmx:sendAbort", "htmx:afterRequest")

expect.set_options(timeout=SECONDS * 1000)


def pytest_configure(config: pytest.Config) -> None:
    config.option.screenshot = "only-on-failure"  # under test-results/


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All share one installation, and so one process."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("e2e"))
            item.add_marker(pytest.mark.timeout(300))


@pytest.fixture(scope="session")
def mailbox() -> Iterator[Mailbox]:
    """What the installation has sent by e-mail."""
    with mail_server() as box:
        yield box


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory, mailbox: Mailbox) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("installation")
    with running(folder, EMAIL_URL=f"smtp://127.0.0.1:{mailbox.port}") as found:
        yield found


@pytest.fixture(autouse=True)
def well(request: pytest.FixtureRequest) -> Iterator[None]:
    """Everything runs, and when a test is over, Salesforce is as it was."""
    if "installation" not in request.fixturenames:
        yield
        return
    installation: Installation = request.getfixturevalue("installation")
    assert installation.process.poll() is None, f"The demo has ended:\n{installation.log.read_text()}"
    yield
    installation.emulator.clear_faults()


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    if BROWSER["executable_path"] is None:
        pytest.fail("The browser tests need Chromium: make chromium")
    return BROWSER


@pytest.fixture(scope="session")
def browser_context_args() -> dict[str, Any]:
    return {"viewport": {"width": 1280, "height": 900}, "reduced_motion": "reduce", "locale": "en-GB"}


@pytest.fixture(scope="session")
def logged_in(browser: Browser, installation: Installation) -> Callable[[str], Any]:
    """The cookies of somebody who has logged in through the form."""
    kept: dict[str, Any] = {}

    def cookies(name: str) -> Any:
        if name not in kept:
            with browser.new_context(base_url=installation.url) as context:
                log_in(context.new_page(), name)
                kept[name] = context.storage_state()
        return kept[name]

    return cookies


def log_in(page: Page, name: str) -> None:
    page.goto("/login/")
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password").fill("demo")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="Dashboard", level=1)).to_be_visible()


@pytest.fixture
def errors() -> Iterator[list[str]]:
    """What browsers complained of."""
    found: list[str] = []
    yield found
    assert not found, "\n".join(found)


def watch(watched: BrowserContext | Page, errors: list[str]) -> None:
    """Write down what the browser complains of in all its pages, or in one."""

    def on_console(message: ConsoleMessage) -> None:
        if message.type == "error" and not any(meant in message.text for meant in MEANT):
            errors.append(f"{message.location.get('url')}: {message.text}")

    watched.on("console", on_console)
    if isinstance(watched, Page):
        watched.on("pageerror", lambda error: errors.append(f"{watched.url}: {error}"))
    else:
        watched.on("weberror", lambda error: errors.append(f"{error.page and error.page.url}: {error.error}"))


@pytest.fixture
def open_page(
    installation: Installation, new_context: Any, logged_in: Callable[[str], Any], errors: list[str]
) -> OpenPage:
    """``open_page("admin")``: a page in a browser of its own; ``open_page()``: nobody is logged in."""

    def make(name: str = "") -> Page:
        state = logged_in(name) if name else None
        context = new_context(base_url=installation.url, storage_state=state)
        watch(context, errors)
        return context.new_page()

    return make


@pytest.fixture
def marketer_page(open_page: OpenPage) -> Page:
    return open_page("marketer")


@pytest.fixture
def admin_page(open_page: OpenPage) -> Page:
    return open_page("admin")


@pytest.fixture
def viewer_page(open_page: OpenPage) -> Page:
    return open_page("viewer")
