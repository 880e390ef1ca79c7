"""Bulk API 1: jobs of batches, in CSV, JSON and XML."""

from __future__ import annotations

import json
import time
from typing import Any
from xml.etree import ElementTree

import pytest
import requests

from .conftest import Api

ASYNC = "/services/async/59.0/job"
TYPES = {
    "CSV": "text/csv; charset=UTF-8",
    "JSON": "application/json",
    "XML": "application/xml; charset=UTF-8",
}
NAMESPACE = "{http://www.force.com/2009/06/asyncapi/dataload}"
OVER = ("Completed", "Failed", "NotProcessed")


def xml(reply: requests.Response) -> ElementTree.Element:
    return ElementTree.fromstring(reply.content)  # noqa: S314 - it comes from the emulator


class Classic:
    """A client that speaks one of the three content types."""

    def __init__(self, api: Api, kind: str) -> None:
        self.api, self.kind = api, kind
        self.session = str(api.session.headers["Authorization"]).split()[1]

    def call(
        self, method: str, path: str = "", data: Any = None, kind: str | None = None
    ) -> requests.Response:
        headers = {"X-SFDC-Session": self.session, "Content-Type": TYPES[kind or self.kind]}
        return self.api.call(method, f"{ASYNC}{path}", data=data, headers=headers)

    def make(self, operation: str, sobject: str = "Lead", **more: Any) -> str:
        spec = {"operation": operation, "object": sobject, "contentType": self.kind, **more}
        reply = self.call("POST", "", json.dumps(spec), "JSON")
        assert reply.status_code == 201, reply.text
        return str(reply.json()["id"])

    def read(self, reply: requests.Response) -> dict[str, Any]:
        """What a reply says about a batch, in JSON or XML."""
        assert reply.ok, reply.text
        if self.kind == "JSON":
            return dict(reply.json())
        return {child.tag.removeprefix(NAMESPACE): child.text for child in xml(reply)}

    def add(self, job: str, data: str) -> str:
        return str(self.read(self.call("POST", f"/{job}/batch", data.encode()))["id"])

    def wait(self, job: str, batch: str) -> dict[str, Any]:
        until = time.monotonic() + 20
        while (found := self.read(self.call("GET", f"/{job}/batch/{batch}")))["state"] not in OVER:
            assert time.monotonic() < until
            time.sleep(0.01)
        return found

    def run(
        self, operation: str, data: str, sobject: str = "Lead", **more: Any
    ) -> tuple[str, dict[str, Any]]:
        job = self.make(operation, sobject, **more)
        batch = self.wait(job, self.add(job, data))
        closed = self.call("POST", f"/{job}", json.dumps({"state": "Closed"}), "JSON")
        assert closed.json()["state"] == "Closed"
        return job, batch

    def result(self, job: str, batch: dict[str, Any], more: str = "") -> requests.Response:
        return self.call("GET", f"/{job}/batch/{batch['id']}/result{more}")


def text(element: ElementTree.Element, path: str) -> str | None:
    return element.findtext("/".join(NAMESPACE + part for part in path.split("/")))


def test_a_job_in_json_has_the_quoted_keys(api: Api) -> None:
    client = Classic(api, "JSON")
    job, batch = client.run("insert", '[{"LastName": "A", "Company": "B"}]')
    shown = client.call("GET", f"/{job}").json()
    assert job.startswith("750")
    assert batch["id"].startswith("751")
    assert (
        shown | {"numberBatchesTotal": 1, "numberBatchesCompleted": 1, "numberRecordsProcessed": 1} == shown
    )
    assert shown | {"state": "Closed", "contentType": "JSON", "externalIdFieldName": None} == shown
    assert list(shown)[:5] == [
        "apexProcessingTime",
        "apiActiveProcessingTime",
        "apiVersion",
        "assignmentRuleId",
        "concurrencyMode",
    ]


def test_records_and_results_in_json(api: Api) -> None:
    client = Classic(api, "JSON")
    job, batch = client.run("insert", json.dumps([{"LastName": "A", "Company": "B"}, {"Company": "C"}]))
    assert (batch["state"], batch["numberRecordsProcessed"], batch["numberRecordsFailed"]) == (
        "Completed",
        2,
        1,
    )
    made, failed = client.result(job, batch).json()
    lead = api.records("SELECT Id FROM Lead")[0]["Id"]
    assert made == {"success": True, "created": True, "id": lead, "errors": []}
    assert failed["success"] is False
    assert failed["errors"] == [
        {
            "message": "Required fields are missing: [LastName]",
            "fields": ["LastName"],
            "statusCode": "REQUIRED_FIELD_MISSING",
            "extendedErrorDetails": None,
        }
    ]
    sent = client.call("GET", f"/{job}/batch/{batch['id']}/request")
    assert sent.json()[1] == {"Company": "C"}


