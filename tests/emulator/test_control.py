from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import requests

from syncadmin.emulator.clock import parse_moment

from .conftest import DATA, Api


def test_late_commits_are_stamped_now_and_visible_later(api: Api) -> None:
    early = api.create(LastName="Early")
    api.control("late_commit", {"seconds": 8})
    late = api.create(LastName="Late")
    stamp = api.org.state.clock.stamp()
    assert api.call("PATCH", f"sobjects/Lead/{early}", {"Title": "x"}).status_code == 204
    assert api.records("SELECT LastName, Title FROM Lead") == [{"LastName": "Early", "Title": None}]
    api.control("clock", {"advance_seconds": 9})
    found = {r["Id"]: r for r in api.records("SELECT Id, Title, SystemModstamp FROM Lead")}
    assert set(found) == {early, late}
    assert found[early]["Title"] == "x"
    assert found[late]["SystemModstamp"] <= stamp


def test_after_zero_writes_are_visible_at_once_again(api: Api) -> None:
    api.control("late_commit", {"seconds": 8})
    api.control("late_commit", {"seconds": 0})
    api.create()
    assert api.query("SELECT Id FROM Lead")["totalSize"] == 1


def test_the_date_header_follows_the_clock(api: Api) -> None:
    api.control("clock", {"now": "2031-02-03T04:05:06Z"})
    assert api.call("GET", "limits").headers["Date"].startswith("Mon, 03 Feb 2031 04:05:0")
    assert api.get(api.create())["CreatedDate"].startswith("2031-02-03T04:05:0")
    api.control("clock", {"advance_seconds": 86400})
    assert api.call("GET", "limits").headers["Date"].startswith("Tue, 04 Feb 2031")


def test_an_exhausted_limit_answers_403_without_retry_after(api: Api) -> None:
    api.control("limits", {"DailyApiRequests": {"Max": 100, "Remaining": 1}}, "PUT")
    last = api.call("GET", "limits")
    assert last.headers["Sforce-Limit-Info"] == "api-usage=100/100"
    assert last.json()["DailyApiRequests"] == {"Max": 100, "Remaining": 0}
    reply = api.call("GET", "limits")
    assert (reply.status_code, reply.json()) == (
        403,
        [{"message": "TotalRequests Limit exceeded.", "errorCode": "REQUEST_LIMIT_EXCEEDED"}],
    )
    assert "Retry-After" not in reply.headers


def test_record_counts_leave_out_objects_without_records(api: Api) -> None:
    api.create()
    counts = api.call("GET", "limits/recordCount", params={"sObjects": "Lead,Contact"}).json()
    assert counts == {"sObjects": [{"count": 1, "name": "Lead"}]}


def test_the_log_says_who_asked_what_and_what_it_cost(api: Api) -> None:
    api.control("requests", None, "DELETE")
    api.call("GET", "limits", headers={"Sforce-Call-Options": "client=syncadmin/1"})
    requests.get(f"{api.url}/services/data", headers={"User-Agent": "someone"}, timeout=10)
    first, second = api.control("requests", None, "GET")["requests"]
    assert first == {
        "method": "GET",
        "path": f"{DATA}/limits",
        "status": 200,
        "api_calls": 1,
        "client": "syncadmin/1",
    }
    assert (second["api_calls"], second["client"]) == (0, "someone")


def test_the_log_shows_the_headers_of_subrequests(api: Api) -> None:
    api.control("requests", None, "DELETE")
    sub = {"referenceId": "a", "method": "GET", "url": f"{DATA}/limits"}
    sent = [{**sub, "httpHeaders": {"Sforce-Auto-Assign": "FALSE"}}, {**sub, "referenceId": "b"}]
    api.call("POST", "composite", {"compositeRequest": sent})
    (entry,) = api.control("requests", None, "GET")["requests"]
    assert entry["subrequests"] == [
        {
            "method": "GET",
            "path": f"{DATA}/limits",
            "status": 200,
            "httpHeaders": {"Sforce-Auto-Assign": "FALSE"},
        },
        {"method": "GET", "path": f"{DATA}/limits", "status": 200},
    ]


def test_calls_are_counted_for_the_request_that_made_them(api: Api) -> None:
    api.control("requests", None, "DELETE")
    api.control("faults", {"delay_ms": 50, "match": "*/query"})
    headers = {"Authorization": str(api.session.headers["Authorization"])}

    def ask(_: int) -> None:
        requests.get(f"{api.url}{DATA}/query?q=SELECT+Id+FROM+Lead", headers=headers, timeout=10)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(ask, range(18)))
    assert [r["api_calls"] for r in api.control("requests", None, "GET")["requests"]] == [1] * 18


def test_a_reset_waits_for_those_who_are_reading(api: Api) -> None:
    """Nobody gets an answer out of half an org, and nothing is left of the one before."""
    headers = {"Authorization": str(api.session.headers["Authorization"])}
    stop = threading.Event()

    def ask(_: int) -> set[int]:
        codes = set()
        while not stop.is_set():
            reply = requests.post(
                f"{api.url}{DATA}/sobjects/Lead",
                json={"LastName": "V", "Company": "C"},
                headers=headers,
                timeout=10,
            )
            codes.add(reply.status_code)
        return codes

    with ThreadPoolExecutor(4) as pool:
        asking = [pool.submit(ask, n) for n in range(4)]
        for _ in range(15):
            api.control("reset", {"seed": "empty"})
        stop.set()
        assert set().union(*(one.result() for one in asking)) == {201}
    api.control("reset", {"seed": "empty"})
    assert api.query("SELECT COUNT() FROM Lead")["totalSize"] == 0


