"""Bulk API 2.0: jobs that write and jobs that read, as recorded and documented."""

from __future__ import annotations

import csv
import time
from typing import Any

import pytest
import requests

from syncadmin.emulator import EmulatorServer

from .conftest import Api

V60 = "/services/data/v60.0/jobs"
CREATED = [
    "id",
    "operation",
    "object",
    "createdById",
    "createdDate",
    "systemModstamp",
    "state",
    "concurrencyMode",
    "contentType",
    "apiVersion",
    "contentUrl",
    "lineEnding",
    "columnDelimiter",
]
SHOWN = [
    *(key for key in CREATED if key not in ("contentUrl", "lineEnding", "columnDelimiter")),
    "jobType",
    "lineEnding",
    "columnDelimiter",
    "numberRecordsProcessed",
    "numberRecordsFailed",
    "retries",
    "totalProcessingTime",
    "apiActiveProcessingTime",
    "apexProcessingTime",
]
FINISHED = ("JobComplete", "Failed", "Aborted")


class Jobs:
    """What a client does with jobs."""

    def __init__(self, api: Api) -> None:
        self.api = api

    def make(self, operation: str = "insert", sobject: str = "Lead", **more: Any) -> dict[str, Any]:
        body = {"object": sobject, "operation": operation, **more}
        reply = self.api.call("POST", f"{V60}/ingest", body)
        assert reply.status_code == 200, reply.text
        return dict(reply.json())

    def put(self, job_id: str, data: str) -> requests.Response:
        return self.api.call(
            "PUT", f"{V60}/ingest/{job_id}/batches", data=data.encode(), headers={"Content-Type": "text/csv"}
        )

    def patch(self, job_id: str, state: str, area: str = "ingest") -> requests.Response:
        return self.api.call("PATCH", f"{V60}/{area}/{job_id}", {"state": state})

    def get(self, job_id: str, area: str = "ingest") -> dict[str, Any]:
        return dict(self.api.call("GET", f"{V60}/{area}/{job_id}").json())

    def wait(self, job_id: str, *states: str, area: str = "ingest") -> dict[str, Any]:
        until = time.monotonic() + 20
        while (job := self.get(job_id, area))["state"] not in (states or FINISHED):
            assert time.monotonic() < until, job
            time.sleep(0.01)
        return job

    def run(self, data: str, operation: str = "insert", sobject: str = "Lead", **more: Any) -> dict[str, Any]:
        """A job from its beginning to its end."""
        job_id = self.make(operation, sobject, **more)["id"]
        assert self.put(job_id, data).status_code == 201
        assert self.patch(job_id, "UploadComplete").status_code == 200
        return self.wait(job_id)

    def file(self, job: dict[str, Any], name: str) -> str:
        reply = self.api.call("GET", f"{V60}/ingest/{job['id']}/{name}")
        assert reply.status_code == 200, reply.text
        assert reply.headers["Content-Type"].startswith("text/csv")
        return reply.text

    def rows(self, job: dict[str, Any], name: str) -> list[dict[str, str]]:
        return list(csv.DictReader(self.file(job, name).splitlines()))

    def query(self, soql: str, operation: str = "query", **more: Any) -> dict[str, Any]:
        reply = self.api.call("POST", f"{V60}/query", {"operation": operation, "query": soql, **more})
        assert reply.status_code == 200, reply.text
        return self.wait(reply.json()["id"], area="query")

    def results(self, job: dict[str, Any], **given: Any) -> requests.Response:
        return self.api.call("GET", f"{V60}/query/{job['id']}/results", params=given)


@pytest.fixture
def jobs(api: Api) -> Jobs:
    return Jobs(api)


def error(reply: requests.Response) -> tuple[int, str, str]:
    return reply.status_code, reply.json()[0]["errorCode"], reply.json()[0]["message"]


def leads(count: int, start: int = 0) -> str:
    return "LastName,Company\n" + "".join(f"L{i},C{i}\n" for i in range(start, start + count))


def test_a_new_job_has_the_recorded_keys(jobs: Jobs) -> None:
    job = jobs.make()
    assert list(job) == CREATED
    assert job["id"].startswith("750")
    assert len(job["id"]) == 18
    assert job["contentUrl"] == f"services/data/v60.0/jobs/ingest/{job['id']}/batches"
    assert job | {"state": "Open", "concurrencyMode": "Parallel", "contentType": "CSV"} == job
    assert job | {"apiVersion": 60.0, "lineEnding": "LF", "columnDelimiter": "COMMA"} == job


