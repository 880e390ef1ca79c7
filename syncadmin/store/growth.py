"""While very many people come in, the database's idea of its tables gets old."""

from __future__ import annotations

from people import bulk
from people.models import Person
from syncadmin.models import PendingCreate, SyncFailure, SyncState, Tombstone

#: New people in a step after which a look is worth its time; then again whenever there are twice as many.
FIRST = 5_000
#: What the sync looks for rows by. The small tables too: of one at which it never looked, PostgreSQL expects a
#: thousand rows, and begins with another one's million.
SEARCHED = {
    Person: ("id", "email", "owner_id", "sfdc_type", "sfdc_id", "sfdc_is_deleted", "changed_at", "failed_at"),
    SyncState: ("sfdc_id", "person_id", "object", "is_duplicate", "is_deleted", "synced_at", "outside_since"),
    SyncFailure: ("person_id", "direction", "state", "sfdc_id"),
    PendingCreate: ("person_id",),
    Tombstone: ("sfdc_id",),
}


class Growth:
    """Told how many people are new, it has the database look at the tables of the sync again in time."""

    def __init__(self) -> None:
        self._next = FIRST

    def told(self, new: int) -> None:
        """So many people are new since the step began."""
        if new >= self._next:
            self._next = 2 * new
            bulk.look_again(new, SEARCHED)
