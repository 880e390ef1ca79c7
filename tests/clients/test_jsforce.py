"""The JavaScript client of Salesforce, unmodified: the steps are in jsforce.test.mjs, one test each."""

from __future__ import annotations

import re

from syncadmin.emulator import EmulatorServer

from .conftest import Run


def test_jsforce_works_against_the_emulator(node: Run) -> None:
    with EmulatorServer(seed="empty") as server:
        done = node("--test", "--test-reporter=tap", "jsforce.test.mjs", env={"EMULATOR_URL": server.url})
    passed = re.findall(r"^ *ok \d+ - (.+)$", done.stdout, re.M)
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(passed) >= 30
