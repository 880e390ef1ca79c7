"""What campaigns do by themselves: statuses of members, and the numbers of members and opportunities.

Source: the CampaignMember, CampaignMemberStatus and Campaign pages of the Object Reference; that a member of a
converted lead shows the contact is recorded; "Already a campaign member." is quoted from live calls. From memory:
which members count as leads and which as contacts, and that the numbers don't move SystemModstamp.
"""

# ruff: noqa: S608 - names in the SQL come from the schema, values are parameters
from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from syncadmin.emulator.dml.draft import Actor, Draft, Row
from syncadmin.emulator.dml.finish import blank, stamp_new
from syncadmin.emulator.errors import RecordError
from syncadmin.emulator.state import State

DEFAULT_STATUSES = (("Sent", 1, 0), ("Responded", 0, 1))
PERSONS = ("LeadId", "ContactId")
MEMBER_COUNTS = """
SELECT COUNT(CASE WHEN "ContactId" IS NULL THEN 1 END),
       COUNT(CASE WHEN "LeadId" IS NOT NULL AND "ContactId" IS NOT NULL THEN 1 END),
       COUNT("ContactId"), COUNT(CASE WHEN "HasResponded" = 1 THEN 1 END)
FROM "CampaignMember" WHERE "CampaignId" = ? AND "IsDeleted" = 0
"""
MEMBER_FIELDS = ("NumberOfLeads", "NumberOfConvertedLeads", "NumberOfContacts", "NumberOfResponses")
DEAL_COUNTS = """
SELECT COUNT(*), COUNT(CASE WHEN "IsWon" = 1 THEN 1 END), COALESCE(SUM("Amount"), 0.0),
       COALESCE(SUM(CASE WHEN "IsWon" = 1 THEN "Amount" END), 0.0)
FROM "Opportunity" WHERE "CampaignId" = ? AND "IsDeleted" = 0
"""
DEAL_FIELDS = (
    "NumberOfOpportunities",
    "NumberOfWonOpportunities",
    "AmountAllOpportunities",
    "AmountWonOpportunities",
)


def give_statuses(state: State, drafts: list[Draft], actor: Actor) -> None:
    """A new campaign has the two statuses every campaign starts with."""
    sobject, stamp = state.schema.must("CampaignMemberStatus"), state.clock.stamp()
    rows = []
    for draft in drafts:
        if draft.before is not None:
            continue
        for number, (label, default, responded) in enumerate(DEFAULT_STATUSES, start=1):
            row = blank(sobject) | {"CampaignId": draft.row["Id"], "Label": label, "SortOrder": number + 1}
            row |= {"Id": state.next_id(sobject), "IsDefault": default, "HasResponded": responded}
            stamp_new(row, actor.user_id, stamp)
            rows.append(row)
    state.save_new(sobject, rows)


def prepare_members(state: State, drafts: list[Draft], actor: Actor) -> None:
    """A member is one person once, with a status its campaign knows; the rest follows from these."""
    statuses = _statuses(state, {d.row["CampaignId"] for d in drafts if d.row["CampaignId"]})
    taken = _taken(state, [d for d in drafts if d.before is None])
    for draft in drafts:
        error = _person_error(draft, taken) if draft.before is None else None
        error = error or _set_status(draft, statuses.get(draft.row["CampaignId"], []), state)
        if error:
            draft.errors.append(error)
        draft.row |= member_kind(draft.row)


def member_kind(row: Row) -> Row:
    """Type and LeadOrContactId: those of the contact as soon as there is one."""
    kind = "Contact" if row["ContactId"] else "Lead"
    return {"Type": kind, "LeadOrContactId": row["ContactId"] or row["LeadId"]}


def _statuses(state: State, campaigns: Iterable[str]) -> dict[str, list[tuple[Any, ...]]]:
    sql = (
        'SELECT "Label", "IsDefault", "HasResponded" FROM "CampaignMemberStatus"'
        ' WHERE "CampaignId" = ? AND "IsDeleted" = 0 ORDER BY "IsDefault" DESC, "SortOrder", "Id"'
    )
    return {key: state.store.select(sql, (key,)) for key in campaigns}


def _taken(state: State, drafts: list[Draft]) -> set[tuple[str, str]]:
    """The persons who are members already, of the campaigns of these drafts."""
    found: set[tuple[str, str]] = set()
    for name in PERSONS:
        sql = (
            f'SELECT 1 FROM "CampaignMember" WHERE "{name}" = ? AND "CampaignId" = ?'
            ' AND "IsDeleted" = 0 LIMIT 1'
        )
        for draft in drafts:
            key = (draft.row[name], draft.row["CampaignId"])
            if None not in key and state.store.select(sql, key):
                found.add(key)
    return found


def _person_error(draft: Draft, taken: set[tuple[str, str]]) -> RecordError | None:
    keys = [(draft.row[name], draft.row["CampaignId"]) for name in PERSONS if draft.row[name]]
    if not keys:
        text = "Required fields are missing: [LeadId, ContactId]"
        return RecordError("REQUIRED_FIELD_MISSING", text, ["LeadId", "ContactId"])
    if any(key in taken for key in keys):
        return RecordError("DUPLICATE_VALUE", "Already a campaign member.")
    taken.update(keys)
    return None


def _set_status(draft: Draft, known: list[tuple[Any, ...]], state: State) -> RecordError | None:
    if not known:
        return None
    wanted = draft.row["Status"] or known[0][0]
    found = next((one for one in known if one[0].casefold() == wanted.casefold()), None)
    if found is None:
        text = f"Status: bad value for restricted picklist field: {wanted}"
        return RecordError("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", text, ["Status"])
    draft.row |= {"Status": found[0], "HasResponded": found[2]}
    if found[2] and not draft.row["FirstRespondedDate"]:
        draft.row["FirstRespondedDate"] = state.clock.now().date().isoformat()
    return None


def count_drafts(state: State, drafts: list[Draft], actor: Actor) -> None:
    """Count anew in the campaigns these records belong to, or did."""
    rows = [row for d in drafts for row in (d.before, d.row) if row]
    recount(state, [row["CampaignId"] for row in rows])


def recount(state: State, campaigns: Iterable[str | None]) -> None:
    """The numbers of these campaigns, out of their members and opportunities."""
    sobject = state.schema.must("Campaign")
    rows = state.store.fetch(sobject, sorted({key for key in campaigns if key}))
    for key, row in rows.items():
        members = state.store.select(MEMBER_COUNTS, (key,))[0]
        deals = state.store.select(DEAL_COUNTS, (key,))[0]
        counted = dict(zip((*MEMBER_FIELDS, *DEAL_FIELDS), (*members, *deals), strict=True))
        state.save_changed(sobject, [(row, row | counted)])
