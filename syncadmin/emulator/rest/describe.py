"""Describe replies, with the keys of the recorded ones."""

from __future__ import annotations

from typing import Any

from syncadmin.emulator.schema.model import Choice, Field, SObject
from syncadmin.emulator.schema.registry import View

SOAP_TYPES = {
    "id": "tns:ID",
    "reference": "tns:ID",
    "boolean": "xsd:boolean",
    "double": "xsd:double",
    "currency": "xsd:double",
    "percent": "xsd:double",
    "int": "xsd:int",
    "date": "xsd:date",
    "datetime": "xsd:dateTime",
    "address": "urn:address",
}
MASTER_RECORD_TYPE = "012000000000000AAA"
ID_TYPES = ("id", "reference")


def describe_field(field: Field) -> dict[str, Any]:
    """One element of `fields`."""
    return _ability(field) | _shape(field) | _meaning(field) | _use(field)


def _ability(field: Field) -> dict[str, Any]:
    width = 1 if field.type in ID_TYPES else 3
    return {
        "aggregatable": field.aggregatable,
        "aiPredictionField": False,
        "autoNumber": field.auto_number,
        "byteLength": field.length * width,
        "calculated": field.calculated,
        "calculatedFormula": field.formula,
        "cascadeDelete": False,
        "caseSensitive": field.case_sensitive,
        "compoundFieldName": field.compound,
        "controllerName": None,
        "createable": field.createable,
        "custom": field.custom,
        "defaultValue": field.default,
        "defaultValueFormula": None,
        "defaultedOnCreate": field.defaulted,
    }


def _shape(field: Field) -> dict[str, Any]:
    return {
        "dependentPicklist": False,
        "deprecatedAndHidden": False,
        "digits": field.digits,
        "displayLocationInDecimal": False,
        "encrypted": False,
        "externalId": field.external_id,
        "extraTypeInfo": field.extra,
        "filterable": field.filterable,
        "filteredLookupInfo": None,
        "formulaTreatNullNumberAsZero": False,
        "groupable": field.groupable,
        "highScaleNumber": False,
        "htmlFormatted": False,
        "idLookup": field.id_lookup,
        "inlineHelpText": None,
        "label": field.label,
        "length": field.length,
    }


def _meaning(field: Field) -> dict[str, Any]:
    return {
        "mask": None,
        "maskType": None,
        "name": field.name,
        "nameField": field.name_field,
        "namePointing": field.name_pointing,
        "nillable": field.nillable,
        "permissionable": field.permissionable,
        "picklistValues": [_choice(choice) for choice in field.choices],
        "polymorphicForeignKey": field.name_pointing,
        "precision": field.precision,
        "queryByDistance": field.by_distance,
        "referenceTargetField": None,
        "referenceTo": list(field.reference_to),
        "relationshipName": field.relationship,
        "relationshipOrder": None,
    }


def _use(field: Field) -> dict[str, Any]:
    return {
        "restrictedDelete": False,
        "restrictedPicklist": field.restricted,
        "scale": field.scale,
        "searchPrefilterable": field.prefilterable,
        "soapType": SOAP_TYPES.get(field.type, "xsd:string"),
        "sortable": field.sortable,
        "type": field.type,
        "unique": field.unique,
        "updateable": field.updateable,
        "writeRequiresMasterRead": False,
    }


def _choice(choice: Choice) -> dict[str, Any]:
    return {
        "active": choice.active,
        "defaultValue": choice.default,
        "label": choice.label,
        "validFor": None,
        "value": choice.value,
    }


def _common(sobject: SObject) -> dict[str, Any]:
    return {
        "activateable": False,
        "associateEntityType": None,
        "associateParentEntity": None,
        "createable": sobject.createable,
        "custom": False,
        "customSetting": False,
        "deepCloneable": False,
        "deletable": sobject.deletable,
        "deprecatedAndHidden": False,
        "feedEnabled": sobject.feeds,
        "hasSubtypes": False,
        "isInterface": False,
        "isSubtype": False,
        "keyPrefix": sobject.prefix,
        "label": sobject.label,
        "labelPlural": sobject.plural,
        "layoutable": sobject.searchable if sobject.layoutable is None else sobject.layoutable,
        "mergeable": sobject.mergeable,
        "mruEnabled": sobject.searchable if sobject.recent is None else sobject.recent,
        "name": sobject.name,
        "queryable": True,
        "replicateable": True,
        "retrieveable": True,
        "searchable": sobject.searchable,
        "triggerable": sobject.triggerable,
        "undeletable": sobject.undeletable,
        "updateable": sobject.updateable,
    }


def _urls(sobject: SObject, base: str, host: str | None) -> dict[str, str]:
    start = f"{base}/sobjects/{sobject.name}"
    urls = {
        "compactLayouts": f"{start}/describe/compactLayouts",
        "rowTemplate": f"{start}/{{ID}}",
        "approvalLayouts": f"{start}/describe/approvalLayouts",
        "listviews": f"{start}/listviews",
        "describe": f"{start}/describe",
        "quickActions": f"{start}/quickActions",
        "layouts": f"{start}/describe/layouts",
        "sobject": start,
    }
    if host is not None:
        urls |= {
            "uiDetailTemplate": f"{host}/{{ID}}",
            "uiEditTemplate": f"{host}/{{ID}}/e",
            "uiNewRecord": f"{host}/{sobject.prefix}/e",
        }
    return urls


def describe_global(objects: list[SObject], base: str) -> dict[str, Any]:
    """GET /sobjects."""
    listed = [_common(sobject) | {"urls": _urls(sobject, base, None)} for sobject in objects]
    return {"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": listed}


def describe_object(view: View, base: str, host: str) -> dict[str, Any]:
    """GET /sobjects/X/describe, keys in alphabetical order as recorded."""
    sobject = view.sobject
    full = _common(sobject) | {
        "actionOverrides": [],
        "childRelationships": [_child(*child) for child in sobject.children],
        "compactLayoutable": True,
        "defaultImplementation": None,
        "extendedBy": None,
        "extendsInterfaces": None,
        "fields": [describe_field(field) for field in view.fields.values()],
        "implementedBy": None,
        "implementsInterfaces": None,
        "listviewable": None,
        "lookupLayoutable": None,
        "namedLayoutInfos": [],
        "networkScopeFieldName": None,
        "recordTypeInfos": [_master_type(sobject, base)],
        "searchLayoutable": True,
        "sobjectDescribeOption": "FULL",
        "supportedScopes": [{"label": label, "name": name} for label, name in sobject.scopes],
        "urls": _urls(sobject, base, host),
    }
    return dict(sorted(full.items()))


def _master_type(sobject: SObject, base: str) -> dict[str, Any]:
    layout = f"{base}/sobjects/{sobject.name}/describe/layouts/{MASTER_RECORD_TYPE}"
    return {
        "active": True,
        "available": True,
        "defaultRecordTypeMapping": True,
        "developerName": "Master",
        "master": True,
        "name": "Master",
        "recordTypeId": MASTER_RECORD_TYPE,
        "urls": {"layout": layout},
    }


def _child(sobject: str, field: str, name: str | None, cascade: bool) -> dict[str, Any]:
    return {
        "cascadeDelete": cascade,
        "childSObject": sobject,
        "deprecatedAndHidden": False,
        "field": field,
        "junctionIdListNames": [],
        "junctionReferenceTo": [],
        "relationshipName": name,
        "restrictedDelete": False,
    }
