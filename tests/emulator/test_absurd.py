"""What nobody in his right mind sends is refused in the form a refusal has: never a 500, never half saved."""

from __future__ import annotations

import json
import socket
from typing import Any
from urllib.parse import urlsplit

import pytest

from syncadmin.emulator import EmulatorServer

from .conftest import DATA, Api

JSON = {"Content-Type": "application/json"}
LEAD = '{"LastName": "V", "Company": "C", %s}'


def send(api: Api, path: str, text: str) -> tuple[int, str]:
    reply = api.session.post(f"{api.url}{DATA}/{path}", data=text, headers=JSON, timeout=20)
    return reply.status_code, reply.json()[0]["errorCode"]


def raw(emulator: EmulatorServer, data: bytes) -> bytes:
    """What a socket gets that says this and no more."""
    place = urlsplit(emulator.url)
    with socket.create_connection((place.hostname or "", place.port or 0), 5) as connection:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def upload(api: Api, body: bytes) -> bytes:
    """The status line of an upload whose headers and body are these."""
    made = api.call("POST", "jobs/ingest", {"object": "Lead", "operation": "insert"}).json()
    head = f"PUT /{made['contentUrl']} HTTP/1.1\r\nHost: x\r\nContent-Type: text/csv\r\n"
    token = api.session.headers["Authorization"]
    return raw(api.emulator, f"{head}Authorization: {token}\r\n".encode() + body).partition(b"\r\n")[0]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[" * 100_000, "JSON_PARSER_ERROR"),
        (LEAD % '"\\ud800": 1', "JSON_PARSER_ERROR"),
        (LEAD % '"Title": "\\ud800"', "JSON_PARSER_ERROR"),
        (LEAD % '"Title": NaN', "JSON_PARSER_ERROR"),
        (LEAD % '"NumberOfEmployees": 1e400', "JSON_PARSER_ERROR"),
        (LEAD % '"NumberOfEmployees": "1_000"', "JSON_PARSER_ERROR"),
        (LEAD % '"AnnualRevenue": "1_000"', "JSON_PARSER_ERROR"),
        (LEAD % '"AnnualRevenue": "Infinity"', "JSON_PARSER_ERROR"),
        (LEAD % f'"AnnualRevenue": {"9" * 400}', "NUMBER_OUTSIDE_VALID_RANGE"),
        (LEAD % '"Partner__r": {"attributes": "x", "Name": "x"}', "INVALID_FIELD"),
        (LEAD % '"Partner__r": {"Id": {"a": 1}}', "INVALID_FIELD"),
        (LEAD % '"Partner__r": {"Id": [1]}', "INVALID_FIELD"),
    ],
)
def test_a_record_that_makes_no_sense(api: Api, text: str, code: str) -> None:
    assert send(api, "sobjects/Lead", text) == (400, code)
    assert api.query("SELECT COUNT() FROM Lead")["totalSize"] == 0


@pytest.mark.parametrize(
    "condition",
    [
        "CreatedDate = LAST_N_DAYS:99999999999",
        "CreatedDate = LAST_N_YEARS:9999",
        "CreatedDate = NEXT_N_YEARS:9999",
        "LastName = '\\ud800'",
    ],
)
def test_a_query_out_of_this_world(api: Api, condition: str) -> None:
    assert api.refusal(f"SELECT Id FROM Lead WHERE {condition}")[0] == "MALFORMED_QUERY"


def test_numbers_larger_than_any_are_only_numbers(api: Api) -> None:
    api.create(NumberOfEmployees=3, LastName="😀")
    huge = "9" * 25
    for tail in (f"LIMIT {huge}", f"WHERE NumberOfEmployees < {huge}", "WHERE LastName = '\\ud83d\\ude00'"):
        assert api.query(f"SELECT Id FROM Lead {tail}")["totalSize"] == 1
    assert api.call("GET", "recent", params={"limit": "²"}).status_code == 200


def test_a_search_that_makes_no_sense(api: Api) -> None:
    bodies: list[Any] = [{"sobjects": 5}, {"sobjects": [5]}, {"fields": 5, "sobjects": [{"name": "Lead"}]}]
    for body in bodies:
        assert send(api, "parameterizedSearch", json.dumps({"q": "ab", **body}))[0] == 400
    found = api.call("GET", "search", params={"q": "FIND {ab} RETURNING Lead(COUNT(Id))"})
    assert (found.status_code, found.json()[0]["errorCode"]) == (400, "MALFORMED_SEARCH")


