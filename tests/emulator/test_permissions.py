"""Object permissions of the integration user."""

from __future__ import annotations

import pytest

from syncadmin.emulator import EmulatorServer

from .conftest import DATA, Api

REFUSED = {
    "message": "insufficient access rights on object id",
    "errorCode": "INSUFFICIENT_ACCESS_OR_READONLY",
    "fields": [],
}


def permit(api: Api, **granted: bool) -> None:
    api.control("rules", {"object_permissions": [{"object": "Lead", **granted}]})


def test_an_object_that_cannot_be_read_is_not_there(api: Api) -> None:
    lead = api.create()
    permit(api, read=False)
    assert "Lead" not in {o["name"] for o in api.call("GET", "sobjects").json()["sobjects"]}
    for path in ("sobjects/Lead/describe", "sobjects/Lead", f"sobjects/Lead/{lead}"):
        reply = api.call("GET", path)
        assert (reply.status_code, reply.json()[0]["errorCode"]) == (404, "NOT_FOUND")
    code, text = api.refusal("SELECT Id FROM Lead")
    assert (code, "sObject type 'Lead' is not supported." in text) == ("INVALID_TYPE", True)
    assert api.call("GET", "limits/recordCount").json()["sObjects"][0]["name"] != "Lead"
    assert api.call("DELETE", "composite/sobjects", params={"ids": lead}).json()[0]["success"] is False
    permit(api)
    assert api.get(lead)["Id"] == lead


def test_a_relationship_to_an_object_that_cannot_be_read_is_none(api: Api) -> None:
    api.control("rules", {"object_permissions": {"object": "Account", "read": False}})
    assert "Didn't understand relationship 'Account'" in api.refusal("SELECT Account.Name FROM Contact")[1]


def test_without_create_describe_says_so_and_creating_is_refused(api: Api) -> None:
    permit(api, create=False)
    described = api.call("GET", "sobjects/Lead/describe").json()
    assert (described["createable"], described["updateable"]) == (False, True)
    assert not any(field["createable"] for field in described["fields"])
    reply = api.call("POST", "sobjects/Lead", {"LastName": "V", "Company": "C"})
    assert (reply.status_code, reply.json()) == (403, [REFUSED])
    record = {"attributes": {"type": "Lead"}, "LastName": "V", "Company": "C"}
    result = api.call("POST", "composite/sobjects", {"records": [record]}).json()[0]
    assert result["errors"][0]["statusCode"] == "INSUFFICIENT_ACCESS_OR_READONLY"


@pytest.mark.parametrize(("right", "method"), [("edit", "PATCH"), ("delete", "DELETE")])
def test_without_the_right_a_record_stays_as_it_is(api: Api, right: str, method: str) -> None:
    lead = api.create()
    permit(api, **{right: False})
    reply = api.call(method, f"sobjects/Lead/{lead}", {"Title": "x"} if method == "PATCH" else None)
    assert (reply.status_code, reply.json()) == (403, [REFUSED])
    assert api.get(lead)["Title"] is None
    flag = {"edit": "updateable", "delete": "deletable"}[right]
    listed = {o["name"]: o for o in api.call("GET", "sobjects").json()["sobjects"]}
    assert listed["Lead"][flag] is False


def test_a_sales_rep_keeps_his_rights(api: Api) -> None:
    lead = api.create()
    permit(api, edit=False)
    reply = api.session.post(f"{api.url}/emulator/records/Lead/{lead}", data={"Title": "x"}, timeout=10)
    assert reply.status_code == 200
    assert api.get(lead)["Title"] == "x"


def test_a_change_of_permissions_moves_last_modified(api: Api) -> None:
    before = api.call("GET", "sobjects/Lead/describe").headers["Last-Modified"]
    api.control("clock", {"advance_seconds": 5})
    permit(api, edit=False)
    assert api.call("GET", "sobjects/Lead/describe", headers={"If-Modified-Since": before}).status_code == 200


def test_permissions_are_shown_kept_and_checked(api: Api, tmp_path: object) -> None:
    permit(api, delete=False)
    shown = api.control("rules", None, "GET")["object_permissions"]
    assert [(p["object"], p["read"], p["delete"]) for p in shown] == [("Lead", True, False)]
    for body in ({"object": "Lead", "write": False}, {"object": "Nothing"}):
        assert api.call("POST", "/emulator/rules", {"object_permissions": body}).status_code == 400
    path = f"{tmp_path}/org.sqlite3"
    with EmulatorServer(seed="empty", data=path) as first:
        permit(Api(first), read=False)
    with EmulatorServer(data=path) as second:
        assert Api(second).call("GET", "sobjects/Lead/describe").status_code == 404


def test_a_composite_says_it_too(api: Api) -> None:
    permit(api, read=False)
    sub = {"referenceId": "a", "method": "GET", "url": f"{DATA}/query?q=SELECT+Id+FROM+Lead"}
    reply = api.call("POST", "composite", {"compositeRequest": [sub]}).json()["compositeResponse"][0]
    assert (reply["httpStatusCode"], reply["body"][0]["errorCode"]) == (400, "INVALID_TYPE")
