"""People and links as a cycle would leave them, kept in memory: nothing is locked, nothing is written."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from syncadmin.models import SyncState
from syncadmin.store.batch import Batch, NewState, Origin
from syncadmin.store.known import Known, known_of, people_concerned
from syncadmin.store.rows import COLUMNS, PersonRow, linked, load_rows
from syncadmin.sync.records import LinkedPerson

#: People whose new values are kept. Of those beyond it, only whom the rest of the cycle will look at again.
ROOM = 20_000
_NOBODY = 0


class Memory:
    """What a rehearsal has changed so far, laid over what the database says.

    New people get negative ids. Beyond ROOM only what a later decision depends on is kept: whose e-mail changed, who
    is to be pushed, and of new people the e-mail address and the record's id.
    """

    def __init__(self) -> None:
        self.rows: dict[int, PersonRow] = {}
        self.states: dict[str, SyncState] = {}
        self.gone: set[int] = set()
        self.settled: set[int] = set()
        self.relinked: set[int] = set()
        self.changed_records: set[int] = set()
        self._by_email: dict[str, set[int]] = {}
        self._records: dict[int, set[str]] = {}
        self._new_emails: set[str] = set()
        self._new_records: set[str] = set()
        self._last_id = 0

    def allocate_ids(self, number: int) -> Sequence[int]:
        """Ids for new people, that nobody has."""
        first = self._last_id
        self._last_id -= number
        return range(first - 1, first - number - 1, -1)

    # -- read ---------------------------------------------------------------------------------------------

    def load_known(self, ids: Sequence[str], emails: Collection[str]) -> Known:
        """What is known of a page by now."""
        people = people_concerned(ids, emails) | self._concerned(ids, emails)
        rows, states = self.people(people)
        known = known_of(ids, emails, rows, states)
        known.settled = self.settled
        for email in self._new_emails.intersection(emails):
            known.namesakes[email].append(LinkedPerson(_NOBODY, 0, {}, sfdc_id="new"))
        for sfdc_id in self._new_records.intersection(ids):
            known.linked[sfdc_id] = LinkedPerson(_NOBODY, 0, {}, is_duplicate_lead=True)
        return known

    def _concerned(self, ids: Iterable[str], emails: Iterable[str]) -> set[int]:
        found = {self.states[sfdc_id].person_id for sfdc_id in ids if sfdc_id in self.states}
        return found.union(*(self._by_email.get(email, ()) for email in emails))

    def people(self, ids: Collection[int]) -> tuple[dict[int, PersonRow], dict[str, SyncState]]:
        """Rows and states of people, as they are by now."""
        there = [pk for pk in ids if pk not in self.gone]
        unknown = [pk for pk in there if pk > 0 and pk not in self.rows]
        rows = load_rows(unknown, lock=False) if unknown else {}
        states = {s.sfdc_id: s for s in SyncState.objects.filter(person_id__in=rows)} if rows else {}
        states = {sfdc_id: state for sfdc_id, state in states.items() if sfdc_id not in self.states}
        for pk in there:
            if pk in self.rows:
                rows[pk] = self.rows[pk]
            states.update({state.sfdc_id: state for state in self.states_of([pk])})
        return dict(sorted(rows.items())), states

    def load_people(self, ids: Collection[int]) -> dict[int, LinkedPerson]:
        """People with their link and their duplicate Lead: ``store.linked.load_people``, by now."""
        rows, states = self.people(ids)
        current: dict[int, SyncState] = {}
        duplicates: dict[int, SyncState] = {}
        for state in states.values():
            if not state.is_deleted:
                (duplicates if state.is_duplicate else current)[state.person_id] = state
        return {pk: linked(row, current.get(pk), duplicates.get(pk)) for pk, row in rows.items()}

    def people_of(self, records: Iterable[str]) -> set[int]:
        """Who has one of these records by now."""
        return {self.states[sfdc_id].person_id for sfdc_id in records if sfdc_id in self.states} - self.gone

    def states_of(self, people: Iterable[int]) -> list[SyncState]:
        """All links of people who are kept here."""
        return [
            self.states[sfdc_id]
            for pk in people
            for sfdc_id in sorted(self._records.get(pk, ()))
            if self.states[sfdc_id].person_id == pk
        ]

    def is_outside(self, person_id: int) -> bool:
        """The person's record doesn't meet the record filter."""
        mine = (s for s in self.states_of([person_id]) if not (s.is_deleted or s.is_duplicate))
        return any(state.outside_since for state in mine)

    # -- write --------------------------------------------------------------------------------------------

    def keep_person(self, row: PersonRow, states: Iterable[SyncState]) -> None:
        """The person and all links of theirs are by now as given."""
        self.rows[row.id] = row
        if email := row.columns["email"]:
            self._by_email.setdefault(email, set()).add(row.id)
        for state in states:
            self.keep_state(state)

    def keep_state(self, state: SyncState) -> None:
        """A link is by now as given."""
        self.states[state.sfdc_id] = state
        self._records.setdefault(state.person_id, set()).add(state.sfdc_id)

    def keep_new(self, row: PersonRow, state: SyncState) -> None:
        """A new person; in full while there is room."""
        if len(self.rows) < ROOM:
            self.keep_person(row, [state])
            return
        self._new_records.add(state.sfdc_id)
        if email := row.columns["email"]:
            self._new_emails.add(email)

    def has_room_for(self, row: PersonRow, *, email_before: str) -> bool:
        """Whether the person's new values are kept; always, if a later decision depends on them."""
        matters = row.columns["changed_at"] is not None or row.columns["email"] != email_before
        return row.id in self.rows or matters or len(self.rows) < ROOM

    def remove(self, person_id: int) -> None:
        """The person was merged into another one."""
        self.gone.add(person_id)
        self.rows.pop(person_id, None)
        self._records.pop(person_id, None)


