"""The cast and the stage of all tests: three users, one emulator per module, one connection to it."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from hypothesis import HealthCheck, settings

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright's loop runs beside the ORM
settings.register_profile(
    "suite", deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
settings.register_profile("soak", parent=settings.get_profile("suite"), max_examples=2_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "suite"))


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """One more than there are cores: stories wait for browsers and worker processes half of the time."""
    return (os.cpu_count() or 1) + 1


NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def require_service(name: str, port: int) -> None:
    """Skip where a service isn't running; fail where it has to be (REQUIRE_SERVICES=1, as in CI)."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        if os.environ.get("REQUIRE_SERVICES"):
            pytest.fail(f"{name} must run here, and doesn't")
        pytest.skip(f"{name} isn't running on this machine")


def _user(name: str, group: str) -> User:
    user = User.objects.create_user(name, password="demo")
    user.groups.add(Group.objects.get(name=group))
    return user


@pytest.fixture
def viewer(db: None) -> User:
    return _user("viewer", "Viewer")


@pytest.fixture
def marketer(db: None) -> User:
    return _user("marketer", "Marketer")


@pytest.fixture
def administrator(db: None) -> User:
    return _user("administrator", "Administrator")


@pytest.fixture
def as_user(client: Any, request: pytest.FixtureRequest) -> Callable[[str], Any]:
    """``as_user("marketer")``: a browserless client, logged in as one of the cast."""

    def login(role: str) -> Any:
        client.force_login(request.getfixturevalue(role))
        return client

    return login


@pytest.fixture
def browser_of() -> Callable[[User | None], Client]:
    """A client logged in as somebody."""

    def log_in(user: User | None) -> Client:
        client = Client()
        if user:
            client.force_login(user)
        return client

    return log_in


@pytest.fixture(scope="module")
def emulator_server() -> Iterator[Any]:
    from syncadmin.emulator import EmulatorServer

    with EmulatorServer(seed="empty") as server:
        yield server


@pytest.fixture
def emulator(emulator_server: Any) -> Any:
    """A local Salesforce with integration user, two users, a queue, and no people. Reset for each test."""
    from tests.emulated import Emulated

    emulated = Emulated(emulator_server.url)
    emulated.reset("empty")
    return emulated


@pytest.fixture
def connection(db: None, emulator: Any) -> Any:
    """A connection to the emulator that has been tested, its schema read."""
    from syncadmin.models import Connection
    from syncadmin.services import connect

    made = Connection(instance_url=emulator.url, client_id="demo", client_secret="demo")
    report = connect(made, NOW)
    assert report.ok, report
    return Connection.objects.get()
