"""Custom fields: those of the demo org, and how one is declared at run time.

The flags of custom fields follow the recorded describe of an org with custom fields of each type (v42).
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from syncadmin.emulator.schema.build import choices
from syncadmin.emulator.schema.model import Choice, Field

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}__c\Z")
LENGTHS = {
    "string": 255,
    "textarea": 255,
    "phone": 40,
    "email": 80,
    "url": 255,
    "picklist": 255,
    "multipicklist": 4099,
    "reference": 18,
}
ALIASES = {
    "text": "string",
    "long_text": "textarea",
    "longtextarea": "textarea",
    "number": "double",
    "checkbox": "boolean",
    "lookup": "reference",
    "multiselect": "multipicklist",
    "formula": "string",
    "autonumber": "string",
}
DECLARABLE = frozenset(
    {
        "string",
        "textarea",
        "phone",
        "email",
        "url",
        "picklist",
        "multipicklist",
        "reference",
        "double",
        "currency",
        "percent",
        "int",
        "boolean",
        "date",
        "datetime",
    }
)


def declare(spec: dict[str, Any]) -> Field:
    """A custom field from its JSON declaration; ValueError if that says nothing sensible.

    Keys: name (ending in __c), label, type (a describe type, or text, long_text, number, checkbox, lookup,
    formula, autonumber), length, precision, scale, values (`["a", "b"]`), restricted, unique, external_id,
    case_sensitive, required, default, formula, display_format, reference_to, relationship.
    """
    name = str(spec.get("name", ""))
    kind = str(spec.get("type", "text")).lower()
    type_ = ALIASES.get(kind, kind)
    if not NAME.match(name) or type_ not in DECLARABLE:
        raise ValueError(f"not a custom field: {name or '(no name)'} of type {kind}")
    base = Field(
        name,
        str(spec.get("label") or name[:-3].replace("_", " ")),
        type_,
        permissionable=True,
        custom=True,
        nillable=not spec.get("required"),
    )
    return _computed(_typed(_sized(base, kind, spec), spec), spec)


def _sized(base: Field, kind: str, spec: dict[str, Any]) -> Field:
    default = 32768 if kind in ("long_text", "longtextarea") else LENGTHS.get(base.type, 0)
    number = base.type in ("double", "currency", "percent")
    return replace(
        base,
        length=int(spec.get("length", default)),
        precision=int(spec.get("precision", 18)) if number else 0,
        scale=int(spec.get("scale", 2 if base.type == "currency" else 0)) if number else 0,
        digits=8 if base.type == "int" else 0,
        groupable=not number and base.type != "datetime",
        default=spec.get("default"),
    )


def _typed(base: Field, spec: dict[str, Any]) -> Field:
    if base.type == "boolean":
        return replace(
            base, nillable=False, defaulted=True, default=bool(spec.get("default")), aggregatable=False
        )
    if base.type in ("picklist", "multipicklist"):
        return _picklist(base, spec)
    if base.type == "reference":
        relation = str(spec.get("relationship") or base.name.removesuffix("c") + "r")
        return replace(
            base,
            reference_to=(str(spec.get("reference_to", "Account")),),
            relationship=relation,
            prefilterable=True,
        )
    if base.type == "textarea" and base.length > 255:
        return replace(
            base, extra="plaintextarea", filterable=False, sortable=False, groupable=False, aggregatable=False
        )
    return replace(base, extra="plaintextarea") if base.type == "textarea" else base


def _picklist(base: Field, spec: dict[str, Any]) -> Field:
    entries = tuple(Choice(str(v), str(v), v == spec.get("default")) for v in spec.get("values", ()))
    base = replace(base, choices=entries, restricted=bool(spec.get("restricted")))
    if base.type == "multipicklist":
        return replace(base, precision=4, sortable=False, groupable=False, aggregatable=False)
    return base


def _computed(base: Field, spec: dict[str, Any]) -> Field:
    external = bool(spec.get("external_id"))
    base = replace(
        base,
        unique=bool(spec.get("unique")),
        external_id=external,
        id_lookup=external,
        case_sensitive=bool(spec.get("case_sensitive")),
    )
    if spec.get("formula"):
        return replace(
            base,
            calculated=True,
            formula=str(spec["formula"]),
            createable=False,
            updateable=False,
            length=1300 if base.type == "string" else base.length,
        )
    if spec.get("display_format"):
        return replace(
            base,
            auto_number=True,
            display_format=str(spec["display_format"]),
            createable=False,
            updateable=False,
            nillable=False,
            defaulted=True,
            length=30,
        )
    return base


PRODUCTS = "Analytics|Automation|Integration|Mobile|Platform"
REGIONS = "EMEA|APAC|North America|Latin America"
LANGUAGES = "English|German|French|Spanish|Italian|Japanese|Portuguese|Polish"
WEIGHTED = "Budget__c * Annual_Growth__c"
GRADE = 'IF(Lead_Score__c >= 75, "A", IF(Lead_Score__c >= 50, "B", IF(Lead_Score__c >= 25, "C", "D")))'


def _values(joined: str) -> list[str]:
    return [choice.value for choice in choices(joined)]


COMMON: list[dict[str, Any]] = [
    {"name": "Product_Interest__c", "type": "picklist", "values": _values(PRODUCTS)},
    {"name": "Lead_Score__c", "type": "number", "precision": 10, "scale": 0},
    {"name": "Region__c", "type": "picklist", "values": _values(REGIONS), "restricted": True},
    {"name": "Budget__c", "type": "currency", "scale": 2},
    {"name": "Renewal_Date__c", "type": "date"},
    {"name": "Last_Webinar__c", "type": "datetime"},
    {"name": "VIP__c", "label": "VIP", "type": "checkbox"},
    {"name": "Preferred_Languages__c", "type": "multipicklist", "values": _values(LANGUAGES)},
    {"name": "Notes_Internal__c", "label": "Internal Notes", "type": "long_text"},
    {"name": "LinkedIn__c", "label": "LinkedIn", "type": "url"},
    {"name": "Secondary_Email__c", "type": "email"},
    {"name": "External_Key__c", "type": "text", "length": 64, "unique": True, "external_id": True},
    {"name": "Score_Grade__c", "type": "formula", "formula": GRADE},
    {"name": "Annual_Growth__c", "type": "percent", "precision": 16, "scale": 2},
    {"name": "Partner__c", "type": "lookup", "reference_to": "Account"},
    {"name": "Direct_Phone__c", "type": "phone"},
    {"name": "Nickname__c", "type": "text", "length": 60},
    {"name": "Weighted_Budget__c", "type": "currency", "scale": 2, "formula": WEIGHTED},
    {"name": "Is_Hot__c", "type": "checkbox", "formula": "Lead_Score__c >= 75"},
    {"name": "Follow_Up__c", "type": "date", "formula": "Renewal_Date__c - 30"},
    {"name": "Secret_Notes__c", "type": "long_text"},
    {"name": "Credit_Limit__c", "type": "currency", "scale": 2},
]
BANDS = ["1-10", "11-50", "51-250", "251-1000", "1001+"]
DEMO_FIELDS: dict[str, list[dict[str, Any]]] = {
    "Lead": [
        *COMMON,
        {"name": "Lead_Number__c", "type": "autonumber", "display_format": "L-{00000}"},
        {"name": "Employees_Band__c", "type": "picklist", "values": BANDS, "restricted": True},
    ],
    "Contact": [
        *COMMON,
        {"name": "Contact_Number__c", "type": "autonumber", "display_format": "C-{00000}"},
        {"name": "Support_Tier__c", "type": "picklist", "values": ["Gold", "Silver", "Bronze"]},
    ],
}
DEMO_HIDDEN = "Secret_Notes__c"
DEMO_READ_ONLY = "Credit_Limit__c"
