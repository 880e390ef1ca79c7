"""A whole installation, as ``make demo`` runs it: emulator, web, worker. Used by the tests and by the pictures."""

from __future__ import annotations

import csv
import io
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property, partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import requests

from syncadmin.demo_setup import PROJECT
from syncadmin.lifeline import die_with_parent
from tests.emulated import Emulated
from tests.processes import LINUX, eventually, with_environment

START_SECONDS, STOP_SECONDS, WAIT_SECONDS = 120, 20, 60
BROWSER: dict[str, Any] = {
    "executable_path": next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    ),
    "args": [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync",
    ],
}  # fmt: skip


def unique(word: str = "e2e") -> str:
    """A word that no other test uses."""
    return f"{word}{secrets.token_hex(3)}"


class Account:
    """Somebody at work in another browser: what a test needs to be so, without looking at it."""

    def __init__(self, url: str, name: str) -> None:
        self.url = url
        self.session = requests.Session()
        self.get("/login/")
        self.post("/login/", username=name, password="demo")
        assert "sessionid" in self.session.cookies, f"{name} can't log in"

    def get(self, path: str) -> requests.Response:
        answer = self.session.get(self.url + path, timeout=30)
        answer.raise_for_status()
        return answer

    def post(
        self, path: str, files: Mapping[str, tuple[str, str]] | None = None, **values: Any
    ) -> requests.Response:
        """The last page that it leads to."""
        headers = {"X-CSRFToken": self.session.cookies["csrftoken"]}
        answer = self.session.post(self.url + path, data=values, files=files, headers=headers, timeout=30)
        assert answer.status_code == 200, f"{path}: {answer.status_code}"
        return answer


@dataclass
class Installation:
    """A running installation. The verbs prepare what a test looks at, so they go past the browser."""

    url: str
    emulator: Emulated
    dir: Path
    process: subprocess.Popen[bytes]
    log: Path
    _accounts: dict[str, Account] = field(default_factory=dict)

    def account(self, name: str) -> Account:
        if name not in self._accounts:
            self._accounts[name] = Account(self.url, name)
        return self._accounts[name]

    @cached_property
    def marketer(self) -> Account:
        return self.account("marketer")

    # -- people ---------------------------------------------------------------------------------------------

    def add_person(self, **values: Any) -> int:
        """A person of ours, made by the marketer; the id."""
        page = self.marketer.post("/people/new/", **values)
        return int(page.url.rstrip("/").rpartition("/")[2])

    def add_people(self, people: Sequence[Mapping[str, str]]) -> list[int]:
        """The same for many, by an import; all have the company of the first one."""
        text = io.StringIO()
        writer = csv.DictWriter(text, fieldnames=list(people[0]))
        writer.writeheader()
        writer.writerows(people)
        preview = self.marketer.post("/people/import/", files={"file": ("people.csv", text.getvalue())})
        self.marketer.post(preview.url.removeprefix(self.url) + "confirm/")
        return [int(row["id"]) for row in self.people(q=people[0]["company"])]

    def people(self, **filters: str) -> list[dict[str, str]]:
        """People who match a filter, as the export has them."""
        query = urlencode({"all": "1", "filter": urlencode(filters)})
        return self._table(f"/people/export/?{query}")

    def person(self, text: str) -> dict[str, str]:
        """The one person who is found by a text."""
        (found,) = self.people(q=text)
        return found

    def failures(self, **filters: str) -> list[dict[str, str]]:
        """Open failures that match a filter, as the export has them."""
        return self._table(f"/sync/failures/export/?{urlencode(filters)}")

    # -- the sync -------------------------------------------------------------------------------------------

    def health(self) -> dict[str, Any]:
        answer: dict[str, Any] = requests.get(f"{self.url}/health/", timeout=10).json()
        return answer

    def run_cycle(self) -> None:
        """*Sync now*, and wait for the end of a cycle that began after this moment."""
        eventually(lambda: not self.health()["running"], WAIT_SECONDS)
        asked = datetime.now(UTC)
        eventually(self._is_requested, WAIT_SECONDS)
        eventually(partial(self._has_cycled, asked), WAIT_SECONDS)

    def _is_requested(self) -> bool:
        """Refused while a cycle is under way, which may have begun too early to see what was done before."""
        return "A sync cycle was requested" in self.marketer.post("/sync/now/").text

    def _has_cycled(self, asked: datetime) -> bool:
        health = self.health()
        return not health["running"] and datetime.fromisoformat(health["last_cycle_at"]) > asked

    def start_sync(self, ids: Sequence[int], assign_to: str = "rules") -> str:
        """*Sync Person to SFDC*; the address of the run."""
        page = self.marketer.post("/campaigns/sync/", ids=list(ids), assign_to=assign_to, confirmed="1")
        return page.url.removeprefix(self.url)

    def sync(self, ids: Sequence[int], assign_to: str = "rules") -> list[dict[str, str]]:
        """The same, to its end; what became of each person."""
        run = self.start_sync(ids, assign_to)
        eventually(lambda: "hx-trigger" not in self.marketer.get(f"{run}progress/").text, WAIT_SECONDS)
        return self._table(f"{run}export/")

    def _table(self, path: str) -> list[dict[str, str]]:
        text = self.marketer.get(path).content.decode("utf-8-sig")
        return list(csv.DictReader(io.StringIO(text)))


@contextmanager
def running(folder: Path, **environ: str) -> Iterator[Installation]:
    """A demo of its own, its first cycle done; afterwards nothing of it is left."""
    folder.mkdir(parents=True, exist_ok=True)
    ports = free_port(), free_port()
    data, log = folder / "demo", folder / "log.txt"
    names = {"DEMO_DIR": data, "DEMO_PORT": ports[0], "DEMO_EMULATOR_PORT": ports[1]}
    with log.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "syncadmin.demo"], cwd=PROJECT, stdin=subprocess.DEVNULL, stdout=file,
            stderr=subprocess.STDOUT, env=os.environ | environ | {name: str(value) for name, value in names.items()},
            preexec_fn=partial(die_with_parent, os.getpid(), signal.SIGTERM),
        )  # fmt: skip
    emulator = Emulated(f"http://127.0.0.1:{ports[1]}")
    installation = Installation(f"http://127.0.0.1:{ports[0]}", emulator, data, process, log)
    try:
        eventually(partial(_has_begun, installation), START_SECONDS)
        emulator.login()
        yield installation
    finally:
        process.send_signal(signal.SIGINT)
        code = process.wait(STOP_SECONDS)
    assert code == 0, log.read_text()
    if LINUX:
        eventually(lambda: not with_environment(f"DEMO_DIR={data}"), seconds=5)
    assert "Traceback" not in log.read_text(), log.read_text()


def _has_begun(installation: Installation) -> bool:
    assert installation.process.poll() is None, installation.log.read_text()
    try:
        return bool(installation.health()["sync"] == "healthy")
    except requests.RequestException:  # not there yet, or still loading
        return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
