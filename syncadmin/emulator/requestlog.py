"""What was asked of the org, in the order of the replies."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from syncadmin.emulator.wire import Request

KEPT = 20_000


@dataclass(frozen=True, slots=True)
class Entry:
    """A request and its reply; status 0 if the connection was cut before there was one."""

    at: datetime
    request: Request
    status: int

    def as_json(self) -> dict[str, Any]:
        """As `GET /emulator/requests` shows it.

        `query` and `subrequests` are there if there is something to show; so are a subrequest's `httpHeaders`.
        """
        request = self.request
        shown: dict[str, Any] = {
            "method": request.method,
            "path": request.path,
            "status": self.status,
            "api_calls": request.api_calls,
            "client": request.client,
        }
        if request.query_string:
            shown["query"] = request.query_string
        if request.subrequests:
            shown["subrequests"] = request.subrequests
        return shown


class RequestLog:
    """The last 20,000 entries."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=KEPT)

    def add(self, at: datetime, request: Request, status: int) -> None:
        """Write a request down, without its body."""
        request.body, request.payload = b"", None
        self._entries.append(Entry(at, request, status))

    def entries(self) -> list[Entry]:
        """All that is kept, oldest first."""
        return list(self._entries)

    def clear(self) -> None:
        """Forget it."""
        self._entries.clear()