@pytest.mark.parametrize("size", [b"Content-Length: 100\r\n\r\nLastName,Company\na,b\n", b""])
def test_half_an_upload_is_none(api: Api, size: bytes) -> None:
    chunked = b"Transfer-Encoding: chunked\r\n\r\n10\r\nLastName,Company\r\n"
    assert upload(api, size or chunked) == b"HTTP/1.1 400 Bad Request"


def test_a_whole_upload_in_chunks_is_one(api: Api) -> None:
    chunked = b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n10\r\nLastName,Company\r\n0\r\n\r\n"
    assert upload(api, chunked) == b"HTTP/1.1 201 Created"


def test_an_address_to_be_sent_to_holds_no_header(api: Api) -> None:
    for tail in ("%0d%0aX-Injected:%201", "%E2%82%AC"):
        query = f"response_type=code&client_id=demo&redirect_uri=http%3A%2F%2F127.0.0.1%2F{tail}"
        head = f"GET /services/oauth2/authorize?{query} HTTP/1.1\r\nHost: x\r\n\r\n"
        reply = raw(api.emulator, head.encode())
        assert reply.startswith(b"HTTP/1.1 400 ")
        assert b"\r\nX-Injected" not in reply


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("late_commit", {"seconds": "x"}),
        ("late_commit", {"seconds": "nan"}),
        ("clock", {"now": "x"}),
        ("clock", {"advance_seconds": 1e300}),
        ("clock", {"advance_seconds": 3e11}),
        ("lock", {"ids": [1]}),
        ("merge", {}),
        ("undelete", {"ids": [1]}),
        ("hard_delete", {"ids": 5}),
        ("reset", [1]),
        ("apps", {"client_id": "x", "redirect_uris": 5}),
        ("faults", {"status": "503"}),
        ("faults", {"error_code": "X", "times": "2"}),
        ("faults", {"delay_ms": -5}),
        ("rules", {"duplicate": {"fields": ["Nope__c"]}}),
        ("rules", {"duplicate": {"fields": ['Email" IS NOT NULL OR "Email']}}),
        ("rules", {"duplicate": {"match": "Nope"}}),
        ("rules", {"assignment": {"entries": [{"criteria": "((", "assign_to": "demo"}]}}),
        ("rules", {"assignment": {"entries": [{"criteria": [{"field": "Title"}], "assign_to": "demo"}]}}),
        ("schema", {"add": {"object": "Lead", "name": 'x" TEXT); DROP TABLE "Lead"; --__c'}}),
        ("schema", {"rename": {"object": "Lead", "field": "Nickname__c", "to": "bad name"}}),
        ("schema", {"rename": {"object": "Lead", "field": "Nickname__c", "to": "Region__c"}}),
    ],
)
def test_the_control_plane_refuses_and_goes_on(api: Api, path: str, body: Any) -> None:
    assert api.call("POST", f"/emulator/{path}", body).status_code == 400
    lead = api.create(Nickname__c="Vo")
    assert api.get(lead)["Nickname__c"] == "Vo"


@pytest.mark.parametrize(
    "formula",
    [
        "10 ^ 100000 > 1",
        "(0 - 8) ^ 0.5 > 1",
        "LEFT(LastName, LastName) = 'x'",
        "MAX(LastName, 1) > 1",
        "-LastName > 1",
        "REGEX(LastName, '(')",
        "TODAY() + 99999999 > TODAY()",
        "ADDMONTHS(TODAY(), 999999) = TODAY()",
        "LPAD('x', 999999999999) = 'x'",
    ],
)
def test_a_formula_that_fails_is_null(api: Api, formula: str) -> None:
    api.control("rules", {"validation": {"formula": formula, "message": "no"}})
    assert api.create()


def test_a_formula_field_that_fails_is_null(api: Api) -> None:
    field = {"object": "Lead", "name": "Odd__c", "type": "number", "formula": "IF(TRUE, LastName, 1)"}
    api.control("schema", {"add": field})
    assert api.get(api.create())["Odd__c"] is None


def test_paths_are_read_whatever_their_case(api: Api) -> None:
    assert api.call("GET", "/SERVICES/DATA/v20.0/limits").status_code == 410
    api.emulator.fault(status=503, times=1)
    assert api.call("GET", "/Services/Data/v59.0/limits").status_code == 503
    assert [one["status"] for one in api.call("GET", "/emulator/requests").json()["requests"][-2:]] == [
        410,
        503,
    ]
