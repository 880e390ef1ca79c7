"""How many long calls run at once.

Source: the API Request Limits page: a call that has run for 20 seconds is a long one, and while 25 of them run
(5 in a Developer Edition) further calls are refused; code and text are quoted from live calls.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from syncadmin.emulator.errors import ApiError

SECONDS, MOST = 20.0, 25
TEXT = "ConcurrentRequests (Concurrent API Requests) Limit exceeded."


class LongCalls:
    """The calls that run now, one a thread. `seconds` and `most` may be lowered for tests."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._started: dict[int, float] = {}
        self.seconds, self.most = SECONDS, MOST

    @contextmanager
    def running(self) -> Iterator[None]:
        """This thread works on a call."""
        with self._lock:
            self._started[threading.get_ident()] = time.monotonic()
        try:
            yield
        finally:
            with self._lock:
                del self._started[threading.get_ident()]

    def check(self) -> None:
        """REQUEST_LIMIT_EXCEEDED if too many other calls are long ones."""
        since, me = time.monotonic() - self.seconds, threading.get_ident()
        with self._lock:
            count = sum(1 for thread, start in self._started.items() if thread != me and start <= since)
        if count >= self.most:
            raise ApiError(403, "REQUEST_LIMIT_EXCEEDED", TEXT)

    def reset(self) -> None:
        """The limits as at the start."""
        self.seconds, self.most = SECONDS, MOST
