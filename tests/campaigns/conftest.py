"""The stage of the flow step tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from syncadmin.models import Connection
from tests.flow import Stage


@pytest.fixture
def stage(connection: Connection, emulator: Any, as_user: Callable[[str], Any]) -> Stage:
    return Stage(emulator, as_user("marketer"))
