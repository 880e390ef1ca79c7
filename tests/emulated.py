"""The emulator as tests speak of it: what a sales rep does, what goes wrong, what was asked of it."""

from __future__ import annotations

from typing import Any

import requests


class Emulated:
    """A running emulator. Records are read and written as its integration user, unless said otherwise."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._session = requests.Session()

    def control(self, path: str, body: Any = None, method: str = "POST") -> Any:
        answer = self._session.request(method, f"{self.url}/emulator/{path}", json=body, timeout=30)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def reset(self, seed: str | int = "empty") -> None:
        self.control("reset", {"seed": seed})
        self.login()

    def login(self) -> None:
        """The rep's own session, which expires with the product's."""
        token = self._session.post(
            f"{self.url}/services/oauth2/token",
            data={"grant_type": "client_credentials", "client_id": "demo", "client_secret": "demo"},
            timeout=30,
        ).json()["access_token"]
        self._session.headers.update(
            {
                "Authorization": f"Bearer {token}",
                "Sforce-Auto-Assign": "FALSE",
                "Sforce-Call-Options": "client=rep",
            }
        )

    # -- what a sales rep does ----------------------------------------------------------------------------

    def call(self, method: str, path: str, body: Any = None, **params: str) -> Any:
        answer = self._session.request(
            method, f"{self.url}/services/data/v62.0/{path}", json=body, params=params, timeout=30
        )
        assert answer.status_code < 300, answer.text
        return answer.json() if answer.content else None

    def create(self, object: str = "Lead", **fields: Any) -> str:
        return str(self.call("POST", f"sobjects/{object}", fields)["id"])

    def edit(self, object: str, sfdc_id: str, **fields: Any) -> None:
        self.call("PATCH", f"sobjects/{object}/{sfdc_id}", fields)

    def delete(self, object: str, sfdc_id: str) -> None:
        self.call("DELETE", f"sobjects/{object}/{sfdc_id}")

    def read(self, object: str, sfdc_id: str) -> dict[str, Any]:
        return dict(self.call("GET", f"sobjects/{object}/{sfdc_id}"))

    def convert(self, lead_id: str) -> str:
        """Convert a Lead to a new Contact of a new Account; returns the Contact's id."""
        self.control("convert", {"lead_id": lead_id})
        return str(self.read("Lead", lead_id)["ConvertedContactId"])

    def query(self, soql: str) -> list[dict[str, Any]]:
        return list(self.call("GET", "query", q=soql)["records"])

    # -- what goes wrong ----------------------------------------------------------------------------------

    def fault(self, **fault: Any) -> None:
        self.control("faults", fault)

    def clear_faults(self) -> None:
        self.control("faults", method="DELETE")

    def rules(self, **rules: Any) -> None:
        self.control("rules", rules)

    def expire_sessions(self) -> None:
        self.control("session/expire")

    # -- what was asked of it -----------------------------------------------------------------------------

    def requests(self) -> list[dict[str, Any]]:
        """What the product asked (the rep's own requests left out)."""
        return [r for r in self.control("requests", method="GET")["requests"] if r["client"] != "rep"]

    def api_calls(self) -> int:
        return sum(request["api_calls"] for request in self.requests())
