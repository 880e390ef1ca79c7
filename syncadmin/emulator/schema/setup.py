"""Users, queues, rules and the org itself. Read-only through this emulator's API.

Source: the Object Reference of the SOAP API; key prefixes as recorded.
"""

from __future__ import annotations

from syncadmin.emulator.schema import organization
from syncadmin.emulator.schema.build import (
    READ_ONLY,
    SYSTEM,
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

FIXED = organization.FIXED
USER_TYPES = "Standard|PowerPartner|CSPLitePortal|CustomerSuccess|PowerCustomerSuccess|CsnOnly|Guest"
GROUP_TYPES = "Regular|Role|RoleAndSubordinates|Organization|Queue"
QUEUE_OBJECTS = "Lead|Case"

USER = make_object(
    "User",
    "User",
    "Users",
    "005",
    [
        record_id("User ID"),
        text("Username", "Username", 80, nillable=False, id_lookup=True),
        text("LastName", "Last Name", 80, nillable=False),
        text("FirstName", "First Name", 40),
        text("Name", "Full Name", 121, nillable=False, name_field=True, **READ_ONLY),
        text("CompanyName", "Company Name", 80),
        text("Department", "Department", 80),
        text("Title", "Title", 80),
        email("Email", "Email", nillable=False, id_lookup=True),
        phone("Phone", "Phone"),
        phone("MobilePhone", "Mobile"),
        text("Alias", "Alias", 8, nillable=False),
        text("CommunityNickname", "Nickname", 40, nillable=False),
        checkbox("IsActive", "Active"),
        text("TimeZoneSidKey", "Time Zone", 40, nillable=False),
        ref("UserRoleId", "Role ID", "UserRole", "UserRole"),
        text("LocaleSidKey", "Locale", 40, nillable=False),
        ref("ProfileId", "Profile ID", "Profile", "Profile", nillable=False),
        pick("UserType", "User Type", 40, USER_TYPES, restricted=True, nillable=False, **READ_ONLY),
        text("EmailEncodingKey", "Email Encoding", 40, nillable=False),
        text("LanguageLocaleKey", "Language", 40, nillable=False),
        text("EmployeeNumber", "Employee Number", 20),
        ref("ManagerId", "Manager ID", "User", "Manager"),
        moment("LastLoginDate", "Last Login", **READ_ONLY),
        *audit(),
        text("FederationIdentifier", "SAML Federation ID", 512),
    ],
    **FIXED,
)

GROUP = make_object(
    "Group",
    "Group",
    "Group",
    "00G",
    [
        record_id("Group ID"),
        text("Name", "Name", 40, nillable=False, name_field=True),
        text("DeveloperName", "Developer Name", 80),
        ref("RelatedId", "Related ID", "User|UserRole", "Related", **READ_ONLY),
        pick("Type", "Type", 40, GROUP_TYPES, restricted=True, nillable=False),
        email("Email", "Email"),
        ref("OwnerId", "Owner ID", "Organization|User", "Owner", nillable=False, **READ_ONLY),
        checkbox("DoesSendEmailToMembers", "Send Email to Members"),
        checkbox("DoesIncludeBosses", "Include Bosses"),
        *audit(),
    ],
    **FIXED,
)

QUEUE_SOBJECT = make_object(
    "QueueSobject",
    "Queue Sobject",
    "Queue Sobjects",
    "03g",
    [
        record_id("Queue Sobject ID"),
        ref("QueueId", "Group ID", "Group", "Queue"),
        pick("SobjectType", "Sobject Type", 40, QUEUE_OBJECTS, restricted=True),
        ref("CreatedById", "Created By ID", "User", "CreatedBy", **SYSTEM),
        moment("SystemModstamp", "System Modstamp", **SYSTEM),
    ],
    **FIXED,
)

ASSIGNMENT_RULE = make_object(
    "AssignmentRule",
    "Assignment Rule",
    "Assignment Rules",
    "01Q",
    [
        record_id("Rule ID"),
        text("Name", "Name", 120),
        pick("SobjectType", "SObject Type", 40, "Case|Lead", restricted=True),
        checkbox("Active", "Active"),
        *audit(),
    ],
    **FIXED,
)

PROFILE = make_object(
    "Profile",
    "Profile",
    "Profile",
    "00e",
    [
        record_id("Profile ID"),
        text("Name", "Name", nillable=False, name_field=True),
        pick("UserType", "User Type", 40, USER_TYPES, restricted=True, nillable=False, **READ_ONLY),
        text("Description", "Description"),
        *audit(),
    ],
    **FIXED,
)

USER_ROLE = make_object(
    "UserRole",
    "Role",
    "Role",
    "00E",
    [
        record_id("Role ID"),
        text("Name", "Name", 80, nillable=False, name_field=True),
        text("DeveloperName", "Developer Name", 80),
        ref("ParentRoleId", "Parent Role ID", "UserRole", "ParentRole"),
        ref("LastModifiedById", "Last Modified By ID", "User", "LastModifiedBy", **SYSTEM),
        moment("LastModifiedDate", "Last Modified Date", **SYSTEM),
        moment("SystemModstamp", "System Modstamp", **SYSTEM),
    ],
    **FIXED,
)

RECORD_TYPE = make_object(
    "RecordType",
    "Record Type",
    "Record Types",
    "012",
    [
        record_id("Record Type ID"),
        text("Name", "Name", 80, nillable=False, name_field=True),
        text("DeveloperName", "Record Type Name", 80, nillable=False),
        text("Description", "Description"),
        pick("SobjectType", "SObject Type Name", 40, "Account|Contact|Lead", restricted=True, nillable=False),
        checkbox("IsActive", "Active"),
        *audit(),
    ],
    **FIXED,
)

GROUP_MEMBER = make_object(
    "GroupMember",
    "Group Member",
    "Group Member",
    "011",
    [
        record_id("Group Member ID"),
        ref("GroupId", "Group ID", "Group", "Group", nillable=False),
        ref("UserOrGroupId", "User/Group ID", "Group|User", "UserOrGroup", nillable=False),
        moment("SystemModstamp", "System Modstamp", **SYSTEM),
    ],
    **FIXED,
)

LEAD_STATUS = make_object(
    "LeadStatus",
    "Lead Status Value",
    "Lead Status Value",
    "01J",
    [
        record_id("Lead Status Value ID"),
        text("MasterLabel", "Master Label"),
        text("ApiName", "Api Name"),
        integer("SortOrder", "Sort Order", 9),
        checkbox("IsDefault", "Is Default"),
        checkbox("IsConverted", "Is Converted"),
        *audit(),
    ],
    **FIXED,
)

OBJECTS: tuple[SObject, ...] = (
    USER,
    GROUP,
    QUEUE_SOBJECT,
    ASSIGNMENT_RULE,
    *organization.OBJECTS,
    PROFILE,
    USER_ROLE,
    RECORD_TYPE,
    GROUP_MEMBER,
    LEAD_STATUS,
)
