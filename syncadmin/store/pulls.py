"""Store a page of records that was read from Salesforce: load what is known, let the engine decide, write."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from django.db import transaction

from people import bulk
from people.models import ActivityType, Person
from syncadmin.models import Connection, PullCursor
from syncadmin.store import causes, decisions, failures
from syncadmin.store.batch import Batch, NewState, Origin
from syncadmin.store.departures import follow_departed
from syncadmin.store.known import Known, creates_in_flight, email_of, load_known
from syncadmin.store.names import learn_names
from syncadmin.store.pulled_links import write_outside, write_state, write_unchanged
from syncadmin.store.rows import PersonRow, new_tuple
from syncadmin.store.tombstones import kept_away, lift
from syncadmin.sync.fields import ObjectRules
from syncadmin.sync.ports import RawRecord
from syncadmin.sync.pulls import decide_pull
from syncadmin.sync.records import LinkedPerson, PullIntent, PullKind, Tally
from syncadmin.sync.values import Value


def store_page(
    connection: Connection,
    rules: ObjectRules,
    raws: Sequence[RawRecord],
    origin: Origin,
    *,
    move_cursor: bool = True,
) -> Tally:
    """Store records in one transaction; the cursor moves with them, or not at all.

    Raises what the database raises; nothing is stored then, and the caller may try the records one by one.
    """
    with transaction.atomic():
        tally = store_records(connection, rules, raws, origin)
        if move_cursor and raws:
            last = raws[-1]
            PullCursor.objects.filter(object=rules.object).update(
                position_stamp=last["SystemModstamp"], position_id=last["Id"]
            )
    return tally


def store_records(
    connection: Connection, rules: ObjectRules, raws: Sequence[RawRecord], origin: Origin
) -> Tally:
    """Store records inside the caller's transaction: first those that departed, then those that are there."""
    departed = [raw for raw in raws if raw.get("IsDeleted") or raw.get("IsConverted")]
    tally = Tally()
    if departed:
        causes.note_departed(rules.object, departed, origin)
        tally.add(follow_departed(departed, origin))
        failures.resolve_pulls([raw["Id"] for raw in departed], origin.now)
    present = {raw["Id"]: raw for raw in raws if not (raw.get("IsDeleted") or raw.get("IsConverted"))}
    if present:
        tally.add(_store_present(connection, rules, list(present.values()), origin))
        learn_names(rules, list(present.values()))
    return tally


def _store_present(
    connection: Connection, rules: ObjectRules, raws: Sequence[RawRecord], origin: Origin
) -> Tally:
    known = load_known(raws)
    batch, tally = Batch(origin), Tally()
    intents = decide_page(connection, rules, raws, known, origin)
    changed = changed_records(intents, known)
    causes.note_pulled(connection, rules, intents, known, origin)
    decisions.note_page(intents, known, rules, origin, connection.user_id)
    write_page(batch, tally, intents, known, rules, partial(bulk.allocate_ids, Person))
    batch.flush()
    failures.hold([i for i in intents if i.kind is PullKind.HOLD], rules.object, origin)
    stored = [intent.raw["Id"] for intent in intents if intent.kind is not PullKind.HOLD]
    failures.resolve_pulls(stored, origin.now)
    failures.resolve_hidden([person.person_id for person in known.linked.values()], origin.now)
    lift([intent.raw["Id"] for intent in intents if intent.kind in (PullKind.NEW, PullKind.LINK)])
    if linked_now := [i.person.person_id for i in intents if i.kind is PullKind.LINK and i.person]:
        failures.resolve_pushes(linked_now, origin.now)
    if changed:
        failures.note_changed_records(changed)
    return tally


def changed_records(intents: Sequence[PullIntent], known: Known) -> list[int]:
    """Whose record, or what it shows of its Account, isn't what it was when it was read last. Ask before writing."""
    return [
        intent.person.person_id
        for intent in intents
        if intent.person is not None
        and (state := known.states.get(intent.raw["Id"]))
        and (intent.values or state.system_modstamp != intent.raw["SystemModstamp"])
    ]


