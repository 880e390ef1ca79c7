"""A JSON value of the wrong type spoils the whole request, as quoted from live calls."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import DATA, Api

BODY = {"LastName": "V", "Company": "C"}


def expected(kind: str, token: str, shown: str) -> str:
    return (
        f"Cannot deserialize instance of {kind} from {token} value {shown}"
        " or request may be missing a required field at [line:1, column:"
    )


@pytest.mark.parametrize(
    ("field", "value", "kind", "token", "shown"),
    [
        ("Renewal_Date__c", "01/02/2026", "date", "VALUE_STRING", "01/02/2026"),
        ("Renewal_Date__c", "2017-05-30T-06:00:00X", "date", "VALUE_STRING", "2017-05-30T-06:00:00X"),
        ("Last_Webinar__c", "2017-10-17 00:00:00", "datetime", "VALUE_STRING", "2017-10-17 00:00:00"),
        ("Budget__c", "much", "currency", "VALUE_STRING", "much"),
        ("VIP__c", "FALSE", "boolean", "VALUE_STRING", "FALSE"),
        ("VIP__c", None, "boolean", "VALUE_NULL", "null"),
        ("NumberOfEmployees", "a few", "int", "VALUE_STRING", "a few"),
        ("Title", {"a": 1}, "string", "START_OBJECT", "{"),
    ],
)
def test_the_message_names_type_token_and_value(
    api: Api, field: str, value: Any, kind: str, token: str, shown: str
) -> None:
    reply = api.call("POST", "sobjects/Lead", {**BODY, field: value})
    error = reply.json()[0]
    assert (reply.status_code, list(error), error["errorCode"]) == (
        400,
        ["message", "errorCode"],
        "JSON_PARSER_ERROR",
    )
    assert error["message"].startswith(expected(kind, token, shown))


def test_the_message_says_where_the_value_stands(api: Api) -> None:
    text = '{"LastName": "V",\n "Company": "C",\n "Renewal_Date__c": "soon"}'
    head = {"Content-Type": "application/json"}
    reply = api.session.post(f"{api.url}{DATA}/sobjects/Lead", data=text, headers=head, timeout=10)
    assert reply.json()[0]["message"].endswith("at [line:3, column:22]")


def test_a_collection_fails_as_a_whole(api: Api) -> None:
    good = {"attributes": {"type": "Lead"}, **BODY}
    reply = api.call("POST", "composite/sobjects", {"records": [good, {**good, "Budget__c": "x"}]})
    assert (reply.status_code, reply.json()[0]["errorCode"]) == (400, "JSON_PARSER_ERROR")
    assert api.query("SELECT COUNT() FROM Lead")["totalSize"] == 0


def test_in_a_composite_only_its_subrequest_fails(api: Api) -> None:
    url = f"{DATA}/sobjects/Lead"
    subs = [
        {"referenceId": "a", "method": "POST", "url": url, "body": BODY},
        {"referenceId": "b", "method": "POST", "url": url, "body": {**BODY, "VIP__c": "yes"}},
    ]
    replies = api.call("POST", "composite", {"compositeRequest": subs}).json()["compositeResponse"]
    assert [reply["httpStatusCode"] for reply in replies] == [201, 400]
    assert replies[1]["body"][0]["errorCode"] == "JSON_PARSER_ERROR"


@pytest.mark.parametrize(
    ("field", "value", "kept"),
    [
        ("Renewal_Date__c", "2026-05-30T06:00:00Z", "2026-05-30"),
        ("Last_Webinar__c", "2026-05-30", "2026-05-30T00:00:00.000+0000"),
        ("Last_Webinar__c", "2026-05-30T06:00:00+0200", "2026-05-30T04:00:00.000+0000"),
        ("Budget__c", "12.345", 12.35),
        ("Budget__c", 0.125, 0.13),
        ("Lead_Score__c", 7, 7.0),
        ("Title", 5, "5"),
    ],
)
def test_what_can_be_read_is_taken(api: Api, field: str, value: Any, kept: Any) -> None:
    assert api.get(api.create(**{field: value}))[field] == kept
