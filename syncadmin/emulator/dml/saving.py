"""Creating, changing and deleting records: the order of execution, for a batch of records of one object.

Source: the Triggers and Order of Execution page: flows before the save, system checks, custom validation,
duplicate rules, save, assignment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from syncadmin.emulator.dml import activities, automation, campaigns, checks, dependents, finish
from syncadmin.emulator.dml.assignment import assign
from syncadmin.emulator.dml.draft import Actor, Draft, Outcome, Row, read_body
from syncadmin.emulator.dml.duplicates import check_duplicates
from syncadmin.emulator.dml.parents import Parents
from syncadmin.emulator.dml.refusals import no_access, unknown_id
from syncadmin.emulator.dml.related import Related
from syncadmin.emulator.dml.removal import Removal
from syncadmin.emulator.dml.values import WrongType
from syncadmin.emulator.errors import RecordError
from syncadmin.emulator.ids import is_id, to18
from syncadmin.emulator.rest.jsonplace import unreadable
from syncadmin.emulator.schema.model import SObject
from syncadmin.emulator.state import State

Body = dict[str, Any]
Effect = Callable[[State, list[Draft], Actor], None]
VIRTUAL_BASE = "/services/data/v59.0"
PREPARE: dict[str, Effect] = {
    "CampaignMember": campaigns.prepare_members,
    "Opportunity": activities.prepare_deals,
    "Task": activities.prepare_tasks,
}
FOLLOW: dict[str, Effect] = {
    "Campaign": campaigns.give_statuses,
    "CampaignMember": campaigns.count_drafts,
    "Opportunity": activities.count_deals,
    "Task": activities.date_drafts,
}


class Dml(Removal):
    """Writes records, and nothing else does (but converting and merging)."""

    def create(
        self,
        sobject: SObject,
        bodies: Sequence[Body],
        actor: Actor,
        *,
        skip: frozenset[str] = frozenset(),
    ) -> list[Outcome]:
        """Insert records; results in the order of the bodies."""
        if not self.state.schema.may("create", sobject, actor.user_id):
            return [Outcome(errors=[no_access()]) for _ in bodies]
        with self.state.store.transaction():
            fresh, standing = finish.blank(sobject), finish.standing(sobject)
            drafts = [self._new(sobject, body, actor, skip, fresh, standing) for body in bodies]
            self._check(sobject, drafts, actor)
            return self._finish(sobject, drafts, actor)

    def update(
        self,
        sobject: SObject,
        changes: Sequence[tuple[str, Body]],
        actor: Actor,
        *,
        skip: frozenset[str] = frozenset(),
    ) -> list[Outcome]:
        """Change records by id; results in the order given. One that is named twice is changed twice (live
        calls are refused only from the 13th time on: "Maximum number of duplicate updates in one batch").
        """
        if not self.state.schema.may("edit", sobject, actor.user_id):
            return [Outcome(errors=[no_access()]) for _ in changes]
        with self.state.store.transaction():
            outcomes: list[Outcome] = []
            for part in _without_repeats(changes):
                outcomes += self._update(sobject, part, actor, skip)
            return outcomes

    def _update(
        self, sobject: SObject, changes: Sequence[tuple[str, Body]], actor: Actor, skip: frozenset[str]
    ) -> list[Outcome]:
        rows = self.state.store.fetch(sobject, [to18(i) for i, _ in changes if is_id(i)])
        drafts = [self._changed(sobject, i, body, rows, actor, skip) for i, body in changes]
        self._check(sobject, drafts, actor)
        return self._finish(sobject, drafts, actor)

    def _new(
        self,
        sobject: SObject,
        body: Body,
        actor: Actor,
        skip: frozenset[str],
        fresh: Row,
        standing: Row,
    ) -> Draft:
        """A draft of a new record. fresh: a blank row; standing: the picklists that are never empty."""
        row = dict(fresh)
        if "OwnerId" in row:
            row["OwnerId"] = actor.user_id
        draft = Draft(None, row)
        self._read(sobject, draft, body, actor, skip)
        draft.row |= {name: value for name, value in standing.items() if draft.row[name] is None}
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
        before, error = self.present(sobject, record_id, rows, actor)
        if before is None or error:
            return Draft(None, {}, errors=[error or unknown_id(sobject, record_id)])
        draft = Draft(before, dict(before))
        if before.get("IsConverted"):
            draft.errors.append(
                RecordError("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")
            )
        else:
            self._read(sobject, draft, body, actor, skip | {"id"})
        return draft

    def _read(self, sobject: SObject, draft: Draft, body: Body, actor: Actor, skip: frozenset[str]) -> None:
        view = self.state.schema.view(sobject, actor.user_id)
        parents = Parents(self.state.schema, self.state.store)
        strict = actor.source is not None
        try:
            draft.changes = read_body(view, body, draft.before is None, parents.find, skip, strict=strict)
        except WrongType as error:
            if actor.source is not None:
                kind = error.field.type
                raise unreadable(actor.source, error.field.name, kind, error.value) from None
            draft.errors.append(error)
        except RecordError as error:
            draft.errors.append(error)
        draft.row |= draft.changes

    def _check(self, sobject: SObject, drafts: list[Draft], actor: Actor) -> None:
        state, rules = self.state, self.state.rules
        related = Related(state, sobject, actor.user_id)
        automation.run(checks.good(drafts), sobject, rules.automation, related)
        checks.check_locks(drafts, state.locks, state.clock.now())
        checks.check_owners(checks.good(drafts), sobject, state.store)
        checks.check_lookups(drafts, sobject, state.schema, state.store)
        checks.check_required(checks.good(drafts), sobject, rules)
        checks.check_status(checks.good(drafts), sobject)
        checks.check_unique(drafts, sobject, state.schema, state.store, actor.user_id)
        if sobject.name in PREPARE:
            PREPARE[sobject.name](state, checks.good(drafts), actor)
        checks.check_validation(checks.good(drafts), sobject, rules, related)
        check_duplicates(drafts, sobject, rules, state, VIRTUAL_BASE, actor.allow_duplicates)
        if sobject.name == "Lead":
            assign(checks.good(drafts), rules, sobject, actor, related)

    def _finish(self, sobject: SObject, drafts: list[Draft], actor: Actor) -> list[Outcome]:
        saved = checks.good(drafts)
        calculated, stamp = finish.formulas(sobject), self.state.clock.stamp()
        related = Related(self.state, sobject, actor.user_id)
        for draft in saved:
            self._complete(sobject, draft, actor, calculated, stamp, related)
        self.state.save_new(sobject, [d.row for d in saved if d.before is None])
        self.state.save_changed(sobject, [(d.before, d.row) for d in saved if d.before is not None])
        if sobject.name in FOLLOW and saved:
            FOLLOW[sobject.name](self.state, saved, actor)
        changed = [d.row["Id"] for d in saved if d.before is not None]
        if changed:
            dependents.refresh(self.state, sobject, changed, actor.user_id)
        return [
            Outcome(d.row["Id"], created=d.before is None) if d.good else Outcome(errors=d.errors)
            for d in drafts
        ]

    def _complete(
        self,
        sobject: SObject,
        draft: Draft,
        actor: Actor,
        calculated: finish.Calculated,
        stamp: str,
        related: Related,
    ) -> None:
        row = draft.row
        if "IsUnreadByOwner" in row and "IsUnreadByOwner" not in draft.changes:
            row["IsUnreadByOwner"] = int(draft.before is None and row["OwnerId"] != actor.user_id)
        if draft.before is None:
            finish.number(self.state, sobject, row)
            finish.stamp_new(row, actor.user_id, stamp)
        else:
            finish.stamp_changed(row, actor.user_id, stamp)
        finish.compute(sobject, row, calculated, related)


def _without_repeats(changes: Sequence[tuple[str, Body]]) -> Iterator[list[tuple[str, Body]]]:
    """The changes in their order, cut where a record comes again: what it is then, has to be read first."""
    part: list[tuple[str, Body]] = []
    seen: set[str] = set()
    for record_id, body in changes:
        if record_id[:15] in seen:
            yield part
            part, seen = [], set()
        part.append((record_id, body))
        seen.add(record_id[:15])
    yield part
