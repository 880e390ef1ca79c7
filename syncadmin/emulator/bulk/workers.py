"""Threads that work jobs off, so that whoever made them can watch."""

from __future__ import annotations

import queue
import threading
from collections import defaultdict
from collections.abc import Callable

AT_ONCE = 4


class Workers:
    """Up to four jobs at once, each by one thread at a time. Threads start with the first job."""

    def __init__(self, work: Callable[[str], None]) -> None:
        self._work = work
        self._queue: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._starting = threading.Lock()
        self._locks: dict[str, threading.Lock] = defaultdict(threading.Lock)

    def submit(self, job_id: str) -> None:
        """Work on this job soon."""
        with self._starting:
            if not self._threads:
                self._threads = [
                    threading.Thread(target=self._loop, name="bulk", daemon=True) for _ in range(AT_ONCE)
                ]
                for thread in self._threads:
                    thread.start()
        self._queue.put(job_id)

    def stop(self) -> None:
        """Take no more jobs; what is being worked on has to end by itself."""
        for _ in self._threads:
            self._queue.put(None)

    def _loop(self) -> None:
        for job_id in iter(self._queue.get, None):
            with self._starting:
                lock = self._locks[job_id]
            with lock:
                self._work(job_id)
