"""Results too big for a page: the ids of a moment, read page by page as the records then are.

Source: the Query page of the REST API guide (`01g…-2000`) and Execute a Query: cursors live two days. Ids are kept in
files, so that a result of a million records costs memory only while a page of it is read.
"""

from __future__ import annotations

import shutil
import tempfile
import threading
import weakref
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from syncadmin.emulator.errors import ApiError
from syncadmin.emulator.ids import make_id

ID = 18
LIFE = timedelta(days=2)
KEPT = 1000
IN_MEMORY = 3600 * ID


@dataclass(frozen=True, slots=True)
class Cursor:
    """A result: how to read its records, whose it is, since when, and the ids (or the file with them)."""

    compiled: Any
    user_id: str | None
    size: int
    made: datetime
    total: int
    ids: bytes | Path

    def part(self, start: int) -> list[str]:
        """The ids of the page that begins there."""
        first, length = start * ID, self.size * ID
        if isinstance(self.ids, bytes):
            text = self.ids[first : first + length].decode()
        else:
            with self.ids.open("rb") as file:
                file.seek(first)
                text = file.read(length).decode()
        return split(text)


class Cursors:
    """The open cursors: a thousand at most, the oldest are forgotten first."""

    def __init__(self) -> None:
        self._open: OrderedDict[str, Cursor] = OrderedDict()
        self._folder: Path | None = None
        self._lock = threading.Lock()
        self._count = 0

    def remember(self, compiled: Any, user_id: str | None, size: int, now: datetime, ids: str) -> str:
        """Keep a result; its key."""
        with self._lock:
            self._count += 1
            key = make_id("01g", self._count)
            kept = ids.encode() if len(ids) <= IN_MEMORY else self._write(key, ids)
            self._open[key] = Cursor(compiled, user_id, size, now, len(ids) // ID, kept)
            self._forget(now)
        return key

    def _write(self, key: str, ids: str) -> Path:
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="emulator-cursors-"))
            weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        path = self._folder / key
        path.write_text(ids)
        return path

    def _forget(self, now: datetime) -> None:
        while self._open:
            key, oldest = next(iter(self._open.items()))
            if len(self._open) <= KEPT and now - oldest.made <= LIFE:
                return
            del self._open[key]
            if isinstance(oldest.ids, Path):
                oldest.ids.unlink(missing_ok=True)

    def find(self, locator: str, user_id: str | None, now: datetime) -> tuple[str, Cursor, int]:
        """The key, cursor and place of `01g…-2000`; INVALID_QUERY_LOCATOR if it isn't open, or another's."""
        key, _, start = locator.rpartition("-")
        cursor = self._open.get(key)
        if cursor is None or not start.isdecimal() or int(start) > cursor.total or now - cursor.made > LIFE:
            raise ApiError(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
        if user_id is not None and user_id != cursor.user_id:
            raise ApiError(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
        return key, cursor, int(start)


def split(text: str) -> list[str]:
    """Ids that were written one behind the other."""
    return [text[n : n + ID] for n in range(0, len(text), ID)]
