"""Remember what became of people who were pushed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import structlog
from django.db import IntegrityError, transaction

from people.models import ActivityType
from syncadmin.models import Connection, PendingCreate, SyncFailure, SyncState
from syncadmin.store import decisions, failures, tombstones
from syncadmin.store.batch import Batch, NewState, Origin
from syncadmin.store.claims import mark_lost
from syncadmin.store.flipflops import note_push
from syncadmin.store.pulls import log_changes, store_records
from syncadmin.store.pushed import Pushed
from syncadmin.store.rows import PersonRow, load_rows
from syncadmin.sync.fields import ObjectRules
from syncadmin.sync.records import PullIntent, PullKind

log = structlog.get_logger(__name__)


def remember(
    connection: Connection, rules: Mapping[str, ObjectRules], pushed: Sequence[Pushed], origin: Origin
) -> None:
    """Store what was done; the base moves for those who succeeded, and only for them.

    In one transaction; if a row of one person is in the way (another job linked the same record a moment ago),
    person by person, so that nobody else's is forgotten.
    """
    try:
        _remember(connection, rules, pushed, origin)
    except IntegrityError:
        log.warning("pushes stored person by person", exc_info=True)
        for item in pushed:
            _remember_alone(connection, rules, item, origin)


def _remember_alone(
    connection: Connection, rules: Mapping[str, ObjectRules], item: Pushed, origin: Origin
) -> None:
    if item.failure is not None:
        item.failure.pk = None  # the transaction that gave it one was rolled back
    try:
        _remember(connection, rules, [item], origin)
    except IntegrityError as error:
        person = item.plan.person
        item.failure = SyncFailure(
            person_id=person.person_id, object=person.object or "Lead", sfdc_id=item.created or person.sfdc_id,
            code="NOT_STORED", message=f"The answer can't be stored here: {error}"[:1000],
            person_version=person.version,
        )  # fmt: skip
        failures.record_pushes({person.person_id: item.failure}, origin, connection)


def _remember(
    connection: Connection, rules: Mapping[str, ObjectRules], pushed: Sequence[Pushed], origin: Origin
) -> None:
    with transaction.atomic():
        rows = load_rows([item.plan.person.person_id for item in pushed], lock=True)
        here = [item for item in pushed if item.plan.person.person_id in rows]
        done = [item for item in here if not (item.busy or item.excluded)]
        _settle_nobodys([item for item in pushed if item.plan.person.person_id not in rows], origin)
        states = {s.sfdc_id: s for s in SyncState.objects.filter(person_id__in=rows)}
        batch = Batch(origin)
        for item in done:
            _remember_one(batch, item, rows[item.plan.person.person_id], states, rules)
        for item in here:
            if item.excluded and origin.run_id is None:  # somebody asked for it, and is told
                details = {"note": "excluded", "reason": item.excluded}
                batch.log(item.plan.person.person_id, ActivityType.SYNC_TO_SFDC, details)
        batch.flush()
        nothing = [item.plan.person for item in done if item.had_nothing]
        decisions.write_notes((decisions.nothing_to_push(person, origin) for person in nothing), origin)
        _settle(done, origin, connection)
        # What was read back is Salesforce's doing (defaults, automation), not that of who clicked.
        theirs = replace(origin, actor_id=None)
        for object, object_rules in rules.items():
            raws = [i.after for i in done if i.after is not None and _object_of(i) == object]
            store_records(connection, object_rules.as_asked(), raws, theirs)


def _object_of(item: Pushed) -> str:
    return "Lead" if item.created else item.plan.person.object


def _settle_nobodys(items: Sequence[Pushed], origin: Origin) -> None:
    """Who was deleted here while its Lead was being created comes back by somebody's change alone, or not at all."""
    made = [
        (sfdc_id, item.plan.person.values) for item in items for sfdc_id in (item.created, item.duplicate)
    ]
    tombstones.bury_created([(sfdc_id, values) for sfdc_id, values in made if sfdc_id], origin.now)


def _settle(done: Sequence[Pushed], origin: Origin, connection: Connection) -> None:
    lost = [i.plan.person.person_id for i in done if i.lost]
    mark_lost(lost)
    claimed = [i.plan.person.person_id for i in done if i.claimed and not i.lost]
    PendingCreate.objects.filter(person_id__in=claimed).delete()
    refused = {i.plan.person.person_id: i.failure for i in done if i.failure is not None}
    failures.record_pushes(refused, origin, connection)
    works = [pk for i in done if (pk := i.plan.person.person_id) not in refused and not i.in_flight]
    failures.resolve_pushes(works, origin.now)
    tombstones.lift([i.plan.person.sfdc_id for i in done if i.linked])


