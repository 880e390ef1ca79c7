"""Values that pass between the stages; each name says its role in the flow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from syncadmin.sync.flipflop import NONE, Stops
from syncadmin.sync.ports import RawRecord
from syncadmin.sync.reconcile import Conflict
from syncadmin.sync.values import Value


@dataclass(slots=True)
class LinkedPerson:
    """A person with the Salesforce record it is linked to, as the store hands it out."""

    person_id: int
    version: int
    values: Mapping[str, Value]
    object: str = ""
    sfdc_id: str = ""
    base: Mapping[str, Value] = field(default_factory=dict)
    owner_id: str = ""
    is_deleted: bool = False
    is_duplicate_lead: bool = False
    """The record is the second, queue-owned Lead of a person who is a Contact: it never changes the person."""
    duplicate_lead_id: str = ""
    """The person's own duplicate Lead, if one was made for a queue."""
    is_former: bool = False
    """The record was deleted, merged or converted, and the person went on as another one: it changes the person no
    more. If it is there again, somebody has to decide whose it is."""
    is_carried: bool = False
    """The base is that of the record before this one."""
    rounds: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """What was pushed last, and which fields are stopped (``sync.flipflop``)."""


class PullKind(StrEnum):
    NEW = "new"
    LINK = "link"
    UPDATE = "update"
    UNCHANGED = "unchanged"
    HOLD = "hold"
    IGNORE = "ignore"
    OUTSIDE = "outside"
    """Linked, and not of those that come down: nothing changes on either side until it is again."""


@dataclass(slots=True)
class PullIntent:
    """What shall be stored for one record that was read."""

    kind: PullKind
    raw: RawRecord
    person: LinkedPerson | None = None
    values: dict[str, Value] = field(default_factory=dict)
    """NEW: all values. Otherwise: the values to change on our side."""
    agreed: dict[str, Value] = field(default_factory=dict)
    conflicts: list[Conflict] = field(default_factory=list)
    to_push: bool = False
    is_restored: bool = False
    is_outside: bool = False
    """The record doesn't meet the record filter."""
    candidates: tuple[str | int, ...] = ()
    stops: Stops = NONE


@dataclass(slots=True)
class Tally:
    """What a step did, in the columns of the runs page."""

    new: int = 0
    updated: int = 0
    deleted: int = 0
    failed: int = 0
    skipped: int = 0
    conflicts: int = 0

    def add(self, other: Tally) -> None:
        """Count another page of the same step."""
        self.new += other.new
        self.updated += other.updated
        self.deleted += other.deleted
        self.failed += other.failed
        self.skipped += other.skipped
        self.conflicts += other.conflicts

    @property
    def total(self) -> int:
        return self.new + self.updated + self.deleted + self.failed + self.skipped
