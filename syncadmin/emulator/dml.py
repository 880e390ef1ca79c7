"""Creating, changing and deleting records: the order of execution, for a batch of records of one object.

Source: the Triggers and Order of Execution page: system checks, custom validation, duplicate rules, save,
assignment.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from syncadmin.emulator import checks, finish
from syncadmin.emulator.assignment import assign
from syncadmin.emulator.draft import Actor, Draft, Outcome, Row, read_body
from syncadmin.emulator.duplicates import check_duplicates
from syncadmin.emulator.errors import RecordError, rolled_back
from syncadmin.emulator.ids import is_id, to18
from syncadmin.emulator.parents import Parents
from syncadmin.emulator.schema.model import SObject
from syncadmin.emulator.state import State

Body = dict[str, Any]
VIRTUAL_BASE = "/services/data/v59.0"


class Dml:
    """Writes records, and nothing else does."""

    def __init__(self, state: State) -> None:
        self.state = state

    def create(
        self,
        sobject: SObject,
        bodies: Sequence[Body],
        actor: Actor,
        *,
        all_or_none: bool = False,
        skip: frozenset[str] = frozenset(),
    ) -> list[Outcome]:
        """Insert records; results in the order of the bodies."""
        if not self.state.schema.may("create", sobject, actor.user_id):
            return [Outcome(errors=[no_access()]) for _ in bodies]
        with self.state.store.transaction():
            drafts = [self._new(sobject, body, actor, skip) for body in bodies]
            self._check(sobject, drafts, actor)
            return self._finish(sobject, drafts, actor, all_or_none)

    def update(
        self,
        sobject: SObject,
        changes: Sequence[tuple[str, Body]],
        actor: Actor,
        *,
        all_or_none: bool = False,
        skip: frozenset[str] = frozenset(),
    ) -> list[Outcome]:
        """Change records by id; results in the order given."""
        if not self.state.schema.may("edit", sobject, actor.user_id):
            return [Outcome(errors=[no_access()]) for _ in changes]
        with self.state.store.transaction():
            ids = [to18(i) for i, _ in changes if is_id(i)]
            rows = self.state.store.fetch(sobject, ids)
            drafts = [self._changed(sobject, i, body, rows, actor, skip) for i, body in changes]
            self._check(sobject, drafts, actor)
            return self._finish(sobject, drafts, actor, all_or_none)

    def _new(self, sobject: SObject, body: Body, actor: Actor, skip: frozenset[str]) -> Draft:
        row = finish.blank(sobject)
        if "OwnerId" in row:
            row["OwnerId"] = actor.user_id
        draft = Draft(None, row)
        self._read(sobject, draft, body, actor, skip)
        return draft

    def _changed(
        self,
        sobject: SObject,
        record_id: str,
        body: Body,
        rows: dict[str, Row],
        actor: Actor,
        skip: frozenset[str],
    ) -> Draft:
        before = rows.get(to18(record_id)) if is_id(record_id) else None
        if before is None:
            return Draft(None, {}, errors=[unknown_id(sobject, record_id)])
        draft = Draft(before, dict(before))
        if before.get("IsDeleted"):
            draft.errors.append(deleted_error())
        elif before.get("IsConverted"):
            draft.errors.append(
                RecordError("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")
            )
        else:
            self._read(sobject, draft, body, actor, skip | {"id"})
        return draft

    def _read(self, sobject: SObject, draft: Draft, body: Body, actor: Actor, skip: frozenset[str]) -> None:
        view = self.state.schema.view(sobject, actor.user_id)
        parents = Parents(self.state.schema, self.state.store)
        try:
            draft.changes = read_body(view, body, draft.before is None, parents.find, skip)
        except RecordError as error:
            draft.errors.append(error)
        default = {f.name: f.default for f in sobject.fields.values() if f.type == "picklist" and f.default}
        draft.row |= draft.changes
        if draft.before is None:
            draft.row |= {k: v for k, v in default.items() if draft.row.get(k) is None}

    def _check(self, sobject: SObject, drafts: list[Draft], actor: Actor) -> None:
        state, rules = self.state, self.state.rules
        checks.check_owners(checks.good(drafts), sobject, state.store)
        checks.check_lookups(drafts, sobject, state.schema, state.store)
        checks.check_required(checks.good(drafts), sobject, rules)
        checks.check_status(checks.good(drafts), sobject)
        checks.check_unique(drafts, sobject, state.store)
        checks.check_validation(checks.good(drafts), sobject, rules, state.clock.now())
        check_duplicates(drafts, sobject, rules, state.store, VIRTUAL_BASE, actor.allow_duplicates)
        if sobject.name == "Lead":
            assign(checks.good(drafts), rules, sobject.name, actor, state.clock.now())

    def _finish(
        self, sobject: SObject, drafts: list[Draft], actor: Actor, all_or_none: bool
    ) -> list[Outcome]:
        if all_or_none and any(not d.good for d in drafts):
            return [Outcome(errors=d.errors or [rolled_back()]) for d in drafts]
        saved = checks.good(drafts)
        calculated, stamp = finish.formulas(sobject), self.state.clock.stamp()
        for draft in saved:
            self._complete(sobject, draft, actor, calculated, stamp)
        self.state.save_new(sobject, [d.row for d in saved if d.before is None])
        self.state.save_changed(sobject, [(d.before, d.row) for d in saved if d.before is not None])
        return [
            Outcome(d.row["Id"], created=d.before is None) if d.good else Outcome(errors=d.errors)
            for d in drafts
        ]

    def _complete(
        self, sobject: SObject, draft: Draft, actor: Actor, calculated: list[Any], stamp: str
    ) -> None:
        row = draft.row
        finish.compute(sobject, row, calculated)
        if "IsUnreadByOwner" in row and "IsUnreadByOwner" not in draft.changes:
            row["IsUnreadByOwner"] = int(draft.before is None and row["OwnerId"] != actor.user_id)
        if draft.before is None:
            finish.number(self.state, sobject, row)
            finish.stamp_new(row, actor.user_id, stamp)
        else:
            finish.stamp_changed(row, actor.user_id, stamp)

    def delete(
        self, sobject: SObject, ids: Sequence[str], actor: Actor, *, all_or_none: bool = False
    ) -> list[Outcome]:
        """Move records into the recycle bin; their stamps move too. A converted lead may be deleted
        (recorded).
        """
        return self._bin(sobject, ids, actor, 1, all_or_none)

    def undelete(self, sobject: SObject, ids: Sequence[str], actor: Actor) -> list[Outcome]:
        """Take records out of the recycle bin."""
        return self._bin(sobject, ids, actor, 0, False)

    def _bin(
        self, sobject: SObject, ids: Sequence[str], actor: Actor, deleted: int, all_or_none: bool
    ) -> list[Outcome]:
        if not self.state.schema.may("delete", sobject, actor.user_id):
            return [Outcome(errors=[no_access()]) for _ in ids]
        with self.state.store.transaction():
            rows = self.state.store.fetch(sobject, [to18(i) for i in ids if is_id(i)])
            stamp = self.state.clock.stamp()
            drafts = [self._binned(sobject, i, rows, deleted) for i in ids]
            if all_or_none and any(not d.good for d in drafts):
                return [Outcome(errors=d.errors or [rolled_back()]) for d in drafts]
            for draft in checks.good(drafts):
                finish.stamp_changed(draft.row, actor.user_id, stamp)
            self.state.save_changed(sobject, [(d.before, d.row) for d in drafts if d.good and d.before])
            return [Outcome(d.row["Id"]) if d.good else Outcome(errors=d.errors) for d in drafts]

    @staticmethod
    def _binned(sobject: SObject, record_id: str, rows: dict[str, Row], deleted: int) -> Draft:
        before = rows.get(to18(record_id)) if is_id(record_id) else None
        if before is None:
            return Draft(None, {}, errors=[unknown_id(sobject, record_id)])
        errors = [deleted_error()] if before["IsDeleted"] == deleted == 1 else []
        return Draft(before, before | {"IsDeleted": deleted}, errors=errors)


def deleted_error() -> RecordError:
    """The record is in the recycle bin (recorded)."""
    return RecordError("ENTITY_IS_DELETED", "entity is deleted", status=404)


def no_access() -> RecordError:
    """The user lacks the object permission (text as quoted from live calls)."""
    text = "insufficient access rights on object id"
    return RecordError("INSUFFICIENT_ACCESS_OR_READONLY", text, status=403)


def unknown_id(sobject: SObject, record_id: str) -> RecordError:
    """No record has this id: malformed, of another object, or never given out (quoted from live calls)."""
    if not is_id(record_id):
        return RecordError("MALFORMED_ID", f"malformed id {record_id}")
    if record_id[:3] != sobject.prefix:
        label = sobject.fields["id"].label
        return RecordError("MALFORMED_ID", f"{label}: id value of incorrect type: {record_id}", ["Id"])
    return RecordError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", status=404, bare=True)
