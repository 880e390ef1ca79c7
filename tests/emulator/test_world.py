"""The objects around leads and contacts, and how rows are written while somebody else holds them."""

from __future__ import annotations

import pytest

from .conftest import Api

FLAGS = ("createable", "updateable", "deletable", "mergeable", "undeletable", "feedEnabled", "mruEnabled")


def test_the_list_of_objects_has_the_recorded_flags(bare: Api) -> None:
    """As recorded from a scratch org."""
    listed = {o["name"]: o for o in bare.call("GET", "sobjects").json()["sobjects"]}
    flags = {name: [listed[name][flag] for flag in FLAGS] for name in listed}
    assert flags["Lead"] == flags["Contact"] == flags["Account"] == [True] * 7
    assert flags["Campaign"] == [True, True, True, False, True, False, True]
    assert flags["CampaignMember"] == [True, True, True, False, False, False, False]
    assert flags["OpportunityContactRole"] == [True, True, True, False, False, False, False]
    assert flags["Opportunity"] == [True, True, True, False, True, True, True]
    prefixes = {name: listed[name]["keyPrefix"] for name in listed}
    assert (prefixes["CampaignMember"], prefixes["OpportunityContactRole"]) == ("00v", "00K")
    assert {"CampaignMemberStatus", "LeadStatus", "GroupMember", "QueueSobject", "RecordType"} <= set(listed)


def test_the_statuses_of_leads_say_which_one_converts(api: Api) -> None:
    converting = api.records("SELECT MasterLabel FROM LeadStatus WHERE IsConverted = true")
    assert converting == [{"MasterLabel": "Closed - Converted"}]
    default = api.records("SELECT ApiName FROM LeadStatus WHERE IsDefault = true")
    assert default == [{"ApiName": "Open - Not Contacted"}]


def test_a_fresh_org_has_no_record_types(api: Api) -> None:
    assert api.query("SELECT Id, DeveloperName FROM RecordType WHERE SobjectType = 'Lead'")["totalSize"] == 0


def test_the_members_of_a_queue_can_be_read(api: Api) -> None:
    queue = api.queue("Inbound_Leads")
    rows = api.records(f"SELECT UserOrGroupId FROM GroupMember WHERE GroupId = '{queue}'")
    assert {row["UserOrGroupId"] for row in rows} == {api.user("Sarah Bennett"), api.user("Marco Keller")}


def test_a_task_is_closed_by_its_status_and_dates_its_lead(api: Api) -> None:
    lead = api.create()
    stamp = api.get(lead)["SystemModstamp"]
    api.control("clock", {"advance_seconds": 5})
    task = api.create("Task", Subject="Call", WhoId=lead, ActivityDate="2026-03-04")
    record = api.get(task, "Task")
    assert (record["Status"], record["Priority"], record["IsClosed"]) == ("Not Started", "Normal", False)
    assert api.get(lead)["LastActivityDate"] is None
    api.call("PATCH", f"sobjects/Task/{task}", {"Status": "Completed"})
    record = api.get(task, "Task")
    assert (record["IsClosed"], record["CompletedDateTime"]) == (True, record["SystemModstamp"])
    seen = api.get(lead)
    assert (seen["LastActivityDate"], seen["SystemModstamp"]) == ("2026-03-04", stamp)
    api.call("DELETE", f"sobjects/Task/{task}")
    assert api.get(lead)["LastActivityDate"] is None


def test_a_task_knows_the_account_of_its_contact(api: Api) -> None:
    account = api.create("Account", Name="Acme")
    contact = api.create("Contact", AccountId=account)
    task = api.create("Task", Subject="Call", WhoId=contact, WhatId=account, Priority="High")
    record = api.get(task, "Task")
    assert (record["AccountId"], record["IsHighPriority"]) == (account, True)


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"WhoId": "003Fe000000zzzz"}, "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY"),
        ({"WhoId": "001Fe000000zzzz"}, "FIELD_INTEGRITY_EXCEPTION"),
        ({"TaskSubtype": "Dance"}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"),
        ({"IsClosed": True}, "INVALID_FIELD_FOR_INSERT_UPDATE"),
    ],
)
def test_a_task_that_cannot_be_is_refused(api: Api, values: dict[str, object], code: str) -> None:
    reply = api.call("POST", "sobjects/Task", {"Subject": "Call", **values})
    assert (reply.status_code, reply.json()[0]["errorCode"]) == (400, code)


