"""What tasks and opportunities fill in by themselves.

Source: the Task, Opportunity and Lead (LastActivityDate) pages of the Object Reference. From memory: that a task
of a lead has no WhatId, with the text, and that LastActivityDate doesn't move SystemModstamp.
"""

# ruff: noqa: S608 - names in the SQL come from the schema, values are parameters
from __future__ import annotations

from collections.abc import Iterable

from syncadmin.emulator.dml.campaigns import count_drafts
from syncadmin.emulator.dml.draft import Actor, Draft, Row
from syncadmin.emulator.errors import RecordError
from syncadmin.emulator.state import State

CLOSED = "Completed"
LINKS = ("WhoId", "WhatId", "AccountId")
STAGES = {
    "Prospecting": 10,
    "Qualification": 10,
    "Needs Analysis": 20,
    "Value Proposition": 50,
    "Id. Decision Makers": 60,
    "Perception Analysis": 70,
    "Proposal/Price Quote": 75,
    "Negotiation/Review": 90,
    "Closed Won": 100,
    "Closed Lost": 0,
}


def prepare_tasks(state: State, drafts: list[Draft], actor: Actor) -> None:
    """Closed, important, completed when, and for which account."""
    for draft in drafts:
        row, closed = draft.row, int(draft.row["Status"] == CLOSED)
        if closed and not row["IsClosed"]:
            row["CompletedDateTime"] = state.clock.stamp()
        elif not closed:
            row["CompletedDateTime"] = None
        row |= {"IsClosed": closed, "IsHighPriority": int(row["Priority"] == "High")}
        row["AccountId"] = _account(state, row)
        if row["WhatId"] and str(row["WhoId"]).startswith("00Q"):
            text = "Related To ID: a task of a lead can't be related to another record"
            draft.errors.append(RecordError("FIELD_INTEGRITY_EXCEPTION", text, ["WhatId"]))


def _account(state: State, row: Row) -> str | None:
    """The account of a task: that of its contact, else what it is related to."""
    for link in (row["WhoId"], row["WhatId"]):
        sobject = state.schema.owner_of(link or "")
        if sobject is not None and sobject.name == "Account":
            return str(link)
        if sobject is not None and sobject.get("AccountId"):
            found = state.store.fetch(sobject, [link]).get(link, {}).get("AccountId")
            if found:
                return str(found)
    return None


def date_drafts(state: State, drafts: list[Draft], actor: Actor) -> None:
    """LastActivityDate of everything these tasks are or were about."""
    rows = [row for d in drafts for row in (d.before, d.row) if row]
    redate(state, [row[name] for row in rows for name in LINKS])


def redate(state: State, ids: Iterable[str | None]) -> None:
    """LastActivityDate: the due date of the most recently due closed task."""
    same = " OR ".join(f'"{name}" = ?' for name in LINKS)
    sql = f'SELECT MAX("ActivityDate") FROM "Task" WHERE ({same}) AND "IsClosed" = 1 AND "IsDeleted" = 0'
    for key in sorted({key for key in ids if key}):
        sobject = state.schema.owner_of(key)
        row = state.store.fetch(sobject, [key]).get(key) if sobject else None
        if sobject is None or row is None or "LastActivityDate" not in row:
            continue
        last = state.store.select(sql, (key, key, key))[0][0]
        state.save_changed(sobject, [(row, row | {"LastActivityDate": last})])


def prepare_deals(state: State, drafts: list[Draft], actor: Actor) -> None:
    """What follows from the stage of an opportunity."""
    for draft in drafts:
        row, before = draft.row, draft.before
        stage = row["StageName"]
        row |= {"IsClosed": int(str(stage).startswith("Closed")), "IsWon": int(stage == "Closed Won")}
        if before is None or before["StageName"] != stage:
            row["LastStageChangeDate"] = state.clock.stamp() if before else None
            if "Probability" not in draft.changes:
                row["Probability"] = float(STAGES[stage]) if stage in STAGES else row["Probability"]


def count_deals(state: State, drafts: list[Draft], actor: Actor) -> None:
    """The campaigns of opportunities count anew."""
    count_drafts(state, drafts, actor)
