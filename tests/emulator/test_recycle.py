"""What goes into the recycle bin with a record, what comes out, and what is gone for good."""

from __future__ import annotations

from .conftest import DATA, Api


def family(api: Api) -> tuple[str, str, str]:
    """An account, its contact, and a task of that."""
    account = api.create("Account", Name="Acme")
    contact = api.create("Contact", AccountId=account)
    return account, contact, api.create("Task", Subject="Call", WhoId=contact)


def deleted_ids(api: Api, sobject: str) -> set[str]:
    return {r["Id"] for r in api.org.query_all(f"SELECT Id FROM {sobject} WHERE IsDeleted = true")}


def test_what_belongs_to_an_account_goes_and_comes_with_it(api: Api) -> None:
    account, contact, task = family(api)
    api.create("Opportunity", Name="D", StageName="Prospecting", CloseDate="2026-12-01", AccountId=account)
    assert api.call("DELETE", f"sobjects/Account/{account}").status_code == 204
    assert deleted_ids(api, "Contact") == {contact}
    assert deleted_ids(api, "Task") == {task}
    assert api.query("SELECT COUNT() FROM Opportunity")["totalSize"] == 0
    assert api.control("undelete", {"ids": [account]})["results"] == [{"id": account, "success": True}]
    assert api.get(contact, "Contact")["AccountId"] == account
    assert api.query("SELECT COUNT() FROM Opportunity")["totalSize"] == 1


def test_what_was_deleted_before_stays_deleted(api: Api) -> None:
    account, contact, _ = family(api)
    api.call("DELETE", f"sobjects/Contact/{contact}")
    api.control("clock", {"advance_seconds": 5})
    api.call("DELETE", f"sobjects/Account/{account}")
    api.control("undelete", {"ids": [account]})
    assert deleted_ids(api, "Contact") == {contact}


def test_only_what_is_in_the_bin_comes_out(api: Api) -> None:
    lead = api.create()
    assert api.control("undelete", {"ids": [lead]})["results"] == [{"id": lead, "success": False}]


def test_undelete_moves_the_stamp(api: Api) -> None:
    lead = api.create()
    api.call("DELETE", f"sobjects/Lead/{lead}")
    api.control("clock", {"advance_seconds": 5})
    api.control("undelete", {"ids": [lead]})
    record = api.get(lead)
    assert (record["IsDeleted"], record["SystemModstamp"] > record["CreatedDate"]) == (False, True)


def test_a_hard_deleted_record_is_gone_but_listed_as_deleted(api: Api) -> None:
    lead = api.create()
    start = api.org.state.clock.now().strftime("%Y-%m-%dT%H:%M:00Z")
    api.control("hard_delete", {"ids": [lead]})
    assert api.org.query_all("SELECT Id FROM Lead") == []
    assert api.call("GET", f"sobjects/Lead/{lead}").status_code == 404
    for method, body in (("PATCH", {"Title": "x"}), ("DELETE", None)):
        reply = api.call(method, f"sobjects/Lead/{lead}", body)
        assert (reply.status_code, reply.json()[0]["errorCode"]) == (404, "ENTITY_IS_DELETED")
    api.control("clock", {"advance_seconds": 120})
    end = api.org.state.clock.now().strftime("%Y-%m-%dT%H:%M:00Z")
    listed = api.call("GET", f"{DATA}/sobjects/Lead/deleted?start={start}&end={end}").json()
    assert [one["id"] for one in listed["deletedRecords"]] == [lead]


def test_an_id_is_never_given_out_twice(api: Api) -> None:
    lead = api.create()
    api.control("hard_delete", {"ids": [lead]})
    api.org.state._counters.clear()  # as after a restart
    assert api.create() != lead


def test_a_member_leaves_the_campaign_with_its_lead(api: Api) -> None:
    campaign, lead = api.create("Campaign", Name="Summit"), api.create()
    api.create("CampaignMember", CampaignId=campaign, LeadId=lead)
    api.call("DELETE", f"sobjects/Lead/{lead}")
    assert api.get(campaign, "Campaign")["NumberOfLeads"] == 0
    api.control("undelete", {"ids": [lead]})
    assert api.get(campaign, "Campaign")["NumberOfLeads"] == 1


def test_a_unique_value_is_free_while_its_record_is_deleted(api: Api) -> None:
    old = api.create(External_Key__c="k")
    api.call("DELETE", f"sobjects/Lead/{old}")
    new = api.create(External_Key__c="k")
    assert api.control("undelete", {"ids": [old]})["results"] == [{"id": old, "success": False}]
    api.call("DELETE", f"sobjects/Lead/{new}")
    assert api.control("undelete", {"ids": [old]})["results"] == [{"id": old, "success": True}]