def test_a_task_of_a_lead_is_about_nothing_else(api: Api) -> None:
    lead, account = api.create(), api.create("Account", Name="Acme")
    reply = api.call("POST", "sobjects/Task", {"Subject": "Call", "WhoId": lead, "WhatId": account})
    assert reply.json()[0]["fields"] == ["WhatId"]


def test_the_stage_of_an_opportunity_says_whether_it_is_won(api: Api) -> None:
    deal = api.create("Opportunity", Name="D", StageName="Prospecting", CloseDate="2026-12-01")
    record = api.get(deal, "Opportunity")
    assert (record["IsClosed"], record["IsWon"], record["Probability"]) == (False, False, 10.0)
    api.call("PATCH", f"sobjects/Opportunity/{deal}", {"StageName": "Closed Won"})
    record = api.get(deal, "Opportunity")
    assert (record["IsClosed"], record["IsWon"], record["Probability"]) == (True, True, 100.0)
    assert record["LastStageChangeDate"] == record["SystemModstamp"]


def test_a_row_somebody_holds_cannot_be_written_until_it_is_let_go(api: Api) -> None:
    held, free = api.create(), api.create()
    api.control("lock", {"ids": [held], "seconds": 60})
    reply = api.call("PATCH", f"sobjects/Lead/{held}", {"Title": "x"})
    error = reply.json()[0]
    assert (reply.status_code, error["errorCode"]) == (500, "UNABLE_TO_LOCK_ROW")
    assert held in error["message"]
    records = [{"attributes": {"type": "Lead"}, "id": i, "Title": "y"} for i in (held, free)]
    results = api.call("PATCH", "composite/sobjects", {"records": records}).json()
    assert [result["success"] for result in results] == [False, True]
    assert api.call("DELETE", f"sobjects/Lead/{held}").json()[0]["errorCode"] == "UNABLE_TO_LOCK_ROW"
    api.control("clock", {"advance_seconds": 61})
    assert api.call("PATCH", f"sobjects/Lead/{held}", {"Title": "x"}).status_code == 204


def test_contacts_wait_for_their_account(api: Api) -> None:
    account = api.create("Account", Name="Acme")
    contact = api.create("Contact", AccountId=account)
    api.control("lock", {"ids": [account], "seconds": 60})
    assert api.call("PATCH", f"sobjects/Contact/{contact}", {"Title": "x"}).status_code == 500
    reply = api.call("POST", "sobjects/Contact", {"LastName": "V", "AccountId": account})
    assert reply.json()[0]["errorCode"] == "UNABLE_TO_LOCK_ROW"
    api.control("lock", {"ids": [account], "seconds": 0})
    assert api.call("PATCH", f"sobjects/Contact/{contact}", {"Title": "x"}).status_code == 204


def test_a_late_write_that_is_undone_never_arrives(api: Api) -> None:
    api.control("late_commit", {"seconds": 8})
    body = {"LastName": "Gone", "Company": "C"}
    base = "/services/data/v59.0/sobjects/Lead"
    subs = [
        {"referenceId": "a", "method": "POST", "url": base, "body": body},
        {"referenceId": "b", "method": "POST", "url": base, "body": {"Company": "no name"}},
    ]
    api.call("POST", "composite", {"allOrNone": True, "compositeRequest": subs})
    api.create(LastName="Kept")
    api.control("clock", {"advance_seconds": 9})
    assert api.records("SELECT LastName FROM Lead") == [{"LastName": "Kept"}]
