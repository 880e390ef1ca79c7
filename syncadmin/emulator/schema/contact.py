"""The Contact object, with the standard fields and flags of a recorded describe (59 of them, scratch org).

HasOptedOutOfEmail, HasOptedOutOfFax and DoNotCall aren't in that recording, for field-level security hid
them.
"""

from __future__ import annotations

from syncadmin.emulator.schema.build import (
    PERM,
    READ_ONLY,
    SOURCES,
    address,
    area,
    audit,
    checkbox,
    clean_status,
    date,
    deleted,
    email,
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

SALUTATIONS = "Mr.|Ms.|Mrs.|Dr.|Prof."
SCOPES = (
    ("All contacts", "everything"),
    ("My contacts", "mine"),
    ("Filter by scope", "scopingRule"),
    ("My team's contacts", "team"),
)

CONTACT = make_object(
    "Contact",
    "Contact",
    "Contacts",
    "003",
    [
        record_id("Contact ID"),
        deleted(),
        ref("MasterRecordId", "Master Record ID", "Contact", "MasterRecord", **READ_ONLY),
        lookup("AccountId", "Account ID", "Account", "Account", **PERM),
        *person_name(SALUTATIONS),
        *address("Other", "Other"),
        *address("Mailing", "Mailing"),
        phone("Phone", "Business Phone", **PERM),
        phone("Fax", "Business Fax", **PERM),
        phone("MobilePhone", "Mobile Phone", **PERM),
        phone("HomePhone", "Home Phone", **PERM),
        phone("OtherPhone", "Other Phone", **PERM),
        phone("AssistantPhone", "Asst. Phone", **PERM),
        lookup("ReportsToId", "Reports To ID", "Contact", "ReportsTo", **PERM),
        email("Email", "Email", id_lookup=True, **PERM),
        text("Title", "Title", 128, **PERM),
        text("Department", "Department", 80, **PERM),
        text("AssistantName", "Assistant's Name", 40, **PERM),
        pick("LeadSource", "Lead Source", 255, SOURCES, **PERM),
        date("Birthdate", "Birthdate", **PERM),
        area("Description", "Contact Description", 32000, **PERM),
        owner(),
        checkbox("HasOptedOutOfEmail", "Email Opt Out", **PERM),
        checkbox("HasOptedOutOfFax", "Fax Opt Out", **PERM),
        checkbox("DoNotCall", "Do Not Call", **PERM),
        *audit(),
        date("LastActivityDate", "Last Activity", **READ_ONLY),
        moment("LastCURequestDate", "Last Stay-in-Touch Request Date", **READ_ONLY),
        moment("LastCUUpdateDate", "Last Stay-in-Touch Save Date", **READ_ONLY),
        *viewed(),
        text("EmailBouncedReason", "Email Bounced Reason"),
        moment("EmailBouncedDate", "Email Bounced Date"),
        checkbox("IsEmailBounced", "Is Email Bounced", **READ_ONLY),
        url("PhotoUrl", "Photo URL", extra="imageurl", **READ_ONLY),
        *jigsaw("JigsawContactId", "Jigsaw Contact ID", "JigsawContact"),
        clean_status(),
        lookup("IndividualId", "Individual ID", "Individual", "Individual"),
    ],
    mergeable=True,
    scopes=SCOPES,
    children=(
        ("CampaignMember", "ContactId", "CampaignMembers", True),
        ("CampaignMember", "LeadOrContactId", None, False),
        ("Contact", "ReportsToId", None, False),
        ("Lead", "ConvertedContactId", None, False),
        ("Opportunity", "ContactId", "Opportunities", False),
        ("OpportunityContactRole", "ContactId", "OpportunityContactRoles", True),
        ("Task", "WhoId", "Tasks", True),
    ),
)
