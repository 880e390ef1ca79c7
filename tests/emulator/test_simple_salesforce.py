"""The client everybody uses, unmodified: only the scheme of its addresses is changed, for it insists on https, and
its patience: it would wait five seconds where it can't be told how long to wait.
"""

from __future__ import annotations

import csv
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
import requests
from requests.adapters import HTTPAdapter

from .conftest import Api

simple_salesforce = pytest.importorskip("simple_salesforce")


class Loopback(HTTPAdapter):
    """Sends every request to the emulator."""

    def __init__(self, base: str) -> None:
        self.base = urlsplit(base)
        super().__init__()

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # type: ignore[override]
        url = urlsplit(str(request.url))
        request.url = urlunsplit((self.base.scheme, self.base.netloc, url.path, url.query, ""))
        return super().send(request, **options)


def session(api: Api) -> requests.Session:
    made = requests.Session()
    made.trust_env = False
    made.mount("https://", Loopback(api.url))
    return made


@pytest.fixture
def sf(api: Api, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The client with a session of the org."""
    monkeypatch.setattr("simple_salesforce.bulk.sleep", lambda seconds: time.sleep(0.02))
    return simple_salesforce.Salesforce(
        session=session(api),
        session_id=str(api.session.headers["Authorization"]).split()[1],
        instance="demo.my.salesforce.com",
    )


def lead(**values: Any) -> dict[str, Any]:
    return {"LastName": "Vogel", "Company": "Acme", **values}


@pytest.mark.parametrize(
    "login",
    [
        {"username": "integration@demo.example", "password": "demo", "security_token": "demo"},
        {
            "username": "integration@demo.example",
            "password": "demodemo",
            "consumer_key": "demo",
            "consumer_secret": "demo",
        },
        {"consumer_key": "demo", "consumer_secret": "demo", "domain": "demo.my"},
    ],
    ids=["SOAP login", "OAuth password", "client credentials"],
)
def test_it_logs_in_and_works(api: Api, login: dict[str, str]) -> None:
    sf = simple_salesforce.Salesforce(session=session(api), **login)
    made = sf.Lead.create({"LastName": "Vogel", "Company": "Acme"}, headers={"Sforce-Auto-Assign": "FALSE"})
    assert made["success"]
    assert sf.Lead.update(made["id"], {"Title": "x"}) == 204
    assert sf.Lead.upsert("External_Key__c/K1", {"LastName": "V", "Company": "C"}) == 201
    assert sf.Lead.get(made["id"])["Title"] == "x"
    assert sf.query_all("SELECT Id FROM Lead")["totalSize"] == 2
    assert sf.Lead.describe()["name"] == "Lead"
    assert sf.Lead.delete(made["id"]) == 204
    assert sf.limits()["DailyApiRequests"]["Max"] == 100_000
    assert sf.api_usage["api-usage"].total == 100_000


def test_it_reads_page_after_page(api: Api) -> None:
    sf = simple_salesforce.Salesforce(
        session=session(api),
        session_id=str(api.session.headers["Authorization"]).split()[1],
        instance="demo.my.salesforce.com",
    )
    for _ in range(11):
        records = [{"attributes": {"type": "Lead"}, "LastName": "V", "Company": "C"}] * 200
        sf.restful("composite/sobjects", method="POST", json={"records": records})
    assert len(sf.query_all("SELECT Id FROM Lead")["records"]) == 2200


def test_it_understands_the_errors(api: Api) -> None:
    sf = simple_salesforce.Salesforce(
        session=session(api), username="integration@demo.example", password="demo", security_token="demo"
    )
    with pytest.raises(simple_salesforce.SalesforceMalformedRequest) as error:
        sf.Lead.create({"Company": "Acme"})
    assert error.value.content[0]["errorCode"] == "REQUIRED_FIELD_MISSING"
    with pytest.raises(simple_salesforce.SalesforceAuthenticationFailed) as refused:
        simple_salesforce.Salesforce(session=session(api), username="x", password="y", security_token="z")
    assert refused.value.code == "INVALID_LOGIN"


def test_it_describes_what_there_is(sf: Any) -> None:
    assert {"Lead", "Contact", "Account"} <= {one["name"] for one in sf.describe()["sobjects"]}
    for name in ("Lead", "Contact", "Account"):
        assert getattr(sf, name).describe()["name"] == name
        assert getattr(sf, name).metadata()["objectDescribe"]["name"] == name
    assert sf.is_sandbox() in (True, False)


def test_it_reads_by_id_and_by_external_id(sf: Any) -> None:
    made = sf.Lead.create(lead(External_Key__c="K 1"))
    assert sf.Lead.get(made["id"])["LastName"] == "Vogel"
    sf.Lead.upsert("External_Key__c/K2", lead(LastName="Second"))
    assert sf.Lead.get_by_custom_id("External_Key__c", "K2")["LastName"] == "Second"
    with pytest.raises(simple_salesforce.SalesforceResourceNotFound):
        sf.Lead.get("00Q000000000000AAA")


def test_it_hands_raw_replies_out(sf: Any) -> None:
    made = sf.Lead.create(lead())
    assert sf.Lead.update(made["id"], {"Title": "x"}, raw_response=True).status_code == 204
    assert sf.Lead.upsert("External_Key__c/K1", lead(), raw_response=True).json()["created"] is True
    assert sf.Lead.delete(made["id"], raw_response=True).status_code == 204


def test_it_iterates_over_all_records_and_the_recycle_bin(sf: Any) -> None:
    made = [sf.Lead.create(lead())["id"] for _ in range(3)]
    sf.Lead.delete(made[0])
    assert sf.query("SELECT Id FROM Lead")["totalSize"] == 2
    assert sf.query("SELECT Id FROM Lead", include_deleted=True)["totalSize"] == 3
    assert sf.query_all("SELECT Id FROM Lead", include_deleted=True)["totalSize"] == 3
    assert [one["Id"] for one in sf.query_all_iter("SELECT Id FROM Lead ORDER BY Id")] == made[1:]


def test_it_follows_pages_by_address_and_by_id(sf: Any) -> None:
    sf.bulk2.Lead.insert(records=[lead() for _ in range(450)], wait=0.02)
    sizes = {"Sforce-Query-Options": "batchSize=200"}
    first = sf.query("SELECT Id FROM Lead", headers=sizes)
    second = sf.query_more(first["nextRecordsUrl"], identifier_is_url=True)
    third = sf.query_more(second["nextRecordsUrl"].rpartition("/")[2])
    assert [len(page["records"]) for page in (first, second, third)] == [200, 200, 50]
    assert third["done"] is True


def test_it_asks_what_changed_and_what_went(sf: Any, api: Api) -> None:
    kept, gone = (sf.Lead.create(lead())["id"] for _ in range(2))
    sf.Lead.delete(gone)
    api.control("clock", {"advance_seconds": 90})
    now = datetime.now(UTC)
    start, end = now - timedelta(minutes=5), now + timedelta(minutes=5)
    assert sf.Lead.updated(start, end)["ids"] == [kept]
    assert [one["id"] for one in sf.Lead.deleted(start, end)["deletedRecords"]] == [gone]


def test_it_reaches_any_resource(sf: Any) -> None:
    assert sf.restful("sobjects/Lead/describe")["name"] == "Lead"
    assert sf.restful("limits")["DailyApiRequests"]["Max"] == 100_000
    made = sf.Lead.create(lead())["id"]
    assert sf.restful(f"sobjects/Lead/{made}", method="DELETE") is None
    assert sf.oauth2("userinfo")["preferred_username"] == "integration@demo.example"


def test_it_searches(sf: Any) -> None:
    made = sf.Lead.create(lead(LastName="Waldoson"))["id"]
    found = sf.search("FIND {Waldoson} IN ALL FIELDS RETURNING Lead(Id, LastName)")
    assert [(one["Id"], one["LastName"]) for one in found["searchRecords"]] == [(made, "Waldoson")]
    assert [one["Id"] for one in sf.quick_search("Waldoson")["searchRecords"]] == [made]


def test_it_reads_the_schema_as_tools_do(sf: Any) -> None:
    soql = "SELECT QualifiedApiName FROM EntityDefinition WHERE QualifiedApiName = 'Lead'"
    found = sf.toolingexecute("query", params={"q": soql})
    assert [one["QualifiedApiName"] for one in found["records"]] == ["Lead"]


def test_it_is_told_what_there_isnt(sf: Any) -> None:
    with pytest.raises(simple_salesforce.SalesforceError) as refused:
        sf.apexecute("Whatever", method="POST", data={})
    assert refused.value.status == 404
    with pytest.raises(simple_salesforce.SalesforceError) as missing:
        sf.toolingexecute("executeAnonymous", params={"anonymousBody": "Integer i;"})
    assert "not implemented by this emulator" in str(missing.value.content)


def test_it_reads_layouts(sf: Any) -> None:
    master = "012000000000000AAA"
    sections = sf.Lead.describe_layout(master)["editLayoutSections"]
    assert isinstance(sections, list)


def test_it_sets_a_password(sf: Any, api: Api) -> None:
    user = sf.query("SELECT Id FROM User WHERE Username = 'integration@demo.example'")["records"][0]["Id"]
    sf.set_password(user, "better")
    login = {"username": "integration@demo.example", "security_token": "demo", "session": session(api)}
    with pytest.raises(simple_salesforce.SalesforceAuthenticationFailed):
        simple_salesforce.Salesforce(password="demo", **login)
    assert simple_salesforce.Salesforce(password="better", **login).limits()


def test_bulk_1_writes_and_says_what_became_of_each_record(sf: Any, api: Api) -> None:
    records = [lead(External_Key__c=f"K{i}") for i in range(5)]
    made = sf.bulk.Lead.insert(records, batch_size=2)
    assert [one["success"] for one in made] == [True] * 5
    assert [one["created"] for one in made] == [True] * 5
    ids = [one["id"] for one in made]
    changed = sf.bulk.Lead.update(
        [{"Id": i, "Title": "Boss"} for i in ids] + [{"Id": "x"}], batch_size="auto"
    )
    assert [one["success"] for one in changed] == [True] * 5 + [False]
    assert changed[-1]["errors"][0]["statusCode"] == "MALFORMED_ID"
    both = sf.bulk.Lead.upsert([*records[:1], lead(External_Key__c="New")], "External_Key__c")
    assert [one["created"] for one in both] == [False, True]
    assert all(one["success"] for one in sf.bulk.Lead.delete([{"Id": i} for i in ids[:2]]))
    assert all(one["success"] for one in sf.bulk.Lead.hard_delete([{"Id": i} for i in ids[2:4]]))
    assert len(api.org.query_all("SELECT Id FROM Lead")) == 4


def test_bulk_1_hands_the_records_back_with_their_results(sf: Any) -> None:
    (made,) = sf.bulk.Lead.insert([lead(Title="Boss")], include_detailed_results=True)
    assert (made["Title"], made["success"]) == ("Boss", True)
    bypassed = sf.bulk.Lead.insert([lead()], bypass_results=True)
    assert [list(one) for one in bypassed] == [["bypass_results"], ["job_id"]]


def test_bulk_1_takes_the_operation_as_a_word(sf: Any) -> None:
    (made,) = sf.bulk.submit_dml("Lead", "insert", [lead(External_Key__c="K1")])
    assert made["success"]
    (same,) = sf.bulk.submit_dml("Lead", "upsert", [lead(External_Key__c="K1")], "External_Key__c")
    assert (same["id"], same["created"]) == (made["id"], False)


def test_bulk_1_queries(sf: Any) -> None:
    made = sf.bulk.Lead.insert([lead() for _ in range(3)])
    sf.Lead.delete(made[0]["id"])
    found = sf.bulk.Lead.query("SELECT Id, LastName FROM Lead", wait=0.02)
    assert {one["Id"] for one in found} == {one["id"] for one in made[1:]}
    assert len(sf.bulk.Lead.query_all("SELECT Id FROM Lead", wait=0.02)) == 3
    pages = sf.bulk.Lead.query("SELECT Id FROM Lead", wait=0.02, lazy_operation=True)
    assert [len(page) for page in pages] == [2]
    with pytest.raises(simple_salesforce.exceptions.SalesforceGeneralError, match="InvalidBatch"):
        sf.bulk.Lead.query("SELECT Nope FROM Lead", wait=0.02)


def test_bulk_2_writes_and_says_what_became_of_each_record(sf: Any, api: Api, tmp_path: Path) -> None:
    bulk = sf.bulk2.Lead
    records = [lead(External_Key__c=f"K{i}") for i in range(4)] + [{"LastName": "", "Company": "C"}]
    (job,) = bulk.insert(records=records, wait=0.02)
    numbers = {"numberRecordsProcessed": 5, "numberRecordsFailed": 1, "numberRecordsTotal": 5}
    assert {key: job[key] for key in numbers} == numbers
    found = bulk.get_all_ingest_records(job["job_id"])
    ids = [one["sf__Id"] for one in found["successfulRecords"]]
    assert len(ids) == 4
    assert "REQUIRED_FIELD_MISSING" in found["failedRecords"][0]["sf__Error"]
    assert found["unprocessedRecords"] == []
    assert "sf__Created" in bulk.get_successful_records(job["job_id"])
    assert "sf__Error" in bulk.get_failed_records(job["job_id"])
    bulk.get_unprocessed_records(job["job_id"], file=str(tmp_path / "left.csv"))
    assert "LastName" in (tmp_path / "left.csv").read_text()
    bulk.update(records=[{"Id": i, "Title": "Boss"} for i in ids], wait=0.02)
    assert sf.query("SELECT Id FROM Lead WHERE Title = 'Boss'")["totalSize"] == 4
    new = [lead(External_Key__c=key) for key in ("K0", "New")]
    (both,) = bulk.upsert(records=new, external_id_field="External_Key__c", wait=0.02)
    rows = csv.DictReader(bulk.get_successful_records(both["job_id"]).splitlines())
    assert sorted(row["sf__Created"] for row in rows) == ["false", "true"]
    bulk.delete(records=[{"Id": i} for i in ids[:2]], wait=0.02)
    bulk.hard_delete(records=[{"Id": ids[2]}], wait=0.02)
    assert len(api.org.query_all("SELECT Id FROM Lead")) == 4


def test_bulk_2_uploads_files_in_parts(sf: Any, tmp_path: Path) -> None:
    file = tmp_path / "leads.csv"
    file.write_text("LastName|Company\n" + "".join(f"L{i}|C\n" for i in range(25)))
    done = sf.bulk2.Lead.insert(str(file), batch_size=10, column_delimiter="PIPE", wait=0.02, concurrency=2)
    assert sorted(one["numberRecordsProcessed"] for one in done) == [5, 10, 10]


def test_bulk_2_queries_page_by_page_and_into_files(sf: Any, tmp_path: Path) -> None:
    sf.bulk2.Lead.insert(records=[lead(LastName=f"L{i}") for i in range(5)], wait=0.02)
    sf.Lead.delete(sf.query("SELECT Id FROM Lead LIMIT 1")["records"][0]["Id"])
    pages = list(sf.bulk2.Lead.query("SELECT LastName FROM Lead ORDER BY Id", max_records=3, wait=0.02))
    assert [page.splitlines()[1:] for page in pages] == [['"L1"', '"L2"', '"L3"'], ['"L4"']]
    everything = "".join(sf.bulk2.Lead.query_all("SELECT LastName FROM Lead", wait=0.02))
    assert len(everything.splitlines()) == 6
    files = sf.bulk2.Lead.download("SELECT Id FROM Lead", str(tmp_path), max_records=2, wait=0.02)
    assert [one["number_of_records"] for one in files] == [2, 2]
    assert Path(files[0]["file"]).read_text().startswith('"Id"\n')


def test_bulk_2_tells_why_a_job_failed(sf: Any) -> None:
    with pytest.raises(
        simple_salesforce.exceptions.SalesforceOperationError, match="Field name not found : Nope"
    ):
        sf.bulk2.Lead.insert(records=[{"Nope": "x"}], wait=0.02)
    with pytest.raises(simple_salesforce.SalesforceMalformedRequest, match="API_ERROR"):
        list(sf.bulk2.Lead.query("SELECT Nope FROM Lead", wait=0.02))
