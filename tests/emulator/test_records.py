from __future__ import annotations

import re

import pytest

from .conftest import Api

STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000\+0000\Z")


def test_values_are_stored_as_salesforce_stores_them(api: Api) -> None:
    made = api.create(
        LastName="  Vogel ",
        FirstName="Ute",
        Email=" Ute.VOGEL@Example.com ",
        Title="",
        Budget__c=10,
        NumberOfEmployees=7,
        Renewal_Date__c="2026-05-01T00:00:00Z",
        VIP__c=True,
        Preferred_Languages__c="German;English;German",
        Last_Webinar__c="2026-01-02T03:04:05.678+01:00",
    )
    record = api.get(made)
    assert record["Email"] == "ute.vogel@example.com"
    assert (record["LastName"], record["Name"], record["Title"]) == ("Vogel", "Ute Vogel", None)
    assert (record["Budget__c"], record["NumberOfEmployees"], record["VIP__c"]) == (10.0, 7, True)
    assert record["Preferred_Languages__c"] == "English;German"
    assert record["Renewal_Date__c"] == "2026-05-01"
    assert record["Last_Webinar__c"] == "2026-01-02T02:04:05.000+0000"


def test_a_new_record_has_defaults_and_stamps(api: Api) -> None:
    record = api.get(api.create())
    me = api.user("Integration User")
    assert record["Status"] == "Open - Not Contacted"
    assert (record["OwnerId"], record["CreatedById"], record["LastModifiedById"]) == (me, me, me)
    assert record["CreatedDate"] == record["LastModifiedDate"] == record["SystemModstamp"]
    assert STAMP.match(record["CreatedDate"])
    assert (record["IsDeleted"], record["IsConverted"], record["HasOptedOutOfEmail"]) == (False, False, False)
    assert record["Lead_Number__c"] == "L-00001"


def test_a_create_answers_201_with_the_id_and_where_it_is(api: Api) -> None:
    reply = api.call("POST", "sobjects/lead", {"LastName": "V", "Company": "C"})
    assert reply.status_code == 201
    assert list(reply.json()) == ["id", "success", "errors"]
    assert reply.headers["Location"] == f"/services/data/v59.0/sobjects/Lead/{reply.json()['id']}"


def test_an_update_moves_the_stamps_even_if_nothing_changes(api: Api) -> None:
    made = api.create(Title="x")
    api.control("clock", {"advance_seconds": 60})
    reply = api.call("PATCH", f"sobjects/Lead/{made[:15]}", {"Title": "x"})
    assert (reply.status_code, reply.content) == (204, b"")
    record = api.get(made)
    assert record["SystemModstamp"] == record["LastModifiedDate"] > record["CreatedDate"]


def test_deleting_moves_the_stamp_and_undeleting_brings_it_back(api: Api) -> None:
    made = api.create()
    before = api.get(made)["SystemModstamp"]
    api.control("clock", {"advance_seconds": 60})
    api.call("DELETE", f"sobjects/Lead/{made}")
    gone = api.org.query_all(f"SELECT IsDeleted, SystemModstamp FROM Lead WHERE Id = '{made}'")[0]
    assert gone["IsDeleted"] is True
    assert gone["SystemModstamp"] > before
    api.control("undelete", {"ids": [made]})
    assert api.get(made)["IsDeleted"] is False


def test_only_the_fields_asked_for_are_read(api: Api) -> None:
    made = api.create()
    record = api.call("GET", f"sobjects/Lead/{made}", params={"fields": "company,LastName"}).json()
    assert list(record) == ["attributes", "Company", "LastName", "Id"]


def test_upsert_by_external_id_creates_then_updates(api: Api) -> None:
    path = "sobjects/Lead/External_Key__c/K%201"
    first = api.call("PATCH", path, {"LastName": "V", "Company": "C"})
    assert (first.status_code, first.json()["created"]) == (201, True)
    second = api.call("PATCH", path, {"Title": "x"})
    assert (second.status_code, second.json()) == (
        200,
        {"id": first.json()["id"], "success": True, "errors": [], "created": False},
    )
    assert api.call("GET", path).json()["Title"] == "x"


