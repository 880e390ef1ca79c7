"""Field-level security: what the integration user doesn't see isn't there for it."""

from __future__ import annotations

from .conftest import Api


def described(api: Api) -> dict[str, dict[str, object]]:
    return {f["name"]: f for f in api.call("GET", "sobjects/Lead/describe").json()["fields"]}


def test_a_hidden_field_is_absent_everywhere(api: Api) -> None:
    lead = api.create()
    assert "Secret_Notes__c" not in described(api)
    assert "Secret_Notes__c" not in api.get(lead)
    assert api.refusal("SELECT Secret_Notes__c FROM Lead")[0] == "INVALID_FIELD"
    reply = api.call("PATCH", f"sobjects/Lead/{lead}", {"Secret_Notes__c": "x"})
    assert reply.json() == [
        {"message": "No such column 'Secret_Notes__c' on sobject of type Lead", "errorCode": "INVALID_FIELD"}
    ]


def test_a_read_only_field_is_readable_and_not_writable(api: Api) -> None:
    field = described(api)["Credit_Limit__c"]
    assert (field["createable"], field["updateable"]) == (False, False)
    reply = api.call("PATCH", f"sobjects/Lead/{api.create()}", {"Credit_Limit__c": 1})
    assert reply.json()[0]["errorCode"] == "INVALID_FIELD_FOR_INSERT_UPDATE"


def test_rules_hide_and_show_standard_fields_too(api: Api) -> None:
    rule = {"object": "Lead", "field": "HasOptedOutOfEmail"}
    assert "HasOptedOutOfEmail" in described(api)
    api.control("rules", {"field_level_security": {**rule, "visible": False}})
    assert "HasOptedOutOfEmail" not in described(api)
    api.control("rules", {"field_level_security": {**rule, "visible": True}})
    assert "HasOptedOutOfEmail" in described(api)


def test_fields_that_are_not_permissionable_cannot_be_hidden(api: Api) -> None:
    api.control("rules", {"field_level_security": {"object": "Lead", "field": "LastName", "visible": False}})
    assert "LastName" in described(api)


def test_the_rule_of_another_user_does_not_matter(api: Api) -> None:
    rule = {"object": "Lead", "field": "Title", "visible": False, "user": "sarah.bennett@demo.example"}
    api.control("rules", {"field_level_security": rule})
    assert "Title" in described(api)


def test_a_change_of_security_moves_last_modified(api: Api) -> None:
    before = api.call("GET", "sobjects/Lead/describe").headers["Last-Modified"]
    unchanged = api.call("GET", "sobjects/Lead/describe", headers={"If-Modified-Since": before})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    api.control("clock", {"advance_seconds": 5})
    api.control("rules", {"field_level_security": {"object": "Lead", "field": "Title", "visible": False}})
    assert api.call("GET", "sobjects/Lead/describe", headers={"If-Modified-Since": before}).status_code == 200
