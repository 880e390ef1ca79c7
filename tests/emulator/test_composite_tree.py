"""Trees: records with their children, all or none."""

from __future__ import annotations

from typing import Any

import requests

from .conftest import Api


def record(kind: str, reference: str, **values: Any) -> dict[str, Any]:
    return {"attributes": {"type": kind, "referenceId": reference}, **values}


def lead(reference: str, **values: Any) -> dict[str, Any]:
    return record("Lead", reference, **{"LastName": "V", "Company": "C", **values})


def plant(api: Api, sobject: str, *records: dict[str, Any]) -> requests.Response:
    return api.call("POST", f"composite/tree/{sobject}", {"records": list(records)})


def test_unrelated_records_of_a_type_answer_201_with_their_ids(api: Api) -> None:
    reply = plant(api, "Lead", lead("r1"), lead("r2"))
    assert reply.status_code == 201
    body = reply.json()
    assert (list(body), body["hasErrors"]) == (["hasErrors", "results"], False)
    assert [list(result) for result in body["results"]] == [["referenceId", "id"]] * 2
    assert api.get(body["results"][1]["id"])["LastName"] == "V"


def test_children_get_their_parent_and_come_after_all_roots(api: Api) -> None:
    contacts = {"records": [record("Contact", "r2", LastName="A"), record("Contact", "r3", LastName="B")]}
    roots = [record("Account", "r1", Name="One", Contacts=contacts), record("Account", "r4", Name="Two")]
    results = plant(api, "Account", *roots).json()["results"]
    assert [result["referenceId"] for result in results] == ["r1", "r4", "r2", "r3"]
    assert api.get(results[2]["id"], "Contact")["AccountId"] == results[0]["id"]


def test_one_refusal_undoes_all_and_is_the_only_result(api: Api) -> None:
    reply = plant(api, "Lead", lead("r1"), lead("r2", Email="nonsense"), lead("r3"))
    assert reply.status_code == 400
    (result,) = reply.json()["results"]
    assert (reply.json()["hasErrors"], result["referenceId"]) == (True, "r2")
    assert list(result["errors"][0]) == ["statusCode", "message", "fields"]
    assert result["errors"][0]["statusCode"] == "INVALID_EMAIL_ADDRESS"
    assert api.query("SELECT COUNT() FROM Lead")["totalSize"] == 0


def test_a_refused_child_undoes_its_parent(api: Api) -> None:
    child = {"records": [record("Contact", "r2", FirstName="A")]}
    reply = plant(api, "Account", record("Account", "r1", Name="One", Contacts=child))
    assert (reply.status_code, reply.json()["results"][0]["referenceId"]) == (400, "r2")
    assert api.query("SELECT COUNT() FROM Account")["totalSize"] == 0


def test_a_reference_given_twice_is_refused_at_each_of_its_records(api: Api) -> None:
    reply = plant(api, "Lead", lead("r1"), lead("r1"), lead("r2"))
    text = "Duplicate ReferenceId provided in the request."
    error = {"statusCode": "INVALID_INPUT", "message": text, "fields": []}
    assert reply.status_code == 400
    assert reply.json()["results"] == [{"referenceId": "r1", "errors": [error]}] * 2


def test_a_record_without_a_reference_is_refused(api: Api) -> None:
    reply = plant(api, "Lead", {"attributes": {"type": "Lead"}, "LastName": "V", "Company": "C"})
    assert (reply.status_code, reply.json()["results"][0]["errors"][0]["statusCode"]) == (
        400,
        "INVALID_INPUT",
    )


def test_a_tree_has_at_most_200_records_children_counted(api: Api) -> None:
    contacts = {"records": [record("Contact", f"c{i}", LastName="A") for i in range(200)]}
    reply = plant(api, "Account", record("Account", "r1", Name="One", Contacts=contacts))
    assert (reply.status_code, reply.json()[0]["errorCode"]) == (400, "EXCEEDED_ID_LIMIT")
    assert plant(api, "Lead", *[lead(f"r{i}") for i in range(200)]).status_code == 201


def test_a_tree_has_at_most_five_levels(api: Api) -> None:
    inner = record("Account", "r6", Name="6")
    for level in range(5, 0, -1):
        inner = record("Account", f"r{level}", Name=str(level), ChildAccounts={"records": [inner]})
    reply = plant(api, "Account", inner)
    assert (reply.status_code, reply.json()[0]["errorCode"]) == (400, "LIMIT_EXCEEDED")
    assert plant(api, "Account", inner["ChildAccounts"]["records"][0]).status_code == 201


def test_roots_are_of_the_type_of_the_address_and_children_of_a_known_relationship(api: Api) -> None:
    assert plant(api, "Account", lead("r1")).json()[0]["errorCode"] == "INVALID_TYPE"
    odd = record("Account", "r1", Name="One", Puppies={"records": [lead("r2")]})
    assert plant(api, "Account", odd).json()[0]["errorCode"] == "INVALID_FIELD"
    assert plant(api, "Foo", record("Foo", "r1")).status_code == 404


def test_a_tree_is_one_api_call(api: Api) -> None:
    before = api.org.limits.used
    plant(api, "Lead", lead("r1"), lead("r2"))
    assert api.org.limits.used == before + 1


def test_a_locked_row_fails_the_tree_at_its_record(api: Api) -> None:
    api.control("faults", {"error_code": "UNABLE_TO_LOCK_ROW", "match": "tree", "records": 1, "times": 1})
    reply = plant(api, "Lead", lead("r1"), lead("r2"))
    (result,) = reply.json()["results"]
    assert (result["referenceId"], result["errors"][0]["statusCode"]) == ("r1", "UNABLE_TO_LOCK_ROW")
    assert api.query("SELECT COUNT() FROM Lead")["totalSize"] == 0
