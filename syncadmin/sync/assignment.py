"""Sync Person to SFDC: what happens to one person, by what it is in Salesforce and who shall own it. Pure.

The table of outcomes is the modelled product's (its pages on the flow step and on lead queues); a Contact can't be
owned by a queue because ``Contact.OwnerId`` refers to users alone (describe).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from syncadmin.sync.values import Value, id18


class AssignKind(StrEnum):
    KEEP = "keep"
    """A cycle's own push: owners are left alone, nobody is created."""
    INCLUDED = "included"
    """A cycle creates somebody who meets the inclusion rule; Salesforce's assignment rules pick the owner."""
    RULES = "rules"
    USER = "user"
    QUEUE = "queue"


@dataclass(frozen=True, slots=True)
class AssignTo:
    """Who shall own the Lead: Salesforce's assignment rules, a user or a queue."""

    kind: AssignKind = AssignKind.RULES
    owner_id: str = ""

    @classmethod
    def parse(cls, text: str) -> AssignTo:
        """``rules``, ``user:SFDCID`` or ``queue:SFDCID``; ValueError says what is wrong with anything else."""
        kind, _, owner_id = text.strip().partition(":")
        if kind == "rules" and not owner_id:
            return RULES
        if kind not in ("user", "queue"):
            raise ValueError(f"{text!r} is not rules, user:SFDCID or queue:SFDCID")
        if len(owner_id) not in (15, 18) or not owner_id.isalnum():
            raise ValueError(f"{owner_id!r} is not a Salesforce id (15 or 18 letters and digits)")
        return cls(AssignKind(kind), id18(owner_id))

    def __str__(self) -> str:
        return f"{self.kind}:{self.owner_id}" if self.owner_id else self.kind.value


RULES = AssignTo(AssignKind.RULES)
KEEP = AssignTo(AssignKind.KEEP)
INCLUDED = AssignTo(AssignKind.INCLUDED)
_BY_RULES = (AssignKind.RULES, AssignKind.INCLUDED)


class Action(StrEnum):
    CREATE_LEAD = "create_lead"
    UPDATE = "update"
    UPDATE_AND_DUPLICATE = "update_and_duplicate"
    """Changed fields to the Contact; a duplicate Lead for the queue."""
    UPDATE_AND_MOVE_DUPLICATE = "update_and_move_duplicate"
    """There is a duplicate Lead already: it is given to the queue."""
    REFUSE_QUEUE = "refuse_queue"
    NOT_SENT = "not_sent"


@dataclass(frozen=True, slots=True)
class Step:
    """What to do with one person. ``owner_id``: blank leaves the owner to the rules, or as it is."""

    action: Action
    owner_id: str = ""
    auto_assign: bool = False


def decide_step(
    *,
    object: str,
    is_deleted: bool,
    has_duplicate: bool,
    assign: AssignTo,
    refuse_contact_queue: bool = False,
) -> Step:
    """The table of outcomes. ``object``: what the person is in Salesforce, blank if it isn't there."""
    if not object or is_deleted:
        if assign.kind is AssignKind.KEEP:
            return Step(Action.NOT_SENT)
        return Step(Action.CREATE_LEAD, assign.owner_id, auto_assign=assign.kind in _BY_RULES)
    if object == "Contact" and assign.kind is AssignKind.QUEUE:
        if refuse_contact_queue:
            return Step(Action.REFUSE_QUEUE)
        action = Action.UPDATE_AND_MOVE_DUPLICATE if has_duplicate else Action.UPDATE_AND_DUPLICATE
        return Step(action, assign.owner_id)
    return Step(Action.UPDATE, assign.owner_id)


def with_defaults(fields: dict[str, Value], defaults: dict[str, Value]) -> dict[str, Value]:
    """Defaults fill what is empty, at creation only, never over a value."""
    return fields | {name: value for name, value in defaults.items() if value and not fields.get(name)}


def missing(fields: dict[str, Value], required: Sequence[str]) -> tuple[str, ...]:
    """The required API names that have no value."""
    return tuple(name for name in required if fields.get(name) in (None, ""))
