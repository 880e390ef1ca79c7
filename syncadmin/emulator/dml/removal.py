"""Deleting and undeleting records, and removing them for good."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from syncadmin.emulator.dml import checks, recycle
from syncadmin.emulator.dml.draft import Actor, Draft, Outcome, Row
from syncadmin.emulator.dml.refusals import deleted_error, no_access, no_cross_access, unknown_id
from syncadmin.emulator.errors import RecordError
from syncadmin.emulator.ids import is_id, to18
from syncadmin.emulator.schema.model import SObject
from syncadmin.emulator.state import State


class Removal:
    """The half of Dml that takes records away."""

    def __init__(self, state: State) -> None:
        self.state = state

    def present(
        self, sobject: SObject, record_id: str, rows: dict[str, Row], actor: Actor
    ) -> tuple[Row | None, RecordError | None]:
        """The record of this id if there is one, and why the user may not write it if so."""
        row = rows.get(to18(record_id)) if is_id(record_id) else None
        if row is None:
            gone = is_id(record_id) and self.state.store.is_gone(to18(record_id))
            return None, deleted_error() if gone else unknown_id(sobject, record_id)
        access = self.state.schema.row_access(sobject, actor.user_id, row)
        if access != "edit":
            return row, no_access() if access else no_cross_access(row["Id"])
        return row, deleted_error() if row.get("IsDeleted") else None

    def delete(self, sobject: SObject, ids: Sequence[str], actor: Actor) -> list[Outcome]:
        """Move records into the recycle bin, and the children that go with them; their stamps move too.

        A converted lead may be deleted (recorded).
        """

        def work(row: Row, stamp: str) -> None:
            recycle.bury(self.state, sobject, row, actor.user_id, stamp)

        return self._remove(sobject, ids, actor, work)

    def undelete(self, sobject: SObject, ids: Sequence[str], actor: Actor) -> list[Outcome]:
        """Take records out of the recycle bin, and what went in with them."""

        def work(row: Row, stamp: str) -> None:
            recycle.restore(self.state, sobject, row, actor.user_id, stamp)

        def check(row: Row) -> RecordError | None:
            """Somebody else may have the value of a unique field by now (from memory)."""
            draft = Draft(row, row, dict(row))
            checks.check_unique([draft], sobject, self.state.schema, self.state.store, actor.user_id)
            return draft.errors[0] if draft.errors else None

        return self._remove(sobject, ids, actor, work, binned=recycle.not_in_bin(), check=check)

    def hard_delete(self, sobject: SObject, ids: Sequence[str], actor: Actor) -> list[Outcome]:
        """Remove records for good, in the recycle bin or not."""
        return self._destroy(sobject, ids, actor, None)

    def empty_bin(self, sobject: SObject, ids: Sequence[str], actor: Actor) -> list[Outcome]:
        """Remove records for good that are in the recycle bin (emptyRecycleBin)."""
        return self._destroy(sobject, ids, actor, recycle.not_emptied())

    def _destroy(
        self, sobject: SObject, ids: Sequence[str], actor: Actor, binned: RecordError | None
    ) -> list[Outcome]:
        def work(row: Row, stamp: str) -> None:
            recycle.destroy(self.state, sobject, row, stamp)

        return self._remove(sobject, ids, actor, work, binned=binned, deleted=True)

    def _remove(
        self,
        sobject: SObject,
        ids: Sequence[str],
        actor: Actor,
        work: Callable[[Row, str], None],
        *,
        binned: RecordError | None = None,
        deleted: bool = False,
        check: Callable[[Row], RecordError | None] = lambda row: None,
    ) -> list[Outcome]:
        """Do the work with every record. binned: why a live one is refused; deleted: a deleted one isn't;
        check: what else may be wrong with it.
        """
        if not self.state.schema.may("delete", sobject, actor.user_id):
            return [Outcome(errors=[no_access()]) for _ in ids]
        stamp = self.state.clock.stamp()

        def one(record_id: str) -> Outcome:
            found = self._removable(sobject, record_id, actor, binned, deleted)
            found = found if isinstance(found, RecordError) else check(found) or found
            if isinstance(found, RecordError):
                return Outcome(errors=[found])
            work(found, stamp)
            return Outcome(found["Id"])

        # One after the other: a record that is named twice isn't there any more the second time.
        with self.state.store.transaction():
            return [one(record_id) for record_id in ids]

    def _removable(
        self, sobject: SObject, record_id: str, actor: Actor, binned: RecordError | None, deleted: bool
    ) -> Row | RecordError:
        rows = self.state.store.fetch(sobject, [to18(record_id)] if is_id(record_id) else [])
        row, error = self.present(sobject, record_id, rows, actor)
        if row is None:
            return error or unknown_id(sobject, record_id)
        if row.get("IsDeleted") and (binned or deleted):
            error = None
        elif error is None and binned is not None:
            error = binned
        return error or self.state.locks.refuse(row, self.state.clock.now()) or row
