"""Every refusal of the catalogue, provoked: status, body, and the order of the keys."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ..conftest import DATA, Api
from .refusals import CATALOGUE, Refusal

RECORDED = Path(__file__).resolve().parents[4] / "shared/salesforce-recordings/errors/error_catalogue.json"
# What this org isn't set up for, or isn't a JSON refusal and is asserted elsewhere.
ELSEWHERE = {
    ("FIELD_INTEGRITY_EXCEPTION", 400): "state and country picklists aren't emulated",
    ("INVALID_CROSS_REFERENCE_KEY", 400): "a record type: a fresh org has none",
    ("INVALID_LOGIN (SOAP)", 500): "below",
    ("Bulk2 job Failed", 200): "test_bulk2.py",
    ("Bulk2 failedResults row", 200): "test_bulk2.py",
    ("retired version", 410): "below",
}


@pytest.mark.parametrize("refusal", CATALOGUE, ids=str)
def test_refusal_is_as_known(api: Api, refusal: Refusal) -> None:
    reply, body = refusal.provoke(api)
    assert (reply.status_code, reply.json()) == (refusal.http, body)
    assert json.dumps(reply.json()) == json.dumps(body), "the order of the keys"


def test_a_wrong_password_over_soap_is_the_recorded_fault(api: Api) -> None:
    login = (
        '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>'
        '<login xmlns="urn:partner.soap.sforce.com"><username>integration@demo.example</username>'
        "<password>wrong</password></login></e:Body></e:Envelope>"
    )
    headers = {"Content-Type": "text/xml", "SOAPAction": "login"}
    reply = api.session.post(f"{api.url}/services/Soap/u/59.0", login, headers=headers, timeout=10)
    text = "Invalid username, password, security token; or user locked out."
    assert reply.status_code == 500
    for part in (
        "<faultcode>sf:INVALID_LOGIN</faultcode>",
        f"<faultstring>INVALID_LOGIN: {text}</faultstring>",
        '<sf:LoginFault xsi:type="sf:LoginFault"><sf:exceptionCode>INVALID_LOGIN</sf:exceptionCode>'
        f"<sf:exceptionMessage>{text}</sf:exceptionMessage>",
        'xmlns:sf="urn:fault.partner.soap.sforce.com"',
    ):
        assert part in reply.text


def test_versions_that_were_retired_are_gone(api: Api) -> None:
    assert api.call("GET", "/services/data/v30.0/limits").status_code == 410
    assert api.call("GET", DATA.replace("59", "31") + "/limits").status_code == 200


@pytest.mark.skipif(not RECORDED.is_file(), reason="the recordings aren't here")
def test_no_recorded_refusal_is_left_out() -> None:
    """By code and status: each of the collected refusals is provoked here or excused by name."""
    known = {(refusal["code"], refusal["http"]) for refusal in json.loads(RECORDED.read_text())}
    provoked = {(refusal.code, refusal.http) for refusal in CATALOGUE}
    assert known - provoked == set(ELSEWHERE)
