"""The Lead object, with the standard fields and flags of a recorded describe (54 of them, scratch org, v59).

HasOptedOutOfEmail, HasOptedOutOfFax and DoNotCall aren't in that recording, for field-level security hid
them.
"""

from __future__ import annotations

from syncadmin.emulator.schema.build import (
    INDUSTRIES,
    PERM,
    RATINGS,
    READ_ONLY,
    SOURCES,
    UPDATE_ONLY,
    address,
    area,
    audit,
    checkbox,
    clean_status,
    currency,
    date,
    deleted,
    email,
    integer,
    jigsaw,
    lookup,
    moment,
    owner,
    person_name,
    phone,
    pick,
    record_id,
    ref,
    text,
    url,
    viewed,
)
from syncadmin.emulator.schema.model import make_object

SALUTATIONS = "Mr.|Ms.|Mrs.|Dr.|Prof.|Mx."
STATUSES = "Open - Not Contacted|Working - Contacted|Closed - Converted|Closed - Not Converted"
SCOPES = (
    ("All leads", "everything"),
    ("My leads", "mine"),
    ("Queue owned leads", "queue_owned"),
    ("Filter by scope", "scopingRule"),
    ("My team's leads", "team"),
    ("User owned leads", "user_owned"),
)

LEAD = make_object(
    "Lead",
    "Lead",
    "Leads",
    "00Q",
    [
        record_id("Lead ID"),
        deleted(),
        ref("MasterRecordId", "Master Record ID", "Lead", "MasterRecord", **READ_ONLY),
        *person_name(SALUTATIONS),
        text("Title", "Title", 128, **PERM),
        text("Company", "Company", nillable=False),
        *address("", ""),
        phone("Phone", "Phone", **PERM),
        phone("MobilePhone", "Mobile Phone", **PERM),
        phone("Fax", "Fax", **PERM),
        email("Email", "Email", id_lookup=True, **PERM),
        url("Website", "Website", **PERM),
        url("PhotoUrl", "Photo URL", extra="imageurl", **READ_ONLY),
        area("Description", "Description", 32000, **PERM),
        pick("LeadSource", "Lead Source", 255, SOURCES, **PERM),
        pick("Status", "Status", 255, STATUSES, "Open - Not Contacted", nillable=False, defaulted=True),
        pick("Industry", "Industry", 255, INDUSTRIES, **PERM),
        pick("Rating", "Rating", 255, RATINGS, **PERM),
        currency("AnnualRevenue", "Annual Revenue", **PERM),
        integer("NumberOfEmployees", "Employees", **PERM),
        owner("Group|User", name_pointing=True),
        checkbox("HasOptedOutOfEmail", "Email Opt Out", **PERM),
        checkbox("IsConverted", "Converted", updateable=False),
        date("ConvertedDate", "Converted Date", **READ_ONLY),
        lookup("ConvertedAccountId", "Converted Account ID", "Account", "ConvertedAccount", **READ_ONLY),
        lookup("ConvertedContactId", "Converted Contact ID", "Contact", "ConvertedContact", **READ_ONLY),
        lookup(
            "ConvertedOpportunityId",
            "Converted Opportunity ID",
            "Opportunity",
            "ConvertedOpportunity",
            **READ_ONLY,
        ),
        checkbox("IsUnreadByOwner", "Unread By Owner"),
        *audit(),
        date("LastActivityDate", "Last Activity", **READ_ONLY),
        checkbox("DoNotCall", "Do Not Call", **PERM),
        checkbox("HasOptedOutOfFax", "Fax Opt Out", **PERM),
        *viewed(),
        *jigsaw("JigsawContactId", "Jigsaw Contact ID", "JigsawContact"),
        clean_status(),
        text("CompanyDunsNumber", "Company D-U-N-S Number", 9, **PERM),
        lookup("DandbCompanyId", "D&B Company ID", "DandBCompany", "DandbCompany", **PERM),
        text("EmailBouncedReason", "Email Bounced Reason", **UPDATE_ONLY),
        moment("EmailBouncedDate", "Email Bounced Date", **UPDATE_ONLY),
        lookup("IndividualId", "Individual ID", "Individual", "Individual"),
    ],
    mergeable=True,
    scopes=SCOPES,
    children=(
        ("CampaignMember", "LeadId", "CampaignMembers", True),
        ("CampaignMember", "LeadOrContactId", None, False),
        ("Task", "WhoId", "Tasks", True),
    ),
)
