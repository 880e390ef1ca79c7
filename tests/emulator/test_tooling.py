"""The Tooling API, as far as clients read a schema with it."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import DATA, Api


def rows(api: Api, soql: str) -> list[dict[str, Any]]:
    reply = api.call("GET", "tooling/query", params={"q": soql})
    assert reply.status_code == 200, reply.text
    return [{k: v for k, v in r.items() if k != "attributes"} for r in reply.json()["records"]]


def test_objects_and_fields_are_those_of_describe(api: Api) -> None:
    names = {one["QualifiedApiName"] for one in rows(api, "SELECT QualifiedApiName FROM EntityDefinition")}
    assert names == {one["name"] for one in api.call("GET", "sobjects").json()["sobjects"]}
    soql = "SELECT QualifiedApiName FROM FieldDefinition WHERE EntityDefinition.QualifiedApiName = 'Lead'"
    fields = {one["QualifiedApiName"] for one in rows(api, soql)}
    assert fields == {one["name"] for one in api.call("GET", "sobjects/Lead/describe").json()["fields"]}


@pytest.mark.parametrize(
    ("field", "kind"),
    [
        ("LastName", "Text(80)"),
        ("Email", "Email"),
        ("Status", "Picklist"),
        ("AnnualRevenue", "Currency(18, 0)"),
        ("Latitude", "Number(3, 15)"),
        ("OwnerId", "Lookup(Group,User)"),
        ("Address", "Address"),
        ("CreatedDate", "Date/Time"),
    ],
)
def test_a_field_has_the_type_setup_shows(api: Api, field: str, kind: str) -> None:
    soql = f"SELECT DataType FROM FieldDefinition WHERE DurableId = 'Lead.{field}'"
    assert rows(api, soql) == [{"DataType": kind}]


def test_custom_fields_appear_when_they_are_added(api: Api) -> None:
    soql = "SELECT Id, DeveloperName FROM CustomField WHERE TableEnumOrId = 'Lead' AND DeveloperName = 'New'"
    assert rows(api, soql) == []
    api.control("schema", {"add": {"object": "Lead", "name": "New__c", "type": "text", "label": "New"}})
    found = rows(api, soql)
    assert (found[0]["DeveloperName"], found[0]["Id"][:3]) == ("New", "00N")


def test_what_field_level_security_hides_is_hidden_here_too(api: Api) -> None:
    soql = "SELECT DurableId FROM FieldDefinition WHERE DurableId = 'Lead.Industry'"
    assert len(rows(api, soql)) == 1
    api.control("rules", {"field_level_security": {"object": "Lead", "field": "Industry", "visible": False}})
    assert rows(api, soql) == []


def test_validation_rules_are_there_to_be_read(api: Api) -> None:
    rule = {
        "name": "No_Test",
        "object": "Lead",
        "formula": "LastName = 'Test'",
        "message": "No",
        "field": None,
    }
    api.control("rules", {"validation": rule})
    soql = (
        "SELECT ValidationName, Active, ErrorMessage, EntityDefinition.QualifiedApiName FROM ValidationRule"
        " WHERE Active = true"
    )
    found = rows(api, soql)[0]
    assert (found["ValidationName"], found["ErrorMessage"]) == ("No_Test", "No")
    assert found["EntityDefinition"]["QualifiedApiName"] == "Lead"


def test_there_is_no_code_in_this_org(api: Api) -> None:
    for name in ("ApexClass", "ApexTrigger", "CustomObject"):
        assert rows(api, f"SELECT Id FROM {name}") == []


def test_objects_of_both_apis_are_the_same_ones(api: Api) -> None:
    soql = "SELECT Id, Name FROM Profile"
    assert rows(api, soql) == api.records(soql)


def test_a_tooling_query_says_its_columns_when_asked(api: Api) -> None:
    given = {"q": "SELECT DurableId, EntityDefinition.Label FROM FieldDefinition", "columns": "true"}
    body = api.call("GET", "tooling/query", params=given).json()
    assert body["entityName"] == "FieldDefinition"
    assert [one["columnName"] for one in body["columnMetadata"]] == ["DurableId", "EntityDefinition"]


def test_an_unknown_object_is_an_invalid_type(api: Api) -> None:
    reply = api.call("GET", "tooling/query", params={"q": "SELECT Id FROM SandboxProcess"})
    assert (reply.status_code, reply.json()[0]["errorCode"]) == (400, "INVALID_TYPE")


def test_tooling_objects_are_described(api: Api) -> None:
    listed = {one["name"] for one in api.call("GET", "tooling/sobjects").json()["sobjects"]}
    assert {"EntityDefinition", "ApexClass"} <= listed
    described = api.call("GET", "tooling/sobjects/ApexClass/describe").json()
    assert described["urls"]["describe"] == f"{DATA}/tooling/sobjects/ApexClass/describe"
    assert api.call("GET", "tooling/sobjects/Lead/describe").status_code == 404


def test_apex_is_not_run_and_metadata_not_written(api: Api) -> None:
    for method, path in (("GET", "tooling/executeAnonymous"), ("POST", "tooling/sobjects/CustomField")):
        reply = api.call(method, path, {} if method == "POST" else None)
        assert (reply.status_code, reply.json()[0]["errorCode"]) == (501, "NOT_IMPLEMENTED")
        assert "not implemented by this emulator" in reply.json()[0]["message"]
