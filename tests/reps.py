"""A sales rep with a session of her own in the emulator, and an integration that works under her name."""

from __future__ import annotations

from typing import Any

from tests.emulated import Emulated


class Rep(Emulated):
    """Sarah Bennett."""

    def login(self) -> None:
        token = self._session.post(
            f"{self.url}/services/oauth2/token",
            data={
                "grant_type": "password", "client_id": "demo", "client_secret": "demo",
                "username": "sarah.bennett@demo.example", "password": "demodemo",
            }, timeout=30,
        ).json()["access_token"]  # fmt: skip
        self._session.headers.update(
            {"Authorization": f"Bearer {token}", "Sforce-Call-Options": "client=rep"}
        )

    def create_all(self, leads: list[dict[str, Any]]) -> list[str]:
        """Up to 200 Leads at once; their ids."""
        return [answer["id"] for answer in self._write("POST", leads)]

    def edit_all(self, ids: list[str], **fields: Any) -> None:
        """The same change to up to 200 Leads at once."""
        self._write("PATCH", [{"Id": pk, **fields} for pk in ids])

    def _write(self, method: str, records: list[dict[str, Any]]) -> list[dict[str, Any]]:
        typed = [{"attributes": {"type": "Lead"}, **record} for record in records]
        answers: list[dict[str, Any]] = self.call(
            method, "composite/sobjects", {"allOrNone": True, "records": typed}
        )
        assert all(answer["success"] for answer in answers), answers
        return answers
