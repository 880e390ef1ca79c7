"""Rows that somebody else holds: writes to them fail with UNABLE_TO_LOCK_ROW until they are let go.

Source: the text as quoted from live calls, with HTTP 500 there and 400 elsewhere. A contact also needs the row of
its account, a campaign member that of its campaign (Record-Level Locking page), so those count too.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from syncadmin.emulator.errors import RecordError

PARENTS = ("AccountId", "CampaignId", "LeadId", "ContactId")


class Locks:
    """The held rows by id, and until when."""

    def __init__(self) -> None:
        self._held: dict[str, datetime] = {}
        self._lock = threading.Lock()

    def hold(self, ids: Iterable[str], until: datetime) -> None:
        """Somebody holds these rows until then; until now or before lets them go."""
        with self._lock:
            self._held |= dict.fromkeys(ids, until)

    def refuse(self, row: dict[str, Any], now: datetime) -> RecordError | None:
        """Why this row can't be written now; None if it can."""
        if not self._held:
            return None
        needed = [row.get("Id"), *(row.get(name) for name in PARENTS)]
        held = [key for key in needed if key and self._held.get(key, now) > now]
        return unable_to_lock(held) if held else None


def unable_to_lock(ids: list[str]) -> RecordError:
    """Somebody else holds these rows (text quoted from live calls)."""
    text = f"unable to obtain exclusive access to this record or {len(ids)} records: {','.join(ids)}"
    return RecordError("UNABLE_TO_LOCK_ROW", text, status=500)