def _remember_one(
    batch: Batch, item: Pushed, row: PersonRow, states: dict[str, SyncState], rules: Mapping[str, ObjectRules]
) -> None:
    plan, origin = item.plan, batch.origin
    if item.failure is None and not item.in_flight:
        row.columns["synced_at"] = origin.now
    # Somebody edited the person while the request was under way: what was decided from the older values is kept
    # off this side, and the person goes on waiting for its next push.
    edited = row.columns["version"] != plan.person.version
    if item.created:
        if item.created not in states:  # the pull, or somebody's recovery, may have linked it a moment ago
            _link_created(batch, item, row, states)
    elif plan.person.sfdc_id:
        _move_base(batch, item, row, states, rules, edited=edited)
    if item.duplicate and item.duplicate not in states:
        batch.add_state(
            NewState(
                sfdc_id=item.duplicate,
                object="Lead",
                person_id=row.id,
                is_duplicate=True,
                synced_at=origin.now,
            )
        )
    if item.failure is None and not item.lost and not edited and (item.created or item.accepted):
        row.columns["changed_at"] = None
    _log_push(batch, item, row, rules)
    batch.change_person(row)


def _link_created(batch: Batch, item: Pushed, row: PersonRow, states: dict[str, SyncState]) -> None:
    raw, origin = item.after or {}, batch.origin
    for state in states.values():
        if state.person_id == row.id and not (state.is_duplicate or state.is_deleted):
            # The record was found deleted a moment ago; the new Lead takes its place.
            state.is_deleted, state.synced_at = True, origin.now
            batch.change_state(state)
    row.columns.update(
        sfdc_type="Lead", sfdc_id=item.created, sfdc_is_deleted=False, owner_id=raw.get("OwnerId"),
        updated_at=origin.now,
    )  # fmt: skip
    batch.add_state(
        NewState(
            sfdc_id=item.created, object="Lead", person_id=row.id, base=dict(item.plan.to_remote),
            system_modstamp=raw.get("SystemModstamp", ""), synced_at=origin.now,
        )
    )  # fmt: skip


def _move_base(
    batch: Batch,
    item: Pushed,
    row: PersonRow,
    states: dict[str, SyncState],
    rules: Mapping[str, ObjectRules],
    *,
    edited: bool,
) -> None:
    plan, origin = item.plan, batch.origin
    state = states.get(plan.person.sfdc_id)
    is_new = state is None
    if state is None:
        state = SyncState(sfdc_id=plan.person.sfdc_id, object=plan.person.object, person_id=row.id, base={})
        row.columns.update(sfdc_type=state.object, sfdc_id=state.sfdc_id, sfdc_is_deleted=False)
    agreed = dict(plan.agreed)
    if edited:
        now_here = row.values()
        changed = {name for name in plan.to_local if now_here.get(name) != plan.person.values.get(name)}
        agreed = {name: value for name, value in agreed.items() if name not in changed}
        plan.to_local = {name: value for name, value in plan.to_local.items() if name not in changed}
    intent = PullIntent(PullKind.UPDATE, {}, plan.person, values=plan.to_local, conflicts=plan.conflicts)
    object_rules = rules[plan.person.object]
    log_changes(batch, row, intent, object_rules, "Salesforce")
    row.put(plan.to_local)
    state.base = {**state.base, **agreed, **item.pushed}
    note_push(batch, item, state, object_rules, edited=edited)
    # Until the record was compared the base is still that of the one before it.
    state.is_carried = state.is_carried and item.remote is None
    state.synced_at, state.is_deleted = origin.now, False
    row.columns["sfdc_is_deleted"] = False
    if is_new:
        batch.add_state(state)
    else:
        batch.change_state(state)


def _log_push(batch: Batch, item: Pushed, row: PersonRow, rules: Mapping[str, ObjectRules]) -> None:
    plan, origin = item.plan, batch.origin
    owner = origin.owner_name((item.after or {}).get("OwnerId"))
    common: dict[str, Any] = {"asked_owner": item.asked_owner, "owner": owner, "way": item.way}
    if item.linked:
        details = {"sfdc_id": plan.person.sfdc_id, "object": plan.person.object, "note": "linked"}
        batch.log(row.id, ActivityType.SYNC_TO_SFDC, {**details, "reason": "same e-mail"})
    if item.created:
        details = {"sfdc_id": item.created, "object": "Lead", "note": "created", **common}
        batch.log(row.id, ActivityType.SYNC_TO_SFDC, details)
    elif item.pushed or item.moved_owner:
        labels = [rules[plan.person.object].by_name[name].label for name in item.pushed]
        details = {"sfdc_id": plan.person.sfdc_id, "object": plan.person.object, "fields": labels, **common}
        batch.log(row.id, ActivityType.SYNC_UPDATES_TO_SFDC, details)
    if item.duplicate:
        asked = {"asked_owner": item.asked_owner}
        details = {"sfdc_id": item.duplicate, "object": "Lead", "note": "duplicate_for_queue", **asked}
        batch.log(row.id, ActivityType.SYNC_TO_SFDC, details)
    if item.failure is not None:
        failure = item.failure
        batch.log(
            row.id, ActivityType.SYNC_FAILED,
            {"code": failure.code, "message": failure.message, "fields": failure.fields, "values": failure.values,
             "advice": failure.advice, "object": failure.object, "way": item.way},
        )  # fmt: skip
