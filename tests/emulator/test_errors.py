"""What the org refuses, and how it says so. The bodies are those of recorded or quoted live calls."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Api

BASE = {"LastName": "Vogel", "Company": "Acme"}
SINGLE: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    (
        "required fields are listed by API name",
        {"Company": "Acme"},
        {
            "message": "Required fields are missing: [LastName]",
            "errorCode": "REQUIRED_FIELD_MISSING",
            "fields": ["LastName"],
        },
    ),
    (
        "an unknown field has no fields key",
        {**BASE, "AccountNumer": "1"},
        {"message": "No such column 'AccountNumer' on sobject of type Lead", "errorCode": "INVALID_FIELD"},
    ),
    (
        "a field that isn't for writing",
        {**BASE, "MasterRecordId": "00Q000000000001"},
        {
            "message": "Unable to create/update fields: MasterRecordId. Please check the security settings of this"
            " field and verify that it is read/write for your profile or permission set.",
            "errorCode": "INVALID_FIELD_FOR_INSERT_UPDATE",
            "fields": ["MasterRecordId"],
        },
    ),
    (
        "an e-mail that is none, named by the label",
        {**BASE, "Secondary_Email__c": "badone"},
        {
            "message": "Secondary Email: invalid email address: badone",
            "errorCode": "INVALID_EMAIL_ADDRESS",
            "fields": ["Secondary_Email__c"],
        },
    ),
    (
        "a text that is too long",
        {**BASE, "City": "x" * 41},
        {
            "message": f"City: data value too large: {'x' * 41} (max length=40)",
            "errorCode": "STRING_TOO_LONG",
            "fields": ["City"],
        },
    ),
    (
        "a value a restricted picklist doesn't have",
        {**BASE, "Region__c": "Moon"},
        {
            "message": "Region: bad value for restricted picklist field: Moon",
            "errorCode": "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            "fields": ["Region__c"],
        },
    ),
    (
        "a record can't be without an owner",
        {**BASE, "OwnerId": None},
        {
            "message": "Owner ID: owner cannot be blank",
            "errorCode": "INVALID_CROSS_REFERENCE_KEY",
            "fields": ["OwnerId"],
        },
    ),
    (
        "an id of another object",
        {**BASE, "Partner__c": "005Fe0000000001IAA"},
        {
            "message": "Partner: id value of incorrect type: 005Fe0000000001IAA",
            "errorCode": "FIELD_INTEGRITY_EXCEPTION",
            "fields": ["Partner__c"],
        },
    ),
    (
        "a lookup to nowhere shows the id with 15 characters",
        {**BASE, "Partner__c": "001Fe000000zzzz"},
        {
            "message": "insufficient access rights on cross-reference id: 001Fe000000zzzz",
            "errorCode": "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY",
            "fields": [],
        },
    ),
]


@pytest.mark.parametrize(("rule", "body", "error"), SINGLE, ids=[row[0] for row in SINGLE])
def test_single_create_is_refused(api: Api, rule: str, body: dict[str, Any], error: dict[str, Any]) -> None:
    reply = api.call("POST", "sobjects/Lead", body)
    assert reply.status_code == 400
    assert reply.json() == [error]
    assert list(reply.json()[0]) == list(error)


@pytest.mark.parametrize(("rule", "body", "error"), SINGLE, ids=[row[0] for row in SINGLE])
def test_collection_says_the_same_per_record(
    api: Api, rule: str, body: dict[str, Any], error: dict[str, Any]
) -> None:
    record = {"attributes": {"type": "Lead"}, **body}
    reply = api.call("POST", "composite/sobjects", {"records": [record]})
    expected = {
        "statusCode": error["errorCode"],
        "message": error["message"],
        "fields": error.get("fields", []),
    }
    assert reply.status_code == 200
    assert reply.json() == [{"success": False, "errors": [expected]}]
    assert list(reply.json()[0]["errors"][0]) == ["statusCode", "message", "fields"]


NOT_FOUND = [{"errorCode": "NOT_FOUND", "message": "The requested resource does not exist"}]
DELETED = [{"message": "entity is deleted", "errorCode": "ENTITY_IS_DELETED", "fields": []}]
NEVER = [{"message": "invalid cross reference id", "errorCode": "INVALID_CROSS_REFERENCE_KEY"}]
NO_KEY = [
    {
        "message": "Provided external ID field does not exist or is not accessible: 23foo",
        "errorCode": "NOT_FOUND",
    }
]


def test_a_deleted_record_is_not_found_when_read_and_deleted_when_written(api: Api) -> None:
    gone = api.create()
    assert api.call("DELETE", f"sobjects/Lead/{gone}").status_code == 204
    read = api.call("GET", f"sobjects/Lead/{gone}")
    assert (read.status_code, read.json()) == (404, NOT_FOUND)
    assert list(read.json()[0]) == ["errorCode", "message"]
    for method, body in (("PATCH", {"Title": "x"}), ("DELETE", None)):
        reply = api.call(method, f"sobjects/Lead/{gone}", body)
        assert (reply.status_code, reply.json()) == (404, DELETED)


def test_an_id_that_never_was_is_an_invalid_cross_reference(api: Api) -> None:
    for method, body in (("PATCH", {"Title": "x"}), ("DELETE", None)):
        reply = api.call(method, "sobjects/Lead/00QFe000000zzzz", body)
        assert (reply.status_code, reply.json()) == (404, NEVER)


def test_something_that_is_no_id_is_taken_for_an_external_id(api: Api) -> None:
    reply = api.call("GET", "sobjects/Lead/23foo")
    assert (reply.status_code, reply.json()) == (404, NO_KEY)


def test_an_unknown_object_or_resource_is_not_found(api: Api) -> None:
    for path in ("sobjects/Foo", "sobjects/Foo/describe", "nowhere"):
        reply = api.call("GET", path)
        assert (reply.status_code, reply.json()) == (404, NOT_FOUND)


def test_a_method_that_is_not_allowed_is_named(api: Api) -> None:
    reply = api.call("PUT", "sobjects/Lead/00QFe0000000001MAA")
    assert (reply.status_code, reply.json()[0]["errorCode"]) == (405, "METHOD_NOT_ALLOWED")
    assert "HTTP Method 'PUT' not allowed. Allowed are HEAD,GET,PATCH" in reply.json()[0]["message"]


def test_a_converted_lead_can_be_read_and_deleted_but_not_changed(api: Api) -> None:
    lead = api.create()
    api.control("convert", {"lead_id": lead})
    single = api.call("PATCH", f"sobjects/Lead/{lead}", {"Title": "x"})
    assert (single.status_code, single.json()) == (
        400,
        [
            {
                "message": "cannot reference converted lead",
                "errorCode": "CANNOT_UPDATE_CONVERTED_LEAD",
                "fields": [],
            }
        ],
    )
    record = {"attributes": {"type": "Lead"}, "id": lead, "Title": "x"}
    assert api.call("PATCH", "composite/sobjects", {"records": [record]}).json() == [
        {
            "success": False,
            "errors": [
                {
                    "statusCode": "CANNOT_UPDATE_CONVERTED_LEAD",
                    "message": "cannot reference converted lead",
                    "fields": [],
                }
            ],
        }
    ]
    assert api.get(lead)["IsConverted"] is True
    assert api.call("DELETE", f"sobjects/Lead/{lead}").status_code == 204


def test_unique_fields_name_the_other_record_with_15_characters(api: Api) -> None:
    first = api.create(External_Key__c="A1")
    reply = api.call("POST", "sobjects/Lead", {**BASE, "External_Key__c": "a1"})
    assert (reply.status_code, reply.json()) == (
        400,
        [
            {
                "message": f"duplicate value found: External_Key__c duplicates value on record with id: {first[:15]}",
                "errorCode": "DUPLICATE_VALUE",
                "fields": [],
            }
        ],
    )
    assert api.call("PATCH", f"sobjects/Lead/{first}", {"External_Key__c": "A1"}).status_code == 204


def test_a_required_field_cannot_be_emptied(api: Api) -> None:
    lead = api.create()
    reply = api.call("PATCH", f"sobjects/Lead/{lead}", {"Company": " ", "LastName": None})
    assert reply.json()[0]["message"] == "Required fields are missing: [LastName, Company]"
    assert api.call("PATCH", f"sobjects/Lead/{lead}", {"Title": "x"}).status_code == 204


def test_json_that_cannot_be_read_is_a_parser_error(api: Api) -> None:
    reply = api.session.post(f"{api.url}/services/data/v59.0/sobjects/Lead", data="{", timeout=10)
    assert (reply.status_code, reply.json()[0]["errorCode"]) == (400, "JSON_PARSER_ERROR")


def test_setup_objects_cannot_be_written(api: Api) -> None:
    assert api.call("POST", "sobjects/User", {"LastName": "x"}).status_code == 405


def test_retired_and_future_versions_are_gone_or_unknown(api: Api) -> None:
    assert api.call("GET", "/services/data/v20.0/limits").status_code == 410
    assert api.call("GET", "/services/data/v99.0/limits").status_code == 404
