"""The org's fields, as describe tells them, and the field sync a new connection begins with."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction

from people import sfdc
from people.models import PersonField
from syncadmin.models import FieldSync, ObjectField, PullCursor
from syncadmin.models.choices import OPTED_OUT
from syncadmin.services.fields.changes import note_changes
from syncadmin.services.settings_version import settings_changed
from syncadmin.sync.ports import Schema
from syncadmin.sync.schema import Facts, changes, common_choices

#: Person field → (Lead field, Contact field): the modelled product's standard mapping, by Salesforce API names.
STANDARD_MAPPING: dict[str, tuple[str, str]] = {
    "salutation": ("Salutation", "Salutation"),
    "first_name": ("FirstName", "FirstName"),
    "last_name": ("LastName", "LastName"),
    "email": ("Email", "Email"),
    "job_title": ("Title", "Title"),
    "phone": ("Phone", "Phone"),
    "mobile_phone": ("MobilePhone", "MobilePhone"),
    "fax": ("Fax", "Fax"),
    "date_of_birth": ("", "Birthdate"),
    "company": ("Company", "Account.Name"),
    "website": ("Website", ""),
    "industry": ("Industry", ""),
    "num_employees": ("NumberOfEmployees", ""),
    "annual_revenue": ("AnnualRevenue", ""),
    "address": ("Street", "MailingStreet"),
    "city": ("City", "MailingCity"),
    "state": ("State", "MailingState"),
    "postal_code": ("PostalCode", "MailingPostalCode"),
    "country": ("Country", "MailingCountry"),
    "source": ("LeadSource", "LeadSource"),
    "status": ("Status", ""),
    "rating": ("Rating", ""),
    "unsubscribed": ("HasOptedOutOfEmail", "HasOptedOutOfEmail"),
    "do_not_call": ("DoNotCall", "DoNotCall"),
    "notes": ("Description", "Description"),
}
#: Objects (besides custom ones) whose records have a Name.
_NAMED = frozenset(
    {"Account", "Campaign", "Contact", "Group", "Individual", "Lead", "Opportunity", "Product2", "User"}
)
_UPDATED = [
    "label", "type", "length", "precision", "scale", "is_custom", "is_createable", "is_updateable", "is_required",
    "is_calculated", "is_restricted", "is_external_id", "is_present", "choices", "reference_to",
    "relationship_name", "refreshed_at",
]  # fmt: skip


def refresh_schema(schemas: Iterable[Schema], now: datetime) -> int:
    """Store describes that changed. A field that is gone or hidden stays known, marked; its data is kept.

    What changed is noted, for somebody to see (``schema_changes``).
    """
    seen = 0
    for schema in schemas:
        fields = [_object_field(schema.object, field, now) for field in schema.fields]
        of_object = ObjectField.objects.filter(object=schema.object)
        with transaction.atomic():
            known = {field.name: field for field in of_object}
            news = changes(
                {name: facts_of(field) for name, field in known.items()},
                {field.name: facts_of(field) for field in fields},
            )
            of_object.update(refreshed_at=now)
            ObjectField.objects.bulk_create(
                [field for field in fields if _is_news(field, known.get(field.name))],
                batch_size=500,
                update_conflicts=True,
                unique_fields=["object", "name"],
                update_fields=_UPDATED,
            )
            of_object.exclude(name__in=[field.name for field in fields]).update(is_present=False)
            PullCursor.objects.filter(object=schema.object).update(schema_stamp=schema.stamp)
            note_changes(schema.object, news, now)
            if news or any(_demands(field) != _demands(known.get(field.name)) for field in fields):
                settings_changed()
        seen += len(fields)
    _refresh_choices()
    return seen


def _is_news(told: ObjectField, known: ObjectField | None) -> bool:
    """Whether there is anything to write. A describe tells all fields, even if one of them has changed."""
    return known is None or any(
        getattr(told, name) != getattr(known, name) for name in _UPDATED if name != "refreshed_at"
    )


def _object_field(object: str, field: dict[str, Any], now: datetime) -> ObjectField:
    return ObjectField(
        object=object, name=field["name"], label=field["label"], type=field["type"], length=field["length"],
        precision=field["precision"], scale=field["scale"], is_custom=field["custom"],
        is_createable=field["createable"], is_updateable=field["updateable"],
        is_required=field["createable"] and not field["nillable"] and not field["defaultedOnCreate"]
        and field["type"] != "boolean",
        is_calculated=field["calculated"] or field["autoNumber"], is_restricted=field["restrictedPicklist"],
        is_external_id=field["externalId"] and field["unique"], is_present=True,
        choices=[value["value"] for value in field["picklistValues"] if value["active"]],
        reference_to=field["referenceTo"], relationship_name=_named_relation(field), refreshed_at=now,
    )  # fmt: skip


def _named_relation(field: dict[str, Any]) -> str:
    """The relationship of a lookup, if what it points at has a field Name (Case, Task and others have none)."""
    targets = field["referenceTo"]
    if targets and all(target in _NAMED or target.endswith("__c") for target in targets):
        return field["relationshipName"] or ""
    return ""


def forget_lookups() -> bool:
    """Read the ids of lookups alone from now on, not the names. True if there were names to read."""
    lookups = ObjectField.objects.filter(is_name_readable=True).exclude(relationship_name="")
    return bool(lookups.update(is_name_readable=False))


def try_lookups_again() -> None:
    """Somebody may have given the sync user the right to read them."""
    ObjectField.objects.filter(is_name_readable=False).update(is_name_readable=True)


def facts_of(field: ObjectField) -> Facts:
    """A field as the engine compares it with what it was."""
    return Facts(
        field.name, field.label, field.type, field.length, field.precision, field.scale, tuple(field.choices),
        is_writable=not field.is_read_only, is_present=field.is_present,
    )  # fmt: skip


def _demands(field: ObjectField | None) -> tuple[bool, bool] | None:
    """What decides, besides the facts, whether Salesforce takes a value."""
    return (field.is_required, field.is_restricted) if field else None


def _refresh_choices() -> None:
    """A person field offers the values that both objects take, in the Lead's order."""
    by_name = {
        (field.object, field.name): (field.choices, field.is_restricted)
        for field in ObjectField.objects.exclude(choices=[])
    }
    for sync in FieldSync.objects.select_related("field"):
        keys = (("Lead", sync.lead_field), ("Contact", sync.contact_field))
        common = common_choices([by_name[key] for key in keys if key in by_name])
        if common and common != sync.field.choices:
            sfdc.set_choices(sync.field_id, common)


