"""What the tests of real processes look at: who is there, and in whose session."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

LINUX = Path("/proc/self/stat").exists()


def session_of(leader: int) -> dict[int, int]:
    """The living processes of a session, each with its parent."""
    return {pid: parent for pid, (parent, session) in _living().items() if session == leader}


def children_of(parent: int) -> list[int]:
    return sorted(pid for pid, (its_parent, _) in _living().items() if its_parent == parent)


def title(pid: int) -> str:
    """What ``ps`` shows; django-q2 tells there what a process is for."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def with_environment(variable: str) -> list[int]:
    """The living processes that were started with ``NAME=value``."""
    return [pid for pid in _living() if variable.encode() in _environment(pid)]


def eventually(is_so: Callable[[], object], seconds: float = 60) -> float:
    """Wait until it is so; how long that took. The limit is for a machine that is busy with other tests."""
    began = time.monotonic()
    while not is_so():
        assert time.monotonic() - began < seconds, "it never happened"
        time.sleep(0.05)
    return time.monotonic() - began


def _environment(pid: int) -> list[bytes]:
    try:
        return Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return []


def _living() -> dict[int, tuple[int, int]]:
    """Parent and session by process id; the dead that nobody has buried don't count."""
    found: dict[int, tuple[int, int]] = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            fields = Path(f"/proc/{name}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if fields[0] not in "ZX":
            found[int(name)] = (int(fields[1]), int(fields[3]))
    return found
