"""What it means when Salesforce refuses one record: code → words for people.

Codes and causes: https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_calls_concepts_core_data_objects.htm
(StatusCode). The strings are plain constants; the web layer translates them.
"""

from __future__ import annotations

from syncadmin.salesforce.explanation import ADMIN, CRM_ADMIN, MARKETER, NOBODY, Explanation

RECORD_CODES: dict[str, Explanation] = {
    "REQUIRED_FIELD_MISSING": Explanation(
        "A required field is empty",
        "Salesforce does not store this record without a value in the fields named.",
        "Fill them in on the person, or set a default for them, and sync again.",
        MARKETER,
    ),
    "MISSING_REQUIRED": Explanation(
        "Last Name or Company is missing",
        "A Lead needs a Last Name and a Company, a Contact a Last Name. The person was not sent.",
        "Fill them in on the person, or let an administrator set defaults for new Leads.",
        MARKETER,
    ),
    "FIELD_CUSTOM_VALIDATION_EXCEPTION": Explanation(
        "A validation rule in Salesforce said no",
        "Your company set up a rule in Salesforce that this record breaks. The message is the rule's own.",
        "Correct the value that the message speaks of, or ask your Salesforce administrator about the rule.",
        MARKETER,
    ),
    "INVALID_EMAIL_ADDRESS": Explanation(
        "Not an e-mail address",
        "Salesforce does not accept this as an e-mail address.",
        "Correct the e-mail address of the person and sync again.",
        MARKETER,
    ),
    "STRING_TOO_LONG": Explanation(
        "The text is too long",
        "The value is longer than the field in Salesforce.",
        "Shorten the value, or ask your Salesforce administrator to lengthen the field.",
        MARKETER,
    ),
    "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST": Explanation(
        "Not one of the choices",
        "The field is a restricted list in Salesforce, and this value is not on it.",
        "Pick a value that is on the list, or ask your Salesforce administrator to add this one.",
        MARKETER,
    ),
    "NUMBER_OUTSIDE_VALID_RANGE": Explanation(
        "The number is too large or too small",
        "The number does not fit into the field in Salesforce.",
        "Correct the number and sync again.",
        MARKETER,
    ),
    "JSON_PARSER_ERROR": Explanation(
        "The value does not fit the type of the field",
        "A text came where Salesforce keeps a date, a number or a checkbox, or the other way round.",
        "Correct the value, or ask an administrator to compare the types of the two fields.",
        ADMIN,
    ),
    "DUPLICATES_DETECTED": Explanation(
        "Salesforce thinks that this is a duplicate",
        "A duplicate rule in Salesforce found a record that looks the same and blocked this one.",
        "Look for the record in Salesforce and give it this person's e-mail address, or change the rule.",
        CRM_ADMIN,
    ),
    "DUPLICATE_VALUE": Explanation(
        "The value is already taken",
        "The field must be unique in Salesforce, and another record has this value.",
        "Find the other record by the id in the message; correct one of the two values.",
        MARKETER,
    ),
    "DUPLICATE_EXTERNAL_ID": Explanation(
        "Several records have the same external id",
        "More than one record in Salesforce carries this person's external id, so none was changed.",
        "Ask your Salesforce administrator to leave the id on one record only.",
        CRM_ADMIN,
    ),
    "INVALID_CROSS_REFERENCE_KEY": Explanation(
        "It points at something that is not there",
        "A field holds the id of a record that does not exist, or that the sync user may not use.",
        "Correct the field named, or ask your Salesforce administrator who may see that record.",
        CRM_ADMIN,
    ),
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": Explanation(
        "No access to a related record",
        "The record belongs to another one (its account, owner or campaign) that the sync user may not use.",
        "Ask your Salesforce administrator to give the sync user access to it.",
        CRM_ADMIN,
    ),
    "INSUFFICIENT_ACCESS_OR_READONLY": Explanation(
        "The sync user may not change this record",
        "The record is shared with the sync user for reading only, or is locked by an approval.",
        "Ask your Salesforce administrator to give the sync user the right to edit it.",
        CRM_ADMIN,
    ),
    "INSUFFICIENT_ACCESS": Explanation(
        "The sync user lacks a permission",
        "Salesforce does not let the sync user do this.",
        "Ask your Salesforce administrator to check the profile and permission sets of the sync user.",
        CRM_ADMIN,
    ),
    "INACTIVE_OWNER_OR_USER": Explanation(
        "The owner is no longer active",
        "The user who owns the record, or should own it, is deactivated in Salesforce.",
        "Choose another owner and sync again.",
        MARKETER,
    ),
    "QUEUE_REFUSED": Explanation(
        "A queue can't own this record",
        "Contacts can't be owned by queues, and a queue takes Leads only if it is set up for them.",
        "Choose a user as the owner, or ask your Salesforce administrator to allow Leads in the queue.",
        MARKETER,
    ),
    "OWNER_NOT_OFFERED": Explanation(
        "This owner is not offered",
        "An administrator left this user or queue out of the owners that may be chosen here.",
        "Choose another owner, or ask an administrator to offer this one.",
        ADMIN,
    ),
    "CANNOT_UPDATE_CONVERTED_LEAD": Explanation(
        "The Lead is converted",
        "Sales turned this Lead into a Contact; Salesforce does not let the Lead be changed any more.",
        "Nothing to do: the next sync links the person to the Contact.",
        NOBODY,
    ),
    "ENTITY_IS_DELETED": Explanation(
        "The record is deleted",
        "The record was deleted in Salesforce.",
        "Sync the person to Salesforce to create a new Lead, or restore it from the Recycle Bin.",
        MARKETER,
    ),
    "ENTITY_IS_LOCKED": Explanation(
        "The record is locked",
        "The record waits for an approval in Salesforce and can't be changed meanwhile.",
        "Sync again after the approval.",
        CRM_ADMIN,
    ),
    "UNABLE_TO_LOCK_ROW": Explanation(
        "Somebody else was saving the same record",
        "Another user or process was changing this record, or its account, at the same moment.",
        "Nothing to do: it is tried again by itself.",
        NOBODY,
    ),
    "FIELD_INTEGRITY_EXCEPTION": Explanation(
        "The values do not go together",
        "One value does not fit another, or a field holds the id of the wrong kind of record.",
        "Read the message and correct the fields that it names.",
        MARKETER,
    ),
    "FIELD_FILTER_VALIDATION_EXCEPTION": Explanation(
        "A lookup filter in Salesforce said no",
        "The related record is not among those that the field's filter allows.",
        "Choose another value, or ask your Salesforce administrator about the filter.",
        CRM_ADMIN,
    ),
    "INVALID_FIELD": Explanation(
        "Salesforce does not know this field",
        "The field was renamed, deleted, or hidden from the sync user.",
        "Ask your Salesforce administrator to make it visible, or switch it off in the field settings.",
        ADMIN,
    ),
    "INVALID_FIELD_FOR_INSERT_UPDATE": Explanation(
        "The sync user may not write this field",
        "The field is read-only for the sync user.",
        "Ask your Salesforce administrator for the right to edit it, or let the field sync "
        "From Salesforce only.",
        ADMIN,
    ),
    "MALFORMED_ID": Explanation(
        "Not a Salesforce id",
        "A field that holds the id of a record holds something else, or the id of the wrong kind of record.",
        "Correct the value: an id has 15 or 18 letters and digits.",
        MARKETER,
    ),
    "INVALID_ID_FIELD": Explanation(
        "Not a Salesforce id",
        "The id that was sent is not the id of such a record.",
        "Unlink the person from Salesforce and sync again.",
        ADMIN,
    ),
    "MISSING_ARGUMENT": Explanation(
        "Something was left out",
        "The request lacked a part that Salesforce needs.",
        "Sync again; if it comes back, tell an administrator.",
        ADMIN,
    ),
    "INVALID_TYPE_ON_FIELD_IN_RECORD": Explanation(
        "The value does not fit the type of the field",
        "The value is not of the kind that the field holds in Salesforce.",
        "Correct the value, or ask an administrator to compare the types of the two fields.",
        ADMIN,
    ),
    "INVALID_OPERATION": Explanation(
        "Salesforce does not allow this",
        "The record can't be changed in this way.",
        "Read the message, or show it to your Salesforce administrator.",
        CRM_ADMIN,
    ),
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY": Explanation(
        "An automation in Salesforce failed",
        "A trigger (a program that your company added to Salesforce) stopped with an error.",
        "Show the message to your Salesforce administrator.",
        CRM_ADMIN,
    ),
    "CANNOT_EXECUTE_FLOW_TRIGGER": Explanation(
        "An automation in Salesforce failed",
        "A flow that your company set up in Salesforce stopped with an error, so nothing was saved.",
        "Show the message to your Salesforce administrator.",
        CRM_ADMIN,
    ),
    "CIRCULAR_DEPENDENCY": Explanation(
        "Two records would point at each other",
        "The value would make a circle of records, which Salesforce refuses.",
        "Correct the field named in the message.",
        MARKETER,
    ),
    "TRANSFER_REQUIRES_READ": Explanation(
        "The new owner may not see such records",
        "The user chosen as the owner has no right to read Leads or Contacts.",
        "Choose another owner, or ask your Salesforce administrator to give the user access.",
        CRM_ADMIN,
    ),
    "SEVERAL_MATCHES": Explanation(
        "Several records match",
        "More than one record in Salesforce has this e-mail address, so the person was not linked to any.",
        "Choose the right one on the person's page, or merge them in Salesforce.",
        MARKETER,
    ),
    "LOST_ANSWER": Explanation(
        "No answer came",
        "The request was sent, but the connection broke before the answer. It may or may not have been done.",
        "Nothing to do: the next sync looks what became of it before it tries again.",
        NOBODY,
    ),
    "PROCESSING_HALTED": Explanation(
        "Held up by another record",
        "Another record of the same request was refused, and this one with it.",
        "Nothing to do: it is tried again by itself.",
        NOBODY,
    ),
    "ALL_OR_NONE_OPERATION_ROLLED_BACK": Explanation(
        "Held up by another record",
        "Another record of the same request was refused, and this one with it.",
        "Nothing to do: it is tried again by itself.",
        NOBODY,
    ),
}
