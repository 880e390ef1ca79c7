"""What a cycle would do, noted while it is decided: exact counts, the first items in detail, whom it would hurt."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from syncadmin.sync.guards import Impact, overwrites
from syncadmin.sync.reconcile import Conflict
from syncadmin.sync.values import Value


@dataclass(frozen=True, slots=True)
class Who:
    """A person, or a record that would become one (``person_id`` None)."""

    person_id: int | None
    name: str
    object: str = ""
    sfdc_id: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that would happen. ``kind``: see :class:`syncadmin.models.PreviewItem`."""

    kind: str
    who: Who
    field: str = ""
    label: str = ""
    old: Value = None
    new: Value = None
    winner: str = ""
    reason: str = ""


@dataclass(slots=True)
class Findings:
    """Everything a cycle would do. ``keep``: how many items are kept in detail."""

    keep: int = 0
    items: list[Item] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)
    fields: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(kind, label) of values that would change."""
    impact: Impact = field(default_factory=Impact)
    _conflicts: dict[tuple[int | None, str], Item] = field(default_factory=dict)
    """Conflicts that we win: told with the push that follows, or by themselves if none does."""

    def note(self, item: Item) -> None:
        """Count an item, and keep it while there is room."""
        self.kinds[item.kind] += 1
        if len(self.items) < self.keep:
            self.items.append(item)

    def change_here(
        self, who: Who, name: str, label: str, old: Value, new: Value, lost: Conflict | None, author: str
    ) -> None:
        """A value of ours would change; ``lost``: it was changed here as well."""
        if overwrites(old, new) and who.person_id is not None:
            self._overwritten(self.impact.overwritten_here, who.person_id, label)
            self.impact.authors[author] += 1
        self.fields["change", label] += 1
        winner, reason = (lost.winner.value, lost.reason.value) if lost else ("", "")
        self.note(Item("change", who, name, label, old, new, winner, reason))

    def change_there(self, who: Who, name: str, label: str, old: Value, new: Value) -> None:
        """A value of a record would change in Salesforce."""
        if overwrites(old, new) and who.person_id is not None:
            self._overwritten(self.impact.overwritten_there, who.person_id, label)
        self.fields["push", label] += 1
        conflict = self._conflicts.pop((who.person_id, name), None)
        winner, reason = (conflict.winner, conflict.reason) if conflict else ("", "")
        self.note(Item("push", who, name, label, old, new, winner, reason))

    def conflict(self, who: Who, label: str, conflict: Conflict) -> None:
        """Both sides changed a value, and ours stays."""
        self._conflicts[who.person_id, conflict.name] = Item(
            "conflict", who, conflict.name, label, conflict.theirs, conflict.ours,
            conflict.winner.value, conflict.reason.value,
        )  # fmt: skip

    def close(self) -> None:
        """Nothing more comes: what was put off is noted."""
        for item in self._conflicts.values():
            self.note(item)
        self._conflicts.clear()

    def _overwritten(self, people: set[int], person_id: int, label: str) -> None:
        people.add(person_id)
        self.impact.fields[label] += 1
