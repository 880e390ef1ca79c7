"""Assignment rules: who gets a lead.

Source: the Assignment Rule Header page of the REST API guide: without the header the active rule runs, on
create and on update; FALSE switches it off; an id picks a rule. A lead that no entry takes goes to the
default owner, who is the running user here.
"""

from __future__ import annotations

from datetime import datetime

from syncadmin.emulator.draft import Actor, Draft
from syncadmin.emulator.errors import RecordError
from syncadmin.emulator.formula import Scene
from syncadmin.emulator.ids import is_id, to18
from syncadmin.emulator.rules import AssignmentRule, Rules


def pick_rule(rules: Rules, sobject: str, header: str) -> AssignmentRule | None:
    """The rule a write of this object runs; RecordError if the header names one that isn't there."""
    mine = [rule for rule in rules.assignment if rule.object == sobject]
    if header.upper() == "FALSE":
        return None
    if header.upper() == "TRUE":
        return next((rule for rule in mine if rule.active), None)
    wanted = to18(header) if is_id(header) else ""
    for rule in mine:
        if rule.id == wanted:
            return rule
    raise RecordError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")


def assign(drafts: list[Draft], rules: Rules, sobject: str, actor: Actor, now: datetime) -> None:
    """Give every draft the owner that the rule says."""
    try:
        rule = pick_rule(rules, sobject, actor.auto_assign)
    except RecordError as error:
        for draft in drafts:
            draft.errors.append(error)
        return
    if rule is not None:
        for draft in drafts:
            draft.row["OwnerId"] = _owner(rule, draft, actor, now)


def _owner(rule: AssignmentRule, draft: Draft, actor: Actor, now: datetime) -> str:
    scene = Scene(draft.row, draft.before, now)
    return next((entry.assign_to for entry in rule.entries if entry.takes(scene)), actor.user_id)
