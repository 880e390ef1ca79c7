"""While very many people come in, the database's idea of its tables gets old."""

from __future__ import annotations

from people import bulk
from people.models import Activity, Person
from syncadmin.models import PendingCreate, SyncFailure, SyncState, Tombstone

#: New people in a step after which a look is worth its time; then again whenever there are twice as many.
FIRST = 5_000


class Growth:
    """Told how many people are new, it has the database look at the tables of the sync again in time."""

    def __init__(self) -> None:
        self._next = FIRST

    def told(self, new: int) -> None:
        """So many people are new since the step began."""
        if new >= self._next:
            self._next = 2 * new
            # The small ones too: of a table at which it never looked, PostgreSQL expects a thousand rows.
            bulk.look_again(new, Person, Activity, SyncState, SyncFailure, PendingCreate, Tombstone)
