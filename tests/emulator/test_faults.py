from __future__ import annotations

import time

import pytest
import requests

from .conftest import DATA, Api

BODY = {"LastName": "V", "Company": "C"}
RECORD = {"attributes": {"type": "Lead"}, **BODY}


def test_a_fault_happens_after_n_requests_and_so_many_times(api: Api) -> None:
    api.control("faults", {"status": 503, "match": "*/limits", "after": 1, "times": 2})
    codes = [api.call("GET", "limits").status_code for _ in range(4)]
    assert codes == [200, 503, 503, 200]


def test_an_unavailable_server_answers_html(api: Api) -> None:
    api.control("faults", {"status": 503})
    reply = api.call("GET", "limits")
    assert reply.headers["Content-Type"].startswith("text/html")
    api.control("faults", None, "DELETE")
    assert api.call("GET", "limits").status_code == 200


def test_an_error_code_answers_as_salesforce_would(api: Api) -> None:
    api.control("faults", {"error_code": "INVALID_SESSION_ID", "times": 1})
    reply = api.call("GET", "limits")
    assert (reply.status_code, reply.json()) == (
        401,
        [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}],
    )


def test_a_refused_login_by_oauth_has_the_form_of_oauth(api: Api) -> None:
    api.control("faults", {"error_code": "invalid_grant", "match": "*oauth2/token*", "times": 1})
    form = {"grant_type": "client_credentials", "client_id": "demo", "client_secret": "demo"}
    reply = requests.post(f"{api.url}/services/oauth2/token", data=form, timeout=30)
    refused = {"error": "invalid_grant", "error_description": "invalid grant"}
    assert (reply.status_code, reply.json()) == (400, refused)


def test_a_locked_row_is_500_in_a_single_call_and_per_record_in_a_collection(api: Api) -> None:
    api.control("faults", {"error_code": "UNABLE_TO_LOCK_ROW", "match": "sobjects"})
    single = api.call("POST", "sobjects/Lead", BODY)
    assert (single.status_code, single.json()[0]["errorCode"]) == (500, "UNABLE_TO_LOCK_ROW")
    reply = api.call("POST", "composite/sobjects", {"records": [RECORD, RECORD]})
    assert reply.status_code == 200
    assert [r["errors"][0]["statusCode"] for r in reply.json()] == ["UNABLE_TO_LOCK_ROW"] * 2


def test_only_the_first_records_fail_if_so_asked(api: Api) -> None:
    api.control("faults", {"error_code": "UNABLE_TO_LOCK_ROW", "match": "composite", "records": 1})
    results = api.call("POST", "composite/sobjects", {"records": [RECORD, RECORD]}).json()
    assert [r["success"] for r in results] == [False, True]


@pytest.mark.parametrize("match", ["*/composite", "*/composite/sobjects"])
def test_a_locked_row_reaches_the_records_inside_a_composite(api: Api, match: str) -> None:
    api.control("faults", {"error_code": "UNABLE_TO_LOCK_ROW", "match": match, "times": 1})
    sub = {
        "referenceId": "a",
        "method": "POST",
        "url": f"{DATA}/composite/sobjects",
        "body": {"records": [RECORD]},
    }
    reply = api.call("POST", "composite", {"compositeRequest": [sub]})
    assert reply.status_code == 200
    inner = reply.json()["compositeResponse"][0]
    assert inner["body"][0]["errors"][0]["statusCode"] == "UNABLE_TO_LOCK_ROW"
    again = api.call("POST", "composite", {"compositeRequest": [sub]}).json()["compositeResponse"][0]
    assert again["body"][0]["success"] is True


@pytest.mark.parametrize(("when", "created"), [("before", 0), ("after", 1)])
def test_a_lost_connection_may_or_may_not_have_done_the_work(api: Api, when: str, created: int) -> None:
    api.control("faults", {"drop": when, "match": "sobjects/Lead", "times": 1})
    with pytest.raises(requests.ConnectionError):
        api.call("POST", "sobjects/Lead", BODY)
    assert api.query("SELECT Id FROM Lead")["totalSize"] == created