class RehearsedBatch(Batch):
    """Collects what would be written, and tells it to the memory instead of the database."""

    def __init__(self, origin: Origin, memory: Memory, known: Known) -> None:
        super().__init__(origin)
        self._memory = memory
        self._known = known
        self._emails = {pk: row.columns["email"] for pk, row in known.rows.items()}
        self._people: dict[int, PersonRow] = {}

    def add_person(self, person_id: int, columns: tuple[Any, ...]) -> None:
        """A new person, whose link comes next."""
        named = dict(zip(COLUMNS, columns, strict=True))
        named["custom"] = json.loads(named["custom"])
        self._people[person_id] = PersonRow(person_id, named)

    def log(self, *_: Any, **__: Any) -> None:
        """There is no activity log of what hasn't happened."""

    def flush(self) -> None:
        """Tell the memory."""
        for new in self._new_states:
            state = _as_state(new)
            if state.person_id in self._people:
                self._memory.keep_new(self._people[state.person_id], state)
            else:
                self._known.states[state.sfdc_id] = state
        by_person: dict[int, list[SyncState]] = {}
        for state in self._known.states.values():
            by_person.setdefault(state.person_id, []).append(state)
        changed = set(self._changed_people) | {s.person_id for s in self._changed_states.values()}
        for person_id in changed | {new.person_id for new in self._new_states} - self._people.keys():
            row = self._known.rows[person_id]
            if self._memory.has_room_for(row, email_before=self._emails.get(person_id, "")):
                self._memory.keep_person(row, by_person.get(person_id, ()))


def _as_state(new: NewState | SyncState) -> SyncState:
    if isinstance(new, SyncState):
        return new
    return SyncState(
        sfdc_id=new.sfdc_id, object=new.object, person_id=new.person_id, base=new.base, synced_at=new.synced_at,
        system_modstamp=new.system_modstamp, is_duplicate=new.is_duplicate, is_deleted=new.is_deleted,
        outside_since=new.outside_since, rounds=new.rounds,
    )  # fmt: skip
