"""Assignment rules: who gets a lead.

Source: the Assignment Rule Header page of the REST API guide: without the header the active rule runs, on
create and on update; FALSE switches it off; an id picks a rule. A lead that no entry takes goes to the
default owner, who is the running user here.
"""

from __future__ import annotations

from syncadmin.emulator.dml.draft import Actor, Draft
from syncadmin.emulator.dml.related import Related
from syncadmin.emulator.errors import RecordError
from syncadmin.emulator.ids import is_id, to18
from syncadmin.emulator.rules import AssignmentRule, Rules
from syncadmin.emulator.schema.model import SObject


def pick_rule(rules: Rules, sobject: str, header: str) -> AssignmentRule | None:
    """The rule a write of this object runs; RecordError if the header names one that isn't there, or isn't
    active (from memory: an id of a rule of the right object that is switched off isn't valid either).
    """
    mine = [rule for rule in rules.assignment if rule.object == sobject]
    if header.upper() == "FALSE":
        return None
    if header.upper() == "TRUE":
        return next((rule for rule in mine if rule.active), None)
    wanted = to18(header) if is_id(header) else ""
    for rule in mine:
        if rule.id == wanted and rule.active:
            return rule
    raise RecordError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")


def assign(drafts: list[Draft], rules: Rules, sobject: SObject, actor: Actor, related: Related) -> None:
    """Give every draft the owner that the rule says."""
    try:
        rule = pick_rule(rules, sobject.name, actor.auto_assign)
    except RecordError as error:
        for draft in drafts:
            draft.errors.append(error)
        return
    if rule is not None:
        for draft in drafts:
            draft.row["OwnerId"] = _owner(rule, draft, actor, related)


def _owner(rule: AssignmentRule, draft: Draft, actor: Actor, related: Related) -> str:
    scene = related.scene(draft.row, draft.before)
    taking = (entry.assign_to for entry in rule.entries if entry.takes(scene, related.kinds))
    return next(taking, actor.user_id)