def test_records_and_results_in_csv(api: Api) -> None:
    client = Classic(api, "CSV")
    lead = api.create(Phone="1")
    job, batch = client.run("update", f"Id,Title,Phone\n{lead},Boss,#N/A\nx,Boss,\n")
    assert batch["state"] == "Completed"
    assert client.result(job, batch).text.splitlines() == [
        '"Id","Success","Created","Error"',
        f'"{lead}","true","false",""',
        '"x","false","false","MALFORMED_ID:malformed id x:--"',
    ]
    assert (api.get(lead)["Title"], api.get(lead)["Phone"]) == ("Boss", None)


def test_records_and_results_in_xml(api: Api) -> None:
    client = Classic(api, "XML")
    data = f"""<?xml version="1.0" encoding="UTF-8"?>
    <sObjects xmlns="{NAMESPACE[1:-1]}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
    <sObject><External_Key__c>K1</External_Key__c><LastName>A &amp; B</LastName><Company>C</Company>
    <Phone xsi:nil="true"/></sObject><sObject><Company>C</Company></sObject></sObjects>"""
    job, batch = client.run("upsert", data, externalIdFieldName="External_Key__c")
    assert batch["numberRecordsFailed"] == "1"
    made, failed = xml(client.result(job, batch))
    assert api.records("SELECT LastName FROM Lead") == [{"LastName": "A & B"}]
    assert (text(made, "success"), text(made, "created")) == ("true", "true")
    assert text(failed, "errors/statusCode") == "MISSING_ARGUMENT"


def test_a_document_type_isnt_read(api: Api) -> None:
    client = Classic(api, "XML")
    data = '<!DOCTYPE a [<!ENTITY b "c">]><sObjects><sObject><LastName>&b;</LastName></sObject></sObjects>'
    _, batch = client.run("insert", data)
    assert batch["state"] == "Failed"
    assert "DOCTYPE" in batch["stateMessage"]
    job = client.call(
        "POST", "", "<!DOCTYPE a [<!ENTITY b 'insert'>]><jobInfo><operation>&b;</operation></jobInfo>"
    )
    assert job.status_code == 400
    assert text(xml(job), "exceptionCode") == "InvalidXML"


def test_jobs_are_made_in_xml_too(api: Api) -> None:
    client = Classic(api, "XML")
    body = f"""<jobInfo xmlns="{NAMESPACE[1:-1]}"><operation>insert</operation><object>Lead</object>
    <concurrencyMode>Serial</concurrencyMode><contentType>CSV</contentType></jobInfo>"""
    reply = client.call("POST", "", body)
    root = xml(reply)
    assert (reply.status_code, root.tag) == (201, f"{NAMESPACE}jobInfo")
    assert (text(root, "state"), text(root, "concurrencyMode")) == ("Open", "Serial")
    assert text(root, "externalIdFieldName") is None
    assert str(text(root, "createdDate")).endswith(".000Z")


def test_deletions_name_records_by_id(api: Api) -> None:
    client = Classic(api, "JSON")
    first, second = api.create(), api.create()
    client.run("delete", json.dumps([{"Id": first}]))
    client.run("hardDelete", json.dumps([{"Id": second}]))
    assert [r["Id"] for r in api.org.query_all("SELECT Id FROM Lead")] == [first]


def test_a_query_in_csv_has_a_list_of_results(api: Api) -> None:
    client = Classic(api, "CSV")
    lead = api.create(LastName='O"Neil')
    job, batch = client.run("query", "SELECT Id, LastName, Title FROM Lead")
    (listed,) = xml(client.result(job, batch))
    assert str(listed.text).startswith("752")
    found = client.result(job, batch, f"/{listed.text}")
    assert found.text == f'"Id","LastName","Title"\n"{lead}","O""Neil",""\n'


def test_a_query_in_json_nests_parents_and_counts_milliseconds(api: Api) -> None:
    client = Classic(api, "JSON")
    api.control("clock", {"set": "2026-01-02T03:04:05Z"})
    account = api.create("Account", Name="Acme")
    contact = api.create("Contact", AccountId=account, Birthdate="1970-01-02")
    job, batch = client.run("query", "SELECT Id, Account.Name, Birthdate, IsDeleted FROM Contact", "Contact")
    (result,) = client.result(job, batch).json()
    (record,) = client.result(job, batch, f"/{result}").json()
    assert record == {
        "attributes": {"type": "Contact", "url": f"/services/data/v59.0/sobjects/Contact/{contact}"},
        "Id": contact,
        "Account": {"Name": "Acme"},
        "Birthdate": 86_400_000,
        "IsDeleted": False,
    }


def test_a_query_in_xml_has_elements(api: Api) -> None:
    client = Classic(api, "XML")
    lead = api.create()
    job, batch = client.run("queryAll", "SELECT Id, Owner.Name FROM Lead")
    (listed,) = xml(client.result(job, batch))
    (record,) = xml(client.result(job, batch, f"/{listed.text}"))
    assert (text(record, "type"), text(record, "Id")) == ("Lead", lead)
    assert text(record, "Owner/Name")