def test_a_reset_ends_what_was_set(api: Api) -> None:
    api.control("late_commit", {"seconds": 60})
    api.control("clock", {"advance_seconds": 10**8})
    api.control("limits", {"DailyApiRequests": {"Max": 10, "Remaining": 0}}, "PUT")
    api.control("reset", {"seed": "empty"})
    api.create()
    assert api.query("SELECT COUNT() FROM Lead")["totalSize"] == 1
    assert api.org.limits.header == "api-usage=2/100000"


def test_a_wrong_seed_is_refused_and_leaves_the_org_alone(api: Api) -> None:
    api.create()
    assert api.call("POST", "/emulator/reset", {"seed": "nonsense"}).status_code == 400
    assert api.query("SELECT COUNT() FROM Lead")["totalSize"] == 1


def test_reset_starts_again_with_the_seed_asked_for(api: Api) -> None:
    api.create()
    api.control("faults", {"status": 503})
    api.control("reset", {"seed": 3})
    assert api.query("SELECT Id FROM Lead")["totalSize"] == 3
    api.control("reset", {"seed": "empty"})
    assert api.query("SELECT Id FROM Lead")["totalSize"] == 0
    assert api.refusal("SELECT VIP__c FROM Lead")[0] == "INVALID_FIELD"


def test_custom_fields_come_change_and_go(bare: Api) -> None:
    field = {"object": "Lead", "name": "Shoe_Size__c", "type": "text", "length": 10}
    bare.control("schema", {"add": field})
    lead = bare.create(Shoe_Size__c="42")
    other = bare.create(Shoe_Size__c="big")
    bare.control("schema", {"rename": {"object": "Lead", "field": "Shoe_Size__c", "to": "Shoes__c"}})
    assert bare.get(lead)["Shoes__c"] == "42"
    bare.control("schema", {"retype": {"object": "Lead", "field": "Shoes__c", "type": "number", "scale": 1}})
    assert (bare.get(lead)["Shoes__c"], bare.get(other)["Shoes__c"]) == (42.0, None)
    bare.control("schema", {"hide": {"object": "Lead", "field": "Shoes__c"}})
    assert "Shoes__c" not in bare.get(lead)
    bare.control("schema", {"show": {"object": "Lead", "field": "Shoes__c"}})
    bare.control("schema", {"remove": {"object": "Lead", "field": "Shoes__c"}})
    assert "Shoes__c" not in bare.get(lead)


@pytest.mark.parametrize(
    "body",
    [
        {"remove": {"object": "Lead", "field": "Email"}},
        {"add": {"object": "Lead", "name": "Email"}},
        {"explode": {"object": "Lead"}},
        {"rename": {"object": "Lead", "field": "Nope__c", "to": "X__c"}},
    ],
)
def test_changes_of_the_schema_that_make_no_sense_are_refused(bare: Api, body: dict[str, object]) -> None:
    assert bare.call("POST", "/emulator/schema", body).status_code == 400


def test_a_new_formula_field_is_filled_in_without_moving_the_stamps(api: Api) -> None:
    lead = api.create(Company="Acme")
    before = api.get(lead)["SystemModstamp"]
    api.control("clock", {"advance_seconds": 5})
    spec = {"object": "Lead", "name": "Shout__c", "type": "formula", "formula": "UPPER(Company)"}
    api.control("schema", {"add": spec})
    record = api.get(lead)
    assert (record["Shout__c"], record["SystemModstamp"]) == ("ACME", before)


def test_conversion_makes_a_contact_and_marks_the_lead(api: Api) -> None:
    lead = api.create(FirstName="Ute", Email="ute@x.example", City="Berlin", VIP__c=True)
    done = api.control("convert", {"lead_id": lead})
    contact = api.get(done["contact_id"], "Contact")
    assert (contact["Name"], contact["MailingCity"], contact["VIP__c"]) == ("Ute Vogel", "Berlin", True)
    assert contact["AccountId"] == done["account_id"]
    record = api.get(lead)
    assert (record["IsConverted"], record["Status"]) == (True, "Closed - Converted")
    assert record["ConvertedContactId"] == done["contact_id"]
    assert record["SystemModstamp"] > contact["SystemModstamp"]


def test_a_merge_deletes_the_loser_and_says_who_won(api: Api) -> None:
    winner, loser = api.create(), api.create()
    api.control("merge", {"object": "Lead", "master": winner, "losers": [loser], "values": {"Title": "Both"}})
    gone = api.org.query_all(f"SELECT IsDeleted, MasterRecordId FROM Lead WHERE Id = '{loser}'")[0]
    assert (gone["IsDeleted"], gone["MasterRecordId"]) == (True, winner)
    assert api.get(winner)["Title"] == "Both"


def test_what_is_covered_ends_where_a_late_write_begins(api: Api) -> None:
    api.control("late_commit", {"seconds": 600})
    begun = api.org.state.clock.now()
    api.create()
    api.control("clock", {"advance_seconds": 300})
    start, end = (api.org.state.clock.now() + timedelta(minutes=m) for m in (-10, 0))
    form = "%Y-%m-%dT%H:%M:%SZ"
    path = f"sobjects/Lead/updated?start={start.strftime(form)}&end={end.strftime(form)}"
    covered = api.call("GET", path).json()["latestDateCovered"]
    assert abs(parse_moment(covered) - begun) < timedelta(seconds=2)


def test_a_late_write_outlives_a_change_of_the_schema(api: Api) -> None:
    api.control("late_commit", {"seconds": 600})
    lead = api.create(Nickname__c="Vo")
    api.control("schema", {"remove": {"object": "Lead", "field": "Nickname__c"}})
    assert api.get(lead)["LastName"] == "Vogel"
