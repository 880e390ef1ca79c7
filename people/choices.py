"""The words that persons, their fields and their activities are described with."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class FieldType(models.TextChoices):
    """What a field holds; the names follow Salesforce's where the two agree."""

    TEXT = "text", _("Text")
    TEXTAREA = "textarea", _("Text area")
    EMAIL = "email", _("Email")
    PHONE = "phone", _("Phone")
    URL = "url", _("URL")
    PICKLIST = "picklist", _("Picklist")
    MULTIPICKLIST = "multipicklist", _("Multi-select picklist")
    BOOLEAN = "boolean", _("Checkbox")
    INTEGER = "integer", _("Number")
    NUMBER = "number", _("Decimal number")
    CURRENCY = "currency", _("Currency")
    PERCENT = "percent", _("Percent")
    DATE = "date", _("Date")
    DATETIME = "datetime", _("Date and time")
    REFERENCE = "reference", _("Lookup (Salesforce id)")


class FieldGroup(models.TextChoices):
    """The headings under which a person's page shows its fields."""

    PERSON = "person", _("Person")
    COMPANY = "company", _("Company")
    ADDRESS = "address", _("Address")
    MARKETING = "marketing", _("Marketing")
    CUSTOM = "custom", _("Custom fields")


class SfdcType(models.TextChoices):
    """What the person is in Salesforce; blank means: not there."""

    LEAD = "Lead", _("Lead")
    CONTACT = "Contact", _("Contact")


class PersonState(models.TextChoices):
    """The state column of the people table."""

    IN_STEP = "in_step", _("In step")
    WAITING = "waiting", _("Waiting to be pushed")
    FAILING = "failing", _("Failing")
    NOT_IN_SFDC = "not_in_sfdc", _("Not in Salesforce")
    DELETED = "deleted", _("Deleted in Salesforce")


class ActivityType(models.TextChoices):
    """Marketo's names where it has one."""

    NEW_PERSON = "new_person", _("New Person")
    CHANGE_DATA_VALUE = "change_data_value", _("Change Data Value")
    SYNC_TO_SFDC = "sync_to_sfdc", _("Sync Person to SFDC")
    SYNC_UPDATES_TO_SFDC = "sync_updates_to_sfdc", _("Sync Person Updates to SFDC")
    CHANGE_OWNER = "change_owner", _("Change Owner")
    CONVERT_PERSON = "convert_person", _("Convert Person")
    MERGE_PEOPLE = "merge_people", _("Merge People")
    DELETED_FROM_SFDC = "deleted_from_sfdc", _("Delete Person from SFDC")
    RESTORED_IN_SFDC = "restored_in_sfdc", _("Person Restored in SFDC")
    CONFLICT = "conflict", _("Sync Conflict")
    SYNC_FAILED = "sync_failed", _("Sync to SFDC Failed")
    FIELD_STOPPED = "field_stopped", _("Field Sync Stopped")
    FIELD_RELEASED = "field_released", _("Field Sync Resumed")