def test_an_upsert_names_its_external_id(jobs: Jobs) -> None:
    job = jobs.make("upsert", externalIdFieldName="external_key__c")
    assert list(job)[6:9] == ["state", "externalIdFieldName", "concurrencyMode"]
    assert job["externalIdFieldName"] == "External_Key__c"


def test_closing_answers_without_anything_about_the_data(jobs: Jobs) -> None:
    job = jobs.make()
    upload = jobs.put(job["id"], leads(1))
    assert (upload.status_code, upload.content) == (201, b"")
    closed = jobs.patch(job["id"], "UploadComplete").json()
    assert list(closed) == [key for key in CREATED if key not in CREATED[-3:]]
    assert closed["state"] == "UploadComplete"


def test_a_complete_job_has_the_recorded_keys(jobs: Jobs) -> None:
    job = jobs.run(leads(3))
    assert list(job) == SHOWN
    assert job | {"state": "JobComplete", "jobType": "V2Ingest", "retries": 0} == job
    assert (job["numberRecordsProcessed"], job["numberRecordsFailed"]) == (3, 0)


def test_the_files_of_a_job_join_what_became_of_each_row_to_what_was_sent(jobs: Jobs) -> None:
    job = jobs.run('LastName,Company,Title\n"O""Neil, A",Acme,\n,Acme,x\n')
    assert (job["numberRecordsProcessed"], job["numberRecordsFailed"]) == (2, 1)
    saved = jobs.file(job, "successfulResults").splitlines()
    lead = jobs.api.records("SELECT Id, LastName FROM Lead")[0]
    assert saved[0] == '"sf__Id","sf__Created",LastName,Company,Title'
    assert saved[1:] == [f'"{lead["Id"]}","true","O""Neil, A","Acme",""']
    assert jobs.file(job, "failedResults").splitlines() == [
        '"sf__Id","sf__Error",LastName,Company,Title',
        '"","REQUIRED_FIELD_MISSING:Required fields are missing: [LastName]:LastName --","","Acme","x"',
    ]
    assert jobs.file(job, "unprocessedrecords").splitlines() == ["LastName,Company,Title"]


def test_a_column_that_isnt_a_field_fails_the_job(jobs: Jobs) -> None:
    job = jobs.run("LastName,Company,Nope__c\nA,B,C\n")
    assert list(job) == [*SHOWN, "errorMessage"]
    assert job["state"] == "Failed"
    assert job["errorMessage"] == "InvalidBatch : Field name not found : Nope__c"
    assert (job["numberRecordsProcessed"], job["numberRecordsFailed"]) == (0, 0)
    assert [row["LastName"] for row in jobs.rows(job, "unprocessedrecords")] == ["A"]


def test_a_value_of_another_type_fails_its_record_alone(jobs: Jobs) -> None:
    jobs.api.create("Contact", LastName="X")
    job = jobs.run("LastName,Birthdate\nA,2003-04-98\nB,2003-04-09\n", sobject="Contact")
    assert (job["numberRecordsProcessed"], job["numberRecordsFailed"]) == (2, 1)
    assert jobs.rows(job, "failedResults")[0]["sf__Error"] == (
        "INVALID_FIELD:Failed to deserialize field at col 1. Due to, '2003-04-98' is not a valid value for the"
        " type xsd:date:Birthdate --"
    )


def test_an_error_without_fields_ends_in_dashes_too(jobs: Jobs) -> None:
    gone = jobs.api.create()
    jobs.api.call("DELETE", f"sobjects/Lead/{gone}")
    job = jobs.run(f"Id,Title\n{gone},x\n", "update")
    (row,) = jobs.rows(job, "failedResults")
    assert (row["sf__Id"], row["sf__Error"]) == (gone, "ENTITY_IS_DELETED:entity is deleted:--")


