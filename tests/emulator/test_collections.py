from __future__ import annotations

from typing import Any

import pytest

from .conftest import Api


def lead(**values: Any) -> dict[str, Any]:
    return {"attributes": {"type": "Lead"}, **values}


GOOD = lead(LastName="V", Company="C")
ROLLED_BACK = {
    "success": False,
    "errors": [
        {
            "statusCode": "ALL_OR_NONE_OPERATION_ROLLED_BACK",
            "fields": [],
            "message": "Record rolled back because not all records were valid and the request was using AllOrNone"
            " header",
        }
    ],
}


def test_results_come_in_the_order_of_the_records(api: Api) -> None:
    records = [GOOD, lead(Company="C"), {"attributes": {"type": "Contact"}, "LastName": "K"}]
    reply = api.call("POST", "composite/sobjects", {"records": records})
    first, second, third = reply.json()
    assert list(first) == ["id", "success", "errors"]
    assert list(second) == ["success", "errors"]
    assert (first["id"][:3], third["id"][:3]) == ("00Q", "003")


def test_all_or_none_undoes_the_good_ones(api: Api) -> None:
    contact = {"attributes": {"type": "Contact"}, "LastName": "K"}
    records = [contact, GOOD, lead(Company="C")]
    results = api.call("POST", "composite/sobjects", {"allOrNone": True, "records": records}).json()
    assert results[:2] == [ROLLED_BACK, ROLLED_BACK]
    assert results[2]["errors"][0]["statusCode"] == "REQUIRED_FIELD_MISSING"
    assert api.query("SELECT Id FROM Lead")["totalSize"] == 0
    assert api.query("SELECT Id FROM Contact")["totalSize"] == 0


def test_no_records_at_all_is_a_bad_request(api: Api) -> None:
    reply = api.call("POST", "composite/sobjects", {"records": []})
    assert reply.status_code == 400
    assert reply.json() == [
        {"message": "At least 1 record is required", "errorCode": "REQUIRED_FIELD_MISSING"}
    ]


def test_more_than_200_records_are_refused(api: Api) -> None:
    reply = api.call("POST", "composite/sobjects", {"records": [GOOD] * 201})
    assert (reply.status_code, reply.json()[0]["errorCode"]) == (400, "EXCEEDED_ID_LIMIT")


def test_more_than_ten_changes_of_type_are_refused(api: Api) -> None:
    contact = {"attributes": {"type": "Contact"}, "LastName": "K"}
    reply = api.call("POST", "composite/sobjects", {"records": [GOOD, contact] * 6})
    assert reply.status_code == 400
    assert "Cannot have more than 10 chunks" in reply.json()[0]["message"]


def test_updates_take_id_in_either_case_and_miss_it_per_record(api: Api) -> None:
    one, two = api.create(), api.create()
    records = [lead(id=one, Title="a"), lead(Title="b"), lead(Id=two, Title="c")]
    first, second, third = api.call("PATCH", "composite/sobjects", {"records": records}).json()
    assert first == {"id": one, "success": True, "errors": []}
    assert second == {
        "success": False,
        "errors": [
            {"statusCode": "MISSING_ARGUMENT", "message": "Id not specified in an update call", "fields": []}
        ],
    }
    assert third["id"] == two
    assert [api.get(i)["Title"] for i in (one, two)] == ["a", "c"]


def test_deleted_unknown_and_malformed_ids_fail_by_themselves(api: Api) -> None:
    gone, kept = api.create(), api.create()
    api.call("DELETE", f"sobjects/Lead/{gone}")
    ids = [gone, "00QFe000000zzzz", "nonsense", kept]
    results = api.call(
        "PATCH", "composite/sobjects", {"records": [lead(Id=i, Title="x") for i in ids]}
    ).json()
    codes = [r["errors"][0]["statusCode"] if r["errors"] else "" for r in results]
    assert codes == ["ENTITY_IS_DELETED", "INVALID_CROSS_REFERENCE_KEY", "MALFORMED_ID", ""]


