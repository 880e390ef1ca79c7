"""What the org verifies before it saves: owners, lookups, required and unique fields, validation rules.

Each check looks at all drafts of a batch at once, so that a batch costs a fixed number of queries.
"""

# ruff: noqa: S608 - names in the SQL come from the schema, values are parameters
from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from syncadmin.emulator.draft import Draft
from syncadmin.emulator.errors import RecordError
from syncadmin.emulator.formula import Scene
from syncadmin.emulator.rules import Rules
from syncadmin.emulator.schema.model import Field, SObject
from syncadmin.emulator.schema.registry import Schema
from syncadmin.emulator.store import Store

AT_ONCE = 500


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
    target = schema.get(field.reference_to[0])
    wanted = {schema.must(name).prefix for name in field.reference_to if schema.get(name)}
    present = set()
    if target is not None:
        rows = store.fetch(target, list({d.changes[field.name] for d in drafts}))
        present = {key for key, row in rows.items() if not row.get("IsDeleted")}
    for draft in drafts:
        value = draft.changes[field.name]
        if value[:3] not in wanted:
            text = f"{field.label}: id value of incorrect type: {value}"
            draft.errors.append(RecordError("FIELD_INTEGRITY_EXCEPTION", text, [field.name]))
        elif value not in present:
            text = f"insufficient access rights on cross-reference id: {value[:15]}"
            draft.errors.append(RecordError("INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", text))


def check_unique(drafts: list[Draft], sobject: SObject, store: Store) -> None:
    """DUPLICATE_VALUE with the 15-character id of the record that has the value (quoted from live calls)."""
    for field in sobject.fields.values():
        if field.unique:
            _check_unique(good(drafts), field, sobject, store)


def _check_unique(drafts: list[Draft], field: Field, sobject: SObject, store: Store) -> None:
    given = [d for d in drafts if d.changes.get(field.name) is not None]
    fold = str if field.case_sensitive else _fold
    taken: dict[str, str] = {}
    for start in range(0, len(given), AT_ONCE):
        values = [d.changes[field.name] for d in given[start : start + AT_ONCE]]
        sql = (
            f'SELECT "{field.name}", "Id" FROM "{sobject.name}"'
            f' WHERE "{field.name}" IN ({", ".join("?" * len(values))})'
        )
        taken |= {fold(value): key for value, key in store.select(sql, values)}
    for draft in given:
        value = fold(draft.changes[field.name])
        holder = taken.setdefault(value, draft.row.get("Id") or "<unknown>")
        if holder != (draft.row.get("Id") or "") and not (
            holder == "<unknown>" and _first(given, draft, field)
        ):
            text = f"duplicate value found: {field.name} duplicates value on record with id: {_short(holder)}"
            draft.errors.append(RecordError("DUPLICATE_VALUE", text))


def _first(given: list[Draft], draft: Draft, field: Field) -> bool:
    value = _fold(draft.changes[field.name])
    return next(d for d in given if _fold(d.changes[field.name]) == value) is draft


def _fold(value: Any) -> str:
    return str(value).casefold()


def _short(holder: str) -> str:
    return holder if holder.startswith("<") else holder[:15]


def check_validation(drafts: list[Draft], sobject: SObject, rules: Rules, now: datetime) -> None:
    """All broken validation rules of a record are reported together."""
    active = [rule for rule in rules.validation if rule.active and rule.object == sobject.name]
    for draft in drafts if active else []:
        scene = Scene(draft.row, draft.before, now)
        for rule in active:
            if rule.broken_by(scene):
                fields = [rule.field] if rule.field else []
                draft.errors.append(RecordError("FIELD_CUSTOM_VALIDATION_EXCEPTION", rule.message, fields))