def test_a_reply_may_end_too_early(api: Api) -> None:
    api.control("faults", {"truncate": 20, "times": 1})
    with pytest.raises(requests.RequestException):
        api.call("GET", "limits").json()


def test_a_reply_may_take_its_time(api: Api) -> None:
    api.control("faults", {"delay_ms": 150, "times": 1})
    start = time.monotonic()
    assert api.call("GET", "limits").status_code == 200
    assert time.monotonic() - start >= 0.15


def test_a_slow_subrequest_makes_the_composite_slow(api: Api) -> None:
    api.control("faults", {"delay_ms": 150, "match": "*/limits", "times": 1})
    sub = {"referenceId": "a", "method": "GET", "url": f"{DATA}/limits"}
    start = time.monotonic()
    assert api.call("POST", "composite", {"compositeRequest": [sub]}).status_code == 200
    assert time.monotonic() - start >= 0.15


def test_a_fault_of_connections_waits_for_a_request_with_one(api: Api) -> None:
    """A subrequest doesn't use it up."""
    api.control("faults", {"status": 503, "match": "*/limits", "times": 1})
    sub = {"referenceId": "a", "method": "GET", "url": f"{DATA}/limits"}
    inner = api.call("POST", "composite", {"compositeRequest": [sub]}).json()["compositeResponse"][0]
    assert inner["httpStatusCode"] == 200
    assert api.call("GET", "limits").status_code == 503


def test_a_lost_request_is_in_the_log_with_status_0(api: Api) -> None:
    api.control("requests", None, "DELETE")
    api.control("faults", {"drop": "before", "times": 1})
    with pytest.raises(requests.ConnectionError):
        api.call("GET", "limits")
    (entry,) = api.control("requests", None, "GET")["requests"]
    assert (entry["status"], entry["api_calls"]) == (0, 0)


def test_a_call_that_failed_before_it_counted_says_nothing_of_limits(api: Api) -> None:
    api.control("faults", {"status": 503, "times": 1})
    assert "Sforce-Limit-Info" not in api.call("GET", "limits").headers
    api.control("faults", {"error_code": "UNKNOWN_EXCEPTION", "times": 1})
    assert "Sforce-Limit-Info" not in api.call("GET", "limits").headers
    assert "Sforce-Limit-Info" in api.call("GET", "limits").headers
    api.control("session/expire", {})
    assert "Sforce-Limit-Info" not in api.call("GET", "limits").headers


def test_a_fault_may_be_for_one_method_only(api: Api) -> None:
    api.control("faults", {"status": 503, "method": "POST"})
    assert api.call("GET", "limits").status_code == 200
    assert api.call("POST", "sobjects/Lead", BODY).status_code == 503


def test_unknown_keys_are_refused(api: Api) -> None:
    assert api.call("POST", "/emulator/faults", {"explode": True}).status_code == 400


def test_an_error_code_without_a_pattern_leaves_logins_alone(api: Api) -> None:
    api.control("faults", {"error_code": "INVALID_SESSION_ID"})
    api.login()
    assert api.call("GET", "limits").status_code == 401


def paged(api: Api, count: int = 450) -> list[str]:
    """The ids of new leads, in the order of the query below."""
    made: list[str] = []
    for start in range(0, count, 200):
        records = [RECORD] * min(200, count - start)
        made += [r["id"] for r in api.call("POST", "composite/sobjects", {"records": records}).json()]
    return sorted(made)


def walk(api: Api) -> list[list[str]]:
    """The ids of each page of a query for all leads."""
    options = {"headers": {"Sforce-Query-Options": "batchSize=200"}}
    reply = api.query("SELECT Id FROM Lead ORDER BY Id", **options)
    pages = [[r["Id"] for r in reply["records"]]]
    while not reply["done"]:
        reply = api.call("GET", reply["nextRecordsUrl"]).json()
        pages.append([r["Id"] for r in reply["records"]])
    return pages


