"""``make demo`` starts everything, stops everything, and goes on where it stopped."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests
from django.conf import settings
from django.core.exceptions import ValidationError

from people.models import PersonField
from people.values import clean_value
from syncadmin.demo_people import demo_people
from syncadmin.demo_setup import DemoError, read_setup
from tests.processes import LINUX, eventually, with_environment

START_SECONDS = 200
STOP_SECONDS = 40


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Running:
    """A demo that has been started."""

    process: subprocess.Popen[str]
    folder: Path
    url: str
    log: Path

    def wait(self) -> None:
        def is_up() -> bool:
            assert self.process.poll() is None, self.log.read_text()
            return "Ctrl-C" in self.log.read_text()

        eventually(is_up, START_SECONDS)

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(STOP_SECONDS)

    def log_in(self, name: str) -> requests.Session:
        browser = requests.Session()
        page = browser.get(f"{self.url}/login/", timeout=60).text
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
        assert token
        values = {"csrfmiddlewaretoken": token[1], "username": name, "password": "demo"}
        answer = browser.post(
            f"{self.url}/login/", values, headers={"Referer": f"{self.url}/login/"}, timeout=30
        )
        assert answer.status_code == 200
        assert "sessionid" in browser.cookies
        return browser


@pytest.fixture
def demos(tmp_path: Path) -> Iterator[list[Running]]:
    """Those that a test started; what is left of them is ended."""
    started: list[Running] = []
    yield started
    for demo in started:
        if demo.process.poll() is None:
            demo.process.terminate()
            demo.process.wait(STOP_SECONDS)


def start(demos: list[Running], folder: Path, port: int, emulator_port: int) -> Running:
    log = folder.parent / f"log-{len(demos)}.txt"
    environment = os.environ | {
        "DEMO_DIR": str(folder),
        "DEMO_PORT": str(port),
        "DEMO_EMULATOR_PORT": str(emulator_port),
        "DATABASE_URL": "sqlite:////nowhere/of-no-concern-to-the-demo.sqlite3",
    }
    with log.open("w") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "syncadmin.demo"],
            cwd=settings.BASE_DIR, env=environment, stdout=file, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
    demos.append(Running(process, folder, f"http://127.0.0.1:{port}", log))
    return demos[-1]


@pytest.mark.skipif(not LINUX, reason="reads /proc")
@pytest.mark.timeout(600)
@pytest.mark.xdist_group("processes")
def test_the_demo_starts_stops_and_goes_on(demos: list[Running], tmp_path: Path) -> None:
    ports = free_port(), free_port()
    first = start(demos, tmp_path / "demo", *ports)
    first.wait()
    assert json.loads(requests.get(f"{first.url}/health/", timeout=60).text)
    browser = first.log_in("admin")
    eventually(lambda: "Maren" in browser.get(f"{first.url}/people/?q=Albrecht", timeout=60).text)
    assert first.stop() == 0
    eventually(lambda: not with_environment(f"DEMO_DIR={first.folder}"), seconds=20)
    assert "Traceback" not in first.log.read_text()

    second = start(demos, tmp_path / "demo", *ports)
    second.wait()
    assert second.log_in("viewer").get(f"{second.url}/people/", timeout=60).status_code == 200
    assert "Connected" not in second.log.read_text()
    assert second.stop() == 0


@pytest.mark.skipif(not LINUX, reason="reads /proc")
@pytest.mark.timeout(400)
@pytest.mark.xdist_group("processes")
def test_a_child_that_dies_is_told_and_ends_the_demo(demos: list[Running], tmp_path: Path) -> None:
    demo = start(demos, tmp_path / "demo", free_port(), free_port())
    demo.wait()
    emulator = next(
        pid for pid in with_environment(f"DEMO_DIR={demo.folder}") if "syncadmin.emulator" in _command(pid)
    )
    os.kill(emulator, signal.SIGKILL)
    assert demo.process.wait(STOP_SECONDS) == 1
    assert "The emulator has ended (signal 9)." in demo.log.read_text()
    eventually(lambda: not with_environment(f"DEMO_DIR={demo.folder}"), seconds=20)


def _command(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_text()


@pytest.mark.parametrize("variable", ["DEMO_PORT", "DEMO_EMULATOR_PORT"])
def test_a_port_in_use_is_told_with_the_variable_that_changes_it(variable: str) -> None:
    free = {"DEMO_PORT": str(free_port()), "DEMO_EMULATOR_PORT": str(free_port())}
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(DemoError, match=rf"Port {port} .*make demo {variable}="):
            read_setup(free | {variable: str(port)})


def test_a_port_that_is_none_is_told() -> None:
    with pytest.raises(DemoError, match="DEMO_PORT is 'eighty'"):
        read_setup({"DEMO_PORT": "eighty"})


@pytest.mark.django_db
def test_the_people_of_the_demo_are_as_forms_leave_them() -> None:
    now = datetime(2026, 11, 22, tzinfo=UTC)
    fields = {field.name: field for field in PersonField.objects.all()}
    people = list(demo_people(now))
    for values, _, moment in people:
        assert moment < now
        for name, value in values.items():
            try:
                assert clean_value(fields[name], value) == value
            except ValidationError as error:
                pytest.fail(f"{name} {value!r}: {error}")
    assert len({values["email"] for values, _, _ in people}) == len(people) == 40
    assert any("company" not in values for values, _, _ in people)
    assert any("last_name" not in values for values, _, _ in people)
