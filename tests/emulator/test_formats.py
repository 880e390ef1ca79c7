"""What a call may look like: how large, how long, and in which format."""

from __future__ import annotations

import gzip
import http.client
import socket
from collections.abc import Iterator

import pytest

from syncadmin.emulator import bodies

from .conftest import DATA, Api

LEAD = {"LastName": "V", "Company": "C"}
KILOBYTE = 1024


def leads(api: Api) -> int:
    return int(api.query("SELECT COUNT() FROM Lead")["totalSize"])


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A body may have 4 kB here rather than 50 MB."""
    monkeypatch.setattr(bodies, "LARGEST", 4 * KILOBYTE)


@pytest.mark.usefixtures("small")
def test_a_body_that_is_too_large_is_413_and_read_by_nobody(api: Api) -> None:
    reply = api.call("POST", "sobjects/Lead", LEAD | {"Description": "x" * 5000})
    assert (reply.status_code, reply.json()[0]["errorCode"]) == (413, "REQUEST_ENTITY_TOO_LARGE")
    assert leads(api) == 0


@pytest.mark.usefixtures("small")
def test_a_body_in_chunks_may_not_be_larger_either(api: Api) -> None:
    def parts() -> Iterator[bytes]:
        for _ in range(6):
            yield b" " * KILOBYTE

    assert api.session.post(f"{api.url}{DATA}/sobjects/Lead", data=parts(), timeout=10).status_code == 413


@pytest.mark.usefixtures("small")
def test_a_packed_body_is_measured_unpacked(api: Api) -> None:
    packed = gzip.compress(b" " * 1024 * KILOBYTE)
    assert len(packed) < 4 * KILOBYTE
    headers = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
    url = f"{api.url}{DATA}/sobjects/Lead"
    assert api.session.post(url, data=packed, headers=headers, timeout=10).status_code == 413
    good = gzip.compress(b'{"LastName": "V", "Company": "C"}')
    assert api.session.post(url, data=good, headers=headers, timeout=10).status_code == 201
    assert api.session.post(url, data=good[:-9], headers=headers, timeout=10).status_code == 400
    assert api.session.post(url, data=b"nonsense", headers=headers, timeout=10).status_code == 400


@pytest.mark.parametrize("length", ["nonsense", "-5"])
def test_a_length_that_is_none_is_400(api: Api, length: str) -> None:
    host, _, port = api.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        head = f"POST {DATA}/sobjects/Lead HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n"
        connection.sendall(head.encode())
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(12) == b"HTTP/1.1 400"


def test_address_and_headers_together_have_16384_bytes(api: Api) -> None:
    soql = "SELECT Id FROM Lead" + " " * 8000
    assert api.query(soql)["totalSize"] == 0
    reply = api.call("GET", "query", params={"q": soql}, headers={"X-Long": "x" * 9000})
    assert reply.status_code == 431


@pytest.mark.parametrize("accept", ["application/xml", "text/xml, application/xml;q=0.9"])
def test_replies_in_xml_are_not_implemented_and_it_says_so(api: Api, accept: str) -> None:
    reply = api.call("GET", "limits", headers={"Accept": accept})
    assert (reply.status_code, reply.json()[0]["errorCode"]) == (406, "NOT_ACCEPTABLE")
    assert "not implemented by this emulator" in reply.json()[0]["message"]


@pytest.mark.parametrize(
    "accept", ["*/*", "application/json", "application/xml, application/json", "text/html"]
)
def test_everybody_else_gets_json(api: Api, accept: str) -> None:
    assert api.call("GET", "limits", headers={"Accept": accept}).status_code == 200


def test_a_suffix_chooses_the_format(api: Api) -> None:
    assert api.call("GET", "sobjects/Lead/describe.json").json()["name"] == "Lead"
    assert api.call("GET", "query.json?q=SELECT+Id+FROM+Lead").status_code == 200
    assert api.call("GET", "sobjects/Lead/describe.xml").status_code == 406


def test_a_value_may_end_like_a_suffix(api: Api) -> None:
    lead = api.create(Email="a@x.json")
    assert api.call("GET", "sobjects/Lead/Email/a@x.json").json()["Id"] == lead


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "text/plain", "application/xml"])
def test_a_body_that_is_not_json_is_415(api: Api, kind: str) -> None:
    url = f"{api.url}{DATA}/sobjects/Lead"
    reply = api.session.post(url, data="{}", headers={"Content-Type": kind}, timeout=10)
    assert (reply.status_code, reply.json()[0]["errorCode"]) == (415, "UNSUPPORTED_MEDIA_TYPE")
    assert reply.json()[0]["message"].startswith("Unsupported Media Type")


def test_a_method_a_resource_does_not_have_is_405(api: Api) -> None:
    reply = api.call("DELETE", "limits")
    text = "HTTP Method 'DELETE' not allowed. Allowed are HEAD,GET"
    assert (reply.status_code, reply.json()) == (405, [{"message": text, "errorCode": "METHOD_NOT_ALLOWED"}])


def test_a_connection_goes_on_after_a_refusal_that_read_the_body(api: Api) -> None:
    connection = http.client.HTTPConnection(api.url.removeprefix("http://"), timeout=10)
    headers = {"Authorization": str(api.session.headers["Authorization"]), "Content-Type": "text/plain"}
    for _ in range(2):
        connection.request("POST", f"{DATA}/sobjects/Lead", b"x" * 2000, headers)
        reply = connection.getresponse()
        assert (reply.status, reply.read()[:2]) == (415, b"[{")
    connection.close()
