"""What one transaction shall write, collected and then written set-based."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from people import bulk
from people.models import Activity, ActivityType, Person
from syncadmin.models import SyncState
from syncadmin.store.conflict_rows import ACTIVITY_COLUMNS, Entry, write_conflicts
from syncadmin.store.flips import Flip, write_flips
from syncadmin.store.rows import COLUMNS, PersonRow, to_db, to_json
from syncadmin.sync.values import Value

_STATE_COLUMNS = (
    "object", "person_id", "base", "is_duplicate", "is_deleted", "system_modstamp", "synced_at", "outside_since",
    "is_carried", "rounds",
)  # fmt: skip


@dataclass(frozen=True)
class Origin:
    """Who writes, for the activity log. ``owners``: names of users and queues by SFDC Id."""

    now: datetime
    source: str = ""
    read_at: datetime | None = None
    """When the reading of these records began; None: they were read for this very purpose."""
    run_id: int | None = None
    actor_id: int | None = None
    step_run_id: int | None = None
    """The run of a flow step, if one asked for it."""
    owners: dict[str, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)

    @cached_property
    def now_db(self) -> str:
        """``now`` as the drivers take it."""
        return str(to_db(self.now))

    def owner_name(self, sfdc_id: str | None) -> str:
        return self.owners.get(sfdc_id or "", sfdc_id or "")

    def salesforce_source(self, user_id: str | None) -> str:
        """ "Salesforce: Maria Gomez", from the LastModifiedById of a record."""
        name = self.owners.get(user_id or "")
        return f"Salesforce: {name}" if name else "Salesforce"


@dataclass(slots=True)
class NewState:
    """A link to be made: the columns of SyncState, without the cost of a model instance."""

    sfdc_id: str
    object: str
    person_id: int
    synced_at: Any
    base: dict[str, Value] = field(default_factory=dict)
    system_modstamp: str = ""
    is_duplicate: bool = False
    is_deleted: bool = False
    outside_since: Any = None
    is_carried: bool = False
    rounds: dict[str, Any] | None = None


class Batch:
    """Collects rows; :meth:`flush` writes them in at most six statements (a few more on PostgreSQL)."""

    def __init__(self, origin: Origin) -> None:
        self.origin = origin
        self._new_people: list[tuple[Any, ...]] = []
        self._changed_people: dict[int, PersonRow] = {}
        self._new_states: list[NewState | SyncState] = []
        self._changed_states: dict[str, SyncState] = {}
        self._activities: list[tuple[Any, ...]] = []
        self._conflicts: list[Entry] = []
        self.flips: list[Flip] = []

    def add_person(self, person_id: int, columns: tuple[Any, ...]) -> None:
        """A new person: the values of COLUMNS (rows.new_tuple)."""
        self._new_people.append((person_id, *columns, self.origin.now_db))

    def change_person(self, row: PersonRow) -> None:
        self._changed_people[row.id] = row

    def add_state(self, state: NewState | SyncState) -> None:
        self._new_states.append(state)

    def change_state(self, state: SyncState) -> None:
        self._changed_states[state.sfdc_id] = state

    def log(
        self, person_id: int, type: ActivityType, attributes: dict[str, Any], *, source: str | None = None
    ) -> None:
        """Add an entry to a person's activity log."""
        origin = self.origin
        columns = (
            person_id, type.value, origin.now_db, origin.actor_id,
            (origin.source if source is None else source)[:120], origin.run_id, to_json(attributes),
        )  # fmt: skip
        if type is ActivityType.CONFLICT:
            self._conflicts.append(Entry(columns, attributes))
        else:
            self._activities.append(columns)

    def flush(self) -> None:
        """Write everything, inside the caller's transaction."""
        bulk.insert_rows(Person, ("id", *COLUMNS, "created_at"), self._new_people)
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
        if self.flips:
            write_flips(self, self.flips)
        write_conflicts(self._conflicts)
        bulk.insert_rows(Activity, ACTIVITY_COLUMNS, self._activities)


def _state(state: SyncState | NewState) -> tuple[Any, ...]:
    return (
        state.object, state.person_id, to_json(state.base), state.is_duplicate, state.is_deleted,
        state.system_modstamp, to_db(state.synced_at), to_db(state.outside_since),
        state.is_carried, to_json(state.rounds) if state.rounds else None,
    )  # fmt: skip
