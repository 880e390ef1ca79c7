"""Node.js and the packages of this folder: there after `make clients`; has to be there in CI."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

HERE = Path(__file__).parent
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def node() -> Run:
    """``node("--test", "x.mjs", env={…}, input="…")``: run Node.js in this folder, its output as text."""
    program = shutil.which("node")
    if program is None or not (HERE / "node_modules").is_dir():
        why = "Node.js, or the packages that `make clients` installs"
        if os.environ.get("REQUIRE_SERVICES"):
            pytest.fail(f"{why} must be here, and aren't")
        pytest.skip(f"{why} aren't here")

    def run(
        *arguments: str, env: dict[str, str] | None = None, input: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [program, *arguments],
            cwd=HERE,
            env={**os.environ, **(env or {})},
            input=input,
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )

    return run
