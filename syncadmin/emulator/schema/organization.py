"""The org itself, and who may do what in it. Read-only through this emulator's API.

Source: a recorded Organization record, whose fields these are, in its order; the Object Reference for permission
sets.
"""

from __future__ import annotations

from typing import Any

from syncadmin.emulator.schema.build import (
    READ_ONLY,
    SYSTEM,
    address,
    audit,
    checkbox,
    email,
    integer,
    moment,
    phone,
    pick,
    record_id,
    ref,
    text,
)
from syncadmin.emulator.schema.model import SObject, make_object

FIXED: dict[str, Any] = {
    "createable": False,
    "updateable": False,
    "deletable": False,
    "undeletable": False,
    "triggerable": False,
    "searchable": False,
    "feeds": False,
}
EDITIONS = (
    "Team Edition|Professional Edition|Enterprise Edition|Developer Edition|Personal Edition|Unlimited Edition"
    "|Contact Manager Edition|Base Edition"
)
ACCESS = "None|Read|Edit|ReadEditTransfer|ControlledByParent|All"
PREFERENCES = (
    "RequireOpportunityProducts|TransactionSecurityPolicy|TerminateOldestSession|ConsentManagementEnabled"
    "|AutoSelectIndividualOnMerge|LightningLoginEnabled|OnlyLLPermUserAllowed"
)
SHARED = ("Account", "Contact", "Opportunity", "Lead", "Case", "Calendar", "Pricebook", "Campaign")


def _preferences() -> list[Any]:
    return [checkbox(f"Preferences{name}", name) for name in PREFERENCES.split("|")]


def _defaults() -> list[Any]:
    label = "Default {} Access"
    return [pick(f"Default{name}Access", label.format(name), 40, ACCESS, restricted=True) for name in SHARED]


ORGANIZATION = make_object(
    "Organization",
    "Organization",
    "Organizations",
    "00D",
    [
        record_id("Organization ID"),
        text("Name", "Name", 80, nillable=False, name_field=True),
        text("Division", "Division", 80),
        *address("", ""),
        phone("Phone", "Phone"),
        phone("Fax", "Fax"),
        text("PrimaryContact", "Primary Contact", 80),
        text("DefaultLocaleSidKey", "Locale", 40, nillable=False),
        text("TimeZoneSidKey", "Time Zone", 40, nillable=False),
        text("LanguageLocaleKey", "Language", 40, nillable=False),
        checkbox("ReceivesInfoEmails", "Info Emails"),
        checkbox("ReceivesAdminInfoEmails", "Info Emails Admin"),
        *_preferences(),
        integer("FiscalYearStartMonth", "Fiscal Year Starts In", 9),
        checkbox("UsesStartDateAsFiscalYearName", "Fiscal Year Name by Start"),
        *_defaults(),
        text("DelegatedAuthenticationServiceUrl", "Delegated Authentication URL"),
        moment("SystemModstamp", "System Modstamp", **SYSTEM),
        email("ComplianceBccEmail", "Compliance BCC Email"),
        text("UiSkin", "UI Skin", 40),
        text("SignupCountryIsoCode", "Signup Country", 2, **READ_ONLY),
        moment("TrialExpirationDate", "Trial Expiration Date", **READ_ONLY),
        integer("NumKnowledgeService", "Knowledge Licenses", 9),
        pick("OrganizationType", "Edition", 40, EDITIONS, restricted=True, **READ_ONLY),
        text("NamespacePrefix", "Namespace Prefix", 15, **READ_ONLY),
        text("InstanceName", "Instance Name", 5, **READ_ONLY),
        checkbox("IsSandbox", "Is Sandbox", **READ_ONLY),
        text("WebToCaseDefaultOrigin", "Web to Cases Default Origin", 40),
        integer("MonthlyPageViewsUsed", "Monthly Page Views Used", 9, **READ_ONLY),
        integer("MonthlyPageViewsEntitlement", "Monthly Page Views Allowed", 9, **READ_ONLY),
        checkbox("IsReadOnly", "Is Read Only", **READ_ONLY),
        *(field for field in audit() if field.name != "SystemModstamp"),
    ],
    **FIXED,
)

PERMISSION_SET = make_object(
    "PermissionSet",
    "Permission Set",
    "Permission Sets",
    "0PS",
    [
        record_id("PermissionSet ID"),
        text("Name", "Permission Set Name", 80, nillable=False, name_field=True),
        text("Label", "Permission Set Label", 80, nillable=False),
        ref("ProfileId", "Profile ID", "Profile", "Profile", **READ_ONLY),
        checkbox("IsOwnedByProfile", "Is Owned By Profile", **READ_ONLY),
        checkbox("IsCustom", "Is Custom", **READ_ONLY),
        text("Description", "Description"),
        text("NamespacePrefix", "Namespace Prefix", 15, **READ_ONLY),
        *audit(),
    ],
    **FIXED,
)

PERMISSION_SET_ASSIGNMENT = make_object(
    "PermissionSetAssignment",
    "Permission Set Assignment",
    "Permission Set Assignments",
    "0Pa",
    [
        record_id("PermissionSetAssignment ID"),
        ref("PermissionSetId", "PermissionSet ID", "PermissionSet", "PermissionSet"),
        ref("AssigneeId", "Assignee ID", "User", "Assignee", nillable=False),
        moment("SystemModstamp", "Date Assigned", **SYSTEM),
        checkbox("IsActive", "Is Active", default=True, **READ_ONLY),
    ],
    **FIXED,
)

OBJECTS: tuple[SObject, ...] = (ORGANIZATION, PERMISSION_SET, PERMISSION_SET_ASSIGNMENT)
