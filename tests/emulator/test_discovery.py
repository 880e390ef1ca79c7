"""Looking around in an org: versions, resources, layouts, recent records, passwords."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from .conftest import DATA, Api


@pytest.mark.parametrize(
    ("version", "status"), [("v30.0", 410), ("v31.0", 200), ("v68.0", 200), ("v69.0", 404)]
)
def test_versions_that_are_retired_or_not_out_yet_are_not_there(api: Api, version: str, status: int) -> None:
    assert api.call("GET", f"/services/data/{version}/limits").status_code == status


def test_every_resource_that_is_listed_answers(api: Api) -> None:
    listed = api.call("GET", f"{DATA}/").json()
    assert listed.pop("identity").startswith(f"{api.url}/id/00D")
    listed.pop("jobs")  # a folder: only what lies in it answers (from memory)
    for name, url in listed.items():
        reply = api.call("GET", url)
        assert reply.status_code not in (404, 501), (name, reply.text)


def test_a_resource_that_only_orgs_have_says_so(api: Api) -> None:
    for path in ("tabs", "theme", "chatter/feeds", "ui-api/records", "actions/standard", "wave"):
        reply = api.call("GET", path)
        assert reply.status_code == 501
        assert "not implemented by this emulator" in reply.json()[0]["message"]
    assert api.call("GET", "nonsense").status_code == 404


def test_the_records_seen_last_come_first(api: Api) -> None:
    api.create(LastName="First")
    api.control("clock", {"advance_seconds": 5})
    contact = api.create("Contact", LastName="Second")
    found = api.call("GET", "recent", params={"limit": 1}).json()
    assert found == [
        {
            "attributes": {"type": "Contact", "url": f"{DATA}/sobjects/Contact/{contact}"},
            "Id": contact,
            "Name": "Second",
        }
    ]


def test_a_layout_has_the_fields_the_user_sees(api: Api) -> None:
    api.control("rules", {"field_level_security": {"object": "Lead", "field": "Industry", "visible": False}})
    body = api.call("GET", "sobjects/Lead/describe/layouts").json()
    assert [one["layoutId"] for one in body["recordTypeMappings"]] == [body["layouts"][0]["id"]]
    rows = body["layouts"][0]["detailLayoutSections"][0]["layoutRows"]
    shown = {item["layoutComponents"][0]["value"] for row in rows for item in row["layoutItems"]}
    assert shown == {f["name"] for f in api.call("GET", "sobjects/Lead/describe").json()["fields"]}
    required = {i["layoutComponents"][0]["value"] for r in rows for i in r["layoutItems"] if i["required"]}
    assert {"LastName", "Company"} <= required
    single = api.call("GET", body["recordTypeMappings"][0]["urls"]["layout"]).json()
    assert single == body["layouts"][0]
    assert api.call("GET", "sobjects/Lead/describe/layouts/012Fe0000000001AAA").status_code == 404
    assert api.call("GET", "sobjects/Nothing/describe/layouts").status_code == 404


def test_an_org_without_list_views_and_quick_actions_lists_none(api: Api) -> None:
    assert api.call("GET", "sobjects/Lead/listviews").json()["listviews"] == []
    assert api.call("GET", "sobjects/Lead/quickActions").json() == []
    layouts = api.call("GET", "sobjects/Lead/describe/compactLayouts").json()
    assert layouts["compactLayouts"][0]["fieldItems"][0]["label"] == "Full Name"


def test_a_password_that_is_set_is_the_one_that_logs_in(api: Api) -> None:
    me = api.user("Integration User")
    path = f"sobjects/User/{me}/password"
    assert api.call("GET", path).json() == {"isExpired": False}
    assert api.call("POST", path, {"NewPassword": "secret"}).status_code == 204
    assert api.call("POST", path, {}).json()[0]["errorCode"] == "INVALID_NEW_PASSWORD"
    form = {"grant_type": "password", "client_id": "demo", "client_secret": "demo"}
    form["username"] = "integration@demo.example"
    found = [
        requests.post(f"{api.url}/services/oauth2/token", data=form | {"password": p}, timeout=10).status_code
        for p in ("demodemo", "secretdemo")
    ]
    assert found == [400, 200]
    assert api.call("DELETE", path).json()["NewPassword"] != "secret"
    assert api.call("GET", "sobjects/User/005Fe00000000zzMAA/password").status_code == 404


def test_the_org_says_what_it_is(api: Api) -> None:
    soql = (
        "SELECT Name, InstanceName, IsSandbox, TrialExpirationDate, NamespacePrefix, OrganizationType,"
        " LanguageLocaleKey, DefaultLocaleSidKey, TimeZoneSidKey, DefaultLeadAccess, FiscalYearStartMonth"
        " FROM Organization"
    )
    assert api.records(soql) == [
        {
            "Name": "Demo Org",
            "InstanceName": "DEMO1",
            "IsSandbox": True,
            "TrialExpirationDate": None,
            "NamespacePrefix": None,
            "OrganizationType": "Developer Edition",
            "LanguageLocaleKey": "en_US",
            "DefaultLocaleSidKey": "en_US",
            "TimeZoneSidKey": "GMT",
            "DefaultLeadAccess": "ReadEditTransfer",
            "FiscalYearStartMonth": 1,
        }
    ]


def test_every_user_has_a_profile_and_the_permission_set_of_it(api: Api) -> None:
    users = api.query("SELECT Id, Profile.Name FROM User WHERE Username = 'integration@demo.example'")
    assert users["records"][0]["Profile"]["Name"] == "System Administrator"
    assert (
        api.query("SELECT COUNT() FROM User")["totalSize"]
        == (api.query("SELECT COUNT() FROM PermissionSetAssignment")["totalSize"])
    )
    soql = (
        "SELECT PermissionSet.Profile.Name FROM PermissionSetAssignment WHERE Assignee.Name = 'Sarah Bennett'"
    )
    found = api.query(soql)["records"]
    assert found[0]["PermissionSet"]["Profile"]["Name"] == "Standard User"


def columns(api: Api, soql: str) -> dict[str, Any]:
    reply = api.call("GET", "query", params={"q": soql, "columns": "true"})
    assert reply.status_code == 200, reply.text
    return dict(reply.json())


def test_a_query_says_its_columns_when_asked(api: Api) -> None:
    body = columns(api, "SELECT Id, l.Email, Owner.Name, Owner.Id, NumberOfEmployees FROM Lead l")
    assert (body["entityName"], body["keyPrefix"], body["idSelected"], body["groupBy"]) == (
        "Lead",
        "00Q",
        True,
        False,
    )
    names = [
        (one["columnName"], [j["columnName"] for j in one["joinColumns"]]) for one in body["columnMetadata"]
    ]
    assert names == [("Id", []), ("Email", []), ("Owner", ["Name", "Id"]), ("NumberOfEmployees", [])]


def test_grouped_and_nested_queries_say_their_columns_too(api: Api) -> None:
    grouped = columns(api, "SELECT Status, COUNT(Id), MAX(CreatedDate) latest FROM Lead GROUP BY Status")
    assert [(c["columnName"], c["displayName"], c["aggregate"]) for c in grouped["columnMetadata"]] == [
        ("Status", "Status", False),
        ("expr0", "COUNT(Id)", True),
        ("latest", "MAX(CreatedDate)", True),
    ]
    nested = columns(api, "SELECT Name, (SELECT LastName FROM Contacts) FROM Account")["columnMetadata"][1]
    assert (nested["columnName"], nested["aggregate"]) == ("Contacts", True)
    assert [one["columnName"] for one in nested["joinColumns"]] == ["LastName"]


def test_a_plain_count_has_no_columns_and_fields_all_has_every_one(api: Api) -> None:
    assert columns(api, "SELECT COUNT() FROM Lead")["columnMetadata"] == []
    found = columns(api, "SELECT FIELDS(ALL) FROM Lead LIMIT 200")["columnMetadata"]
    described = api.call("GET", "sobjects/Lead/describe").json()["fields"]
    assert {one["columnName"] for one in found} == {one["name"] for one in described}


def test_columns_of_a_bad_query_are_refused(api: Api) -> None:
    reply = api.call("GET", "query", params={"q": "SELECT Nope FROM Lead", "columns": "true"})
    assert (reply.status_code, reply.json()[0]["errorCode"]) == (400, "INVALID_FIELD")


def test_objects_without_a_recycle_bin_are_listed_as_updated(api: Api) -> None:
    start = api.org.state.clock.now().strftime("%Y-%m-%dT%H:%M:00Z")
    api.control("clock", {"advance_seconds": 120})
    end = api.org.state.clock.now().strftime("%Y-%m-%dT%H:%M:00Z")
    period = {"start": start, "end": end}
    listed = api.call("GET", "sobjects/User/updated", params=period).json()["ids"]
    assert api.user("Sarah Bennett") in listed
    assert api.call("GET", "sobjects/User/deleted", params=period).json()["deletedRecords"] == []
