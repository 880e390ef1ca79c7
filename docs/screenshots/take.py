"""``make screenshots``: run a demo of its own, and take pictures of its pages."""

from __future__ import annotations

import json
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parent.parent))

from playwright.sync_api import Page, sync_playwright  # noqa: E402

from syncadmin.demo_setup import PROJECT, Setup  # noqa: E402

PAGES = {
    "dashboard": "/",
    "people": "/people/",
    "person": "/people/3/",
    "runs": "/sync/runs/",
    "failures": "/sync/failures/",
    "fields": "/sync/fields/",
    "owners": "/sync/owners/",
    "connection": "/sync/connection/",
}
SIZE = {"width": 1360, "height": 900}
OFFLINE = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
# Some that work, one without a company, one without a last name, one with a telephone number the org refuses.
SENT = ["1", "2", "3", "4", "5", "9", "12"]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        setup = Setup(Path(folder) / "demo", _free_port(), _free_port())
        with running(setup):
            _manage(setup, "sync_person", *SENT)
            _manage(setup, "sync")
            with sync_playwright() as playwright:
                chromium = next(
                    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome")))
                )
                browser = playwright.chromium.launch(executable_path=chromium, args=OFFLINE)
                _take(browser.new_page(viewport=SIZE, device_scale_factor=1), setup.url.rstrip("/"))
                browser.close()


@contextmanager
def running(setup: Setup) -> Iterator[None]:
    """A demo, its first cycle done."""
    setup.folder.mkdir(parents=True)
    names = {"DEMO_DIR": setup.folder, "DEMO_PORT": setup.port, "DEMO_EMULATOR_PORT": setup.emulator_port}
    environment = setup.environment() | {name: str(value) for name, value in names.items()}
    demo = subprocess.Popen([sys.executable, "-m", "syncadmin.demo"], cwd=PROJECT, env=environment)
    try:
        while not _has_synced(setup):
            time.sleep(0.5)
        yield
    finally:
        demo.send_signal(signal.SIGINT)
        demo.wait()


def _has_synced(setup: Setup) -> bool:
    try:
        with urllib.request.urlopen(f"{setup.url}health/", timeout=5) as answer:  # noqa: S310
            return json.load(answer)["sync"] == "healthy"
    except OSError:
        return False


def _manage(setup: Setup, *command: str) -> None:
    subprocess.run(  # noqa: S603
        [sys.executable, "manage.py", *command], cwd=PROJECT, env=setup.environment(), check=False
    )


def _take(page: Page, url: str) -> None:
    page.goto(f"{url}/login/")
    page.fill("input[name=username]", "admin")
    page.fill("input[name=password]", "demo")
    page.click("button[type=submit]")
    for name, path in PAGES.items():
        page.goto(url + path)
        page.wait_for_load_state("networkidle")
        page.screenshot(path=FOLDER / f"{name}.png")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    main()
