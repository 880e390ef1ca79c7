"""The wire between the product and Salesforce, watched: something happens at the n-th request; and a clock to move."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
import stamina
from django.db import connection
from django.utils import timezone

from syncadmin.salesforce import collections, session

Act = Callable[[], object]


class Wire:
    """Counts the product's requests; runs an act before or after one of them. No request is sent in a transaction."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.number = 0
        self.depth: int | None = None
        """How many transactions are open around the test; None: nobody watches."""
        self._planned: tuple[int, bool, Act] | None = None
        send = session.LoopbackAdapter.send

        def watched(adapter: Any, *args: Any, **kwargs: Any) -> Any:
            if threading.current_thread() is not threading.main_thread():
                return send(adapter, *args, **kwargs)
            self.number += 1
            if self.depth is not None:
                assert len(connection.savepoint_ids) == self.depth, "a request inside a transaction"
            self._happen(self.number, is_after=False)
            number = self.number
            answer = send(adapter, *args, **kwargs)
            self._happen(number, is_after=True)
            return answer

        patch.setattr(session.LoopbackAdapter, "send", watched)

    def _happen(self, number: int, *, is_after: bool) -> None:
        if self._planned and self._planned[:2] == (number, is_after):
            act, self._planned = self._planned[2], None
            act()

    @contextmanager
    def at(self, number: int, *, is_after: bool, act: Act) -> Iterator[None]:
        """Within the block ``act`` happens once, before or after the n-th request from now."""
        self._planned = (self.number + number, is_after, act)
        try:
            yield
        finally:
            self._planned = None


class Clock:
    """Our clock: real time, and what a test adds to it."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.ahead = timedelta()
        real = timezone.now
        patch.setattr(timezone, "now", lambda: real() + self.ahead)

    def __call__(self) -> datetime:
        return timezone.now()


@contextmanager
def no_waiting(patch: pytest.MonkeyPatch) -> Iterator[None]:
    """Requests and records are tried again as often as ever, but at once."""
    patch.setattr(collections, "PAUSES", (0.0,) * len(collections.PAUSES))
    stamina.set_testing(True, attempts=100, cap=True)
    try:
        yield
    finally:
        stamina.set_testing(False)
