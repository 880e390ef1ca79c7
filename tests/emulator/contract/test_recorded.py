"""Facts read out of recorded traffic of real orgs, one test each. What is refused is in refusals.py."""

from __future__ import annotations

import re
from typing import Any

import pytest

from ..conftest import DATA, Api
from .refusals import converted, many

STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000\+0000\Z")
PARTS = ["city", "country", "geocodeAccuracy", "latitude", "longitude", "postalCode", "state", "street"]
ID_TABLE = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
SOAP = {"Content-Type": "text/xml", "SOAPAction": '""'}


def tick(api: Api, seconds: int = 60) -> None:
    api.control("clock", {"advance_seconds": seconds})


def soap(api: Api, call: str) -> str:
    """The reply to a SOAP call of the logged-in client."""
    token = api.session.headers["Authorization"].removeprefix("Bearer ")
    body = (
        '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns="urn:partner.soap.sforce.com">'
        f"<e:Header><SessionHeader><sessionId>{token}</sessionId></SessionHeader></e:Header>"
        f"<e:Body>{call}</e:Body></e:Envelope>"
    )
    reply = api.session.post(f"{api.url}/services/Soap/u/59.0", body, headers=SOAP, timeout=10)
    assert reply.status_code == 200, reply.text
    return str(reply.text)


def test_email_is_stored_in_lower_case_and_found_so(api: Api) -> None:
    api.create("Contact", Email="Chloe.Myers@Example.com")
    rows = api.records("SELECT Email FROM Contact WHERE Email = 'CHLOE.MYERS@example.com'")
    assert rows == [{"Email": "chloe.myers@example.com"}]


def test_a_converted_lead_can_be_read_and_deleted(api: Api) -> None:
    lead = converted(api)
    assert api.get(lead)["IsConverted"] is True
    assert api.call("DELETE", f"sobjects/Lead/{lead}").status_code == 204


def test_convert_lead_answers_in_the_recorded_order_with_the_limit(api: Api) -> None:
    lead = api.create()
    reply = soap(
        api,
        f"<convertLead><leadConverts><leadId>{lead}</leadId>"
        "<convertedStatus>Closed - Converted</convertedStatus>"
        "<doNotCreateOpportunity>true</doNotCreateOpportunity></leadConverts></convertLead>",
    )
    keys = re.findall(r"<(accountId|contactId|leadId|opportunityId|success)\b", reply)
    assert keys == ["accountId", "contactId", "leadId", "opportunityId", "success"]
    assert '<opportunityId xsi:nil="true"/>' in reply
    assert f"<leadId>{lead}</leadId>" in reply
    assert "<success>true</success>" in reply
    assert "<convertLeadResponse" in reply
    assert re.search(
        r"<LimitInfoHeader>.*<current>\d+</current><limit>\d+</limit><type>API REQUESTS</type>", reply
    )


def test_conversion_moves_the_leads_stamps_a_second_past_the_contacts(api: Api) -> None:
    made = api.create()
    before = api.get(made)
    tick(api)
    api.control("convert", {"lead_id": made})
    lead = api.get(made)
    contact = api.get(lead["ConvertedContactId"], "Contact")
    assert (lead["Status"], lead["IsConverted"]) == ("Closed - Converted", True)
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", lead["ConvertedDate"])
    assert lead["ConvertedAccountId"] == contact["AccountId"]
    assert lead["LastModifiedDate"] == lead["SystemModstamp"] > before["SystemModstamp"]
    assert contact["CreatedDate"] < lead["SystemModstamp"]


def test_the_campaign_member_of_a_converted_lead_shows_its_contact(api: Api) -> None:
    campaign = api.call("POST", "sobjects/Campaign", {"Name": "Spring"}).json()["id"]
    lead = api.create()
    member = api.call("POST", "sobjects/CampaignMember", {"CampaignId": campaign, "LeadId": lead}).json()
    api.control("convert", {"lead_id": lead})
    row = api.get(member["id"], "CampaignMember")
    assert row["ContactId"] == api.get(lead)["ConvertedContactId"]


def test_stamps_are_whole_seconds_without_a_colon_in_the_zone(api: Api) -> None:
    record = api.get(api.create())
    assert all(STAMP.match(record[name]) for name in ("CreatedDate", "LastModifiedDate", "SystemModstamp"))


def test_reading_a_record_moves_its_view_and_not_its_stamp(api: Api) -> None:
    made = api.create()
    before = api.get(made)
    tick(api)
    api.get(made)
    after = api.get(made)
    assert after["LastViewedDate"] > before["LastViewedDate"]
    assert after["LastReferencedDate"] > before["LastReferencedDate"]
    assert after["SystemModstamp"] == before["SystemModstamp"]


