"""Where the next poll begins: some minutes before the last one began, by Salesforce's own clock.

A record is stamped when it is written and seen when its transaction is committed, so it may appear later with an
earlier stamp. Whatever is read twice is recognised by its values (reconcile), not by its stamp: two changes within
one second carry the same one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

#: Longer than any transaction may take in Salesforce (its limit for a call is ten minutes).
OVERLAP = timedelta(minutes=10)
STAMP = "%Y-%m-%dT%H:%M:%S.000+0000"


def overlap_start(polled_at: str) -> str:
    """The SystemModstamp to read from; blank (everything) if nothing was read yet."""
    if not polled_at:
        return ""
    return (datetime.fromisoformat(polled_at) - OVERLAP).strftime(STAMP)


@dataclass(frozen=True, slots=True)
class Start:
    """Where a poll begins: ``since`` (inclusive), and strictly behind ``after`` if that is given."""

    since: str
    after: tuple[str, str] | None = None


def resume(polled_at: str, began_at: str, position: tuple[str, str] | None) -> Start:
    """Where to go on when the last poll (begun at ``began_at``) stopped behind ``position``.

    No record stamped more than the overlap before that poll began can have appeared since; behind an earlier
    position nothing is missed. A later position is passed once more, from the overlap on.
    """
    since = overlap_start(polled_at)
    if position is None or not began_at:
        return Start(since)
    safe = overlap_start(began_at)
    return Start(since, position) if position[0] < safe else Start(max(since, safe))
