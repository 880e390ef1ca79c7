"""Facts that are documented rather than recorded, one test each; the page is named where the code keeps the rule."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ..conftest import DATA, Api
from .refusals import LOGIN, PERSON, many, token

LEAD = {"attributes": {"type": "Lead"}, **PERSON}
CONTACT = {"attributes": {"type": "Contact"}, "LastName": "x"}
MINUTE = timedelta(minutes=1)


def code_of(reply: Any) -> tuple[int, str]:
    return reply.status_code, reply.json()[0]["errorCode"]


# Collections


def test_a_collection_takes_200_records_and_no_more(api: Api) -> None:
    assert len(many(api, "POST", "Lead", *[PERSON] * 200).json()) == 200
    assert many(api, "POST", "Lead", *[PERSON] * 201).status_code == 400


def test_a_collection_takes_ten_changes_of_object_and_no_more(api: Api) -> None:
    mixed = [LEAD, CONTACT] * 6
    assert api.call("POST", "composite/sobjects", {"records": mixed[:10]}).status_code == 200
    refused = api.call("POST", "composite/sobjects", {"records": mixed})
    assert refused.status_code == 400
    assert "Cannot have more than 10 chunks in a single operation" in refused.json()[0]["message"]


def test_a_collection_is_one_call_answers_in_order_and_saves_what_is_good(api: Api) -> None:
    used = calls(api)
    results = many(api, "POST", "Lead", PERSON, {"Company": "x"}, PERSON).json()
    assert [one["success"] for one in results] == [True, False, True]
    assert calls(api) == used + 2, "one for the collection, one for asking"
    ids = ",".join(one["id"] for one in results if one["success"])
    deleted = api.call("DELETE", "composite/sobjects", params={"ids": ids, "allOrNone": "false"})
    assert [one["success"] for one in deleted.json()] == [True, True]


def calls(api: Api) -> int:
    """How many calls the org says were made, this one included."""
    header = api.call("GET", "sobjects").headers["Sforce-Limit-Info"]
    return int(re.findall(r"\d+", header)[0])


# Composite


def sub(number: int, path: str) -> dict[str, Any]:
    return {"method": "GET", "url": f"{DATA}/{path}", "referenceId": f"r{number}"}


@pytest.mark.parametrize(
    ("path", "most"), [("sobjects/Lead", 25), ("query?q=SELECT+Id+FROM+Lead", 5)], ids=["any", "queries"]
)
def test_a_composite_has_its_bounds(api: Api, path: str, most: int) -> None:
    subs = [sub(number, path) for number in range(most + 1)]
    assert api.call("POST", "composite", {"compositeRequest": subs[:most]}).status_code == 200
    assert api.call("POST", "composite", {"compositeRequest": subs}).status_code == 400


def test_a_composite_is_one_call(api: Api) -> None:
    used = calls(api)
    api.call("POST", "composite", {"compositeRequest": [sub(n, "sobjects/Lead") for n in range(25)]})
    assert calls(api) == used + 2


# Query


def test_the_size_of_a_page_is_asked_for_between_200_and_2000(demo: Api) -> None:
    def page(size: int) -> int:
        headers = {"Sforce-Query-Options": f"batchSize={size}"}
        return len(demo.query("SELECT Id FROM Lead", headers=headers)["records"])

    assert page(250) == 250
    assert page(1) >= 200


def test_query_all_shows_the_recycle_bin(api: Api) -> None:
    gone = api.create()
    api.call("DELETE", f"sobjects/Lead/{gone}")
    soql = {"q": "SELECT Id, IsDeleted FROM Lead"}
    assert api.call("GET", "query", params=soql).json()["totalSize"] == 0
    (row,) = api.call("GET", "queryAll", params=soql).json()["records"]
    assert (row["Id"], row["IsDeleted"]) == (gone, True)


def test_an_offset_beyond_2000_is_refused(api: Api) -> None:
    assert api.refusal("SELECT Id FROM Lead OFFSET 2001")[0] == "NUMBER_OUTSIDE_VALID_RANGE"


# Replication


def moment(when: datetime) -> str:
    return when.strftime("%Y-%m-%dT%H:%M:%S+00:00")


def changed(api: Api, kind: str, start: datetime, end: datetime) -> Any:
    return api.call("GET", f"sobjects/Lead/{kind}", params={"start": moment(start), "end": moment(end)})


def test_updated_and_deleted_tell_the_ids_and_how_far_they_cover(api: Api) -> None:
    kept, gone = api.create(), api.create()
    api.call("DELETE", f"sobjects/Lead/{gone}")
    api.control("clock", {"advance_seconds": 120})
    now = datetime.now(UTC)
    updated = changed(api, "updated", now - 10 * MINUTE, now + 10 * MINUTE).json()
    assert (updated["ids"], set(updated)) == ([kept], {"ids", "latestDateCovered"})
    deleted = changed(api, "deleted", now - 10 * MINUTE, now + 10 * MINUTE).json()
    assert set(deleted) == {"deletedRecords", "earliestDateAvailable", "latestDateCovered"}
    assert [one["id"] for one in deleted["deletedRecords"]] == [gone]
    assert set(deleted["deletedRecords"][0]) == {"id", "deletedDate"}


def test_a_replication_period_is_longer_than_a_minute(api: Api) -> None:
    now = datetime.now(UTC)
    assert code_of(changed(api, "updated", now, now)) == (400, "INVALID_REPLICATION_DATE")
    assert code_of(changed(api, "deleted", now - 20 * 1440 * MINUTE, now)) == (
        400,
        "INVALID_REPLICATION_DATE",
    )


# Assignment rules, and duplicates


def rule_to_sarah(api: Api) -> str:
    sarah = api.user("Sarah Bennett")
    api.control("rules", {"assignment": {"name": "All", "entries": [{"assign_to": sarah}]}})
    return sarah


@pytest.mark.parametrize(
    ("header", "assigned"), [(None, True), ("TRUE", True), ("true", True), ("FALSE", False)]
)
def test_rest_assigns_unless_told_not_to(api: Api, header: str | None, assigned: bool) -> None:
    sarah = rule_to_sarah(api)
    headers = {} if header is None else {"Sforce-Auto-Assign": header}
    made = api.call("POST", "sobjects/Lead", PERSON, headers=headers).json()["id"]
    assert (api.get(made)["OwnerId"] == sarah) is assigned


def test_rest_assigns_on_an_update_too_unless_told_not_to(api: Api) -> None:
    made = api.create()
    sarah = rule_to_sarah(api)
    api.call("PATCH", f"sobjects/Lead/{made}", {"Title": "x"}, headers={"Sforce-Auto-Assign": "FALSE"})
    assert api.get(made)["OwnerId"] != sarah
    api.call("PATCH", f"sobjects/Lead/{made}", {"Title": "y"})
    assert api.get(made)["OwnerId"] == sarah


def test_the_assignment_rule_of_leads_can_be_looked_up_and_named(api: Api) -> None:
    sarah = rule_to_sarah(api)
    (rule,) = api.records(
        "SELECT Id, Name, Active FROM AssignmentRule WHERE SobjectType = 'Lead' AND Active = true"
    )
    headers = {"Sforce-Auto-Assign": rule["Id"]}
    made = api.call("POST", "sobjects/Lead", PERSON, headers=headers).json()["id"]
    assert (rule["Name"], api.get(made)["OwnerId"]) == ("All", sarah)


@pytest.mark.parametrize(("action", "header", "saved"), [
    ("alert", "allowSave=true", True),
    ("alert", "allowSave=true; includeRecordDetails=true, runAsCurrentUser=true", True),
    ("alert", "", False),
    ("block", "allowSave=true", False),
])  # fmt: skip
def test_allow_save_overrides_alerts_and_never_blocks(
    api: Api, action: str, header: str, saved: bool
) -> None:
    api.control("rules", {"duplicate": {"object": "Lead", "action": action}})
    api.create(Email="a@b.example")
    headers = {"Sforce-Duplicate-Rule-Header": header} if header else {}
    reply = api.call("POST", "sobjects/Lead", {**PERSON, "Email": "a@b.example"}, headers=headers)
    assert (reply.status_code == 201) is saved


# Sessions


def test_a_token_comes_with_what_clients_need(api: Api) -> None:
    reply = token(api, grant_type="client_credentials", **LOGIN).json()
    assert {"access_token", "instance_url", "id", "token_type", "issued_at", "signature"} <= set(reply)
    assert (reply["token_type"], reply["instance_url"]) == ("Bearer", api.url)
    assert re.fullmatch(r"00D\w{12,15}!\S+", reply["access_token"])
    assert re.fullmatch(r"\d{13}", reply["issued_at"])
    assert "refresh_token" not in reply


def test_soap_login_is_gone_since_version_65(api: Api) -> None:
    login = (
        '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>'
        '<login xmlns="urn:partner.soap.sforce.com"><username>integration@demo.example</username>'
        "<password>demodemo</password></login></e:Body></e:Envelope>"
    )
    headers = {"Content-Type": "text/xml", "SOAPAction": "login"}
    replies = {
        version: api.session.post(f"{api.url}/services/Soap/u/{version}", login, headers=headers, timeout=10)
        for version in ("64.0", "65.0")
    }
    assert [reply.status_code for reply in replies.values()] == [200, 500]
    for key in ("sessionId", "serverUrl", "userInfo", "sessionSecondsValid", "organizationId", "userId"):
        assert f"<{key}>" in replies["64.0"].text


# Owners


def test_a_contact_cannot_belong_to_a_queue(api: Api) -> None:
    queue = api.queue("Inbound_Leads")
    reply = api.call("POST", "sobjects/Contact", {"LastName": "x", "OwnerId": queue})
    assert reply.status_code == 400
    assert api.call("POST", "sobjects/Lead", {**PERSON, "OwnerId": queue}).status_code == 201


def test_the_queues_of_leads_can_be_looked_up(api: Api) -> None:
    soql = "SELECT QueueId, Queue.Name, Queue.DeveloperName FROM QueueSobject WHERE SobjectType = 'Lead'"
    (queue,) = api.records(soql)
    assert queue["QueueId"] == api.queue("Inbound_Leads")
    assert queue["Queue"]["DeveloperName"] == "Inbound_Leads"


def test_the_owner_of_a_lead_can_be_read_by_name_and_type(api: Api) -> None:
    api.create(OwnerId=api.queue("Inbound_Leads"))
    (row,) = api.records("SELECT Owner.Name, Owner.Type FROM Lead")
    assert {k: row["Owner"][k] for k in ("Name", "Type")} == {"Name": "Inbound Leads", "Type": "Queue"}


# Field-level security


def secure(api: Api, **access: bool) -> None:
    api.control("rules", {"field_level_security": {"object": "Lead", "field": "Budget__c", **access}})


def test_a_hidden_field_is_nowhere(api: Api) -> None:
    made = api.create(Budget__c=5)
    secure(api, visible=False)
    assert "Budget__c" not in {f["name"] for f in api.call("GET", "sobjects/Lead/describe").json()["fields"]}
    assert "Budget__c" not in api.get(made)
    assert api.refusal("SELECT Budget__c FROM Lead")[0] == "INVALID_FIELD"
    assert code_of(api.call("PATCH", f"sobjects/Lead/{made}", {"Budget__c": 6})) == (400, "INVALID_FIELD")


def test_a_read_only_field_is_read_and_not_written(api: Api) -> None:
    made = api.create(Budget__c=5)
    secure(api, editable=False)
    field = next(
        f for f in api.call("GET", "sobjects/Lead/describe").json()["fields"] if f["name"] == "Budget__c"
    )
    assert (field["createable"], field["updateable"], api.get(made)["Budget__c"]) == (False, False, 5)
    reply = api.call("PATCH", f"sobjects/Lead/{made}", {"Budget__c": 6})
    assert code_of(reply) == (400, "INVALID_FIELD_FOR_INSERT_UPDATE")


def test_an_object_that_may_not_be_read_is_not_there(api: Api) -> None:
    api.control("rules", {"object_permissions": {"object": "Contact", "read": False}})
    assert "Contact" not in {s["name"] for s in api.call("GET", "sobjects").json()["sobjects"]}
    assert api.call("GET", "sobjects/Contact/describe").status_code == 404
    assert api.refusal("SELECT Id FROM Contact")[0] == "INVALID_TYPE"
