"""``make demo``: the whole product in one terminal, with a Salesforce of its own. Ctrl-C ends all of it.

This process only starts the others, passes on what they say, and ends them; it needs nothing but Python. Everything
the demo keeps is in one folder, so that the next start goes on where this one ended.
"""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from syncadmin.demo_setup import HOST, PROJECT, DemoError, Setup, alone, read_setup
from syncadmin.lifeline import die_with_parent

START_SECONDS = 120
GRACE_SECONDS = 5
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
GUNICORN = (
    "--workers=2", "--threads=4", "--graceful-timeout=2", "--no-control-socket", "--log-level=warning",
)  # fmt: skip


class Stopped(Exception):
    """Ctrl-C, or a signal of the same meaning."""


@dataclass
class Child:
    """One of the demo's processes, in a session of its own: Ctrl-C reaches only us, and we end it in good order."""

    name: str
    process: subprocess.Popen[bytes]
    unfinished: bytes = b""

    def lines(self) -> Iterator[str]:
        """Complete lines that it has written since the last look."""
        assert self.process.stdout is not None  # noqa: S101
        with suppress(BlockingIOError):
            while chunk := os.read(self.process.stdout.fileno(), 65536):
                self.unfinished += chunk
        *complete, self.unfinished = self.unfinished.split(b"\n")
        for line in complete:
            yield line.decode(errors="replace")


@dataclass
class Demo:
    """The running demo."""

    setup: Setup
    environ: dict[str, str]
    children: list[Child] = field(default_factory=list)
    watch: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)

    def start(self, name: str, *command: str) -> Child:
        """Start a process that dies with this one, however this one dies."""
        process = subprocess.Popen(  # noqa: S603
            [sys.executable, *command], cwd=PROJECT, env=self.environ,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
            preexec_fn=partial(die_with_parent, os.getpid(), signal.SIGTERM),
        )  # fmt: skip
        assert process.stdout is not None  # noqa: S101
        os.set_blocking(process.stdout.fileno(), False)
        child = Child(name, process)
        self.children.append(child)
        self.watch.register(process.stdout, selectors.EVENT_READ, child)
        return child

    def run(self) -> None:
        """Start everything, in order, and stay until told to stop."""
        say("Starting the Salesforce emulator ...")
        data = str(self.setup.folder / "salesforce.sqlite3")
        port = str(self.setup.emulator_port)
        self.start("emulator", "-m", "syncadmin.emulator", "--host", HOST, "--port", port, "--data", data)
        self.wait_until(partial(answers, f"{self.setup.emulator_url}/services/data/"), "the emulator")
        say("Preparing the database ...")
        prepare = self.start("prepare", "manage.py", "demo", "--emulator", self.setup.emulator_url)
        self.wait_until(lambda: prepare.process.poll() is not None, "the database", finished=prepare)
        say("Starting the web server and the worker ...")
        address = f"{HOST}:{self.setup.port}"
        self.start("web", "-m", "gunicorn", "syncadmin.wsgi", "--bind", address, *GUNICORN)
        self.start("worker", "manage.py", "worker", "--grace", str(GRACE_SECONDS))
        self.wait_until(partial(answers, f"{self.setup.url}health/"), "the web server")
        say(box(self.setup))
        while True:
            self.look(0.5)

    def wait_until(self, ready: Callable[[], bool], what: str, finished: Child | None = None) -> None:
        """Ask four times a second."""
        began = time.monotonic()
        while not ready():
            asked = time.monotonic()
            while (left := asked + 0.25 - time.monotonic()) > 0:
                self.look(left, finished)
            if asked - began > START_SECONDS:
                raise DemoError(f"Waited {START_SECONDS} seconds for {what}, in vain. What it said is above.")
        if finished is not None:
            self.take_leave(finished)

    def look(self, seconds: float, finished: Child | None = None) -> None:
        """Pass on what the children say; DemoError if one has ended that shouldn't have."""
        for key, _ in self.watch.select(seconds):
            for line in key.data.lines():
                if key.data.name != "emulator" or not line.startswith("listening"):
                    say(f"{key.data.name:<8} | {line}")
            if key.data.process.poll() is not None:
                self.watch.unregister(key.fileobj)  # else its end would be news for ever
        for child in self.children:
            if child is not finished and child.process.poll() is not None:
                raise DemoError(f"The {child.name} has ended ({reason(child.process.returncode)}).")

    def take_leave(self, child: Child) -> None:
        """A child that was to end has ended."""
        self.look(0, child)
        self.children.remove(child)
        if child.process.returncode:
            raise DemoError(f"The demo could not be prepared ({reason(child.process.returncode)}).")

    def stop(self) -> None:
        """The worker first, while what it works with is still there; then the others."""
        for number in SIGNALS:
            signal.signal(number, signal.SIG_IGN)  # it takes seconds; impatience must not leave a half
        last = [child for child in self.children if child.name == "emulator"]
        self._end([child for child in self.children if child not in last], GRACE_SECONDS + 3)
        self._end(last, 2)

    def _end(self, children: list[Child], seconds: float) -> None:
        for child in children:
            child.process.terminate()
        deadline = time.monotonic() + seconds
        for child in children:
            while child.process.poll() is None and time.monotonic() < deadline:
                list(child.lines())  # a full pipe must not hold it up
                time.sleep(0.05)
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(child.process.pid, signal.SIGKILL)
            child.process.wait()


def answers(url: str) -> bool:
    """Whether there is a page."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except OSError:
        return False


def reason(code: int) -> str:
    return f"exit code {code}" if code >= 0 else f"signal {-code}"


def box(setup: Setup) -> str:
    """What one needs to know, framed."""
    with suppress(ValueError):
        setup = Setup(setup.folder.relative_to(Path.cwd()), setup.port, setup.emulator_port)
    lines = [
        f"Syncadmin    {setup.url}",
        "Log in as    admin, marketer or viewer; the password is: demo",
        f"Salesforce   {setup.emulator_url}/emulator/   (an emulator: edit records there)",
        "",
        f"Ctrl-C stops the demo. Its data stays in {setup.folder}: delete it to start afresh.",
    ]
    width = max(map(len, lines))
    rule = f"+{'-' * (width + 2)}+"
    return "\n".join(["", rule, *(f"| {line:<{width}} |" for line in lines), rule, ""])


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _stop(*_: object) -> None:
    raise Stopped


def main() -> int:
    """Run the demo; 0 if it was stopped, 1 if it can't run."""
    for number in SIGNALS:
        signal.signal(number, _stop)
    try:
        setup = read_setup(os.environ)
        with alone(setup.folder):
            demo = Demo(setup, setup.environment())
            try:
                demo.run()
            finally:
                demo.stop()
    except Stopped:
        say("\nThe demo has stopped.")
        return 0
    except DemoError as error:
        sys.stderr.write(f"\n{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
