"""The objects of the Tooling API that can be queried here.

Source: the Tooling API reference, pages EntityDefinition, FieldDefinition, CustomField, CustomObject, ValidationRule,
ApexClass and so on; a choice of their fields. Unlike in an org, where it is always 000000000000000AAA, the Id of a
definition is its DurableId.
"""

from __future__ import annotations

from datetime import datetime

from syncadmin.emulator.schema.build import area, audit, checkbox, integer, record_id, ref, text
from syncadmin.emulator.schema.model import Field, SObject, make_object
from syncadmin.emulator.schema.organization import FIXED
from syncadmin.emulator.schema.registry import Schema

NAMESPACE = text("NamespacePrefix", "Namespace Prefix", 15)
CODE = (("ApexClass", "01p"), ("ApexTrigger", "01q"), ("ApexPage", "066"), ("ApexComponent", "099"))
EMPTY = (("CustomObject", "01I"), ("Flow", "301"), ("FlowDefinition", "300"), ("WorkflowRule", "01Q"))


def _flags(names: str) -> list[Field]:
    return [checkbox(name, name) for name in names.split()]


def _entity() -> Field:
    return ref("EntityDefinitionId", "Entity Definition ID", "EntityDefinition", "EntityDefinition")


def _code(name: str, prefix: str) -> SObject:
    fields = [
        record_id("ID"),
        NAMESPACE,
        text("Name", "Name", nillable=False, name_field=True),
        text("ApiVersion", "Api Version"),
        text("Status", "Status", 40),
        text("TableEnumOrId", "Custom Object ID", 40),
        area("Body", "Body", 1_000_000),
        *audit(),
    ]
    return make_object(name, name, name, prefix, fields, **FIXED)


def _empty(name: str, prefix: str) -> SObject:
    fields = [record_id("ID"), NAMESPACE, text("DeveloperName", "Developer Name", 80), *audit()]
    return make_object(name, name, name, prefix, fields, **FIXED)


ENTITY = make_object(
    "EntityDefinition",
    "Entity Definition",
    "Entity Definitions",
    "4ie",
    [
        record_id("ID"),
        text("DurableId", "Durable ID"),
        text("QualifiedApiName", "Qualified API Name", 70, name_field=True),
        NAMESPACE,
        text("DeveloperName", "Developer Name", 40),
        text("MasterLabel", "Label", 80),
        text("Label", "Label", 80),
        text("PluralLabel", "Plural Label", 80),
        text("KeyPrefix", "Key Prefix", 3),
        *_flags(
            "IsCustomizable IsApexTriggerable IsWorkflowEnabled IsCustomSetting IsQueryable IsSearchable"
        ),
        *_flags(
            "IsLayoutable IsTriggerable IsDeprecatedAndHidden IsReplicateable IsRetrieveable IsFeedEnabled"
        ),
    ],
    **FIXED,
)

FIELD = make_object(
    "FieldDefinition",
    "Field Definition",
    "Field Definitions",
    "4fe",
    [
        record_id("ID"),
        text("DurableId", "Durable ID"),
        text("QualifiedApiName", "Qualified API Name", 70, name_field=True),
        _entity(),
        NAMESPACE,
        text("DeveloperName", "Developer Name", 40),
        text("MasterLabel", "Label", 80),
        text("Label", "Label", 80),
        integer("Length", "Length", 9),
        text("DataType", "Data Type"),
        text("ValueTypeId", "Value Type", 40),
        text("ExtraTypeInfo", "Extra Type Info", 40),
        integer("Precision", "Precision", 9),
        integer("Scale", "Scale", 9),
        text("RelationshipName", "Relationship Name", 80),
        text("ReferenceTargetField", "Reference Target Field", 80),
        *_flags("IsCalculated IsHighScaleNumber IsHtmlFormatted IsNameField IsNillable IsWorkflowFilterable"),
        *_flags("IsCompactLayoutable IsFieldHistoryTracked IsIndexed IsApiFilterable IsApiSortable"),
        *_flags("IsApiGroupable IsListVisible IsPolymorphicForeignKey"),
    ],
    **FIXED,
)

CUSTOM_FIELD = make_object(
    "CustomField",
    "Custom Field",
    "Custom Fields",
    "00N",
    [
        record_id("ID"),
        text("TableEnumOrId", "Entity Enumeration Or ID", 40),
        text("DeveloperName", "Developer Name", 40, name_field=True),
        text("FullName", "Full Name"),
        _entity(),
        NAMESPACE,
        integer("Length", "Length", 9),
        integer("Precision", "Precision", 9),
        integer("Scale", "Scale", 9),
        text("RelationshipLabel", "Relationship Label", 80),
        text("Description", "Description"),
        text("InlineHelpText", "Inline Help Text"),
    ],
    **FIXED,
)

VALIDATION_RULE = make_object(
    "ValidationRule",
    "Validation Rule",
    "Validation Rules",
    "03d",
    [
        record_id("ID"),
        _entity(),
        NAMESPACE,
        text("ValidationName", "Rule Name", 40, name_field=True),
        text("FullName", "Full Name"),
        checkbox("Active", "Active"),
        text("Description", "Description"),
        text("ErrorDisplayField", "Error Display Field"),
        text("ErrorMessage", "Error Message"),
    ],
    **FIXED,
)

OBJECTS: tuple[SObject, ...] = (
    ENTITY,
    FIELD,
    CUSTOM_FIELD,
    VALIDATION_RULE,
    *(_code(*pair) for pair in CODE),
    *(_empty(*pair) for pair in EMPTY),
)


def tooling_schema(now: datetime) -> Schema:
    """A schema of nothing but these."""
    schema = Schema(now)
    schema.objects = {one.name.lower(): one for one in OBJECTS}
    schema.by_prefix = {one.prefix: one for one in OBJECTS if one.prefix}
    return schema
