"""From the click on *Sync now* to the Lead on the person's page, through everything that ``make demo`` starts.

Usage: python click.py CLICKS
What a browser does is done here: post the form, load the page it leads to, ask for its moving part as often as the
page says, and load the page again once that is done. The database is SQLite, the worker has nothing else to do.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

import requests
from stage import PROJECT

PATIENCE = 60
#: What the page says about its moving part: where it is, and how often to ask.
MOVING = re.compile(r'<div id="person-run"[^>]*? hx-get="([^"]+)"[^>]*? hx-trigger="every ([\d.]+)(m?s)"')


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, demo(Path(folder)) as url:
        database = Path(folder) / "syncadmin.sqlite3"
        wait_for_first_cycle(database)
        browser = Browser(url)
        times = [browser.click(browser.new_person()) for _ in range(int(sys.argv[1]))]
        waiting, working = worker_times(database)
    print(json.dumps({
        "median": statistics.median(times), "max": max(times), "clicks": len(times), "every": browser.every,
        "waiting": statistics.median(waiting), "working": statistics.median(working),
    }))  # fmt: skip


@contextmanager
def demo(folder: Path) -> Iterator[str]:
    """The demo with data of its own: emulator, web server, worker."""
    port, other = free_ports()
    ours = {"DEMO_DIR": str(folder), "DEMO_PORT": str(port), "DEMO_EMULATOR_PORT": str(other)}
    command = [sys.executable, "-m", "syncadmin.demo"]
    process = subprocess.Popen(command, cwd=PROJECT, env=os.environ | ours, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        said = []
        for line in process.stdout:
            said.append(line)
            if "Ctrl-C" in line:
                break
        else:
            raise RuntimeError("".join(said))
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE)


def free_ports() -> list[int]:
    with socket.socket() as one, socket.socket() as other:
        for probe in (one, other):
            probe.bind(("127.0.0.1", 0))
        return [one.getsockname()[1], other.getsockname()[1]]


def rows(database: Path, query: str) -> list[tuple]:
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(query).fetchall()


def wait_for_first_cycle(database: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while not rows(database, "SELECT 1 FROM syncadmin_syncrun WHERE state = 'done'"):
        assert time.monotonic() < deadline, "the first cycle hasn't ended"
        time.sleep(0.2)


def worker_times(database: Path) -> tuple[list[float], list[float]]:
    """Seconds that the jobs waited for the worker, and that it worked on them."""
    query = "SELECT requested_at, started_at, ended_at FROM campaigns_flowsteprun"
    moments = [[datetime.fromisoformat(text) for text in row] for row in rows(database, query)]
    waiting = [(started - requested).total_seconds() for requested, started, _ in moments]
    return waiting, [(ended - started).total_seconds() for _, started, ended in moments]


class Browser:
    """Somebody who is logged in as a marketer."""

    def __init__(self, url: str) -> None:
        self.url, self.every = url, 0.0
        self.session = requests.Session()
        self.post("/login/", "/login/", username="marketer", password="demo")
        assert "sessionid" in self.session.cookies

    def get(self, path: str) -> str:
        answer = self.session.get(f"{self.url}{path}", timeout=PATIENCE)
        answer.raise_for_status()
        return answer.text

    def post(self, page: str, path: str, **values: str) -> requests.Response:
        """Send a form that stands on a page, as far as its redirect leads."""
        return self.send(path, values, self.get(page))

    def send(self, path: str, values: dict[str, str], page: str) -> requests.Response:
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
        assert token
        form = values | {"csrfmiddlewaretoken": token[1]}
        headers = {"Referer": f"{self.url}{path}"}
        answer = self.session.post(f"{self.url}{path}", form, headers=headers, timeout=PATIENCE)
        answer.raise_for_status()
        return answer

    def new_person(self) -> str:
        """The path of somebody new's page."""
        name = f"Click {secrets.token_hex(4)}"
        mail = f"{name.replace(' ', '.').lower()}@bench.example"
        answer = self.post("/people/new/", "/people/new/", last_name=name, company="Bench Ltd.", email=mail)
        return answer.url.removeprefix(self.url)

    def click(self, path: str) -> float:
        """Seconds until the page shows the Lead."""
        page = self.get(path)
        assert not lead_on(page), "a new person is no Lead yet"
        values = {"ids": path.strip("/").rpartition("/")[2], "back": "person", "assign_to": "rules"}
        began = time.monotonic()
        answer = self.send("/campaigns/sync/", values, page)
        page = part = answer.text
        while moving := MOVING.search(part):
            assert time.monotonic() - began < PATIENCE, "it takes too long"
            self.every = float(moving[2]) / (1000 if moving[3] == "ms" else 1)
            time.sleep(self.every)
            part = self.get(moving[1].replace("&amp;", "&"))
        if part is not page:
            page = self.get(answer.url.removeprefix(self.url))
        assert lead_on(page), "the page shows no Lead"
        return time.monotonic() - began


def lead_on(page: str) -> bool:
    return bool(re.search(r'href="[^"]+/00Q\w{15}"', page))


main()
