"""Python clients, unmodified and in an environment of their own: what they do is in *_client.py."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from syncadmin.emulator import EmulatorServer

HERE = Path(__file__).parent
PYTHON = HERE / ".venv" / "bin" / "python"


@pytest.mark.parametrize(("module", "steps"), [("sf_toolkit_client", 12), ("salesforce_bulk_client", 4)])
def test_a_python_client_works_against_the_emulator(module: str, steps: int) -> None:
    if not PYTHON.exists():
        why = "the packages that `make clients` installs"
        if os.environ.get("REQUIRE_SERVICES"):
            pytest.fail(f"{why} must be here, and aren't")
        pytest.skip(f"{why} aren't here")
    with EmulatorServer(seed="0") as server:
        token = server.org.sessions.open(server.org.state.integration_user)
        done = subprocess.run(
            [PYTHON, "-m", "unittest", "-v", module],
            cwd=HERE,
            env={**os.environ, "EMULATOR_URL": server.url, "EMULATOR_TOKEN": token, "NO_PROXY": "*"},
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(re.findall(r"\.\.\. ok$", done.stderr, re.M)) == steps