def decide_page(
    connection: Connection, rules: ObjectRules, raws: Sequence[RawRecord], known: Known, origin: Origin
) -> list[PullIntent]:
    """What shall be stored for each record of a page that is there. Writes nothing."""
    away = creates_in_flight(connection, raws, known)
    away |= kept_away(connection, [raw for raw in raws if raw["Id"] not in known.linked])
    unlinked = [raw for raw in raws if raw["Id"] not in known.linked and raw["Id"] not in away]
    same_email = Counter(email_of(raw) for raw in unlinked if not rules.keeps_back(raw))
    met: set[str] = set()
    intents = []
    for raw in raws:
        if raw["Id"] in away or is_older_than_we_know(raw, known, origin):
            intents.append(PullIntent(PullKind.IGNORE, raw))
            continue
        email = email_of(raw)
        namesakes = known.namesakes.get(email, []) if email else []
        intent = decide_pull(raw, rules, known.linked.get(raw["Id"]), namesakes)
        ambiguous = intent.kind is PullKind.LINK and same_email[email] > 1
        if ambiguous or (intent.kind is PullKind.NEW and email in met):
            # Several records of this page have the e-mail: which of them is the person is nobody's guess.
            intent = PullIntent(PullKind.HOLD, raw, candidates=tuple(p.person_id for p in namesakes))
        elif intent.kind is PullKind.NEW and email:
            met.add(email)
        intents.append(intent)
    return intents


def is_older_than_we_know(raw: RawRecord, known: Known, origin: Origin) -> bool:
    """The record was synced (by a click, say) after this page was read: the page would set our value back.

    If it was written then, the next poll reads it again; if it was only looked at, nothing is missed.
    """
    state = known.states.get(raw["Id"])
    return bool(origin.read_at and state and state.synced_at > origin.read_at)


def write_page(
    batch: Batch,
    tally: Tally,
    intents: Sequence[PullIntent],
    known: Known,
    rules: ObjectRules,
    allocate_ids: Callable[[int], Sequence[int]],
) -> None:
    """Put what was decided into the batch, and count it. ``allocate_ids``: gives so many ids for new people."""
    new = [intent for intent in intents if intent.kind is PullKind.NEW]
    for person_id, intent in zip(allocate_ids(len(new)) if new else (), new, strict=True):
        write_new(batch, intent, person_id, rules)
        tally.new += 1
    for intent in intents:
        if intent.kind is PullKind.HOLD:
            tally.failed += 1
        elif intent.kind in (PullKind.UPDATE, PullKind.LINK):
            write_known(batch, intent, known, rules)
            tally.updated += 1
            tally.conflicts += len(intent.conflicts)
        elif intent.kind is PullKind.OUTSIDE:
            write_outside(batch, intent, known)
            tally.skipped += 1
        elif intent.kind in (PullKind.UNCHANGED, PullKind.IGNORE):
            write_unchanged(batch, intent, known, rules)
            tally.skipped += 1


def _sync_columns(raw: RawRecord, object: str, origin: Origin) -> dict[str, Any]:
    return {
        "sfdc_type": object,
        "sfdc_id": raw["Id"],
        "sfdc_is_deleted": False,
        "sfdc_created_at": _as_db_moment(raw.get("CreatedDate")),
        "owner_id": raw.get("OwnerId"),
        "synced_at": origin.now_db,
    }


def _as_db_moment(stamp: str | None) -> str | None:
    """``2026-01-02T03:04:05.000+0000`` → ``2026-01-02 03:04:05`` (UTC in both databases)."""
    return f"{stamp[:10]} {stamp[11:19]}" if stamp else None


