"""What the org verifies before it saves: owners, lookups, required and unique fields, validation rules.

Each check looks at all drafts of a batch at once, so that a batch costs a fixed number of queries.
"""

# ruff: noqa: S608 - names in the SQL come from the schema, values are parameters
from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from syncadmin.emulator.dml.draft import Draft
from syncadmin.emulator.dml.locks import Locks
from syncadmin.emulator.dml.refusals import no_cross_access
from syncadmin.emulator.dml.related import Related
from syncadmin.emulator.errors import RecordError
from syncadmin.emulator.rules import Rules
from syncadmin.emulator.schema.model import Field, SObject
from syncadmin.emulator.schema.registry import Schema
from syncadmin.emulator.store import Store

AT_ONCE = 500
HIDDEN = "<hidden>"


def good(drafts: Iterable[Draft]) -> list[Draft]:
    """The drafts that nothing has been found against."""
    return [draft for draft in drafts if draft.good]


def check_required(drafts: list[Draft], sobject: SObject, rules: Rules) -> None:
    """REQUIRED_FIELD_MISSING lists API names (recorded); on update only for fields that are being emptied."""
    needed = [f for f in sobject.fields.values() if f.createable and not f.nillable and not f.defaulted]
    needed += [
        f for f in sobject.fields.values() if (sobject.name, f.name) in rules.required and f not in needed
    ]
    for draft in drafts:
        subject = draft.row if draft.before is None else draft.changes
        missing = [
            f.name
            for f in needed
            if (draft.before is None or f.name in subject) and subject.get(f.name) is None
        ]
        if missing:
            draft.errors.append(
                RecordError(
                    "REQUIRED_FIELD_MISSING", f"Required fields are missing: [{', '.join(missing)}]", missing
                )
            )


def check_status(drafts: list[Draft], sobject: SObject) -> None:
    """A picklist with a default can't be emptied (from memory of live calls)."""
    fields = [f for f in sobject.fields.values() if f.type == "picklist" and not f.nillable]
    for draft in drafts:
        for field in fields:
            if field.name in draft.changes and draft.changes[field.name] is None and draft.before is not None:
                draft.errors.append(
                    RecordError(
                        "REQUIRED_FIELD_MISSING", f"Required fields are missing: [{field.name}]", [field.name]
                    )
                )


def check_owners(drafts: list[Draft], sobject: SObject, store: Store) -> None:
    """Who may own what.

    Source: texts quoted from live calls; a Contact's owner is a User (recorded describe).
    """
    given = [d for d in drafts if "OwnerId" in d.changes]
    ids = list({d.changes["OwnerId"] for d in given if d.changes["OwnerId"]})
    active = _lookup(store, 'SELECT "Id", "IsActive" FROM "User" WHERE "Id" IN ({})', ids)
    queues = _lookup(
        store, 'SELECT "QueueId", "SobjectType" FROM "QueueSobject" WHERE "QueueId" IN ({})', ids
    )
    for draft in given:
        error = owner_error(sobject, draft.changes["OwnerId"], active, queues)
        if error and not (draft.before and draft.before["OwnerId"] == draft.changes["OwnerId"]):
            draft.errors.append(error)


def _lookup(store: Store, sql: str, ids: list[str]) -> dict[str, set[Any]]:
    found: dict[str, set[Any]] = defaultdict(set)
    for start in range(0, len(ids), AT_ONCE):
        part = ids[start : start + AT_ONCE]
        for key, value in store.select(sql.format(", ".join("?" * len(part))), part):
            found[key].add(value)
    return found


def owner_error(
    sobject: SObject, owner: str | None, active: dict[str, set[Any]], queues: dict[str, set[Any]]
) -> RecordError | None:
    """Why this owner can't have a record of this object; None if it can."""
    field = sobject.fields["ownerid"]
    if owner is None:
        return RecordError("INVALID_CROSS_REFERENCE_KEY", "Owner ID: owner cannot be blank", ["OwnerId"])
    wanted = {"005": "User", "00G": "Group"}.get(owner[:3])
    if wanted not in field.reference_to:
        return RecordError(
            "FIELD_INTEGRITY_EXCEPTION", f"Owner ID: id value of incorrect type: {owner}", ["OwnerId"]
        )
    if wanted == "Group":
        if sobject.name in queues.get(owner, ()):
            return None
        return RecordError("INVALID_OPERATION", "Queue not associated with this SObject type")
    if owner not in active:
        return RecordError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
    if 1 in active[owner]:
        return None
    return RecordError(
        "INACTIVE_OWNER_OR_USER",
        f"operation performed with inactive user [{owner}] as owner of {sobject.label.lower()}",
    )


