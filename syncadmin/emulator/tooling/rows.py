"""What the schema and the rules of the org are, as rows of the tooling objects.

Field types are named as Setup names them (from memory of the FieldDefinition page's examples).
"""

from __future__ import annotations

from typing import Any
from zlib import crc32

from syncadmin.emulator.ids import make_id
from syncadmin.emulator.schema.model import Field, SObject
from syncadmin.emulator.state import State

Row = dict[str, Any]
TYPES = {
    "id": "ID",
    "boolean": "Checkbox",
    "email": "Email",
    "phone": "Phone",
    "url": "URL",
    "date": "Date",
    "datetime": "Date/Time",
    "time": "Time",
    "picklist": "Picklist",
    "multipicklist": "Picklist (Multi-Select)",
    "address": "Address",
}
NUMBERS = {"double": "Number", "currency": "Currency", "percent": "Percent"}


def rows_of(state: State, user_id: str) -> dict[str, list[Row]]:
    """The rows by object, as far as this user sees objects and fields."""
    seen = [o for o in state.schema.objects.values() if state.schema.may("read", o, user_id)]
    fields = [(o, f) for o in seen for f in state.schema.view(o, user_id).fields.values()]
    return {
        "EntityDefinition": [_entity(one) for one in seen],
        "FieldDefinition": [_field(*pair) for pair in fields],
        "CustomField": [_custom(*pair) for pair in fields if pair[1].custom],
        "ValidationRule": [_rule(one) for one in state.rules.validation],
    }


def _bare(name: str) -> str:
    return name.removesuffix("__c")


def _entity(sobject: SObject) -> Row:
    flags = {
        "IsCustomizable": sobject.createable,
        "IsApexTriggerable": sobject.triggerable,
        "IsWorkflowEnabled": sobject.triggerable,
        "IsCustomSetting": False,
        "IsQueryable": True,
        "IsSearchable": sobject.searchable,
        "IsLayoutable": sobject.searchable,
        "IsTriggerable": sobject.triggerable,
        "IsDeprecatedAndHidden": False,
        "IsReplicateable": True,
        "IsRetrieveable": True,
        "IsFeedEnabled": sobject.mergeable,
    }
    return {
        "Id": sobject.name,
        "DurableId": sobject.name,
        "QualifiedApiName": sobject.name,
        "DeveloperName": _bare(sobject.name),
        "MasterLabel": sobject.label,
        "Label": sobject.label,
        "PluralLabel": sobject.plural,
        "KeyPrefix": sobject.prefix,
    } | {name: int(value) for name, value in flags.items()}


def _field(sobject: SObject, field: Field) -> Row:
    flags = {
        "IsCalculated": field.calculated,
        "IsNameField": field.name_field,
        "IsNillable": field.nillable,
        "IsIndexed": field.external_id or field.unique or field.id_lookup,
        "IsApiFilterable": field.filterable,
        "IsApiSortable": field.sortable,
        "IsApiGroupable": field.groupable,
        "IsPolymorphicForeignKey": field.name_pointing,
    }
    durable = f"{sobject.name}.{_custom_id(sobject, field)[:15] if field.custom else field.name}"
    return {
        "Id": durable,
        "DurableId": durable,
        "QualifiedApiName": field.name,
        "EntityDefinitionId": sobject.name,
        "DeveloperName": _bare(field.name),
        "MasterLabel": field.label,
        "Label": field.label,
        "Length": field.length,
        "DataType": data_type(field),
        "ValueTypeId": field.type,
        "ExtraTypeInfo": field.extra,
        "Precision": field.precision,
        "Scale": field.scale,
        "RelationshipName": field.relationship,
    } | {name: int(value) for name, value in flags.items()}


def data_type(field: Field) -> str:
    """The type as Setup shows it: `Text(80)`, `Number(16, 2)`, `Lookup(Account)`, `Formula (Text)`."""
    if field.calculated and field.formula:
        return f"Formula ({data_type_of_value(field)})"
    if field.auto_number:
        return "Auto Number"
    if field.type == "reference":
        return f"Lookup({','.join(field.reference_to)})"
    if field.type in NUMBERS:
        return f"{NUMBERS[field.type]}({field.precision - field.scale}, {field.scale})"
    if field.type == "int":
        return f"Number({field.digits}, 0)"
    if field.type == "textarea":
        return f"{'Long Text Area' if field.length > 255 else 'Text Area'}({field.length})"
    return TYPES.get(field.type) or f"Text({field.length})"


def data_type_of_value(field: Field) -> str:
    """The type of a formula's result."""
    return NUMBERS.get(field.type) or TYPES.get(field.type) or "Text"


def _custom_id(sobject: SObject, field: Field) -> str:
    return make_id("00N", crc32(f"{sobject.name}.{field.name}".encode()))


def _custom(sobject: SObject, field: Field) -> Row:
    return {
        "Id": _custom_id(sobject, field),
        "TableEnumOrId": sobject.name,
        "DeveloperName": _bare(field.name),
        "FullName": f"{sobject.name}.{field.name}",
        "EntityDefinitionId": sobject.name,
        "Length": field.length,
        "Precision": field.precision,
        "Scale": field.scale,
    }


def _rule(rule: Any) -> Row:
    return {
        "Id": make_id("03d", crc32(f"{rule.object}.{rule.name}".encode())),
        "EntityDefinitionId": rule.object,
        "ValidationName": rule.name,
        "FullName": f"{rule.object}.{rule.name}",
        "Active": int(rule.active),
        "ErrorDisplayField": rule.field,
        "ErrorMessage": rule.message,
    }
