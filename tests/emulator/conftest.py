"""A server for each test, on a port of its own, and a client that speaks to it as any client would."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from syncadmin.emulator import EmulatorServer

DATA = "/services/data/v59.0"
LOGIN = {"grant_type": "client_credentials", "client_id": "demo", "client_secret": "demo"}


class Api:
    """A logged-in client."""

    def __init__(self, emulator: EmulatorServer) -> None:
        self.emulator, self.org, self.url = emulator, emulator.org, emulator.url
        self.session = requests.Session()
        self.session.trust_env = False
        self.login()

    def login(self) -> None:
        reply = self.session.post(f"{self.url}/services/oauth2/token", data=LOGIN, timeout=10)
        self.session.headers["Authorization"] = f"Bearer {reply.json()['access_token']}"

    def call(self, method: str, path: str, json: Any = None, **options: Any) -> requests.Response:
        """A data call if the path has no leading slash, else any path of the server."""
        full = path if path.startswith("/") else f"{DATA}/{path}"
        return self.session.request(method, self.url + full, json=json, timeout=20, **options)

    def query(self, soql: str, **options: Any) -> Any:
        return self.call("GET", "query", params={"q": soql}, **options).json()

    def records(self, soql: str) -> list[dict[str, Any]]:
        """The records of a query, without their attributes."""
        return [{k: v for k, v in r.items() if k != "attributes"} for r in self.query(soql)["records"]]

    def refusal(self, soql: str) -> tuple[str, str]:
        """Code and text of the error a query gets."""
        error = self.query(soql)[0]
        return error["errorCode"], error["message"]

    def create(self, sobject: str = "Lead", /, **values: Any) -> str:
        """The id of a new record; leads and contacts get what they need to be saved."""
        needed = {"Lead": {"LastName": "Vogel", "Company": "Acme"}, "Contact": {"LastName": "Vogel"}}
        reply = self.call("POST", f"sobjects/{sobject}", {**needed.get(sobject, {}), **values})
        assert reply.status_code == 201, reply.text
        return str(reply.json()["id"])

    def get(self, record_id: str, sobject: str = "Lead") -> dict[str, Any]:
        reply = self.call("GET", f"sobjects/{sobject}/{record_id}")
        assert reply.status_code == 200, reply.text
        return dict(reply.json())

    def control(self, path: str, body: Any, method: str = "POST") -> Any:
        reply = self.call(method, f"/emulator/{path}", body)
        assert reply.status_code == 200, reply.text
        return reply.json()

    def user(self, name: str) -> str:
        return str(self.org.query(f"SELECT Id FROM User WHERE Name = '{name}'")[0]["Id"])

    def queue(self, name: str) -> str:
        return str(self.org.query(f"SELECT Id FROM Group WHERE DeveloperName = '{name}'")[0]["Id"])


def _api(seed: str) -> Iterator[Api]:
    with EmulatorServer(seed=seed) as emulator:
        api = Api(emulator)
        yield api
        api.session.close()


@pytest.fixture
def api() -> Iterator[Api]:
    """An org with users, a queue and custom fields, but no records."""
    yield from _api("0")


@pytest.fixture
def bare() -> Iterator[Api]:
    """An org without custom fields."""
    yield from _api("empty")


@pytest.fixture
def demo() -> Iterator[Api]:
    """The demo org."""
    yield from _api("demo")
