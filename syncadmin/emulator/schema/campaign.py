"""Campaign, its members, and the statuses its members may have.

Source: Campaign as in a recorded describe (v42); the other two from the Object Reference (CampaignMember,
CampaignMemberStatus), their object flags as in a recorded describeGlobal.
"""

from __future__ import annotations

from syncadmin.emulator.schema.build import (
    PERM,
    READ_ONLY,
    area,
    audit,
    checkbox,
    currency,
    date,
    deleted,
    double,
    integer,
    lookup,
    owner,
    pick,
    record_id,
    ref,
    text,
    viewed,
)
from syncadmin.emulator.schema.model import Field, make_object

TYPES = (
    "Conference|Webinar|Trade Show|Public Relations|Partners|Referral Program|Advertisement|Banner Ads"
    "|Direct Mail|Email|Telemarketing|Other"
)
SCOPES = (
    ("All active campaigns", "all_active_campaigns"),
    ("All campaigns", "everything"),
    ("My campaigns", "mine"),
    ("My active campaigns", "my_active_campaigns"),
    ("Select a campaign:", "single_entity_scope"),
)


def _count(name: str, label: str) -> Field:
    """A number the org keeps itself; never null."""
    flags = {**READ_ONLY, "nillable": False}
    return integer(name, f"{label} in Campaign", 9, **PERM, **flags)


def _sum(name: str, label: str) -> Field:
    return currency(name, f"{label} in Campaign", **PERM, **{**READ_ONLY, "nillable": False})


CAMPAIGN = make_object(
    "Campaign",
    "Campaign",
    "Campaigns",
    "701",
    [
        record_id("Campaign ID"),
        deleted(),
        text("Name", "Name", 80, nillable=False, name_field=True, id_lookup=True),
        lookup("ParentId", "Parent Campaign ID", "Campaign", "Parent", **PERM),
        pick("Type", "Type", 40, TYPES, "Conference", defaulted=True, **PERM),
        pick(
            "Status",
            "Status",
            40,
            "Planned|In Progress|Completed|Aborted",
            "Planned",
            defaulted=True,
            **PERM,
        ),
        date("StartDate", "Start Date", **PERM),
        date("EndDate", "End Date", **PERM),
        currency("ExpectedRevenue", "Expected Revenue in Campaign", **PERM),
        currency("BudgetedCost", "Budgeted Cost in Campaign", **PERM),
        currency("ActualCost", "Actual Cost in Campaign", **PERM),
        double("ExpectedResponse", "Expected Response (%)", 10, 2, "percent", **PERM),
        double("NumberSent", "Num Sent in Campaign", 18, 0, **PERM),
        checkbox("IsActive", "Active", **PERM),
        area("Description", "Description", 32000, **PERM),
        _count("NumberOfLeads", "Leads"),
        _count("NumberOfConvertedLeads", "Converted Leads"),
        _count("NumberOfContacts", "Contacts"),
        _count("NumberOfResponses", "Responses"),
        _count("NumberOfOpportunities", "Opportunities"),
        _count("NumberOfWonOpportunities", "Won Opportunities"),
        _sum("AmountAllOpportunities", "Value Opportunities"),
        _sum("AmountWonOpportunities", "Value Won Opportunities"),
        owner(),
        *audit(),
        date("LastActivityDate", "Last Activity", **READ_ONLY),
        *viewed(),
        lookup("CampaignMemberRecordTypeId", "Record Type ID", "RecordType", "CampaignMemberRecordType"),
    ],
    feeds=False,
    scopes=SCOPES,
    children=(
        ("Campaign", "ParentId", "ChildCampaigns", False),
        ("CampaignMember", "CampaignId", "CampaignMembers", True),
        ("CampaignMemberStatus", "CampaignId", "CampaignMemberStatuses", True),
        ("Opportunity", "CampaignId", "Opportunities", False),
        ("Task", "WhatId", "Tasks", True),
    ),
)

CAMPAIGN_MEMBER = make_object(
    "CampaignMember",
    "Campaign Member",
    "Campaign Members",
    "00v",
    [
        record_id("Campaign Member ID"),
        deleted(),
        lookup("CampaignId", "Campaign ID", "Campaign", "Campaign", nillable=False, updateable=False),
        lookup("LeadId", "Lead ID", "Lead", "Lead", updateable=False),
        lookup("ContactId", "Contact ID", "Contact", "Contact", updateable=False),
        pick("Status", "Status", 40, "Sent|Responded"),
        checkbox("HasResponded", "Responded", **READ_ONLY),
        *audit(),
        date("FirstRespondedDate", "First Responded Date", **READ_ONLY),
        text("Type", "Type", 40, **READ_ONLY),
        ref("LeadOrContactId", "Related Record ID", "Contact|Lead", "LeadOrContact", **READ_ONLY),
    ],
    undeletable=False,
    searchable=False,
    layoutable=True,
    recent=False,
    feeds=False,
)

CAMPAIGN_MEMBER_STATUS = make_object(
    "CampaignMemberStatus",
    "Campaign Member Status",
    "Campaign Member Statuses",
    "01Y",
    [
        record_id("Campaign Member Status ID"),
        deleted(),
        lookup("CampaignId", "Campaign ID", "Campaign", "Campaign", nillable=False, updateable=False),
        text("Label", "Member Status", 765, nillable=False),
        integer("SortOrder", "Sort Order", 9),
        checkbox("IsDefault", "Is Default"),
        checkbox("HasResponded", "Responded"),
        *audit(),
    ],
    undeletable=False,
    searchable=False,
    feeds=False,
)
