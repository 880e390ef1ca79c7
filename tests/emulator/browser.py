"""A sales rep at a browser without JavaScript."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import requests


class Form(HTMLParser):
    """What a browser would send of the form with this action."""

    def __init__(self, html: str, action: str) -> None:
        super().__init__()
        self.action, self.inside, self.select, self.area = action, False, "", ""
        self.fields: list[tuple[str, str]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.inside = given["action"] == self.action if tag == "form" else self.inside
        if not self.inside:
            return
        if tag == "select":
            self.select = given["name"]
        elif tag == "option" and "selected" in given:
            self.fields.append((self.select, given["value"]))
        elif tag == "textarea":
            self.area = given["name"]
            self.fields.append((self.area, ""))
        elif tag == "input" and (given.get("type") not in ("checkbox", "radio") or "checked" in given):
            self.fields.append((given["name"], given.get("value", "")))

    def handle_data(self, data: str) -> None:
        if self.area:
            name, value = self.fields.pop()
            self.fields.append((name, (value + data).removeprefix("\n")))

    def handle_endtag(self, tag: str) -> None:
        self.inside = self.inside and tag != "form"
        self.area = "" if tag == "textarea" else self.area


class Rep:
    """A sales rep at the browser."""

    def __init__(self, url: str) -> None:
        self.url, self.session = url, requests.Session()
        self.session.trust_env = False

    def get(self, path: str, status: int = 200, **params: str) -> str:
        reply = self.session.get(self.url + path, params=params, timeout=10, allow_redirects=False)
        assert reply.status_code == status, reply.text
        return reply.headers.get("Location") or reply.text

    def post(self, path: str, status: int = 303, data: Any = None, **fields: str) -> str:
        reply = self.session.post(
            self.url + path,
            data=data or fields,
            timeout=10,
            allow_redirects=False,
            headers={"Accept": "text/html"},
        )
        assert reply.status_code == status, reply.text
        return reply.headers.get("Location") or reply.text

    def edit(self, path: str, status: int = 303, **changes: str | None) -> str:
        """Open the page, change fields of its form, save. None unticks a box."""
        fields = [
            (k, v)
            for k, v in Form(self.get(path), path).fields
            if changes.get(k, "") is not None or v != "true"
        ]
        kept = [(k, v) for k, v in fields if changes.get(k) is None]
        return self.post(path, status, [*kept, *((k, v) for k, v in changes.items() if v is not None)])


def page_of(record_id: str, sobject: str = "Lead") -> str:
    return f"/emulator/records/{sobject}/{record_id}"