def write_new(batch: Batch, intent: PullIntent, person_id: int, rules: ObjectRules) -> None:
    raw, origin = intent.raw, batch.origin
    columns = _sync_columns(raw, rules.object, origin) | {
        "version": 1, "changed_at": None, "failed_at": None, "updated_at": origin.now_db,
    }  # fmt: skip
    batch.add_person(person_id, new_tuple(intent.values, columns))
    batch.add_state(
        NewState(
            sfdc_id=raw["Id"], object=rules.object, person_id=person_id, base=_without_blanks(intent.agreed),
            system_modstamp=raw["SystemModstamp"], synced_at=origin.now_db,
            outside_since=origin.now_db if intent.is_outside else None,
        )
    )  # fmt: skip
    batch.log(
        person_id, ActivityType.NEW_PERSON, {"sfdc_id": raw["Id"], "object": rules.object},
        source=origin.salesforce_source(raw.get("CreatedById")),
    )  # fmt: skip


def _without_blanks(values: dict[str, Value]) -> dict[str, Value]:
    # A blank both sides agree on reads the same as one never agreed on, unless it was a value before: a first link
    # lets a value beat a blank, and that is what a change from blank comes to. Bases are a third smaller without.
    return {name: value for name, value in values.items() if value is not None}


def write_known(batch: Batch, intent: PullIntent, known: Known, rules: ObjectRules) -> None:
    person, raw, origin = intent.person, intent.raw, batch.origin
    assert person is not None  # noqa: S101 - the engine gives UPDATE and LINK a person
    row = known.rows[person.person_id]
    source = origin.salesforce_source(raw.get("LastModifiedById"))
    log_changes(batch, row, intent, rules, source)
    _log_standing(batch, intent, person, rules, source)
    row.put(intent.values)
    row.columns.update(_sync_columns(raw, rules.object, origin))
    if intent.values:
        row.columns["updated_at"] = origin.now
    if intent.to_push:
        row.columns["changed_at"] = row.columns["changed_at"] or origin.now
    batch.change_person(row)
    write_state(batch, intent, known, rules)


def log_changes(
    batch: Batch,
    row: PersonRow,
    intent: PullIntent,
    rules: ObjectRules,
    source: str,
    reason: str = "Changed in Salesforce",
) -> None:
    """One Change Data Value per value that changes here, one Sync Conflict per value that lost."""
    before = row.values()
    for name, value in intent.values.items():
        batch.log(
            row.id, ActivityType.CHANGE_DATA_VALUE,
            {"field": name, "label": rules.by_name[name].label, "old": before.get(name), "new": value,
             "reason": reason},
            source=source,
        )  # fmt: skip
    for conflict in intent.conflicts:
        batch.log(
            row.id, ActivityType.CONFLICT,
            {"field": conflict.name, "label": rules.by_name[conflict.name].label, "ours": conflict.ours,
             "theirs": conflict.theirs, "winner": conflict.winner.value, "reason": conflict.reason.value,
             "theirs_by": source, "object": rules.object},
        )  # fmt: skip


def _log_standing(
    batch: Batch, intent: PullIntent, person: LinkedPerson, rules: ObjectRules, source: str
) -> None:
    raw, origin = intent.raw, batch.origin
    if intent.kind is PullKind.LINK:
        batch.log(
            person.person_id, ActivityType.SYNC_TO_SFDC,
            {"sfdc_id": raw["Id"], "object": rules.object, "note": "linked", "reason": "same e-mail"},
        )  # fmt: skip
    if intent.is_restored:
        batch.log(person.person_id, ActivityType.RESTORED_IN_SFDC, {"sfdc_id": raw["Id"]}, source=source)
    owner = raw.get("OwnerId")
    if owner and owner != person.owner_id:
        batch.log(
            person.person_id, ActivityType.CHANGE_OWNER,
            {"old": origin.owner_name(person.owner_id), "new": origin.owner_name(owner)}, source=source,
        )  # fmt: skip
