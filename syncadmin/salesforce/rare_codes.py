"""What it means when Salesforce refuses one record for a rarer reason: code → words for people.

Codes and causes: https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_calls_concepts_core_data_objects.htm
(StatusCode). The strings are plain constants; the web layer translates them.
"""

from __future__ import annotations

from syncadmin.salesforce.explanation import ADMIN, CRM_ADMIN, MARKETER, NOBODY, Explanation

_SHOW_IT = "Show the message to your Salesforce administrator."

RARE_CODES: dict[str, Explanation] = {
    # --- Values ---------------------------------------------------------------------------------------------------
    "INVALID_STATUS": Explanation(
        "The status is not accepted",
        "Salesforce does not let this record have, or leave, the status that was sent.",
        "Pick another status on the person, or ask your Salesforce administrator which ones are allowed.",
        MARKETER,
    ),
    "INVALID_CURRENCY_ISO": Explanation(
        "Not a currency of your org",
        "Your Salesforce does not know the currency, or it is switched off.",
        "Correct the currency, or ask your Salesforce administrator to activate it.",
        CRM_ADMIN,
    ),
    "TEXT_DATA_OUTSIDE_SUPPORTED_RANGE": Explanation(
        "The text is too long for Salesforce",
        "The value is longer than Salesforce takes in any text.",
        "Shorten the value on the person and sync again.",
        MARKETER,
    ),
    "TOO_MANY_ENUM_VALUE": Explanation(
        "Too many choices at once",
        "A field with several choices was given more of them than Salesforce takes.",
        "Take some of the choices away on the person and sync again.",
        MARKETER,
    ),
    "INVALID_MARKUP": Explanation(
        "The formatted text is not accepted",
        "A rich text field holds something that Salesforce does not accept as formatted text.",
        "Correct the text on the person: plain text is always accepted.",
        MARKETER,
    ),
    "INVALID_GOOGLE_DOCS_URL": Explanation(
        "Not an address of the web",
        "Salesforce does not accept this as a web address.",
        "Correct the address on the person and sync again.",
        MARKETER,
    ),
    "BAD_CUSTOM_ENTITY_PARENT_DOMAIN": Explanation(
        "The related record is of another kind",
        "A field points at a kind of record that it may not point at.",
        _SHOW_IT,
        CRM_ADMIN,
    ),
    "FIELD_NOT_UPDATABLE": Explanation(
        "The field can't be changed any more",
        "Salesforce lets this field be set when a record is created, and not later.",
        "Set the field to sync From Salesforce only.",
        ADMIN,
    ),
    # --- The record, and its owner ------------------------------------------------------------------------------
    "UNAVAILABLE_RECORDTYPE_EXCEPTION": Explanation(
        "No record type for the sync user",
        "The sync user has no default record type for such records.",
        "Ask your Salesforce administrator to give the sync user's profile a default record type.",
        CRM_ADMIN,
    ),
    "ASSIGNEE_TYPE_REQUIRED": Explanation(
        "The owner is missing",
        "Salesforce needs to know who is to own the record.",
        "Choose an owner and sync again.",
        MARKETER,
    ),
    "INVALID_ASSIGNEE_TYPE": Explanation(
        "Such a user can't own this",
        "The owner chosen is of a kind (a partner or a guest, say) that may not own such records.",
        "Choose another owner and sync again.",
        MARKETER,
    ),
    "OP_WITH_INVALID_USER_TYPE_EXCEPTION": Explanation(
        "Such a user can't do this",
        "The owner, or the sync user, has a licence that does not allow it.",
        "Choose another owner, or ask your Salesforce administrator about the licence.",
        CRM_ADMIN,
    ),
    "MANAGER_NOT_DEFINED": Explanation(
        "The owner has no manager",
        "An approval in Salesforce asks the owner's manager, and none is set.",
        "Ask your Salesforce administrator to set the manager, or choose another owner.",
        CRM_ADMIN,
    ),
    "INVALID_ASSIGNMENT_RULE": Explanation(
        "The assignment rule is broken",
        "Salesforce could not find an owner by its assignment rules.",
        "Choose an owner yourself, or ask your Salesforce administrator to look at the rules.",
        CRM_ADMIN,
    ),
    "ALREADY_IN_PROCESS": Explanation(
        "The record is in an approval already",
        "An approval for this record is under way in Salesforce.",
        "Sync again after the approval.",
        CRM_ADMIN,
    ),
    "NO_APPLICABLE_PROCESS": Explanation(
        "No approval fits the record",
        "Your Salesforce sends such records to an approval, and none of its approvals fits this one.",
        _SHOW_IT,
        CRM_ADMIN,
    ),
    "CANNOT_REPARENT_RECORD": Explanation(
        "The record can't move to another account",
        "Salesforce does not let this Contact belong to another account.",
        _SHOW_IT,
        CRM_ADMIN,
    ),
    "DEPENDENCY_EXISTS": Explanation(
        "Something else depends on it",
        "Another record in Salesforce needs this one as it is.",
        _SHOW_IT,
        CRM_ADMIN,
    ),
    "DELETE_FAILED": Explanation(
        "It can't be deleted",
        "Something in Salesforce keeps the record from being deleted.",
        _SHOW_IT,
        CRM_ADMIN,
    ),
    "SELF_REFERENCE_FROM_TRIGGER": Explanation(
        "An automation in Salesforce trips over itself",
        "A trigger tried to change the very record that it was started by.",
        _SHOW_IT,
        CRM_ADMIN,
    ),
    # --- Automations and limits of the org -----------------------------------------------------------------------
    "APEX_ERROR": Explanation(
        "A program in Salesforce failed",
        "A program that your company added to Salesforce stopped with an error.",
        _SHOW_IT,
        CRM_ADMIN,
    ),
    "TXN_SECURITY_METERING_ERROR": Explanation(
        "Stopped by a security policy",
        "A transaction security policy of your Salesforce took too long and stopped the change.",
        _SHOW_IT,
        CRM_ADMIN,
    ),
    "LIMIT_EXCEEDED": Explanation(
        "A limit of Salesforce is reached",
        "Your Salesforce allows only so many of these, and has as many.",
        "Read the message, which names the limit, and ask your Salesforce administrator.",
        CRM_ADMIN,
    ),
    "TOO_MANY_APEX_REQUESTS": Explanation(
        "The programs in Salesforce are too busy",
        "More of your company's programs ran in Salesforce at once than it allows.",
        "Nothing to do: it is tried again by itself.",
        NOBODY,
    ),
    "PLATFORM_EVENT_PUBLISHING_UNAVAILABLE": Explanation(
        "Salesforce could not tell its other systems",
        "An automation wanted to publish an event, and Salesforce could not do that just now.",
        "Nothing to do: it is tried again by itself.",
        NOBODY,
    ),
    "EMAIL_NOT_PROCESSED_DUE_TO_PRIOR_ERROR": Explanation(
        "An e-mail of Salesforce was not sent",
        "An automation wanted to send an e-mail, and an earlier error kept it from doing so.",
        _SHOW_IT,
        CRM_ADMIN,
    ),
    "LICENSE_LIMIT_EXCEEDED": Explanation(
        "No licence is left",
        "Your Salesforce has no licence left for what the change needs.",
        _SHOW_IT,
        CRM_ADMIN,
    ),
    "RECORD_IN_USE_BY_WORKFLOW": Explanation(
        "An automation in Salesforce is using the record",
        "A workflow of your Salesforce was working on this record at the same moment.",
        "Nothing to do: it is tried again by itself.",
        NOBODY,
    ),
    "TERRITORY_REALIGN_IN_PROGRESS": Explanation(
        "Salesforce is rearranging its territories",
        "While it does, owners can't be changed.",
        "Nothing to do: it is tried again by itself.",
        NOBODY,
    ),
    "ENTITY_FAILED_IFLASTMODIFIED_ON_UPDATE": Explanation(
        "The record was changed at the same moment",
        "Somebody changed the record in Salesforce while it was being sent.",
        "Sync the person again: both changes are then compared field by field.",
        MARKETER,
    ),
    "INVALID_CROSS_REFERENCE_TYPE_FOR_FIELD": Explanation(
        "The related record is of another kind",
        "A field holds the id of a kind of record that it may not point at.",
        "Correct the id in the field that the message names.",
        MARKETER,
    ),
    "INVALID_PERSON_ACCOUNT_OPERATION": Explanation(
        "Person accounts do not allow this",
        "The Contact is part of a person account, some fields of which are changed on the account alone.",
        _SHOW_IT,
        CRM_ADMIN,
    ),
    "FIELD_MODERATION_RULE_BLOCK": Explanation(
        "A moderation rule in Salesforce said no",
        "A value contains words that your company blocks in Salesforce.",
        "Correct the value, or ask your Salesforce administrator about the rule.",
        MARKETER,
    ),
    "FILTERED_LOOKUP_LIMIT_EXCEEDED": Explanation(
        "Too many lookup filters in Salesforce",
        "More lookup filters apply to the record than Salesforce allows at once.",
        _SHOW_IT,
        CRM_ADMIN,
    ),
    "PACKAGE_LICENSE_REQUIRED": Explanation(
        "The sync user lacks the licence of a package",
        "A package installed in your Salesforce wants a licence for the sync user.",
        "Ask your Salesforce administrator to assign the licence to the sync user.",
        CRM_ADMIN,
    ),
}