def test_upsert_before_v46_answers_204(api: Api) -> None:
    path = "/services/data/v45.0/sobjects/Lead/External_Key__c/K1"
    assert api.call("PATCH", path, {"LastName": "V", "Company": "C"}).status_code == 201
    assert api.call("PATCH", path, {"Title": "x"}).status_code == 204


def test_an_ambiguous_key_answers_300_with_addresses(api: Api) -> None:
    ids = [api.create(Email="same@x.example") for _ in range(2)]
    reply = api.call("PATCH", "sobjects/Lead/Email/same@x.example", {"Title": "x"})
    assert reply.status_code == 300
    assert reply.json() == [f"/services/data/v59.0/sobjects/Lead/{i}" for i in ids]


def test_an_external_id_is_not_repeated_in_the_body(api: Api) -> None:
    body = {"LastName": "V", "Company": "C", "External_Key__c": "K1"}
    reply = api.call("PATCH", "sobjects/Lead/External_Key__c/K1", body)
    assert (reply.status_code, reply.json()[0]["errorCode"]) == (400, "INVALID_FIELD")


def test_upsert_by_a_field_that_is_no_key_is_not_found(api: Api) -> None:
    reply = api.call("PATCH", "sobjects/Lead/Title/x", {"LastName": "V"})
    assert reply.json() == [
        {
            "message": "Provided external ID field does not exist or is not accessible: Title",
            "errorCode": "NOT_FOUND",
        }
    ]


def test_a_parent_may_be_named_by_its_external_id(api: Api) -> None:
    reply = api.call("POST", "sobjects/Contact", {"LastName": "V", "ReportsTo": {"External_Key__c": "0116"}})
    assert reply.json() == [
        {
            "message": "Foreign key external ID: 0116 not found for field External_Key__c in entity Contact",
            "errorCode": "INVALID_FIELD",
            "fields": [],
        }
    ]
    boss = api.create("Contact", External_Key__c="0116")
    made = api.create("Contact", ReportsTo={"External_Key__c": "0116"})
    assert api.get(made, "Contact")["ReportsToId"] == boss


def test_formula_fields_follow_the_fields_they_use(api: Api) -> None:
    made = api.create(Lead_Score__c=80)
    assert api.get(made)["Score_Grade__c"] == "A"
    api.call("PATCH", f"sobjects/Lead/{made}", {"Lead_Score__c": 30})
    assert api.get(made)["Score_Grade__c"] == "C"


def test_updated_and_deleted_list_what_happened(api: Api) -> None:
    kept, gone = api.create(), api.create()
    api.call("DELETE", f"sobjects/Lead/{gone}")
    api.control("clock", {"advance_seconds": 120})
    now = api.org.state.clock.now()
    span = {"start": f"{now.replace(year=now.year):%Y-%m-%dT}00:00:00Z", "end": f"{now:%Y-%m-%dT%H:%M:%S}Z"}
    span["start"] = "2000-01-01T00:00:00Z"
    assert (
        api.call("GET", "sobjects/Lead/updated", params=span).json()[0]["errorCode"]
        == "INVALID_REPLICATION_DATE"
    )
    span["start"] = (now.fromtimestamp(now.timestamp() - 7200, now.tzinfo)).strftime("%Y-%m-%dT%H:%M:%SZ")
    updated = api.call("GET", "sobjects/Lead/updated", params=span).json()
    deleted = api.call("GET", "sobjects/Lead/deleted", params=span).json()
    assert updated["ids"] == [kept]
    assert [d["id"] for d in deleted["deletedRecords"]] == [gone]
    assert set(deleted) == {"deletedRecords", "earliestDateAvailable", "latestDateCovered"}


@pytest.mark.parametrize("path", ["sobjects/Lead", "sobjects/lead/"])
def test_paths_do_not_mind_case_and_a_closing_slash(api: Api, path: str) -> None:
    assert api.call("GET", path).json()["objectDescribe"]["name"] == "Lead"