@pytest.mark.parametrize(
    ("name", "character"),
    [("BACKQUOTE", "`"), ("CARET", "^"), ("COMMA", ","), ("PIPE", "|"), ("SEMICOLON", ";"), ("TAB", "\t")],
)
def test_every_delimiter_and_both_line_endings_are_understood(jobs: Jobs, name: str, character: str) -> None:
    ending = "CRLF" if name in ("PIPE", "TAB") else "LF"
    newline = {"CRLF": "\r\n", "LF": "\n"}[ending]
    data = newline.join([f"LastName{character}Company", f'"A{character}B"{character}Acme', ""])
    job = jobs.run(data, columnDelimiter=name, lineEnding=ending)
    reply = jobs.api.call("GET", f"{V60}/ingest/{job['id']}/successfulResults").content.decode()
    assert jobs.api.records("SELECT LastName FROM Lead") == [{"LastName": f"A{character}B"}]
    assert reply.count(newline) == 2
    assert reply.splitlines()[1].endswith(f'"true"{character}"A{character}B"{character}"Acme"')


def test_an_empty_cell_leaves_a_field_alone_and_not_available_empties_it(jobs: Jobs) -> None:
    lead = jobs.api.create(Title="Boss", Phone="1")
    job = jobs.run(f"Id,Title,Phone\n{lead},,#N/A\n", "update")
    assert job["numberRecordsFailed"] == 0
    found = jobs.api.get(lead)
    assert (found["Title"], found["Phone"]) == ("Boss", None)
    assert jobs.rows(job, "successfulResults")[0]["sf__Created"] == "false"


def test_words_for_true_and_false_are_understood(jobs: Jobs) -> None:
    jobs.run("LastName,Company,HasOptedOutOfEmail\nA,C,YES\nB,C,0\nC,C,maybe\n")
    rows = jobs.api.records("SELECT LastName, HasOptedOutOfEmail FROM Lead ORDER BY LastName")
    assert [(row["LastName"], row["HasOptedOutOfEmail"]) for row in rows] == [("A", True), ("B", False)]


def test_upsert_says_what_it_created(jobs: Jobs) -> None:
    jobs.api.create(External_Key__c="K1")
    data = "External_Key__c,LastName,Company\nK1,New,C\nK2,Made,C\n,Nobody,C\n"
    job = jobs.run(data, "upsert", externalIdFieldName="External_Key__c")
    saved = {row["External_Key__c"]: row["sf__Created"] for row in jobs.rows(job, "successfulResults")}
    assert saved == {"K1": "false", "K2": "true"}
    assert jobs.rows(job, "failedResults")[0]["sf__Error"].startswith("MISSING_ARGUMENT:")
    assert jobs.api.records("SELECT LastName FROM Lead WHERE External_Key__c = 'K1'") == [{"LastName": "New"}]


def test_a_parent_is_named_by_an_external_id(jobs: Jobs) -> None:
    field = {"name": "Key__c", "label": "Key", "type": "text", "length": 20, "external_id": True}
    jobs.api.control("schema", {"add": {"object": "Account", **field}})
    account = jobs.api.create("Account", Name="Acme", Key__c="ACC1")
    data = "LastName,Account.key__c\nA,ACC1\nB,nope\nC,\n"
    job = jobs.run(data, sobject="Contact")
    rows = jobs.api.records("SELECT LastName, AccountId FROM Contact ORDER BY LastName")
    assert rows == [{"LastName": "A", "AccountId": account}, {"LastName": "C", "AccountId": None}]
    assert "Foreign key external ID: nope not found" in jobs.rows(job, "failedResults")[0]["sf__Error"]


def test_a_parent_of_one_of_several_objects_says_which(jobs: Jobs) -> None:
    sarah = jobs.api.user("Sarah Bennett")
    name = jobs.api.records(f"SELECT Username FROM User WHERE Id = '{sarah}'")[0]["Username"]
    job = jobs.run(f"LastName,Company,User:Owner.Username\nA,B,{name}\n")
    assert job["numberRecordsFailed"] == 0, jobs.file(job, "failedResults")
    assert jobs.api.records("SELECT OwnerId FROM Lead") == [{"OwnerId": sarah}]


def test_a_deletion_bins_records_and_takes_the_id_alone(jobs: Jobs) -> None:
    lead = jobs.api.create()
    assert jobs.run(f"Id,Title\n{lead},x\n", "delete")["state"] == "Failed"
    job = jobs.run(f"Id\n{lead}\n00Q000000000000AAA\nno\n", "delete")
    assert (job["numberRecordsProcessed"], job["numberRecordsFailed"]) == (3, 2)
    assert jobs.api.call("GET", f"sobjects/Lead/{lead}").status_code == 404
    assert len(jobs.api.org.query_all("SELECT Id FROM Lead WHERE IsDeleted = true")) == 1