def test_upsert_tells_new_from_known(api: Api) -> None:
    known = api.create(External_Key__c="K1")
    records = [lead(External_Key__c="k1", Title="x"), lead(External_Key__c="K2", LastName="V", Company="C")]
    results = api.call("PATCH", "composite/sobjects/Lead/External_Key__c", {"records": records}).json()
    assert results[0] == {"id": known, "success": True, "errors": [], "created": False}
    assert list(results[1]) == ["id", "success", "errors", "created"]
    assert results[1]["created"] is True


def test_upsert_by_id_inserts_where_the_id_is_null(api: Api) -> None:
    known = api.create()
    records = [lead(Id=None, LastName="V", Company="C"), lead(Id=known, Title="x")]
    results = api.call("PATCH", "composite/sobjects/Lead/Id", {"records": records}).json()
    assert [r["created"] for r in results] == [True, False]
    assert api.get(known)["Title"] == "x"


def test_upsert_by_email_finds_it_in_any_case(api: Api) -> None:
    known = api.create(Email="a@x.example")
    results = api.call(
        "PATCH", "composite/sobjects/Lead/Email", {"records": [lead(Email="A@X.example")]}
    ).json()
    assert results[0]["id"] == known


def test_a_key_that_is_given_twice_or_found_twice_is_refused(api: Api) -> None:
    for _ in range(2):
        api.create(Email="same@x.example")
    records = [lead(Email="same@x.example"), lead(Email="b@x.example"), lead(Email="b@x.example")]
    results = api.call("PATCH", "composite/sobjects/Lead/Email", {"records": records}).json()
    codes = [r["errors"][0]["statusCode"] for r in results]
    assert codes == ["DUPLICATE_EXTERNAL_ID", "DUPLICATE_VALUE", "DUPLICATE_VALUE"]


def test_delete_takes_ids_of_several_objects(api: Api) -> None:
    ids = [api.create(), api.create("Contact"), "00QFe000000zzzz"]
    results = api.call("DELETE", "composite/sobjects", params={"ids": ",".join(ids)}).json()
    assert [r["success"] for r in results] == [True, True, False]


def test_retrieve_answers_null_for_what_is_not_there(api: Api) -> None:
    one, gone = api.create(Title="x"), api.create()
    api.call("DELETE", f"sobjects/Lead/{gone}")
    body = {"ids": [gone, one, "nonsense"], "fields": ["Title", "Id"]}
    found = api.call("POST", "composite/sobjects/Lead", body).json()
    assert found[0] is None
    assert found[2] is None
    assert list(found[1]) == ["attributes", "Title", "Id"]


def test_the_same_unique_value_twice_in_one_call_is_refused_once(api: Api) -> None:
    records = [lead(LastName="V", Company="C", External_Key__c="K1") for _ in range(2)]
    results = api.call("POST", "composite/sobjects", {"records": records}).json()
    assert [r["success"] for r in results] == [True, False]
    assert "<unknown>" in results[1]["errors"][0]["message"]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "composite/sobjects", {"records": [None]}),
        ("POST", "composite/sobjects", {"records": ["Lead"]}),
        ("POST", "composite/sobjects", {"records": [{"attributes": ["Lead"]}]}),
        ("POST", "composite/sobjects", {"records": {"LastName": "V"}}),
        ("PATCH", "composite/sobjects/Lead/Email", {"records": [[GOOD]]}),
        ("POST", "composite/sobjects/Lead", {"ids": 3, "fields": ["Id"]}),
        ("POST", "composite/sobjects/Lead", {"ids": ["00Q"], "fields": True}),
        ("POST", "composite/sobjects/Lead", {"ids": ["00Q"]}),
        ("GET", "composite/sobjects/Lead?ids=00Q", None),
        ("POST", "composite", {"compositeRequest": [None]}),
        ("POST", "composite", {"compositeRequest": [{"referenceId": "a", "httpHeaders": 3}]}),
        (
            "POST",
            "composite/graph",
            {"graphs": [{"graphId": "1", "compositeRequest": [{"referenceId": []}]}]},
        ),
        ("POST", "composite/batch", {"batchRequests": ["limits"]}),
        ("POST", "composite/tree/Lead", {"records": [None]}),
        ("POST", "composite/tree/Lead", {"records": [{"attributes": 3}]}),
    ],
)
def test_what_cannot_be_understood_is_a_bad_request(api: Api, method: str, path: str, body: Any) -> None:
    reply = api.call(method, path, body)
    assert (reply.status_code, list(reply.json()[0])[:2]) == (400, ["message", "errorCode"])


