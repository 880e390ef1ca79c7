"""Why a record was read, or a person waits: who changed what. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from syncadmin.sync.ports import RawRecord
from syncadmin.sync.reconcile import Conflict
from syncadmin.sync.records import PullIntent, PullKind

#: What stands in the place of a field if the owner of a record changed.
OWNER = "owner"
#: Our clock and Salesforce's may differ, and a request takes its time.
CLOCKS = timedelta(minutes=5)


class CauseKind(StrEnum):
    """What a change was, for the sync."""

    CHANGED = "changed"
    """A value that syncs, or the owner."""
    UNSYNCED = "unsynced"
    """Nothing that syncs in this direction: looked at, and left."""
    NEW = "new"
    ECHO = "echo"
    """What we had pushed, read again because pushing it moved the record's stamp."""
    GONE = "gone"
    """Deleted, converted or merged."""
    LEFT_OUT = "left_out"
    """Kept back by the record filter."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What was known of a record before: its stamp in Salesforce, and when it was last synced, by our clock."""

    stamp: str
    synced_at: datetime


@dataclass(frozen=True, slots=True)
class Cause:
    """``who``: a Salesforce user's id; blank: a record that this one points at, such as its Account."""

    kind: CauseKind
    who: str
    fields: tuple[str, ...] = ()


def cause_of(
    intent: PullIntent,
    seen: Seen | None,
    *,
    polled_at: str,
    ours: str,
    left_out: bool = False,
    through: Collection[str] = (),
) -> Cause | None:
    """Why this record was read; None if it only was read again, as each cycle does with those of the last minutes.

    ``polled_at``: when the last complete poll began, by Salesforce's clock. ``ours``: the sync's own user.
    ``left_out``: the record filter keeps it back. ``through``: fields read through a relationship, whose changes
    don't move the record's stamp.
    """
    raw, kind = intent.raw, intent.kind
    who = str(raw.get("LastModifiedById") or "")
    if kind is PullKind.UPDATE and seen is not None:
        touched = _touched(intent)
        elsewhere = raw["SystemModstamp"] == seen.stamp and set(touched) <= set(through)
        return Cause(CauseKind.CHANGED, "" if elsewhere else who, touched)
    if left_out or kind is PullKind.OUTSIDE:
        return Cause(CauseKind.LEFT_OUT, who) if is_new_since(raw, polled_at) else None
    if seen is None or kind is PullKind.LINK:
        known = kind is PullKind.IGNORE or (kind is PullKind.HOLD and not is_new_since(raw, polled_at))
        return None if known else Cause(CauseKind.NEW, who)
    if kind is not PullKind.UNCHANGED or raw["SystemModstamp"] == seen.stamp:
        return None
    echo = who == ours and _moment(raw["SystemModstamp"]) <= seen.synced_at + CLOCKS
    return Cause(CauseKind.ECHO if echo else CauseKind.UNSYNCED, who)


def is_new_since(raw: RawRecord, polled_at: str) -> bool:
    """Whether a record was stamped after the last poll: else it was read then, as far as whole seconds tell."""
    return str(raw["SystemModstamp"]) > polled_at


def _touched(intent: PullIntent) -> tuple[str, ...]:
    names = dict.fromkeys([*intent.values, *(conflict.name for conflict in intent.conflicts)])
    return tuple(names) or (OWNER,)


def _moment(stamp: str) -> datetime:
    return datetime.fromisoformat(stamp)


def kept_ours(conflicts: Iterable[Conflict]) -> tuple[str, ...]:
    """Fields of which our value goes back to Salesforce, because it won."""
    return tuple(conflict.name for conflict in conflicts if conflict.winner.value == "ours")


def edited(names: Iterable[str], syncing: Collection[str]) -> CauseKind:
    """What an edit here is for the sync. ``syncing``: the fields that go to Salesforce."""
    return CauseKind.CHANGED if any(name in syncing for name in names) else CauseKind.UNSYNCED
