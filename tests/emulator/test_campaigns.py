"""Campaigns, their members and the numbers they keep."""

from __future__ import annotations

from typing import Any

from .conftest import Api


def campaign(api: Api, **values: Any) -> str:
    return api.create("Campaign", Name="Summit", **values)


def member(api: Api, campaign_id: str, **values: Any) -> Any:
    return api.call("POST", "sobjects/CampaignMember", {"CampaignId": campaign_id, **values})


def counts(api: Api, campaign_id: str) -> list[int]:
    """Leads, converted leads, contacts and responses."""
    record = api.get(campaign_id, "Campaign")
    return [record[f"NumberOf{name}"] for name in ("Leads", "ConvertedLeads", "Contacts", "Responses")]


def test_a_new_campaign_has_two_statuses_of_members(api: Api) -> None:
    made = campaign(api)
    soql = (
        "SELECT Label, IsDefault, HasResponded FROM CampaignMemberStatus"
        f" WHERE CampaignId = '{made}' ORDER BY SortOrder"
    )
    assert api.records(soql) == [
        {"Label": "Sent", "IsDefault": True, "HasResponded": False},
        {"Label": "Responded", "IsDefault": False, "HasResponded": True},
    ]
    record = api.get(made, "Campaign")
    assert (record["Type"], record["Status"], counts(api, made)) == ("Conference", "Planned", [0, 0, 0, 0])


def test_a_member_gets_the_default_status_and_responds_by_its_status(api: Api) -> None:
    made, lead = campaign(api), api.create()
    one = member(api, made, LeadId=lead).json()["id"]
    record = api.get(one, "CampaignMember")
    assert (record["Status"], record["HasResponded"], record["FirstRespondedDate"]) == ("Sent", False, None)
    assert (record["Type"], record["LeadOrContactId"]) == ("Lead", lead)
    assert api.call("PATCH", f"sobjects/CampaignMember/{one}", {"Status": "responded"}).status_code == 204
    record = api.get(one, "CampaignMember")
    today = api.org.state.clock.now().date().isoformat()
    assert (record["Status"], record["HasResponded"], record["FirstRespondedDate"]) == (
        "Responded",
        True,
        today,
    )


def test_a_status_the_campaign_does_not_have_is_refused(api: Api) -> None:
    made = campaign(api)
    error = member(api, made, LeadId=api.create(), Status="Danced").json()[0]
    assert (error["errorCode"], error["fields"]) == ("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", ["Status"])
    status = {"CampaignId": made, "Label": "Danced", "SortOrder": 3, "HasResponded": True}
    api.create("CampaignMemberStatus", **status)
    one = member(api, made, LeadId=api.create(), Status="Danced")
    assert api.get(one.json()["id"], "CampaignMember")["HasResponded"] is True


def test_a_person_is_a_member_once(api: Api) -> None:
    made, lead = campaign(api), api.create()
    assert member(api, made, LeadId=lead).status_code == 201
    reply = member(api, made, LeadId=lead)
    assert (reply.status_code, reply.json()) == (
        400,
        [{"message": "Already a campaign member.", "errorCode": "DUPLICATE_VALUE", "fields": []}],
    )
    other = campaign(api)
    twice = {"attributes": {"type": "CampaignMember"}, "CampaignId": other, "LeadId": lead}
    results = api.call("POST", "composite/sobjects", {"records": [twice, twice]}).json()
    assert [result["success"] for result in results] == [True, False]


def test_a_member_is_somebody(api: Api) -> None:
    assert member(api, campaign(api)).json()[0]["errorCode"] == "REQUIRED_FIELD_MISSING"


def test_a_converted_lead_cannot_join(api: Api) -> None:
    lead = api.create()
    api.control("convert", {"lead_id": lead})
    error = member(api, campaign(api), LeadId=lead).json()[0]
    assert error["errorCode"] == "CANNOT_UPDATE_CONVERTED_LEAD"


def test_a_campaign_counts_its_members(api: Api) -> None:
    made = campaign(api)
    lead, contact = api.create(), api.create("Contact")
    member(api, made, LeadId=lead, Status="Responded")
    one = member(api, made, ContactId=contact).json()["id"]
    assert counts(api, made) == [1, 0, 1, 1]
    api.control("convert", {"lead_id": lead})
    assert counts(api, made) == [0, 1, 2, 1]
    assert api.call("DELETE", f"sobjects/CampaignMember/{one}").status_code == 204
    assert counts(api, made) == [0, 1, 1, 1]


def test_counting_does_not_change_the_campaign_itself(api: Api) -> None:
    made = campaign(api)
    stamp = api.get(made, "Campaign")["SystemModstamp"]
    api.control("clock", {"advance_seconds": 5})
    member(api, made, LeadId=api.create())
    assert api.get(made, "Campaign")["SystemModstamp"] == stamp


def test_a_campaign_sums_up_its_opportunities(api: Api) -> None:
    made = campaign(api)
    deal = {"Name": "D", "StageName": "Prospecting", "CloseDate": "2026-12-01", "CampaignId": made}
    api.create("Opportunity", **deal, Amount=100)
    api.create("Opportunity", **{**deal, "StageName": "Closed Won"}, Amount=50)
    record = api.get(made, "Campaign")
    assert (record["NumberOfOpportunities"], record["NumberOfWonOpportunities"]) == (2, 1)
    assert (record["AmountAllOpportunities"], record["AmountWonOpportunities"]) == (150.0, 50.0)


def test_the_numbers_cannot_be_written(api: Api) -> None:
    reply = api.call("POST", "sobjects/Campaign", {"Name": "X", "NumberOfLeads": 5})
    assert reply.json()[0]["errorCode"] == "INVALID_FIELD_FOR_INSERT_UPDATE"
