"""What the benchmarks stand on: emulators, empty databases, children that measure, and tap-salesforce beside us."""

from __future__ import annotations

import base64
import json
import os
import re
import secrets
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import requests

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent
WORKSHOP = PROJECT / ".bench"
TAP = "tap-salesforce==2.8.1"
TAP_HOME = WORKSHOP / TAP.replace("==", "-")
CHILD_SECONDS = 3600
API = "/services/data/v62.0"


@dataclass(frozen=True)
class Emulator:
    """A running emulator, in a process of its own."""

    url: str
    pid: int

    def calls(self) -> int:
        """API calls since the last look, as the emulator counted them."""
        address = f"{self.url}/emulator/requests"
        found = requests.get(address, timeout=60).json()["requests"]
        requests.delete(address, timeout=60)
        return sum(request["api_calls"] for request in found)

    def session(self) -> requests.Session:
        session = requests.Session()
        form = {"grant_type": "client_credentials", "client_id": "demo", "client_secret": "demo"}
        token = session.post(f"{self.url}/services/oauth2/token", data=form, timeout=60).json()
        session.headers["Authorization"] = f"Bearer {token['access_token']}"
        return session

    def read_all(self, fields: list[str]) -> tuple[int, float, float]:
        """Read every Lead and do nothing with it: pages, seconds, seconds of the emulator's own CPU."""
        session, cpu, began, pages = self.session(), self.cpu(), time.monotonic(), 0
        path = f"{API}/query?q=SELECT+{','.join(fields)}+FROM+Lead+ORDER+BY+SystemModstamp,Id"
        while path:
            text = session.get(f"{self.url}{path}", timeout=60).text
            found = re.search(r'"nextRecordsUrl" ?: ?"([^"]+)"', text)
            path, pages = found[1] if found else "", pages + 1
        return pages, time.monotonic() - began, self.cpu() - cpu

    def cpu(self) -> float:
        """CPU seconds the emulator has used; 0 where the system doesn't tell."""
        try:
            fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return 0.0
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def emulator(leads: int) -> Iterator[Emulator]:
    """An emulator with so many Leads."""
    command = [sys.executable, "-m", "syncadmin.emulator", "--port", "0", "--seed", str(leads)]
    process = subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        url = process.stdout.readline().rpartition(" ")[2].strip()
        if not url:
            raise RuntimeError("The emulator didn't start; what it said is above.")
        yield Emulator(url, process.pid)
    finally:
        process.terminate()
        process.wait(30)


# --- Databases ----------------------------------------------------------------------------------------


@contextmanager
def database(kind: str) -> Iterator[str]:
    """The DATABASE_URL of an empty database, which is gone afterwards."""
    if kind == "SQLite":
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            yield f"sqlite:///{folder}/bench.sqlite3"
        return
    name = f"bench_{secrets.token_hex(6)}"
    with psycopg.connect(_postgres(), autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
        try:
            yield urlunsplit(urlsplit(_postgres())._replace(path=f"/{name}"))
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def kinds() -> list[str]:
    """SQLite, and PostgreSQL if it answers."""
    try:
        psycopg.connect(_postgres(), connect_timeout=3).close()
    except psycopg.Error as error:
        where = urlsplit(_postgres())
        print(f"PostgreSQL is skipped: {where.hostname}:{where.port or 5432} can't be used ({error}).")
        print("BENCH_POSTGRES=postgres://user:password@host:port/ names another one.\n")
        return ["SQLite"]
    return ["SQLite", "PostgreSQL"]


def _postgres() -> str:
    return os.environ.get("BENCH_POSTGRES") or "postgres://postgres@127.0.0.1:5432/"


# --- Children -----------------------------------------------------------------------------------------


def measure(script: str, *arguments: object, database: str = "") -> dict[str, Any]:
    """Run one of the scripts beside this one in a fresh process; what it found is its last line, in JSON."""
    key = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
    environment = os.environ | {
        "PYTHONPATH": str(PROJECT), "DJANGO_SETTINGS_MODULE": "syncadmin.settings", "DATABASE_URL": database,
        "SECRET_KEY": secrets.token_urlsafe(50), "FIELD_ENCRYPTION_KEY": key, "REDIS_URL": "",
        "DEBUG": "false", "HTTPS": "false", "LOG_LEVEL": "WARNING",
    }  # fmt: skip
    return _last_line([sys.executable, str(HERE / script), *map(str, arguments)], environment)


def _last_line(command: list[str], environment: dict[str, str] | None = None) -> dict[str, Any]:
    done = subprocess.run(
        command,
        cwd=PROJECT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        timeout=CHILD_SECONDS,
        check=True,
    )
    return dict(json.loads(done.stdout.splitlines()[-1]))


def is_tap_installed() -> bool:
    return (TAP_HOME / "installed").exists()


def tap_python() -> Path:
    """The Python that has tap-salesforce, made at the first call. CalledProcessError if it can't be installed."""
    python = TAP_HOME / "bin" / "python"
    if not is_tap_installed():
        print(f"Installing {TAP} in {TAP_HOME.relative_to(PROJECT)}", flush=True)
        venv.create(TAP_HOME, with_pip=True, clear=True)
        (WORKSHOP / ".gitignore").write_text("*\n")
        subprocess.run([python, "-m", "pip", "install", "-qq", TAP], check=True)
        (TAP_HOME / "installed").touch()
    return python


def run_tap(python: Path, url: str, fields: list[str]) -> dict[str, Any]:
    """Have the tap print all Leads to nowhere."""
    script = HERE / "tap_salesforce_local.py"
    with open(os.devnull, "w") as nowhere:
        done = subprocess.run(
            [python, script, url, ",".join(fields)], stdout=nowhere, stderr=subprocess.PIPE, text=True,
            timeout=CHILD_SECONDS, check=False,
        )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"The tap failed:\n{done.stderr[-3000:]}")
    return dict(json.loads(done.stderr.splitlines()[-1]))