def test_a_hard_deletion_leaves_nothing_behind(jobs: Jobs) -> None:
    lead = jobs.api.create()
    job = jobs.run(f"Id\n{lead}\n", "hardDelete")
    assert job["numberRecordsFailed"] == 0, jobs.file(job, "failedResults")
    assert jobs.api.org.query_all("SELECT Id FROM Lead") == []


def test_assignment_rules_run_only_if_the_job_names_one(jobs: Jobs) -> None:
    owner = jobs.api.user("Sarah Bennett")
    rule = {"name": "All", "entries": [{"assign_to": owner}]}
    jobs.api.control("rules", {"assignment": rule})
    rule_id = jobs.api.records("SELECT Id FROM AssignmentRule WHERE SobjectType = 'Lead'")[0]["Id"]
    jobs.run("LastName,Company\nPlain,C\n")
    job = jobs.run("LastName,Company\nRuled,C\n", assignmentRuleId=rule_id)
    assert job["assignmentRuleId"] == rule_id
    owners = {r["LastName"]: r["OwnerId"] for r in jobs.api.records("SELECT LastName, OwnerId FROM Lead")}
    assert owners["Ruled"] == owner != owners["Plain"]


def test_records_are_written_in_their_order_over_many_chunks(jobs: Jobs) -> None:
    job = jobs.run(leads(1001))
    assert job["numberRecordsProcessed"] == 1001
    names = [r["LastName"] for r in jobs.api.records("SELECT LastName FROM Lead ORDER BY Id")]
    assert names == [f"L{i}" for i in range(1001)]
    assert [r["LastName"] for r in jobs.rows(job, "successfulResults")] == names


def test_a_job_and_its_data_may_come_in_one_request(jobs: Jobs) -> None:
    parts = {
        "job": (None, '{"object": "Lead", "operation": "insert", "lineEnding": "LF"}', "application/json"),
        "content": ("content", leads(2), "text/csv"),
    }
    reply = jobs.api.call("POST", f"{V60}/ingest", files=parts)
    assert reply.status_code == 200, reply.text
    assert reply.json()["state"] == "UploadComplete"
    assert "contentUrl" not in reply.json()
    assert jobs.wait(reply.json()["id"])["numberRecordsProcessed"] == 2


def test_a_job_takes_one_upload_and_only_while_it_is_open(jobs: Jobs) -> None:
    job = jobs.make()
    assert jobs.put(job["id"], leads(1)).status_code == 201
    status, code, message = error(jobs.put(job["id"], leads(1)))
    assert (status, code) == (400, "INVALIDJOBSTATE")
    assert message.startswith(f"Found multiple contents for job: <{job['id'][:15]}>, please 'Close'")
    jobs.patch(job["id"], "Aborted")
    assert error(jobs.put(job["id"], leads(1)))[:2] == (400, "INVALIDJOBSTATE")


