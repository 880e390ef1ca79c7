"""Automations: record-triggered flows that run before a record is saved, and set one field of it.

Source: the Triggers and Order of Execution page: they run before custom validation and duplicate rules, in the same
save and as its user, so that neither a second stamp nor another LastModifiedBy tells of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from syncadmin.emulator.dml import finish
from syncadmin.emulator.dml.draft import Draft
from syncadmin.emulator.dml.related import Related, kinds_of
from syncadmin.emulator.formula.compiler import compile_formula
from syncadmin.emulator.rules import Automation, make_automation
from syncadmin.emulator.schema.model import SObject
from syncadmin.emulator.state import State


def run(
    drafts: Sequence[Draft], sobject: SObject, automations: Sequence[Automation], related: Related
) -> None:
    """Let every active automation of the object, in order, write into the drafts that meet its criteria."""
    for automation in automations:
        field = sobject.get(automation.field)
        if not automation.active or automation.object != sobject.name or field is None:
            continue
        value = compile_formula(automation.formula, related.kinds)
        for draft in drafts:
            scene = related.scene(draft.row, draft.before)
            if automation.takes(scene, related.kinds):
                draft.row[field.name] = finish.as_type(field, value(scene))


def change_automation(state: State, spec: dict[str, Any]) -> None:
    """Add, replace or remove one, as `POST /emulator/rules` asks; ValueError for a field that no flow can write."""
    sobject = state.schema.must(spec.get("object", "Lead"))
    key = (spec.get("name", "Flow"), sobject.name)
    kept = [a for a in state.rules.automation if (a.name, a.object) != key]
    if not spec.get("remove"):
        field = sobject.fields[str(spec["field"]).lower()]
        if field.calculated or not (field.createable or field.updateable):
            raise ValueError(f"no flow can write {field.name}")
        for formula in filter(None, (spec["formula"], spec.get("criteria"))):
            compile_formula(formula, kinds_of(sobject))
        kept.append(make_automation({**spec, "object": sobject.name, "field": field.name}))
    state.rules.automation = kept