@pytest.mark.parametrize("after", [0, 1])
def test_a_page_may_come_twice_and_nothing_is_missing(api: Api, after: int) -> None:
    ids = paged(api)
    api.control("faults", {"duplicate_page": True, "after": after, "times": 1})
    pages = walk(api)
    pages_once = [ids[:200], ids[200:400], ids[400:]]
    assert pages == [*pages_once[: after + 1], *pages_once[after:]]
    assert walk(api) == pages_once


def test_a_session_ends_at_the_nth_call_and_stays_ended(api: Api) -> None:
    api.control("faults", {"expire_at_call": 3})
    assert [api.call("GET", "limits").status_code for _ in range(5)] == [200, 200, 401, 401, 401]
    api.login()
    assert [api.call("GET", "limits").status_code for _ in range(4)] == [200] * 4


def test_only_the_session_of_that_call_ends(api: Api) -> None:
    other = Api(api.emulator)
    api.control("faults", {"expire_at_call": 1})
    assert api.call("GET", "limits").status_code == 401
    assert other.call("GET", "limits").status_code == 200
    other.session.close()


def test_a_body_may_be_cut_in_a_reply_that_is_complete_as_http(api: Api) -> None:
    api.control("faults", {"cut_body": 20, "times": 1})
    reply = api.call("GET", "limits")
    assert (reply.status_code, len(reply.content)) == (200, 20)
    with pytest.raises(ValueError, match=r"Expecting|Unterminated"):
        reply.json()


def test_a_fault_is_a_line_in_python(api: Api) -> None:
    api.emulator.fault(status=503, times=1)
    assert [api.call("GET", "limits").status_code for _ in range(2)] == [503, 200]


@pytest.mark.parametrize("nothing", [{}, {"times": 1}, {"match": "*/limits"}, {"drop": "maybe"}])
def test_a_fault_that_does_nothing_is_refused(api: Api, nothing: dict[str, object]) -> None:
    assert api.call("POST", "/emulator/faults", nothing).status_code == 400


JOBS = "jobs/ingest"
CSV = {"Content-Type": "text/csv"}


def uploaded_job(api: Api) -> str:
    """A bulk job whose upload was received, though its reply was lost."""
    job = api.call("POST", JOBS, {"object": "Lead", "operation": "insert"}).json()["id"]
    api.control("faults", {"drop": "after", "match": "*/batches", "times": 1})
    with pytest.raises(requests.ConnectionError):
        api.call("PUT", f"{JOBS}/{job}/batches", data=b"LastName,Company\nV,C\n", headers=CSV)
    return str(job)


def finished(api: Api, job: str) -> dict[str, object]:
    until = time.monotonic() + 20
    while (shown := api.call("GET", f"{JOBS}/{job}").json())["state"] not in ("JobComplete", "Failed"):
        assert time.monotonic() < until, shown
        time.sleep(0.01)
    return dict(shown)


def test_an_upload_whose_reply_was_lost_was_received(api: Api) -> None:
    job = uploaded_job(api)
    assert api.call("PATCH", f"{JOBS}/{job}", {"state": "UploadComplete"}).status_code == 200
    done = finished(api, job)
    assert (done["state"], done["numberRecordsProcessed"], done["numberRecordsFailed"]) == (
        "JobComplete",
        1,
        0,
    )
    assert api.query("SELECT Id FROM Lead")["totalSize"] == 1


def test_a_job_runs_on_when_the_reply_that_started_it_was_lost(api: Api) -> None:
    job = uploaded_job(api)
    api.control("faults", {"drop": "after", "method": "PATCH", "match": "*/jobs/*", "times": 1})
    with pytest.raises(requests.ConnectionError):
        api.call("PATCH", f"{JOBS}/{job}", {"state": "UploadComplete"})
    assert finished(api, job)["numberRecordsProcessed"] == 1


def test_a_session_may_end_in_the_midst_of_a_job(api: Api) -> None:
    api.control("faults", {"expire_at_call": 2, "match": "*/jobs/*"})
    job = api.call("POST", JOBS, {"object": "Lead", "operation": "insert"}).json()["id"]
    assert api.call("GET", f"{JOBS}/{job}").status_code == 401
    api.login()
    assert api.call("GET", f"{JOBS}/{job}").json()["state"] == "Open"
