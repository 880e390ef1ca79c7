"""What one transaction shall write, collected and then written set-based."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from people import bulk
from people.models import Activity, ActivityType, Person
from syncadmin.models import SyncState
from syncadmin.store.rows import COLUMNS, PersonRow, to_db

_STATE_COLUMNS = ("object", "person_id", "base", "is_duplicate", "is_deleted", "system_modstamp", "synced_at")
_ACTIVITY_COLUMNS = ("person_id", "type", "at", "actor_id", "source", "run_id", "attributes")


@dataclass(frozen=True, slots=True)
class Origin:
    """Who writes, for the activity log. ``owners``: names of users and queues by SFDC Id."""

    now: datetime
    source: str = ""
    run_id: int | None = None
    actor_id: int | None = None
    owners: dict[str, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)

    def owner_name(self, sfdc_id: str | None) -> str:
        return self.owners.get(sfdc_id or "", sfdc_id or "")

    def salesforce_source(self, user_id: str | None) -> str:
        """ "Salesforce: Maria Gomez", from the LastModifiedById of a record."""
        name = self.owners.get(user_id or "")
        return f"Salesforce: {name}" if name else "Salesforce"


class Batch:
    """Collects rows; :meth:`flush` writes them in at most six statements (a few more on PostgreSQL)."""

    def __init__(self, origin: Origin) -> None:
        self.origin = origin
        self._new_people: list[PersonRow] = []
        self._changed_people: dict[int, PersonRow] = {}
        self._new_states: list[SyncState] = []
        self._changed_states: dict[str, SyncState] = {}
        self._activities: list[tuple[Any, ...]] = []

    def add_person(self, row: PersonRow) -> None:
        self._new_people.append(row)

    def change_person(self, row: PersonRow) -> None:
        self._changed_people[row.id] = row

    def add_state(self, state: SyncState) -> None:
        self._new_states.append(state)

    def change_state(self, state: SyncState) -> None:
        self._changed_states[state.sfdc_id] = state

    def log(
        self, person_id: int, type: ActivityType, attributes: dict[str, Any], *, source: str | None = None
    ) -> None:
        """Add an entry to a person's activity log."""
        origin = self.origin
        self._activities.append(
            (person_id, type.value, to_db(origin.now), origin.actor_id,
             (origin.source if source is None else source)[:120], origin.run_id, to_db(attributes))
        )  # fmt: skip

    def flush(self) -> None:
        """Write everything, inside the caller's transaction."""
        now = to_db(self.origin.now)
        bulk.insert_rows(
            Person,
            ("id", *COLUMNS, "created_at"),
            [(row.id, *row.as_tuple(), now) for row in self._new_people],
        )
        bulk.update_rows(
            Person, "id", COLUMNS, [(*row.as_tuple(), row.id) for row in self._changed_people.values()]
        )
        bulk.update_rows(
            SyncState, "sfdc_id", _STATE_COLUMNS,
            [(*_state(state), state.sfdc_id) for state in self._changed_states.values()],
        )  # fmt: skip
        bulk.insert_rows(
            SyncState,
            ("sfdc_id", *_STATE_COLUMNS),
            [(state.sfdc_id, *_state(state)) for state in self._new_states],
        )
        bulk.insert_rows(Activity, _ACTIVITY_COLUMNS, self._activities)


def _state(state: SyncState) -> tuple[Any, ...]:
    return tuple(to_db(getattr(state, name)) for name in _STATE_COLUMNS)
