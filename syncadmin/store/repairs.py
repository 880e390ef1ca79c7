"""Take one side's values for chosen fields of a page of records. Set-based."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from django.db import transaction

from syncadmin.models import SyncState
from syncadmin.store.batch import Batch, Origin
from syncadmin.store.known import known_of, people_concerned
from syncadmin.store.pulls import log_changes
from syncadmin.store.rows import PersonRow, load_rows
from syncadmin.sync.comparing import Side, settle
from syncadmin.sync.fields import ObjectRules
from syncadmin.sync.ports import RawRecord
from syncadmin.sync.records import PullIntent

REASONS = {Side.THEIRS: "Salesforce’s value was taken", Side.OURS: ""}


def settle_page(
    rules: ObjectRules,
    raws: Sequence[RawRecord],
    fields: Mapping[str, Collection[str]],
    side: Side,
    origin: Origin,
) -> list[int]:
    """Who has something to push now. ``fields``: the person fields of each record, by SFDC Id.

    Of a record that was unlinked or deleted meanwhile nothing is taken.
    """
    ids = [raw["Id"] for raw in raws]
    with transaction.atomic():
        rows = load_rows(people_concerned(ids, ()), lock=True)
        states = {state.pk: state for state in SyncState.objects.filter(person_id__in=rows)} if rows else {}
        known = known_of(ids, (), rows, states)
        batch = Batch(origin)
        waiting = []
        for raw in raws:
            person = known.linked.get(raw["Id"])
            if person is None or person.is_deleted or person.is_duplicate_lead:
                continue
            chosen = rules.only(fields[raw["Id"]])
            intent = settle(raw, chosen, person, side)
            _write(batch, intent, rows[person.person_id], states[raw["Id"]], chosen, REASONS[side])
            if intent.to_push:
                waiting.append(person.person_id)
        batch.flush()
    return waiting


def _write(
    batch: Batch, intent: PullIntent, row: PersonRow, state: SyncState, rules: ObjectRules, reason: str
) -> None:
    log_changes(batch, row, intent, rules, batch.origin.source, reason=reason)
    if intent.values:
        row.put(intent.values)
        row.columns["updated_at"] = batch.origin.now
    if intent.to_push:
        row.columns["changed_at"] = row.columns["changed_at"] or batch.origin.now
    if intent.values or intent.to_push:
        batch.change_person(row)
    if intent.agreed:
        state.base = {**state.base, **intent.agreed}
        batch.change_state(state)
