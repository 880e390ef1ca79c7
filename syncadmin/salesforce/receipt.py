"""What is noted of one request: its sizes, status and headers, and the beginning of its bodies if they are wanted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus, urlsplit

if TYPE_CHECKING:
    from requests import PreparedRequest, Request, Response

#: The longest that Salesforce may ask us to wait within one request, in seconds.
LONGEST_WAIT = 20.0


@dataclass(frozen=True, slots=True)
class Usage:
    """Calls of the last 24 hours by all apps of the org, and how many it may make; 0 of 0 when not known."""

    used: int = 0
    limit: int = 0


@dataclass(slots=True)
class Receipt:
    """What ``restful`` keeps to itself of a response: ``status`` (0 without one), headers, and sizes in bytes.

    Not the response itself: that knows its request, which knows this hook, so a page's body would stay in memory
    until the garbage collector comes by. ``keep``: how many bytes of each body are kept, from its beginning.
    """

    keep: int = 0
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    method: str = ""
    path: str = ""
    sent: int = 0
    received: int = 0
    asked: bytes = b""
    answered: bytes = b""
    question: object = None
    """The body that was sent, before it became JSON."""
    content: object = None
    """The JSON that was answered."""

    def begin(self, method: str, path: str, question: object = None) -> None:
        """What is about to be asked, in case not even the request comes about."""
        self.method, self.path, self.question = method, path, question

    def catch(self, response: Response, *args: object, **kwargs: object) -> None:
        """A whole answer; a hook of requests."""
        self.catch_head(response)
        body = response.content
        self.received, self.answered = len(body), body[: self.keep]

    def catch_head(self, response: Response) -> None:
        """An answer whose body is taken piece by piece: a file."""
        self.status, self.headers = response.status_code, response.headers
        self.catch_request(response.request)

    def catch_request(self, request: Request | PreparedRequest | None) -> None:
        """What was sent, answered or not."""
        from requests import PreparedRequest

        if not isinstance(request, PreparedRequest):
            return
        parts = urlsplit(request.url or "")
        self.method = request.method or self.method
        self.path = parts.path + (f"?{unquote_plus(parts.query)}" if parts.query else "")
        length = str(request.headers.get("Content-Length", ""))
        self.sent = int(length) if length.isdigit() else 0
        if self.keep and isinstance(request.body, bytes | str):
            head = request.body[: self.keep]
            self.asked = head if isinstance(head, bytes) else head.encode()

    def header(self, name: str) -> str:
        return str(self.headers.get(name, ""))

    @property
    def usage(self) -> Usage | None:
        """What Salesforce tells of the usage, such as ``api-usage=18/15000; api-bursts=1/750``.

        https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/headers_api_usage.htm
        """
        told = re.search(r"\bapi-usage=(\d+)/(\d+)", self.header("Sforce-Limit-Info"))
        return Usage(int(told[1]), int(told[2])) if told else None

    @property
    def wait(self) -> float:
        """The seconds that Salesforce asks us to wait, within reason; 0 if it does not."""
        told = self.header("Retry-After")
        return min(float(told), LONGEST_WAIT) if told.isdigit() else 0.0

    @property
    def is_html(self) -> bool:
        return "html" in self.header("Content-Type").lower()