def test_too_large_an_upload_is_refused(jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("syncadmin.emulator.bulk.ingest.MOST_BYTES", 10)
    job = jobs.make()
    assert error(jobs.put(job["id"], leads(1)))[:2] == (413, "EXCEEDED_MAX_SIZE_REQUEST")
    assert jobs.get(job["id"])["state"] == "Open"


def test_states_go_one_way(jobs: Jobs) -> None:
    job = jobs.run(leads(1))
    refused = (400, "INVALIDJOBSTATE")
    assert error(jobs.patch(job["id"], "Aborted")) == (*refused, "Aborting already Completed Job not allowed")
    closing = error(jobs.patch(job["id"], "UploadComplete"))
    assert closing == (*refused, "Closing already Completed Job not allowed")
    assert error(jobs.patch(job["id"], "InProgress"))[:2] == (400, "JSON_PARSER_ERROR")


def test_an_aborted_job_shows_what_it_didnt_get_to(jobs: Jobs) -> None:
    job = jobs.make()
    jobs.put(job["id"], leads(2))
    assert jobs.patch(job["id"], "Aborted").json()["state"] == "Aborted"
    assert [row["LastName"] for row in jobs.rows(job, "unprocessedRecords")] == ["L0", "L1"]
    assert jobs.rows(job, "successfulResults") == []


def test_aborting_midway_keeps_the_chunks_that_are_done(jobs: Jobs) -> None:
    jobs.api.control("faults", {"method": "BULK", "delay_ms": 60, "match": "/jobs/ingest"})
    job = jobs.make()
    jobs.put(job["id"], leads(2000))
    jobs.patch(job["id"], "UploadComplete")
    until = time.monotonic() + 20
    while not 0 < (seen := jobs.get(job["id"]))["numberRecordsProcessed"] < 2000:
        assert time.monotonic() < until
    assert seen["state"] == "InProgress"
    jobs.patch(job["id"], "Aborted")
    done = jobs.get(job["id"])
    assert done["state"] == "Aborted"
    jobs.api.control("faults", {}, "DELETE")
    kept = done["numberRecordsProcessed"]
    assert kept % 200 == 0
    assert (
        len(jobs.rows(job, "successfulResults"))
        == kept
        == jobs.api.query("SELECT COUNT() FROM Lead")["totalSize"]
    )
    assert len(jobs.rows(job, "unprocessedrecords")) == 2000 - kept


def test_results_wait_for_the_end(jobs: Jobs) -> None:
    job = jobs.make()
    reply = jobs.api.call("GET", f"{V60}/ingest/{job['id']}/successfulResults")
    assert error(reply)[:2] == (400, "INVALIDJOBSTATE")


def test_a_job_can_be_deleted_once_it_is_closed(jobs: Jobs) -> None:
    job = jobs.make()
    early = error(jobs.api.call("DELETE", f"{V60}/ingest/{job['id']}"))
    text = "Error encountered when deleting the job because the job is not terminated"
    assert early == (400, "API_ERROR", text)
    job = jobs.run(leads(1))
    assert jobs.api.call("DELETE", f"{V60}/ingest/{job['id']}").status_code == 204
    gone = jobs.api.call("GET", f"{V60}/ingest/{job['id']}")
    assert error(gone) == (404, "NOT_FOUND", "The requested resource does not exist")
    assert jobs.make()["id"] != job["id"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"object": "Nope", "operation": "insert"}, "INVALIDENTITY"),
        ({"object": "Lead", "operation": "destroy"}, "JSON_PARSER_ERROR"),
        ({"object": "Lead", "operation": "insert", "contentType": "JSON"}, "JSON_PARSER_ERROR"),
        ({"object": "Lead", "operation": "insert", "columnDelimiter": "DOT"}, "JSON_PARSER_ERROR"),
        ({"object": "Lead", "operation": "upsert"}, "INVALIDJOB"),
        ({"object": "Lead", "operation": "upsert", "externalIdFieldName": "Title"}, "INVALIDJOB"),
    ],
)
def test_a_job_that_makes_no_sense_isnt_made(jobs: Jobs, body: dict[str, str], code: str) -> None:
    assert error(jobs.api.call("POST", f"{V60}/ingest", body))[:2] == (400, code)
    assert jobs.api.call("GET", f"{V60}/ingest").json()["records"] == []


def test_jobs_are_listed_and_filtered(jobs: Jobs) -> None:
    made = [jobs.make()["id"], jobs.make(concurrencyMode="Serial")["id"]]
    jobs.query("SELECT Id FROM Lead")
    listed = jobs.api.call("GET", f"{V60}/ingest").json()
    assert list(listed) == ["done", "records", "nextRecordsUrl"]
    assert listed["done"] is True
    assert [job["id"] for job in listed["records"]] == made
    assert listed["records"][0]["jobType"] == "V2Ingest"

    def ids(area: str = "ingest", **given: str) -> list[str]:
        records = jobs.api.call("GET", f"{V60}/{area}", params=given).json()["records"]
        return [job["id"] for job in records]

    assert ids(concurrencyMode="serial") == made[1:]
    assert ids(jobType="Classic") == []
    assert ids(isPkChunkingEnabled="true") == []
    assert len(ids("query")) == 1
    assert ids("query", jobType="V2Ingest") == made