def begin_field_sync() -> None:
    """The standard mapping, for a connection that has no field sync yet; only fields the sync user may see."""
    if FieldSync.objects.exists():
        return
    present = set(ObjectField.objects.filter(is_present=True).values_list("object", "name"))
    fields = {field.name: field for field in PersonField.objects.filter(is_custom=False)}
    syncs = []
    for name, (lead, contact) in STANDARD_MAPPING.items():
        lead = lead if ("Lead", lead) in present else ""
        contact = contact if "." in contact or ("Contact", contact) in present else ""
        if name in fields and (lead or contact):
            winner = OPTED_OUT if name == "unsubscribed" else ""
            syncs.append(FieldSync(field=fields[name], lead_field=lead, contact_field=contact, winner=winner))
    FieldSync.objects.bulk_create(syncs)
    _refresh_choices()


def import_aliases() -> dict[str, str]:
    """Salesforce's labels and API names for person fields, by which a CSV file may name its columns."""
    labels = {(field.object, field.name): field.label for field in ObjectField.objects.all()}
    aliases = {}
    for sync in FieldSync.objects.select_related("field"):
        for key in (("Contact", sync.contact_field), ("Lead", sync.lead_field)):
            if key[1]:
                aliases[key[1]] = sync.field.name
                if key in labels:
                    aliases[labels[key]] = sync.field.name
    return aliases