def test_2000_records_are_read_at_once_and_no_more(api: Api) -> None:
    lead = api.create()
    body = {"ids": [lead] * 2000, "fields": ["Id"]}
    assert len(api.call("POST", "composite/sobjects/Lead", body).json()) == 2000
    reply = api.call("POST", "composite/sobjects/Lead", body | {"ids": [lead] * 2001})
    assert (reply.status_code, reply.json()[0]["errorCode"]) == (400, "EXCEEDED_ID_LIMIT")


def test_a_read_by_address_is_limited_by_its_length(api: Api) -> None:
    """About 800 ids (documented)."""
    lead = api.create()
    path = "composite/sobjects/Lead?fields=Id&ids="
    assert len(api.call("GET", path + ",".join([lead] * 800)).json()) == 800
    assert api.call("GET", path + ",".join([lead] * 900)).status_code == 414


def test_a_record_that_is_named_twice_is_changed_twice_and_deleted_once(api: Api) -> None:
    made = api.create(LastName="Old")
    changes = [lead(id=made, LastName="New"), lead(id=made[:15], FirstName="Ute")]
    results = api.call("PATCH", "composite/sobjects", {"records": changes}).json()
    assert [one["success"] for one in results] == [True, True]
    assert api.get(made)["Name"] == "Ute New"
    first, second = api.call("DELETE", f"composite/sobjects?ids={made},{made}").json()
    assert (first["success"], second["errors"][0]["statusCode"]) == (True, "ENTITY_IS_DELETED")


def test_a_fault_of_one_record_undoes_all_or_none(api: Api) -> None:
    api.emulator.fault(error_code="UNABLE_TO_LOCK_ROW", records=1, times=1)
    body = {"allOrNone": True, "records": [GOOD, GOOD]}
    first, second = api.call("POST", "composite/sobjects", body).json()
    assert (first["errors"][0]["statusCode"], second) == ("UNABLE_TO_LOCK_ROW", ROLLED_BACK)
    assert api.query("SELECT COUNT() FROM Lead")["totalSize"] == 0


def test_an_external_id_is_the_same_whatever_its_case(api: Api) -> None:
    api.control("schema", {"add": {"object": "Lead", "name": "Key__c", "external_id": True}})
    records = [{**GOOD, "Key__c": "a"}, {**GOOD, "Key__c": "A"}]
    results = api.call("PATCH", "composite/sobjects/Lead/Key__c", {"records": records}).json()
    assert [one["errors"][0]["statusCode"] for one in results] == ["DUPLICATE_VALUE"] * 2


def test_an_external_id_may_be_a_number(api: Api) -> None:
    field = {"object": "Lead", "name": "Number__c", "type": "number", "external_id": True}
    api.control("schema", {"add": field})
    for value, created in ((7, True), (7.0, False), ("7", False)):
        body = {"records": [{**GOOD, "Number__c": value}]}
        (result,) = api.call("PATCH", "composite/sobjects/Lead/Number__c", body).json()
        assert (result["success"], result["created"]) == (True, created)
    reply = api.call("PATCH", "composite/sobjects/Lead/Number__c", {"records": [{**GOOD, "Number__c": "x"}]})
    assert (reply.status_code, reply.json()[0]["errorCode"]) == (400, "JSON_PARSER_ERROR")
