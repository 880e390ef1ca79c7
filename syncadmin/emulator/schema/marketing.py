"""Campaigns, tasks and opportunities: enough of them to be read, and to be pointed at by leads.

Source: the Object Reference of the SOAP API; Campaign as in a recorded describe (v42).
"""

from __future__ import annotations

from typing import Any

from syncadmin.emulator.schema.build import (
    PERM,
    SYSTEM,
    area,
    audit,
    checkbox,
    currency,
    date,
    deleted,
    integer,
    lookup,
    moment,
    owner,
    pick,
    record_id,
    ref,
    text,
)
from syncadmin.emulator.schema.model import SObject, make_object

LOCKED: dict[str, Any] = {"createable": False, "updateable": False, "deletable": False, "undeletable": False}
STAGES = (
    "Prospecting|Qualification|Needs Analysis|Value Proposition|Proposal/Price Quote|Negotiation/Review"
    "|Closed Won|Closed Lost"
)

CAMPAIGN = make_object(
    "Campaign",
    "Campaign",
    "Campaigns",
    "701",
    [
        record_id("Campaign ID"),
        deleted(),
        text("Name", "Name", 80, nillable=False, name_field=True),
        lookup("ParentId", "Parent Campaign ID", "Campaign", "Parent", **PERM),
        pick("Type", "Type", 40, "Conference|Webinar|Trade Show|Email|Advertisement|Other", **PERM),
        pick("Status", "Status", 40, "Planned|In Progress|Completed|Aborted", **PERM),
        date("StartDate", "Start Date", **PERM),
        date("EndDate", "End Date", **PERM),
        currency("BudgetedCost", "Budgeted Cost in Campaign", **PERM),
        checkbox("IsActive", "Active", **PERM),
        area("Description", "Description", 32000, **PERM),
        integer("NumberOfLeads", "Leads in Campaign", **SYSTEM),
        integer("NumberOfContacts", "Contacts in Campaign", **SYSTEM),
        owner(),
        *audit(),
    ],
    **LOCKED,
)

CAMPAIGN_MEMBER = make_object(
    "CampaignMember",
    "Campaign Member",
    "Campaign Members",
    "00v",
    [
        record_id("Campaign Member ID"),
        deleted(),
        lookup("CampaignId", "Campaign ID", "Campaign", "Campaign", nillable=False),
        lookup("LeadId", "Lead ID", "Lead", "Lead"),
        lookup("ContactId", "Contact ID", "Contact", "Contact"),
        pick("Status", "Status", 40, "Sent|Responded"),
        checkbox("HasResponded", "Responded"),
        *audit(),
        date("FirstRespondedDate", "First Responded Date"),
    ],
    **LOCKED,
)

TASK = make_object(
    "Task",
    "Task",
    "Tasks",
    "00T",
    [
        record_id("Activity ID"),
        ref("WhoId", "Name ID", "Contact|Lead", "Who", name_pointing=True),
        ref("WhatId", "Related To ID", "Account|Campaign|Opportunity", "What", name_pointing=True),
        text("Subject", "Subject", 255),
        date("ActivityDate", "Due Date Only"),
        pick(
            "Status",
            "Status",
            40,
            "Not Started|In Progress|Completed|Deferred",
            "Not Started",
            nillable=False,
        ),
        pick("Priority", "Priority", 40, "High|Normal|Low", "Normal", nillable=False),
        area("Description", "Description", 32000, **PERM),
        owner("Group|User", name_pointing=True),
        deleted(),
        *audit(),
    ],
    **LOCKED,
)

OPPORTUNITY = make_object(
    "Opportunity",
    "Opportunity",
    "Opportunities",
    "006",
    [
        record_id("Opportunity ID"),
        deleted(),
        lookup("AccountId", "Account ID", "Account", "Account", **PERM),
        text("Name", "Name", 120, nillable=False, name_field=True),
        area("Description", "Description", 32000, **PERM),
        pick("StageName", "Stage", 255, STAGES, nillable=False),
        currency("Amount", "Amount", 2, **PERM),
        date("CloseDate", "Close Date", nillable=False),
        lookup("CampaignId", "Campaign ID", "Campaign", "Campaign", **PERM),
        checkbox("IsClosed", "Closed", createable=False, updateable=False),
        checkbox("IsWon", "Won", createable=False, updateable=False),
        owner(),
        *audit(),
        moment("LastStageChangeDate", "Last Stage Change Date", createable=False, updateable=False),
    ],
    **LOCKED,
)

OBJECTS: tuple[SObject, ...] = (CAMPAIGN, CAMPAIGN_MEMBER, TASK, OPPORTUNITY)
