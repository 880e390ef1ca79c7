"""Converting leads."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Api


def refusal(api: Api, **wishes: Any) -> tuple[str, str]:
    reply = api.call("POST", "/emulator/convert", wishes)
    assert reply.status_code >= 400, reply.text
    error = reply.json()[0]
    return error["errorCode"], error["message"]


def test_a_lead_becomes_an_account_a_contact_and_an_opportunity(api: Api) -> None:
    lead = api.create(FirstName="Ute", Company="Acme", City="Bonn", LeadSource="Web", Industry="Energy")
    done = api.control("convert", {"lead_id": lead})
    account, contact = api.get(done["account_id"], "Account"), api.get(done["contact_id"], "Contact")
    deal = api.get(done["opportunity_id"], "Opportunity")
    assert (account["Name"], account["BillingCity"], account["Industry"]) == ("Acme", "Bonn", "Energy")
    assert (contact["Name"], contact["MailingCity"], contact["LeadSource"]) == ("Ute Vogel", "Bonn", "Web")
    assert (deal["Name"], deal["StageName"], deal["AccountId"]) == (
        "Acme-",
        "Prospecting",
        done["account_id"],
    )
    roles = api.records("SELECT ContactId, IsPrimary FROM OpportunityContactRole")
    assert roles == [{"ContactId": done["contact_id"], "IsPrimary": True}]
    record = api.get(lead)
    assert record["ConvertedOpportunityId"] == done["opportunity_id"]
    assert (record["IsConverted"], record["ConvertedDate"]) == (True, record["SystemModstamp"][:10])


def test_the_contact_is_a_second_older_than_the_stamp_of_the_lead(api: Api) -> None:
    lead = api.create()
    done = api.control("convert", {"lead_id": lead})
    made, stamp = api.get(done["contact_id"], "Contact")["CreatedDate"], api.get(lead)["SystemModstamp"]
    assert made < stamp
    assert made[:17] == stamp[:17] or stamp[17:19] == "00"


def test_no_opportunity_if_none_is_wanted(api: Api) -> None:
    lead = api.create()
    done = api.control("convert", {"lead_id": lead, "create_opportunity": False})
    assert "opportunity_id" not in done
    assert api.query("SELECT COUNT() FROM Opportunity")["totalSize"] == 0
    assert api.get(lead)["ConvertedOpportunityId"] is None


def test_an_existing_contact_keeps_what_it_says_but_for_the_source_if_asked(api: Api) -> None:
    account = api.create("Account", Name="Old")
    contact = api.create("Contact", AccountId=account, Title="Boss", LeadSource="Other")
    lead = api.create(Title="Clerk", Phone="+49 1", LeadSource="Web")
    wishes = {"contact_id": contact, "overwrite_lead_source": True, "create_opportunity": False}
    done = api.control("convert", {"lead_id": lead, **wishes})
    assert (done["contact_id"], done["account_id"]) == (contact, account)
    record = api.get(contact, "Contact")
    assert (record["Title"], record["Phone"], record["LeadSource"]) == ("Boss", "+49 1", "Web")


def test_custom_fields_go_to_their_namesake_or_where_the_mapping_says(api: Api) -> None:
    for name in ("Origin", "Source"):
        field = {"name": f"{name}__c", "type": "text", "length": 20}
        api.control("schema", {"add": {"object": "Lead" if name == "Origin" else "Contact", **field}})
    mapping = {"field": "Origin__c", "object": "Contact", "to": "Source__c"}
    api.control("rules", {"lead_mapping": mapping})
    lead = api.create(Origin__c="fair", VIP__c=True, External_Key__c="k")
    done = api.control("convert", {"lead_id": lead})
    record = api.get(done["contact_id"], "Contact")
    assert (record["Source__c"], record["VIP__c"], record["External_Key__c"]) == ("fair", True, None)


def test_tasks_move_to_the_contact_and_members_show_it(api: Api) -> None:
    lead, campaign = api.create(), api.create("Campaign", Name="Summit")
    task = api.create("Task", Subject="Call", WhoId=lead)
    member = api.create("CampaignMember", CampaignId=campaign, LeadId=lead)
    done = api.control("convert", {"lead_id": lead})
    assert api.get(task, "Task")["WhoId"] == done["contact_id"]
    record = api.get(member, "CampaignMember")
    assert (record["LeadId"], record["ContactId"], record["Type"]) == (lead, done["contact_id"], "Contact")
    assert api.get(done["opportunity_id"], "Opportunity")["CampaignId"] == campaign


def test_a_lead_of_a_queue_needs_an_owner(api: Api) -> None:
    lead = api.create(OwnerId=api.queue("Inbound_Leads"))
    assert "can only be owned by users" in refusal(api, lead_id=lead)[1]
    sarah = api.user("Sarah Bennett")
    done = api.control("convert", {"lead_id": lead, "owner_id": sarah})
    assert api.get(done["contact_id"], "Contact")["OwnerId"] == sarah


def test_the_status_has_to_be_one_that_converts(api: Api) -> None:
    lead = api.create()
    assert refusal(api, lead_id=lead, status="Working - Contacted")[0] == "INVALID_STATUS"
    api.control("convert", {"lead_id": lead, "status": "Closed - Converted"})


def test_what_cannot_be_converted_is_refused_and_leaves_nothing_behind(api: Api) -> None:
    lead, other = api.create(), api.create("Account", Name="Other")
    contact = api.create("Contact", AccountId=api.create("Account", Name="Theirs"))
    before = api.query("SELECT COUNT() FROM Account")["totalSize"]
    assert refusal(api, lead_id=lead, contact_id=contact, account_id=other)[0] == "INVALID_FIELD"
    wishes = {"lead_id": lead, "create_opportunity": False}
    assert refusal(api, **wishes, opportunity_name="Deal")[0] == "INVALID_FIELD"
    assert api.query("SELECT COUNT() FROM Account")["totalSize"] == before
    api.control("convert", wishes)
    assert refusal(api, lead_id=lead)[0] == "CANNOT_UPDATE_CONVERTED_LEAD"


@pytest.mark.parametrize("wish", ["colour", "account"])
def test_an_unknown_wish_is_refused(api: Api, wish: str) -> None:
    assert refusal(api, lead_id=api.create(), **{wish: "x"})[0] == "INVALID_CONVERSION"
