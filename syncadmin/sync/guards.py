"""Whether a cycle would change so much that somebody should look first. Pure.

Peers offer nothing of the kind, and their users ask for it: a mistaken mass update on one side is on the other within
minutes. Our numbers: a share of the people (20 %), and at least so many (100) that a small database isn't in the way.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from syncadmin.sync.values import Value, is_blank


@dataclass(slots=True)
class Impact:
    """Whom a cycle would hurt if it were a mistake: people by id. ``fields`` and ``authors``: where it comes from.

    ``overwritten``: a value that is not blank is replaced or blanked; filling a blank hurts nobody.
    """

    deleted: set[int] = field(default_factory=set)
    unlinked: set[int] = field(default_factory=set)
    overwritten_here: set[int] = field(default_factory=set)
    overwritten_there: set[int] = field(default_factory=set)
    fields: Counter[str] = field(default_factory=Counter)
    authors: Counter[str] = field(default_factory=Counter)
    """Names of those who changed the records, for what would happen here."""

    @property
    def here(self) -> int:
        """People of ours who would be deleted, merged away or overwritten."""
        return len(self.deleted | self.unlinked | self.overwritten_here)

    @property
    def there(self) -> int:
        """Records of Salesforce that would be overwritten."""
        return len(self.overwritten_there)


@dataclass(frozen=True, slots=True)
class Guard:
    """What an administrator set: ``share`` in percent (0: no guard), and ``least``, a number of people."""

    share: int
    least: int

    def limit(self, people: int) -> int | None:
        """From how many people on a cycle is stopped; None: never. ``people``: all there are."""
        if self.share <= 0:
            return None
        return max(self.least, people * self.share // 100 + 1, 1)

    def harmless_from(self, number: int) -> int:
        """Among how many people and more so many changes stop nothing; 0: among any (``limit`` turned round)."""
        if self.share <= 0 or number < max(self.least, 1):
            return 0
        return -(-number * 100 // self.share)

    def trips(self, impact: Impact, people: int) -> bool:
        """Whether a cycle with this impact is to be stopped. Each side counts for itself."""
        limit = self.limit(people)
        return limit is not None and max(impact.here, impact.there) >= limit


def overwrites(old: Value, new: Value) -> bool:
    """Whether a value that says something gives way to another; an unticked box may be ticked."""
    return old != new and not is_blank(old)


def top(counter: Counter[str]) -> tuple[str, int]:
    """The most frequent name and its number; ("", 0) if there is none."""
    return next(iter(counter.most_common(1)), ("", 0))
