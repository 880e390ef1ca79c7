"""Merging leads, contacts and accounts."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Api


def merge(api: Api, sobject: str, master: str, *losers: str, **values: Any) -> Any:
    body = {"object": sobject, "master": master, "losers": list(losers), "values": values}
    return api.call("POST", "/emulator/merge", body)


def loser_of(api: Api, sobject: str, record_id: str) -> tuple[bool, str]:
    soql = f"SELECT IsDeleted, MasterRecordId FROM {sobject} WHERE Id = '{record_id}'"
    record = api.org.query_all(soql)[0]
    return record["IsDeleted"], record["MasterRecordId"]


def test_tasks_and_memberships_go_to_the_master(api: Api) -> None:
    master, loser, campaign = api.create(), api.create(), api.create("Campaign", Name="Summit")
    task = api.create("Task", Subject="Call", WhoId=loser)
    member = api.create("CampaignMember", CampaignId=campaign, LeadId=loser)
    assert merge(api, "Lead", master, loser, Title="Both").status_code == 200
    assert loser_of(api, "Lead", loser) == (True, master)
    assert api.get(task, "Task")["WhoId"] == master
    record = api.get(member, "CampaignMember")
    assert (record["LeadId"], record["LeadOrContactId"]) == (master, master)
    assert (api.get(master)["Title"], api.get(campaign, "Campaign")["NumberOfLeads"]) == ("Both", 1)


def test_the_master_stays_a_member_once(api: Api) -> None:
    master, loser, campaign = api.create(), api.create(), api.create("Campaign", Name="Summit")
    for lead in (master, loser):
        api.create("CampaignMember", CampaignId=campaign, LeadId=lead)
    merge(api, "Lead", master, loser)
    assert api.records("SELECT LeadId FROM CampaignMember") == [{"LeadId": master}]
    assert api.get(campaign, "Campaign")["NumberOfLeads"] == 1


def test_the_contacts_of_an_account_go_to_the_master(api: Api) -> None:
    master, loser = api.create("Account", Name="A"), api.create("Account", Name="B")
    contact = api.create("Contact", AccountId=loser)
    before = api.get(contact, "Contact")["SystemModstamp"]
    api.control("clock", {"advance_seconds": 5})
    merge(api, "Account", master, loser)
    record = api.get(contact, "Contact")
    assert (record["AccountId"], record["SystemModstamp"] > before) == (master, True)


def test_custom_lookups_follow_too(api: Api) -> None:
    master, loser = api.create("Account", Name="A"), api.create("Account", Name="B")
    lead = api.create(Partner__c=loser)
    merge(api, "Account", master, loser)
    assert api.get(lead)["Partner__c"] == master


def test_two_losers_at_most_and_never_the_master_itself(api: Api) -> None:
    leads = [api.create() for _ in range(4)]
    for losers in ((), leads[1:], leads[:1]):
        assert merge(api, "Lead", leads[0], *losers).status_code == 400
    assert merge(api, "Lead", *leads[:3]).status_code == 200


def test_values_the_master_could_not_have_are_refused_and_nothing_is_merged(api: Api) -> None:
    master, loser = api.create(), api.create()
    reply = merge(api, "Lead", master, loser, Email="nonsense")
    assert reply.json()[0]["errorCode"] == "INVALID_EMAIL_ADDRESS"
    reply = merge(api, "Lead", master, loser, LastName=None)
    assert reply.json()[0]["errorCode"] == "REQUIRED_FIELD_MISSING"
    assert api.get(loser)["IsDeleted"] is False


@pytest.mark.parametrize("sobject", ["Campaign", "Task"])
def test_other_objects_cannot_be_merged(api: Api, sobject: str) -> None:
    values = {"Campaign": {"Name": "X"}, "Task": {"Subject": "X"}}[sobject]
    master, loser = api.create(sobject, **values), api.create(sobject, **values)
    assert merge(api, sobject, master, loser).json()[0]["errorCode"] == "INVALID_TYPE"


def test_a_loser_can_be_undeleted_and_is_a_record_of_its_own_then(api: Api) -> None:
    master, loser = api.create(), api.create()
    merge(api, "Lead", master, loser)
    api.control("undelete", {"ids": [loser]})
    assert loser_of(api, "Lead", loser) == (False, None)


def test_a_converted_lead_cannot_be_merged(api: Api) -> None:
    master, loser = api.create(), api.create()
    api.control("convert", {"lead_id": loser})
    reply = merge(api, "Lead", master, loser)
    assert reply.json()[0]["errorCode"] == "CANNOT_UPDATE_CONVERTED_LEAD"
    assert not api.get(loser)["IsDeleted"]
