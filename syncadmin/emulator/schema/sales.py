"""Tasks and opportunities.

Source: the Object Reference (Task, Opportunity, OpportunityContactRole); their object flags as in a recorded
describeGlobal.
"""

from __future__ import annotations

from syncadmin.emulator.schema.build import (
    PERM,
    READ_ONLY,
    SOURCES,
    area,
    audit,
    checkbox,
    currency,
    date,
    deleted,
    double,
    integer,
    lookup,
    moment,
    owner,
    pick,
    record_id,
    ref,
    text,
    viewed,
)
from syncadmin.emulator.schema.model import Field, make_object

TASK_STATUSES = "Not Started|In Progress|Completed|Waiting on someone else|Deferred"
SUBTYPES = "Task|Email|ListEmail|Cadence|Call|LinkedIn"
STAGES = (
    "Prospecting|Qualification|Needs Analysis|Value Proposition|Id. Decision Makers|Perception Analysis"
    "|Proposal/Price Quote|Negotiation/Review|Closed Won|Closed Lost"
)
ROLES = (
    "Business User|Decision Maker|Economic Buyer|Economic Decision Maker|Evaluator|Executive Sponsor"
    "|Influencer|Technical Buyer|Other"
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
        Field("Subject", "Subject", "combobox", 255),
        date("ActivityDate", "Due Date Only"),
        pick("Status", "Status", 255, TASK_STATUSES, "Not Started", nillable=False, defaulted=True),
        pick("Priority", "Priority", 255, "High|Normal|Low", "Normal", nillable=False, defaulted=True),
        checkbox("IsHighPriority", "High Priority", **READ_ONLY),
        owner("Group|User", name_pointing=True),
        area("Description", "Description", 32000, **PERM),
        deleted(),
        ref("AccountId", "Account ID", "Account", "Account", **READ_ONLY),
        checkbox("IsClosed", "Closed", **READ_ONLY),
        *audit(),
        checkbox("IsArchived", "Archived", **READ_ONLY),
        integer("CallDurationInSeconds", "Call Duration", **PERM),
        pick("CallType", "Call Type", 40, "Internal|Inbound|Outbound", **PERM),
        text("CallDisposition", "Call Result", 255, **PERM),
        moment("ReminderDateTime", "Reminder Date/Time"),
        checkbox("IsReminderSet", "Reminder Set"),
        pick("TaskSubtype", "Task Subtype", 40, SUBTYPES, "Task", restricted=True, updateable=False),
        moment("CompletedDateTime", "Completed Date", **READ_ONLY),
    ],
    mergeable=True,
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
        double("Probability", "Probability (%)", 3, 0, "percent", **PERM),
        date("CloseDate", "Close Date", nillable=False),
        pick("Type", "Opportunity Type", 255, "Existing Business|New Business", **PERM),
        text("NextStep", "Next Step", 255, **PERM),
        pick("LeadSource", "Lead Source", 255, SOURCES, **PERM),
        checkbox("IsClosed", "Closed", **READ_ONLY),
        checkbox("IsWon", "Won", **READ_ONLY),
        lookup("CampaignId", "Campaign ID", "Campaign", "Campaign", **PERM),
        owner(),
        *audit(),
        date("LastActivityDate", "Last Activity", **READ_ONLY),
        moment("LastStageChangeDate", "Last Stage Change Date", **READ_ONLY),
        *viewed(),
        lookup("ContactId", "Contact ID", "Contact", "Contact", updateable=False),
    ],
    scopes=(("All opportunities", "everything"), ("My opportunities", "mine")),
    children=(
        ("OpportunityContactRole", "OpportunityId", "OpportunityContactRoles", True),
        ("Task", "WhatId", "Tasks", True),
    ),
)

OPPORTUNITY_CONTACT_ROLE = make_object(
    "OpportunityContactRole",
    "Opportunity Contact Role",
    "Opportunity Contact Role",
    "00K",
    [
        record_id("Contact Role ID"),
        lookup(
            "OpportunityId", "Opportunity ID", "Opportunity", "Opportunity", nillable=False, updateable=False
        ),
        lookup("ContactId", "Contact ID", "Contact", "Contact", nillable=False),
        pick("Role", "Role", 255, ROLES, **PERM),
        checkbox("IsPrimary", "Primary"),
        *audit(),
        deleted(),
    ],
    undeletable=False,
    searchable=False,
    layoutable=True,
    recent=False,
    feeds=False,
)
