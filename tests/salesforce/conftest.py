"""A Salesforce org over HTTP (the emulator), and a helper that gives orders to it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.request import Request, urlopen

import pytest

from syncadmin.emulator.server import EmulatorServer
from syncadmin.salesforce.auth import Credentials
from syncadmin.salesforce.org import SalesforceOrg
from syncadmin.sync.ports import Operation, Write


class Emulator:
    """Scenario verbs over the emulator's control API."""

    def __init__(self, url: str) -> None:
        self.url = url

    def tell(self, method: str, path: str, body: object = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = Request(  # noqa: S310 - the address of our own emulator
            f"{self.url}/emulator/{path}", data, {"Content-Type": "application/json"}, method=method
        )
        with urlopen(request, timeout=60) as answer:  # noqa: S310
            text = answer.read()
        return json.loads(text) if text else None

    def reset(self, seed: str = "empty") -> None:
        self.tell("DELETE", "faults")
        self.tell("POST", "reset", {"seed": seed})

    def fail(self, **fault: Any) -> None:
        self.tell("POST", "faults", fault)

    def heal(self) -> None:
        self.tell("DELETE", "faults")

    def rule(self, **rule: Any) -> None:
        self.tell("POST", "rules", rule)

    def expire_sessions(self) -> None:
        self.tell("POST", "session/expire", {})

    def requests(self, part: str = "") -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.tell("GET", "requests")["requests"]
        return [request for request in found if part in request["path"]]

    def logins(self) -> int:
        return len(self.requests("/oauth2/token")) + len(self.requests("/Soap/u/"))

    def api_calls(self) -> int:
        return sum(request["api_calls"] for request in self.requests())


@pytest.fixture(scope="module")
def running() -> Iterator[Emulator]:
    with EmulatorServer(seed="empty") as server:
        yield Emulator(server.url)


@pytest.fixture
def emulator(running: Emulator) -> Emulator:
    running.reset()
    return running


@pytest.fixture
def credentials(emulator: Emulator) -> Credentials:
    return Credentials(emulator.url, client_id="demo", client_secret="demo")


@pytest.fixture
def org(credentials: Credentials) -> SalesforceOrg:
    return SalesforceOrg(credentials)


@pytest.fixture
def website() -> Iterator[tuple[str, list[str]]]:
    """The address of a web server that is not Salesforce, and the requests that it saw."""
    seen: list[str] = []

    class Site(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            seen.append(self.path)
            page = b"<!DOCTYPE html><p>Welcome & enjoy"
            self.send_response(302 if "elsewhere" in str(self.headers.get("Sforce-Call-Options")) else 200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(page)))
            self.end_headers()
            self.wfile.write(page)

        do_GET = do_POST

        def log_message(self, *args: object) -> None:
            """Be quiet."""

    server = HTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", seen
    server.shutdown()
    server.server_close()


def new_lead(number: int = 1, **fields: Any) -> Write:
    auto_assign = bool(fields.pop("auto_assign", False))
    lead = {"LastName": f"Nr {number}", "Company": "ACME", "Email": f"nr{number}@example.com", **fields}
    return Write(Operation.CREATE, "Lead", lead, auto_assign=auto_assign)


def change(id: str, object: str = "Lead", **fields: Any) -> Write:
    auto_assign = bool(fields.pop("auto_assign", False))
    return Write(Operation.UPDATE, object, fields, id=id, auto_assign=auto_assign)
