"""What formulas see beyond their record: fields of parents, the running user, and the moment.

Source: the Formula Operators and Functions page (global variables); `Owner:User.Name` and `Owner:Queue.Name` are
how the formula editor writes the fields of an owner.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from syncadmin.emulator.dml.draft import Row
from syncadmin.emulator.formula.compiler import Kinds, Scene
from syncadmin.emulator.schema.model import Field, SObject
from syncadmin.emulator.state import State

DEEPEST = 5


class Related:
    """Makes the scenes of the formulas of an object, for one batch of records; parents are read once."""

    def __init__(self, state: State, sobject: SObject, user_id: str) -> None:
        self._state, self._sobject, self._user_id = state, sobject, user_id
        self._rows: dict[str, Row] = {}
        self._world: dict[str, Any] | None = None
        self.kinds: Kinds = kinds_of(sobject)

    def scene(self, record: Mapping[str, Any], before: Mapping[str, Any] | None = None) -> Scene:
        """The scene of a record."""
        return Scene(record, before, self._state.clock.now(), self._parent, _World(self))

    def globals(self) -> dict[str, Any]:
        """`$user.id`, `$profile.name` and so on, in lower case."""
        if self._world is None:
            user = self._row(self._user_id)
            self._world = {f"$user.{name.lower()}": value for name, value in user.items()}
            for prefix, key in (("$profile", "ProfileId"), ("$userrole", "UserRoleId")):
                row = self._row(user.get(key))
                self._world |= {f"{prefix}.{name.lower()}": value for name, value in row.items()}
        return self._world

    def _row(self, record_id: str | None) -> Row:
        if not record_id:
            return {}
        if record_id not in self._rows:
            sobject = self._state.schema.owner_of(record_id)
            found = self._state.store.fetch(sobject, [record_id]) if sobject else {}
            self._rows[record_id] = found.get(record_id, {})
        return self._rows[record_id]

    def _parent(self, record: Mapping[str, Any], path: str) -> Any:
        """The value at the end of `Account.Owner.Name`; None if there is nothing on the way."""
        *steps, last = path.split(".")
        sobject: SObject | None = self._sobject
        row: Mapping[str, Any] = record
        for step in steps[:DEEPEST]:
            name, _, wanted = step.partition(":")
            field = _relation(sobject, name)
            record_id = row.get(field.name) if field else None
            sobject = self._state.schema.owner_of(record_id) if record_id else None
            if sobject is None or (wanted and {"Queue": "Group"}.get(wanted, wanted) != sobject.name):
                return None
            row = self._row(record_id)
        found = sobject.get(last) if sobject else None
        return row.get(found.name) if found else None


class _World(Mapping[str, Any]):
    """The globals, read only when a formula asks for one."""

    def __init__(self, related: Related) -> None:
        self._related = related

    def __getitem__(self, name: str) -> Any:
        return self._related.globals()[name]

    def __iter__(self) -> Any:
        return iter(self._related.globals())

    def __len__(self) -> int:
        return len(self._related.globals())


def _relation(sobject: SObject | None, name: str) -> Field | None:
    fields = sobject.fields.values() if sobject else ()
    return next((f for f in fields if f.relationship and f.relationship.lower() == name.lower()), None)


def kinds_of(sobject: SObject) -> Kinds:
    """The names and types of an object's fields, for compiling its formulas."""
    return frozenset((f.name, f.type) for f in sobject.fields.values())
