"""Records that are leads and contacts no more: deleted, merged into another one, or converted.

They are few, so they are followed one by one; the rest of a page is set-based.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from people import sfdc
from people.models import Activity, ActivityType
from syncadmin.models import SyncState, Tombstone
from syncadmin.store import failures, flipflops
from syncadmin.store.batch import Origin
from syncadmin.store.merging import join_people
from syncadmin.sync.departures import Departure, Fate, decide_departure
from syncadmin.sync.ports import RawRecord
from syncadmin.sync.records import Tally

_ACTIVITY = {
    Fate.DELETED: ActivityType.DELETED_FROM_SFDC,
    Fate.MERGED: ActivityType.MERGE_PEOPLE,
    Fate.CONVERTED: ActivityType.CONVERT_PERSON,
}


def follow_departed(raws: Sequence[RawRecord], origin: Origin) -> Tally:
    """Deleted: the person stays, marked. Merged or converted: the person goes on as the record that remains."""
    return _Departures(raws, origin).follow_all()


def last_of(
    departure: Departure, state_of: Callable[[str], SyncState | None], raws: Mapping[str, RawRecord]
) -> Departure:
    """The end of a chain: what a record became may have become another one by now.

    ``state_of``: what is known of a record; ``raws``: the departed records of this page.
    """
    seen: set[str] = set()
    while departure.sfdc_id not in seen:
        seen.add(departure.sfdc_id)
        state, raw = state_of(departure.sfdc_id), raws.get(departure.sfdc_id)
        if state is not None and state.successor:
            object = "Contact" if state.successor.startswith("003") else state.object
            departure = Departure(departure.fate, state.successor, object)
        elif state is None and raw is not None:
            further = decide_departure(raw, departure.object)
            departure = further if further.sfdc_id else departure
    return departure


class _Departures:
    """The departed records of one page, and what is known of them and of those they became."""

    def __init__(self, raws: Sequence[RawRecord], origin: Origin) -> None:
        self.raws = {raw["Id"]: raw for raw in raws}
        self.origin = origin
        self.tally = Tally(skipped=len(raws))
        self.states = {state.sfdc_id: state for state in SyncState.objects.filter(pk__in=list(self.raws))}

    def follow_all(self) -> Tally:
        for raw in self.raws.values():
            self._follow(raw)
        # A record that nobody has and that is deleted on both sides needs no memory of it, unless it is to stay away.
        Tombstone.objects.filter(pk__in=list(self.raws), stays=False).delete()
        return self.tally

    def _follow(self, raw: RawRecord) -> None:
        state = self.states.get(raw["Id"])
        if state is None or state.is_deleted:
            return
        departure = decide_departure(raw, state.object)
        self._close(state, departure, raw)
        if state.is_duplicate:
            self._tell_of_duplicate(state, departure, raw)
        elif departure.fate is Fate.DELETED:
            now = self.origin.now
            flipflops.forget(state)
            sfdc.set_sfdc_facts(state.person_id, sfdc_is_deleted=True, synced_at=now, now=now)
            details = {"sfdc_id": state.sfdc_id, "object": state.object}
            self._log(state.person_id, departure.fate, details, raw)
        else:
            self._go_on(state, departure, raw)

    def _close(self, state: SyncState, departure: Departure, raw: RawRecord) -> None:
        state.is_deleted, state.successor = True, departure.sfdc_id
        state.system_modstamp, state.synced_at = raw["SystemModstamp"], self.origin.now
        state.save(update_fields=["is_deleted", "successor", "system_modstamp", "synced_at"])
        self.tally.skipped -= 1
        self.tally.deleted += departure.fate is Fate.DELETED
        self.tally.updated += departure.fate is not Fate.DELETED

    def _tell_of_duplicate(self, state: SyncState, departure: Departure, raw: RawRecord) -> None:
        """A queue's duplicate Lead: its person stays what it is. As what the Lead goes on, nobody guesses."""
        details = {"sfdc_id": state.sfdc_id, "object": "Lead", "note": f"duplicate_{departure.fate}"}
        if departure.sfdc_id:
            details |= {"from": state.sfdc_id, "to": departure.sfdc_id, "object": departure.object}
        self._log(state.person_id, departure.fate, details, raw)

    # -- merged or converted ------------------------------------------------------------------------------

    def _go_on(self, state: SyncState, departure: Departure, raw: RawRecord) -> None:
        """Link the person to the remaining record; if that one is a person already, the two become one."""
        to = last_of(departure, self._state, self.raws)
        other = self._state(to.sfdc_id)
        details = {"from": state.sfdc_id, "to": to.sfdc_id, "object": to.object}
        person_id = state.person_id
        if other is not None and other.person_id != person_id:
            person_id = self._join(state, other, raw)
            if departure.fate is Fate.CONVERTED:  # a merge was logged by itself
                self._log(person_id, departure.fate, details, raw)
        else:
            self._take(state, other, to)
            self._log(person_id, departure.fate, details, raw)
        if raw_of_other := self.raws.get(to.sfdc_id):  # which is deleted by now as well
            self._follow(raw_of_other)

    def _state(self, sfdc_id: str) -> SyncState | None:
        if sfdc_id not in self.states and (found := SyncState.objects.filter(pk=sfdc_id).first()):
            self.states[sfdc_id] = found
        return self.states.get(sfdc_id)

    def _take(self, state: SyncState, other: SyncState | None, to: Departure) -> None:
        """The person is the other record from now on; if that was its duplicate Lead, it is no duplicate any more."""
        origin = self.origin
        link = other or SyncState(sfdc_id=to.sfdc_id, object=to.object, person_id=state.person_id)
        if other is None or other.is_deleted:
            # When it was read, not now: the record's own page, which comes later in this reading, is not older.
            link.synced_at = origin.read_at or origin.now
        link.is_deleted, link.is_duplicate, link.successor = False, False, ""
        link.base, link.is_carried, link.rounds = state.base, True, state.rounds
        link.save()
        self.states[link.sfdc_id] = link
        Tombstone.objects.filter(pk=link.sfdc_id).delete()
        sfdc.set_sfdc_facts(
            state.person_id, sfdc_type=to.object, sfdc_id=to.sfdc_id, sfdc_is_deleted=False,
            synced_at=origin.now, now=origin.now,
        )  # fmt: skip
        # The record may not be read again for long: the push compares it.
        sfdc.mark_waiting([state.person_id], origin.now)
        failures.resolve_pushes([state.person_id], origin.now)

    def _join(self, state: SyncState, other: SyncState, raw: RawRecord) -> int:
        """The person is merged into the one who has the other record; that one's id."""
        origin, loser_id = self.origin, state.person_id
        source = origin.salesforce_source(raw.get("LastModifiedById"))
        # Its record is no more: whoever it is merged into, deleted by now perhaps, must not take that over.
        sfdc.set_sfdc_facts(loser_id, sfdc_is_deleted=True, synced_at=origin.now, now=origin.now)
        join_people(other.person_id, loser_id, state.base, source=source, origin=origin)
        for known in self.states.values():
            if known.person_id == loser_id:
                known.person_id = other.person_id
        return other.person_id

    def _log(self, person_id: int, fate: Fate, attributes: dict[str, Any], raw: RawRecord) -> None:
        origin = self.origin
        Activity.objects.create(
            person_id=person_id, type=_ACTIVITY[fate], at=origin.now, run_id=origin.run_id, attributes=attributes,
            source=origin.salesforce_source(raw.get("LastModifiedById"))[:120],
        )  # fmt: skip