def test_a_query_that_cant_be_run_fails_its_batch(api: Api) -> None:
    client = Classic(api, "JSON")
    job, batch = client.run("query", "SELECT Nope FROM Lead")
    assert batch["state"] == "Failed"
    assert batch["stateMessage"].startswith("InvalidBatch : Failed to process query: INVALID_FIELD: ")
    refused = client.result(job, batch)
    assert refused.status_code == 400
    assert refused.json() == {"exceptionCode": "InvalidBatch", "exceptionMessage": "Records not processed"}


def test_a_name_that_isnt_a_field_fails_the_batch(api: Api) -> None:
    for kind, data in (("JSON", '[{"Nope": 1}]'), ("CSV", "Nope\n1\n")):
        _, batch = Classic(api, kind).run("insert", data)
        assert (batch["state"], batch["stateMessage"]) == (
            "Failed",
            "InvalidBatch : Field name not found : Nope",
        )


def test_a_batch_holds_ten_thousand_records(api: Api) -> None:
    rows = "LastName,Company\n" + "A,B\n" * 10_001
    _, batch = Classic(api, "CSV").run("insert", rows)
    assert (batch["state"], batch["numberRecordsProcessed"]) == ("Failed", "0")


def test_batches_are_listed_in_their_order(api: Api) -> None:
    client = Classic(api, "CSV")
    job = client.make("insert")
    added = [client.add(job, f"LastName,Company\nA{i},B\n") for i in range(3)]
    client.wait(job, added[-1])
    listed = xml(client.call("GET", f"/{job}/batch"))
    assert [text(one, "id") for one in listed] == added
    assert [r["LastName"] for r in api.records("SELECT LastName FROM Lead ORDER BY Id")] == ["A0", "A1", "A2"]


def test_an_aborted_job_leaves_its_batches_alone(api: Api) -> None:
    client = Classic(api, "JSON")
    api.control("faults", {"method": "BULK", "delay_ms": 200, "times": 1})
    job = client.make("insert")
    batches = [client.add(job, '[{"LastName": "A", "Company": "B"}]') for _ in range(2)]
    assert client.call("POST", f"/{job}", '{"state": "Aborted"}').json()["state"] == "Aborted"
    assert client.wait(job, batches[1])["state"] == "NotProcessed"
    refused = client.call("POST", f"/{job}/batch", "[]")
    assert (refused.status_code, refused.json()["exceptionCode"]) == (400, "InvalidJobState")


@pytest.mark.parametrize(
    ("spec", "code"),
    [
        ({"operation": "insert", "object": "Nope"}, "InvalidEntity"),
        ({"operation": "destroy", "object": "Lead"}, "InvalidJob"),
        ({"operation": "upsert", "object": "Lead"}, "InvalidJob"),
        ({"operation": "insert", "object": "Lead", "contentType": "ZIP_CSV"}, "FeatureNotEnabled"),
    ],
)
def test_a_job_that_makes_no_sense_isnt_made(api: Api, spec: dict[str, str], code: str) -> None:
    reply = Classic(api, "JSON").call("POST", "", json.dumps(spec))
    assert (reply.status_code, reply.json()["exceptionCode"]) == (400, code)


def test_splitting_by_primary_keys_is_refused_in_plain_words(api: Api) -> None:
    client = Classic(api, "JSON")
    headers = {
        "X-SFDC-Session": client.session,
        "Content-Type": "application/json",
        "Sforce-Enable-PKChunking": "chunkSize=1000",
    }
    reply = api.call("POST", ASYNC, {"operation": "query", "object": "Lead"}, headers=headers)
    assert reply.status_code == 400
    assert "not implemented by this emulator" in reply.json()["exceptionMessage"]


def test_a_session_that_isnt_good_is_a_bad_request(api: Api) -> None:
    client = Classic(api, "XML")
    client.session = "no"
    used = api.org.limits.used
    reply = client.call("GET", "/750000000000000AAA")
    assert reply.status_code == 400
    assert "<exceptionCode>InvalidSessionId</exceptionCode>" in reply.text
    assert api.org.limits.used == used


def test_calls_and_batches_are_counted(api: Api) -> None:
    client = Classic(api, "JSON")
    used, left = api.org.limits.used, api.org.limits.remaining("DailyBulkApiBatches")
    client.add(client.make("insert"), '[{"LastName": "A", "Company": "B"}]')
    assert api.org.limits.used == used + 2
    assert api.org.limits.remaining("DailyBulkApiBatches") == left - 1


def test_its_jobs_are_listed_by_the_newer_version(api: Api) -> None:
    job = Classic(api, "JSON").make("insert")
    for area in ("ingest", "query"):
        (listed,) = api.call("GET", f"jobs/{area}").json()["records"]
        assert (listed["id"], listed["jobType"]) == (job, "Classic")
        assert "lineEnding" not in listed


def test_retired_versions_are_refused(api: Api) -> None:
    client = Classic(api, "JSON")
    headers = {"X-SFDC-Session": client.session, "Content-Type": "application/json"}
    reply = api.call("POST", ASYNC.replace("59.0", "30.0"), {}, headers=headers)
    assert (reply.status_code, reply.json()["exceptionCode"]) == (400, "InvalidVersion")
