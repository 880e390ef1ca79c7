"""What a pulled record leaves in its link: the base, the stamp, and whether it meets the record filter."""

from __future__ import annotations

from people.models import ActivityType
from syncadmin.models import SyncState
from syncadmin.store.batch import Batch, NewState, Origin
from syncadmin.store.flipflops import note_pull
from syncadmin.store.known import Known
from syncadmin.sync.fields import ObjectRules
from syncadmin.sync.records import PullIntent


def write_state(batch: Batch, intent: PullIntent, known: Known, rules: ObjectRules) -> None:
    """The record was taken over: the base moves to what was agreed on."""
    raw, origin = intent.raw, batch.origin
    state = known.states.get(raw["Id"])
    if state is None:
        assert intent.person is not None  # noqa: S101
        batch.add_state(
            NewState(
                sfdc_id=raw["Id"], object=rules.object, person_id=intent.person.person_id, base=intent.agreed,
                system_modstamp=raw["SystemModstamp"], synced_at=origin.now,
                outside_since=origin.now if intent.is_outside else None,
            )
        )  # fmt: skip
        return
    _mark_outside(state, intent, rules, origin)
    note_pull(batch, intent, state)
    state.is_carried = False
    state.base = {**state.base, **intent.agreed}
    state.system_modstamp, state.synced_at, state.is_deleted = raw["SystemModstamp"], origin.now, False
    batch.change_state(state)


def write_outside(batch: Batch, intent: PullIntent, known: Known) -> None:
    """The record left the record filter: the base stays, for the day on which it comes back."""
    state = known.states[intent.raw["Id"]]
    if state.outside_since is None:
        state.outside_since = batch.origin.now
        batch.change_state(state)


def _mark_outside(state: SyncState, intent: PullIntent, rules: ObjectRules, origin: Origin) -> bool:
    """Whether the mark changed. Without a filter at hand nothing is known of it."""
    if rules.filter is None or intent.is_outside == bool(state.outside_since):
        return False
    state.outside_since = origin.now if intent.is_outside else None
    return True


def _restore_duplicate(batch: Batch, state: SyncState, intent: PullIntent) -> bool:
    """Whether it is the duplicate Lead of a person, and was deleted until now."""
    if not (state.is_duplicate and state.is_deleted):
        return False
    state.is_deleted = False
    source = batch.origin.salesforce_source(intent.raw.get("LastModifiedById"))
    details = {"sfdc_id": state.sfdc_id, "object": state.object, "note": "duplicate_restored"}
    batch.log(state.person_id, ActivityType.RESTORED_IN_SFDC, details, source=source)
    return True


def write_unchanged(batch: Batch, intent: PullIntent, known: Known, rules: ObjectRules) -> None:
    """An echo, or a change that touches no synced field: the base may still learn something."""
    state = known.states.get(intent.raw["Id"])
    if state is None or intent.person is None:
        return
    row = known.rows[state.person_id]
    if intent.to_push and row.columns["changed_at"] is None:
        row.columns["changed_at"] = batch.origin.now
        batch.change_person(row)
    is_news = _mark_outside(state, intent, rules, batch.origin) or state.is_carried
    is_news |= _restore_duplicate(batch, state, intent) | note_pull(batch, intent, state)
    state.is_carried = False
    if is_news or intent.agreed or state.system_modstamp != intent.raw["SystemModstamp"]:
        state.base = {**state.base, **intent.agreed}
        state.system_modstamp, state.synced_at = intent.raw["SystemModstamp"], batch.origin.now
        batch.change_state(state)