def test_an_edit_marks_a_lead_as_read_by_its_owner(api: Api) -> None:
    made = api.create(OwnerId=api.user("Sarah Bennett"))
    assert api.get(made)["IsUnreadByOwner"] is True
    api.call("PATCH", f"sobjects/Lead/{made}", {"Title": "x"})
    assert api.get(made)["IsUnreadByOwner"] is False


def test_an_address_is_null_or_has_eight_parts_in_order(api: Api) -> None:
    assert api.get(api.create())["Address"] is None
    lead = api.get(api.create(City="Oslo"))
    assert list(lead["Address"]) == PARTS
    assert {k: v for k, v in lead["Address"].items() if v is not None} == {"city": "Oslo"}
    contact = api.get(api.create("Contact", MailingCity="Oslo"), "Contact")
    assert list(contact["MailingAddress"]) == PARTS


def test_results_of_collections_have_the_recorded_keys(api: Api) -> None:
    good, bad = {"LastName": "x", "Company": "y"}, {"Company": "y"}
    created = many(api, "POST", "Lead", good, bad).json()
    assert [list(one) for one in created] == [["id", "success", "errors"], ["success", "errors"]]
    changes = {"id": created[0]["id"], "Title": "t"}, {"Id": created[0]["id"], "Email": "none"}
    updated = many(api, "PATCH", "Lead", *changes).json()
    assert [list(one) for one in updated] == [["id", "success", "errors"], ["success", "errors"]]


def upsert(api: Api, field: str, record: dict[str, Any]) -> Any:
    body = {"records": [{"attributes": {"type": "Contact"}, **record}]}
    return api.call("PATCH", f"composite/sobjects/Contact/{field}", body).json()


def test_an_upsert_says_whether_it_created(api: Api) -> None:
    record = {"External_Key__c": "k", "LastName": "x"}
    first, second = (upsert(api, "External_Key__c", record)[0] for _ in range(2))
    assert [list(first), first["created"], second["created"]] == [
        ["id", "success", "errors", "created"],
        True,
        False,
    ]


def test_an_upsert_by_a_null_id_inserts(api: Api) -> None:
    assert upsert(api, "Id", {"Id": None, "LastName": "x"})[0]["created"] is True


def test_the_id_of_an_update_may_be_written_either_way(api: Api) -> None:
    made = api.create()
    for key in ("id", "Id"):
        assert many(api, "PATCH", "Lead", {key: made, "Title": key}).json()[0]["success"] is True


def test_record_counts_have_the_recorded_form(api: Api) -> None:
    api.create()
    counts = api.call("GET", "limits/recordCount", params={"sObjects": "Lead,Contact"}).json()
    assert list(counts) == ["sObjects"]
    assert all(set(one) == {"count", "name"} for one in counts["sObjects"])


def composite(api: Api, *subs: dict[str, Any]) -> Any:
    return api.call("POST", "composite", {"compositeRequest": list(subs)}).json()["compositeResponse"]


def test_a_composite_answers_each_part_in_the_recorded_form(api: Api) -> None:
    new = {"LastName": "x", "Company": "y"}
    made, missing = composite(
        api,
        {"method": "POST", "url": f"{DATA}/sobjects/Lead", "referenceId": "a", "body": new},
        {"method": "GET", "url": f"{DATA}/sobjects/Foo", "referenceId": "b"},
    )
    assert list(made) == ["body", "httpHeaders", "httpStatusCode", "referenceId"]
    assert made["httpHeaders"] == {"Location": f"{DATA}/sobjects/Lead/{made['body']['id']}"}
    not_found = {"errorCode": "NOT_FOUND", "message": "The requested resource does not exist"}
    assert missing == {
        "body": [not_found],
        "httpHeaders": {},
        "httpStatusCode": 404,
        "referenceId": "b",
    }


def test_what_was_not_modified_has_a_null_body_in_a_composite(api: Api) -> None:
    sub = {
        "method": "GET",
        "url": f"{DATA}/sobjects/Lead/describe",
        "referenceId": "a",
        "httpHeaders": {"If-Modified-Since": "Thu, 03 Sep 2099 21:35:07 GMT"},
    }
    (reply,) = composite(api, sub)
    assert (reply["httpStatusCode"], reply["body"]) == (304, None)
    assert {"ETag", "Last-Modified"} >= set(reply["httpHeaders"])


