"""Where the demo keeps its data, where it listens, and what its processes get as their environment."""

from __future__ import annotations

import base64
import fcntl
import os
import secrets
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

PROJECT = Path(__file__).resolve().parent.parent
HOST = "127.0.0.1"  # nobody else may reach accounts whose password everybody knows


class DemoError(Exception):
    """Why the demo can't go on, in words for whoever started it."""


@dataclass(frozen=True)
class Setup:
    """Where the demo keeps its data and where it listens."""

    folder: Path
    port: int
    emulator_port: int

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}/"

    @property
    def emulator_url(self) -> str:
        return f"http://{HOST}:{self.emulator_port}"

    def environment(self) -> dict[str, str]:
        """What the product's processes get: the demo's own data, whatever the shell is set up for."""
        return {
            **os.environ,
            **_keys(self.folder / "keys.env"),
            "DJANGO_SETTINGS_MODULE": "syncadmin.settings",
            "DEMO_DIR": str(self.folder),
            "DATABASE_URL": f"sqlite:///{quote(str(self.folder / 'syncadmin.sqlite3'))}",
            "STATIC_ROOT": str(self.folder / "static"),
            "REDIS_URL": "",
            "DEBUG": "false",
            "HTTPS": "false",
            "LOG_LEVEL": "WARNING",
            "WEBHOOK_PRIVATE_HOSTS": "127.0.0.1",  # to try webhooks with what listens here
            "PYTHONUNBUFFERED": "1",
        }


def read_setup(environ: Mapping[str, str]) -> Setup:
    """From DEMO_DIR, DEMO_PORT and DEMO_EMULATOR_PORT. DemoError if a port is none, or in use."""
    ports = {"DEMO_PORT": "8000", "DEMO_EMULATOR_PORT": "8900"}
    numbers = [_free_port(name, environ.get(name) or default) for name, default in ports.items()]
    return Setup(Path(environ.get("DEMO_DIR") or PROJECT / "demo").resolve(), *numbers)


def _free_port(variable: str, text: str) -> int:
    if not (text.isdecimal() and 0 < int(text) < 65536):
        raise DemoError(f"{variable} is {text!r}, which is no port. Give a number from 1 to 65535.")
    port = int(text)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise DemoError(
                f"Port {port} can't be used ({error.strerror}). Stop the program that has it, or choose another: "
                f"make demo {variable}={port + 1 if port < 65535 else 8000}"
            ) from None
    return port


def _keys(path: Path) -> dict[str, str]:
    """The demo's keys; made at the first start, readable by nobody else."""
    if not path.exists():
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(f"SECRET_KEY={secrets.token_urlsafe(50)}\n")
            file.write(f"FIELD_ENCRYPTION_KEY={base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()}\n")
    lines = path.read_text().split()
    return dict(line.split("=", 1) for line in lines)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Two demos on the same data would spoil it."""
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise DemoError(f"A demo is running already with the data in {folder}.") from None
        yield
