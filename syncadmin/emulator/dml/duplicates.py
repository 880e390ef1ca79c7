"""Duplicate rules: exact matches on the fields of the rule.

Source: the Duplicate Rule Header page; the detail `duplicateResut` (sic) as quoted from four live calls.
"""

# ruff: noqa: S608 - names in the SQL come from the schema, values are parameters
from __future__ import annotations

from typing import Any

from syncadmin.emulator.dml.draft import Draft
from syncadmin.emulator.errors import RecordError
from syncadmin.emulator.rules import DuplicateRule, Rules
from syncadmin.emulator.schema.model import SObject
from syncadmin.emulator.state import State
from syncadmin.emulator.store import Store

MAX_MATCHES = 20


def check_duplicates(
    drafts: list[Draft], sobject: SObject, rules: Rules, state: State, base: str, allow: bool
) -> None:
    """Refuse the drafts that duplicate a record. allowSave overrides alerts, never blocks.

    A rule may look among the records of another object (the Matching Rules page: leads against contacts).
    """
    for rule in rules.duplicate:
        if rule.active and rule.object == sobject.name and not (allow and rule.action == "alert"):
            for draft in drafts:
                if draft.good and (draft.before is None or rule.on_update):
                    _check(draft, rule, state.schema.must(rule.matched), state.store, base)


def _check(draft: Draft, rule: DuplicateRule, sobject: SObject, store: Store, base: str) -> None:
    values = [draft.row.get(name) for name in rule.fields]
    if any(value is None for value in values):
        return
    same = " AND ".join(f'"{name}" = ?' for name in rule.fields)
    same += ' AND "IsConverted" = 0' if sobject.get("IsConverted") else ""
    sql = f'SELECT "Id" FROM "{sobject.name}" WHERE {same} AND "IsDeleted" = 0 LIMIT {MAX_MATCHES}'
    matches = [row[0] for row in store.select(sql, values) if row[0] != draft.row.get("Id")]
    if matches:
        details = _details(rule, sobject.name, matches, base)
        draft.errors.append(RecordError("DUPLICATES_DETECTED", rule.message, details=details))


def _details(rule: DuplicateRule, sobject: str, ids: list[str], base: str) -> dict[str, Any]:
    return {
        "allowSave": rule.action == "alert",
        "duplicateRule": rule.name,
        "duplicateRuleEntityType": rule.object,
        "errorMessage": rule.message,
        "matchResults": [
            {
                "entityType": sobject,
                "errors": [],
                "matchEngine": "ExactMatchEngine",
                "matchRecords": [_match(sobject, record_id, base) for record_id in ids],
                "rule": f"{rule.name}_Match",
                "size": len(ids),
                "success": True,
            }
        ],
    }


def _match(sobject: str, record_id: str, base: str) -> dict[str, Any]:
    url = f"{base}/sobjects/{sobject}/{record_id}"
    return {
        "additionalInformation": [],
        "fieldDiffs": [],
        "matchConfidence": 100.0,
        "record": {"attributes": {"type": sobject, "url": url}, "Id": record_id},
    }
