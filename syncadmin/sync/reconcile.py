"""The three-way decision: base, ours, theirs → what goes where. Pure, per field.

Both sides equal: nothing to do, whatever the base says. That one rule swallows the echo of our own pushes, the
records an overlap reads again, and the replay of a page after a crash.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from syncadmin.sync.fields import Direction, FieldRule, Winner
from syncadmin.sync.values import Value, is_blank


class Reason(StrEnum):
    """Why a conflict was decided as it was."""

    BOTH_CHANGED = "both_changed"
    FIRST_LINK = "first_link"
    BLANK_NEVER_OVERWRITES = "blank_never_overwrites"


@dataclass(frozen=True, slots=True)
class Conflict:
    """Both sides had a value of their own; one stayed. Both are kept on the activity log."""

    name: str
    ours: Value
    theirs: Value
    winner: Winner
    reason: Reason


@dataclass(slots=True)
class Outcome:
    """What to write where. ``agreed`` is how the base moves at once; what is in ``to_remote`` joins the base
    when Salesforce has taken it."""

    to_local: dict[str, Value] = field(default_factory=dict)
    to_remote: dict[str, Value] = field(default_factory=dict)
    agreed: dict[str, Value] = field(default_factory=dict)
    conflicts: list[Conflict] = field(default_factory=list)


class _Unknown:
    """No base: this field was never agreed on."""


_UNKNOWN = _Unknown()


def reconcile(
    base: Mapping[str, Value],
    local: Mapping[str, Value],
    remote: Mapping[str, Value],
    rules: Iterable[FieldRule],
    *,
    carried: bool = False,
) -> Outcome:
    """Decide every field of one linked record. All values in normal form, by person field name.

    ``carried``: the base is that of another record, which was merged or converted into this one. Nobody blanked what
    is blank here: Salesforce just didn't carry it over, so our value goes there.
    """
    outcome = Outcome()
    for rule in rules:
        name = rule.name
        ours, theirs = local.get(name), remote.get(name)
        known: Value | _Unknown = base.get(name, _UNKNOWN)
        if rule.type == "boolean":
            # A checkbox that was never touched is one that isn't ticked.
            ours, theirs = bool(ours), bool(theirs)
            known = False if known is None else known
        if carried and _is_left_out(rule, ours, theirs):
            _fill_theirs(outcome, rule, ours, theirs)
        elif rule.direction is Direction.TO_SALESFORCE:
            _to_salesforce(outcome, rule, known, ours)
        elif ours == theirs:
            if known != ours and not (ours is None and known is _UNKNOWN):
                outcome.agreed[name] = ours
        elif rule.direction is Direction.FROM_SALESFORCE:
            _take_theirs(outcome, rule, ours, theirs)
        else:
            reason = Reason.BOTH_CHANGED if base else Reason.FIRST_LINK
            _both_ways(outcome, rule, known, ours, theirs, reason)
    return outcome


def _is_left_out(rule: FieldRule, ours: Value, theirs: Value) -> bool:
    """Whether our value is to go where it wasn't carried over; an unticked checkbox is blank where ticks win."""
    ticks_win = rule.type != "boolean" or rule.winner is Winner.OPTED_OUT
    wanted = rule.direction is not Direction.FROM_SALESFORCE and ticks_win
    return wanted and is_blank(theirs) and not is_blank(ours)


def _fill_theirs(outcome: Outcome, rule: FieldRule, ours: Value, theirs: Value) -> None:
    outcome.to_remote[rule.name] = ours
    # From here on ours is an ordinary change: a push that is refused is not forgotten.
    outcome.agreed[rule.name] = theirs


def _to_salesforce(outcome: Outcome, rule: FieldRule, known: Value | _Unknown, ours: Value) -> None:
    # Compared with the base, not with the other side: an org that rewrites the value must not make us push for ever.
    if ours == known or (known is _UNKNOWN and is_blank(ours)):
        return
    if not (ours is None and rule.blank_never_overwrites):
        outcome.to_remote[rule.name] = ours


def _both_ways(
    outcome: Outcome, rule: FieldRule, known: Value | _Unknown, ours: Value, theirs: Value, reason: Reason
) -> None:
    if known is _UNKNOWN:
        _never_agreed(outcome, rule, ours, theirs, reason)
    elif ours == known:
        if theirs is None and rule.blank_never_overwrites:
            outcome.to_remote[rule.name] = ours
        else:
            _take_theirs(outcome, rule, ours, theirs)
    elif theirs == known:
        if ours is None and rule.blank_never_overwrites:
            _take_theirs(outcome, rule, ours, theirs)
        else:
            outcome.to_remote[rule.name] = ours
    else:
        _conflict(outcome, rule, ours, theirs, reason)


def _never_agreed(outcome: Outcome, rule: FieldRule, ours: Value, theirs: Value, reason: Reason) -> None:
    """A value beats a blank, and an opt-out beats none; two values are a conflict.

    So are a ticked checkbox and one that isn't, where somebody chose that one side wins.
    """
    if rule.type == "boolean" and rule.winner is not Winner.OPTED_OUT:
        _conflict(outcome, rule, ours, theirs, reason)
    elif is_blank(ours):
        _take_theirs(outcome, rule, ours, theirs)
    elif is_blank(theirs):
        outcome.to_remote[rule.name] = ours
    else:
        _conflict(outcome, rule, ours, theirs, reason)


def _conflict(outcome: Outcome, rule: FieldRule, ours: Value, theirs: Value, reason: Reason) -> None:
    winner = rule.winner
    if winner is Winner.OPTED_OUT:
        winner = Winner.OURS if ours is True else Winner.SALESFORCE
    if rule.blank_never_overwrites and (ours is None) != (theirs is None):
        winner = Winner.SALESFORCE if ours is None else Winner.OURS
        reason = Reason.BLANK_NEVER_OVERWRITES
    outcome.conflicts.append(Conflict(rule.name, ours, theirs, winner, reason))
    if winner is Winner.OURS:
        outcome.to_remote[rule.name] = ours
        # Their value has been seen and logged: from here on ours is an ordinary change against it, so the same
        # conflict is never found twice.
        outcome.agreed[rule.name] = theirs
    else:
        _take_theirs(outcome, rule, ours, theirs)


def _take_theirs(outcome: Outcome, rule: FieldRule, ours: Value, theirs: Value) -> None:
    if theirs is None and rule.blank_never_overwrites and not is_blank(ours):
        return
    outcome.to_local[rule.name] = theirs
    outcome.agreed[rule.name] = theirs