def check_lookups(drafts: list[Draft], sobject: SObject, schema: Schema, store: Store) -> None:
    """A lookup has to point at a record of the right object that isn't deleted."""
    fields = [f for f in sobject.fields.values() if f.type == "reference" and f.name != "OwnerId"]
    for field in fields:
        given = [d for d in drafts if d.good and d.changes.get(field.name)]
        if given:
            _check_lookup(given, field, schema, store)


def _check_lookup(drafts: list[Draft], field: Field, schema: Schema, store: Store) -> None:
    """A lookup may point at several objects; the id says at which."""
    targets = {sobject.prefix: sobject for name in field.reference_to if (sobject := schema.get(name))}
    rows: dict[str, dict[str, Any]] = {}
    for prefix, target in targets.items():
        ids = list({i for d in drafts if (i := d.changes[field.name])[:3] == prefix})
        rows |= store.fetch(target, ids) if ids else {}
    for draft in drafts:
        value = draft.changes[field.name]
        error = _lookup_error(field, value, value[:3] in targets, rows.get(value))
        if error and not (draft.before and draft.before[field.name] == value):
            draft.errors.append(error)


def _lookup_error(field: Field, value: str, fits: bool, row: dict[str, Any] | None) -> RecordError | None:
    """Why this record can't be pointed at (texts quoted from live calls)."""
    if not fits:
        text = f"{field.label}: id value of incorrect type: {value}"
        return RecordError("FIELD_INTEGRITY_EXCEPTION", text, [field.name])
    if row is None or row.get("IsDeleted"):
        return no_cross_access(value)
    if row.get("IsConverted") and field.name in ("LeadId", "WhoId"):
        return RecordError("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")
    return None


def check_unique(
    drafts: list[Draft], sobject: SObject, schema: Schema, store: Store, user_id: str | None
) -> None:
    """DUPLICATE_VALUE with the 15-character id of the record that has the value (quoted from live calls).

    From memory: of a record the user doesn't see the id is `<unknown>`; what is in the recycle bin doesn't count.
    """
    seen = schema.row_condition(sobject, user_id, f'"{sobject.name}"') or "1"
    for field in sobject.fields.values():
        if field.unique:
            _check_unique(good(drafts), field, sobject, store, seen)


def _check_unique(drafts: list[Draft], field: Field, sobject: SObject, store: Store, seen: str) -> None:
    given = [d for d in drafts if d.changes.get(field.name) is not None]
    fold = str if field.case_sensitive else _fold
    taken: dict[str, str] = {}
    for start in range(0, len(given), AT_ONCE):
        values = [d.changes[field.name] for d in given[start : start + AT_ONCE]]
        sql = (
            f'SELECT "{field.name}", CASE WHEN {seen} THEN "Id" ELSE ? END FROM "{sobject.name}"'
            f' WHERE "{field.name}" IN ({", ".join("?" * len(values))}) AND {sobject.live}'
        )
        taken |= {fold(value): key for value, key in store.select(sql, (HIDDEN, *values))}
    for draft in given:
        value, own = fold(draft.changes[field.name]), draft.row.get("Id")
        holder = taken.setdefault(value, own or _of(draft))
        if holder not in (own, _of(draft)):
            text = f"duplicate value found: {field.name} duplicates value on record with id: {_short(holder)}"
            draft.errors.append(RecordError("DUPLICATE_VALUE", text))


def _of(draft: Draft) -> str:
    """A name for a record that has no id yet."""
    return f"<{id(draft)}>"


def _fold(value: Any) -> str:
    return str(value).casefold()


def _short(holder: str) -> str:
    return "<unknown>" if holder.startswith("<") else holder[:15]


def check_locks(drafts: list[Draft], locks: Locks, now: datetime) -> None:
    """Rows that somebody else holds can't be written."""
    for draft in drafts:
        error = locks.refuse(draft.row, now) if draft.good else None
        if error:
            draft.errors.append(error)


def check_validation(drafts: list[Draft], sobject: SObject, rules: Rules, related: Related) -> None:
    """All broken validation rules of a record are reported together."""
    active = [rule for rule in rules.validation if rule.active and rule.object == sobject.name]
    for draft in drafts if active else []:
        scene = related.scene(draft.row, draft.before)
        for rule in active:
            if rule.broken_by(scene, related.kinds):
                fields = [rule.field] if rule.field else []
                draft.errors.append(RecordError("FIELD_CUSTOM_VALIDATION_EXCEPTION", rule.message, fields))