def test_data_calls_have_the_recorded_headers_and_logins_no_limit(api: Api) -> None:
    reply = api.call("GET", "sobjects")
    assert re.fullmatch(r"api-usage=\d+/\d+", reply.headers["Sforce-Limit-Info"])
    assert reply.headers["Content-Type"] == "application/json;charset=UTF-8"
    assert reply.headers["Cache-Control"] == "no-cache,must-revalidate,max-age=0,no-store,private"
    assert reply.headers["Vary"] == "Accept-Encoding"
    assert reply.headers["Server"] == "sfdcedge"
    assert reply.headers["X-Request-Id"] != api.call("GET", "sobjects").headers["X-Request-Id"]
    for path in ("/services/data", "/services/oauth2/userinfo"):
        assert "Sforce-Limit-Info" not in api.call("GET", path).headers


def test_describes_say_who_may_own_and_what_security_can_hide(bare: Api) -> None:
    lead, contact = (
        {f["name"]: f for f in bare.call("GET", f"sobjects/{name}/describe").json()["fields"]}
        for name in ("Lead", "Contact")
    )
    assert (lead["OwnerId"]["referenceTo"], contact["OwnerId"]["referenceTo"]) == (
        ["Group", "User"],
        ["User"],
    )
    assert lead["OwnerId"]["polymorphicForeignKey"] is lead["OwnerId"]["namePointing"] is True
    assert (lead["Status"]["nillable"], lead["Status"]["defaultedOnCreate"]) == (False, True)
    assert lead["Email"]["idLookup"] is True
    assert (lead["EmailBouncedDate"]["createable"], lead["EmailBouncedDate"]["updateable"]) == (False, True)
    fixed = ("LastName", "FirstName", "Salutation", "OwnerId", "Status", "CreatedDate", "SystemModstamp")
    assert not any(lead[name]["permissionable"] for name in fixed)


def test_the_last_three_characters_of_an_id_follow_from_the_rest(api: Api) -> None:
    made = api.create()
    groups = [made[start : start + 5] for start in (0, 5, 10)]
    suffix = [ID_TABLE[sum(1 << i for i, c in enumerate(group) if c.isupper())] for group in groups]
    assert made[15:] == "".join(suffix)


@pytest.mark.parametrize(
    ("sobject", "prefix"),
    [
        ("Lead", "00Q"), ("Contact", "003"), ("Account", "001"), ("Opportunity", "006"), ("User", "005"),
        ("Group", "00G"), ("Campaign", "701"), ("CampaignMember", "00v"), ("Organization", "00D"),
        ("RecordType", "012"),
    ],
)  # fmt: skip
def test_objects_have_their_key_prefix(api: Api, sobject: str, prefix: str) -> None:
    assert api.call("GET", f"sobjects/{sobject}/describe").json()["keyPrefix"] == prefix


def test_a_page_of_a_query_has_the_recorded_keys(demo: Api) -> None:
    page = demo.query("SELECT City, Address FROM Lead", headers={"Sforce-Query-Options": "batchSize=200"})
    assert set(page) == {"totalSize", "done", "nextRecordsUrl", "records"}
    assert re.fullmatch(rf"{DATA}/query/01g\w{{15}}-200", page["nextRecordsUrl"])
    first = page["records"][0]
    assert list(first) == ["attributes", "City", "Address"]
    assert list(first["attributes"]) == ["type", "url"]


BULK_JOB = [
    "id", "operation", "object", "createdById", "createdDate", "systemModstamp", "state", "concurrencyMode",
    "contentType", "apiVersion",
]  # fmt: skip
INGEST = {"object": "Lead", "operation": "insert", "contentType": "CSV", "lineEnding": "LF"}


def test_a_bulk_job_is_created_and_closed_with_the_recorded_keys(api: Api) -> None:
    made = api.call("POST", "jobs/ingest", INGEST)
    job = made.json()
    assert made.status_code == 200
    assert list(job) == [*BULK_JOB, "contentUrl", "lineEnding", "columnDelimiter"]
    assert job["id"].startswith("750")
    assert job["contentUrl"] == f"{DATA[1:]}/jobs/ingest/{job['id']}/batches"
    assert (job["state"], job["apiVersion"], job["columnDelimiter"]) == ("Open", 59.0, "COMMA")
    url = f"{api.url}/{job['contentUrl']}"
    sent = api.session.put(url, "LastName,Company\nx,y\n", headers={"Content-Type": "text/csv"}, timeout=10)
    assert (sent.status_code, sent.content) == (201, b"")
    closed = api.call("PATCH", f"jobs/ingest/{job['id']}", {"state": "UploadComplete"}).json()
    assert (list(closed), closed["state"]) == (BULK_JOB, "UploadComplete")


def test_a_bulk_query_begins_uploaded_with_the_recorded_keys(api: Api) -> None:
    job = api.call("POST", "jobs/query", {"operation": "query", "query": "SELECT Id FROM Lead"}).json()
    assert list(job) == [*BULK_JOB, "lineEnding", "columnDelimiter"]
    assert (job["state"], job["operation"], job["object"]) == ("UploadComplete", "query", "Lead")
