"""Which of the org's fields can sync, and why the others can't."""

from __future__ import annotations

from syncadmin.models import ObjectField
from syncadmin.sync.fields import TYPE_OF_SALESFORCE
from syncadmin.sync.ports import SYSTEM_FIELDS


def why_not(field: ObjectField) -> str:
    """Why a field can't sync, in words; blank if it can."""
    if field.name in _HANDLED:
        return _HANDLED[field.name]
    if field.name in _SYSTEM:
        return "Kept by the sync itself."
    if field.type not in TYPE_OF_SALESFORCE:
        return "A compound of other fields: sync its parts instead."
    return ""


_HANDLED = {
    "OwnerId": "The Lead Owner: shown on people's pages, changed by Sync Person to SFDC.",
    "Name": "Made by Salesforce of Salutation, First Name and Last Name.",
    "SystemModstamp": "Salesforce's own clock; the sync reads it to find changes.",
}
_SYSTEM = frozenset(name for names in SYSTEM_FIELDS.values() for name in names)