def test_long_lists_of_jobs_come_in_pages(jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("syncadmin.emulator.bulk.requests.PAGE", 2)
    made = [jobs.make()["id"] for _ in range(3)]
    first = jobs.api.call("GET", f"{V60}/ingest").json()
    assert (first["done"], len(first["records"])) == (False, 2)
    second = jobs.api.call("GET", first["nextRecordsUrl"]).json()
    assert (second["done"], [job["id"] for job in second["records"]]) == (True, made[2:])


def test_a_fault_of_records_fails_them_and_not_the_calls(jobs: Jobs) -> None:
    fault = {"error_code": "UNABLE_TO_LOCK_ROW", "match": "/jobs/ingest", "records": 2, "times": 1}
    jobs.api.control("faults", fault)
    job = jobs.run(leads(300))
    assert (job["state"], job["numberRecordsProcessed"], job["numberRecordsFailed"]) == (
        "JobComplete",
        300,
        2,
    )
    failed = jobs.rows(job, "failedResults")
    assert [row["LastName"] for row in failed] == ["L0", "L1"]
    assert failed[0]["sf__Error"].startswith("UNABLE_TO_LOCK_ROW:unable to obtain exclusive access")


def test_a_fault_can_fail_the_whole_job_midway(jobs: Jobs) -> None:
    jobs.api.control("faults", {"error_code": "QUERY_TIMEOUT", "method": "BULK", "after": 1, "times": 1})
    job = jobs.run(leads(500))
    assert (job["state"], job["numberRecordsProcessed"]) == ("Failed", 200)
    assert job["errorMessage"] == "QUERY_TIMEOUT : Your query request was running for too long."
    assert len(jobs.rows(job, "unprocessedrecords")) == 300


def test_a_fault_of_requests_still_fails_calls_about_jobs(jobs: Jobs) -> None:
    jobs.api.control("faults", {"error_code": "SERVER_UNAVAILABLE", "match": "/jobs/ingest", "times": 1})
    assert jobs.api.call("GET", f"{V60}/ingest").status_code == 503
    assert jobs.run(leads(1))["state"] == "JobComplete"


def test_calls_are_counted_and_processing_is_not(jobs: Jobs) -> None:
    before = jobs.api.org.limits.used
    job = jobs.make()["id"]
    jobs.put(job, leads(500))
    jobs.patch(job, "UploadComplete")
    assert jobs.api.org.limits.used == before + 3
    polls = 0
    while jobs.get(job)["state"] not in FINISHED:
        polls += 1
    assert jobs.api.org.limits.used == before + 4 + polls


def test_batches_and_query_jobs_count_against_their_own_limits(jobs: Jobs) -> None:
    jobs.run(leads(1))
    jobs.query("SELECT Id FROM Lead")
    limits = jobs.api.call("GET", "limits").json()
    assert limits["DailyBulkApiBatches"]["Remaining"] == limits["DailyBulkApiBatches"]["Max"] - 1
    assert limits["DailyBulkV2QueryJobs"]["Remaining"] == limits["DailyBulkV2QueryJobs"]["Max"] - 1


def test_what_is_used_up_is_refused(jobs: Jobs) -> None:
    limits = jobs.api.org.limits
    for name in ("DailyBulkApiBatches", "DailyBulkV2QueryJobs"):
        limits.use(name, limits.remaining(name))
    making = jobs.api.call("POST", f"{V60}/ingest", {"object": "Lead", "operation": "insert"})
    assert error(making) == (400, "EXCEEDEDQUOTA", "ApiBatchItems Limit exceeded.")
    asking = jobs.api.call("POST", f"{V60}/query", {"operation": "query", "query": "SELECT Id FROM Lead"})
    text = "Max bulk v2 query jobs (10000) per 24 hrs has been reached"
    assert error(asking) == (400, "LIMIT_EXCEEDED", text)


def test_a_query_job_has_the_recorded_keys(jobs: Jobs) -> None:
    soql = "SELECT Id FROM Lead"
    made = jobs.api.call("POST", f"{V60}/query", {"operation": "query", "query": soql}).json()
    assert list(made) == [key for key in CREATED if key != "contentUrl"]
    assert (made["state"], made["object"]) == ("UploadComplete", "Lead")
    done = jobs.wait(made["id"], area="query")
    lacking = ("numberRecordsFailed", "apiActiveProcessingTime", "apexProcessingTime")
    assert list(done) == [key for key in SHOWN if key not in lacking]
    assert done["jobType"] == "V2Query"


def test_results_quote_every_value(jobs: Jobs) -> None:
    account = jobs.api.create("Account", Name='The "A"')
    jobs.api.create("Contact", LastName="B", AccountId=account, Birthdate="2001-02-03")
    soql = "select id, LastName, Title, account.name, Birthdate, isdeleted, CreatedDate from Contact"
    reply = jobs.results(jobs.query(soql))
    header, row = reply.text.splitlines()
    contact = jobs.api.records("SELECT Id, CreatedDate FROM Contact")[0]
    created = contact["CreatedDate"].replace("+0000", "Z")
    assert header == '"Id","LastName","Title","Account.Name","Birthdate","IsDeleted","CreatedDate"'
    assert row == f'"{contact["Id"]}","B","","The ""A""","2001-02-03","false","{created}"'
    assert reply.headers["Sforce-NumberOfRecords"] == "1"
    assert reply.headers["Sforce-Locator"] == "null"


def test_results_come_in_pages(jobs: Jobs) -> None:
    jobs.run(leads(5))
    job = jobs.query("SELECT LastName FROM Lead ORDER BY LastName")
    first = jobs.results(job, maxRecords=2)
    assert first.text == '"LastName"\n"L0"\n"L1"\n'
    locator = first.headers["Sforce-Locator"]
    assert locator not in ("null", "2")
    second = jobs.results(job, maxRecords=3, locator=locator)
    assert second.text == '"LastName"\n"L2"\n"L3"\n"L4"\n'
    assert second.headers["Sforce-Locator"] == "null"
    assert error(jobs.results(job, locator="OTk5"))[:2] == (400, "INVALID_QUERY_LOCATOR")


def test_an_empty_result_has_its_header(jobs: Jobs) -> None:
    reply = jobs.results(jobs.query("SELECT Id, Name FROM Lead"))
    assert reply.text == '"Id","Name"\n'
    assert reply.headers["Sforce-NumberOfRecords"] == "0"


def test_results_stay_as_they_were(jobs: Jobs) -> None:
    jobs.run(leads(2))
    job = jobs.query("SELECT Company FROM Lead")
    jobs.api.create(LastName="Later")
    assert jobs.results(job).headers["Sforce-NumberOfRecords"] == "2"


def test_query_all_sees_the_recycle_bin(jobs: Jobs) -> None:
    jobs.api.call("DELETE", f"sobjects/Lead/{jobs.api.create()}")
    assert jobs.query("SELECT Id FROM Lead")["numberRecordsProcessed"] == 0
    assert jobs.query("SELECT Id FROM Lead", "queryAll")["numberRecordsProcessed"] == 1


def test_results_are_for_the_version_that_asked(jobs: Jobs) -> None:
    job = jobs.query("SELECT Id FROM Lead")
    url = f"{V60}/query/{job['id']}/results".replace("v60.0", "v61.0")
    assert jobs.api.call("GET", url).status_code == 409


def test_parallel_readers_get_addresses(jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("syncadmin.emulator.bulk.queries.USUAL", 2)
    jobs.run(leads(11))
    job = jobs.query("SELECT LastName FROM Lead")
    found, url = [], f"{V60}/query/{job['id']}/resultPages"
    assert jobs.api.call("GET", url.replace("v60.0", "v57.0")).status_code == 404
    while url:
        page = jobs.api.call("GET", url).json()
        assert len(page["resultPages"]) <= 5
        for link in page["resultPages"]:
            found += jobs.api.call("GET", link["resultUrl"]).text.splitlines()[1:]
        url = page["nextRecordsUrl"]
    assert sorted(found) == sorted(f'"L{i}"' for i in range(11))


@pytest.mark.parametrize(
    ("soql", "text"),
    [
        ("SELECT Id, Address FROM Lead", "Selecting compound data not supported in Bulk Query"),
        ("SELECT Company, COUNT(Id) FROM Lead GROUP BY Company", "not supported in Bulk"),
        ("SELECT COUNT() FROM Lead", "not supported in Bulk"),
        ("SELECT Id FROM Lead LIMIT 10 OFFSET 5", "not supported in Bulk"),
        (
            "SELECT Id, (SELECT Id FROM Contacts) FROM Account",
            "Aggregate Relationships not supported in Bulk V2",
        ),
        ("SELECT TYPEOF Owner WHEN User THEN Name END FROM Lead", "TypeOf not supported in Bulk"),
        ("SELECT toLabel(Status) FROM Lead", "not implemented by this emulator"),
        ("SELECT Nope FROM Lead", "No such column 'Nope' on entity 'Lead'"),
        ("SELECT FROM Lead", "unexpected token"),
    ],
)
def test_what_a_bulk_query_cant_do_is_refused_at_once(jobs: Jobs, soql: str, text: str) -> None:
    status, code, message = error(
        jobs.api.call("POST", f"{V60}/query", {"operation": "query", "query": soql})
    )
    assert (status, code) == (400, "API_ERROR")
    assert text in message
    assert jobs.api.call("GET", f"{V60}/query").json()["records"] == []


def test_a_query_job_can_be_aborted_and_deleted(jobs: Jobs) -> None:
    jobs.api.control("faults", {"method": "BULK", "delay_ms": 300, "times": 1})
    made = jobs.api.call(
        "POST", f"{V60}/query", {"operation": "query", "query": "SELECT Id FROM Lead"}
    ).json()
    url = f"{V60}/query/{made['id']}"
    assert error(jobs.api.call("DELETE", url))[:2] == (400, "API_ERROR")
    assert jobs.patch(made["id"], "Aborted", "query").json()["state"] == "Aborted"
    assert error(jobs.results(made))[:2] == (400, "INVALIDJOBSTATE")
    assert jobs.api.call("DELETE", url).status_code == 204
    assert jobs.api.call("GET", url).status_code == 404
    done = jobs.query("SELECT Id FROM Lead")
    aborting = error(jobs.patch(done["id"], "Aborted", "query"))
    assert aborting == (400, "INVALIDJOBSTATE", "Aborting already Completed Job not allowed")


def test_a_data_file_keeps_jobs_and_goes_on_with_them(tmp_path: Any) -> None:
    with EmulatorServer(seed="empty", data=tmp_path / "org.db") as emulator:
        jobs = Jobs(Api(emulator))
        complete = jobs.run(leads(3))
        emulator.fault(method="BULK", delay_ms=50)
        job = jobs.make()
        jobs.put(job["id"], leads(5000))
        jobs.patch(job["id"], "UploadComplete")
        until = time.monotonic() + 20
        while not jobs.get(job["id"])["numberRecordsProcessed"]:
            assert time.monotonic() < until
    with EmulatorServer(seed="empty", data=tmp_path / "org.db") as emulator:
        jobs = Jobs(Api(emulator))
        assert jobs.get(complete["id"]) == complete
        assert len(jobs.rows(complete, "successfulResults")) == 3
        done = jobs.wait(job["id"])
        assert (done["state"], done["numberRecordsProcessed"]) == ("JobComplete", 5000)
        assert emulator.org.queries.run("SELECT COUNT() FROM Lead", None, "", None)["totalSize"] == 5003  # type: ignore[arg-type]


def test_a_reset_ends_all_jobs(jobs: Jobs) -> None:
    jobs.api.control("faults", {"method": "BULK", "delay_ms": 30})
    job = jobs.make()
    jobs.put(job["id"], leads(5000))
    jobs.patch(job["id"], "UploadComplete")
    jobs.wait(job["id"], "InProgress")
    jobs.api.control("reset", {})
    jobs.api.login()
    assert jobs.api.call("GET", f"{V60}/ingest/{job['id']}").status_code == 404
    assert jobs.run(leads(1))["state"] == "JobComplete"
    assert jobs.api.query("SELECT COUNT() FROM Lead")["totalSize"] == 1


@pytest.mark.parametrize("data", [b"LastName,Company\na,b\n\xff,c\n", b'LastName,Company\na,b\n"c,d\n'])
def test_what_is_no_csv_fails_the_job_and_not_the_call_that_closes_it(jobs: Jobs, data: bytes) -> None:
    made = jobs.make()["id"]
    jobs.api.call("PUT", f"{V60}/ingest/{made}/batches", data=data, headers={"Content-Type": "text/csv"})
    assert jobs.patch(made, "UploadComplete").status_code == 200
    job = jobs.wait(made)
    assert (job["state"], job["numberRecordsProcessed"]) == ("Failed", 0)
    assert job["errorMessage"].startswith("InvalidBatch : Failed to parse CSV: ")
    for name in ("successfulResults", "failedResults", "unprocessedRecords"):
        jobs.file(job, name)
    assert jobs.api.query("SELECT COUNT() FROM Lead")["totalSize"] == 0


@pytest.mark.parametrize("value", ["1_000", "nan", "20260101", "2026-W01-1"])
def test_what_only_python_reads_is_no_value(jobs: Jobs, value: str) -> None:
    name = "Renewal_Date__c" if value.startswith("2") else "NumberOfEmployees"
    job = jobs.run(f"LastName,Company,{name}\nV,C,{value}\n")
    (row,) = jobs.rows(job, "failedResults")
    assert f"'{value}' is not a valid value for the type xsd:" in row["sf__Error"]
