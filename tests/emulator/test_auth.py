from __future__ import annotations

import pytest
import requests

from .conftest import DATA, Api

ORG = "00DFe0000000001"
SOAP = """<?xml version="1.0" encoding="utf-8"?><env:Envelope xmlns:env="http://schemas.xmlsoap.org/soap/envelope/">
<env:Body><n1:login xmlns:n1="urn:partner.soap.sforce.com"><n1:username>{}</n1:username>
<n1:password>{}</n1:password></n1:login></env:Body></env:Envelope>"""


def token(api: Api, **form: str) -> requests.Response:
    return requests.post(f"{api.url}/services/oauth2/token", data=form, timeout=10)


def test_client_credentials_give_a_token_of_salesforces_form(api: Api) -> None:
    body = token(api, grant_type="client_credentials", client_id="demo", client_secret="demo").json()
    assert body["access_token"].startswith(f"{ORG}!")
    assert body["instance_url"] == api.url
    assert body["id"].startswith(f"{api.url}/id/00D")
    assert body["token_type"] == "Bearer"
    assert body["issued_at"].isdigit()


def test_client_credentials_may_come_as_http_basic(api: Api) -> None:
    reply = requests.post(
        f"{api.url}/services/oauth2/token",
        data={"grant_type": "client_credentials"},
        auth=("demo", "demo"),
        timeout=10,
    )
    assert reply.status_code == 200


def test_password_grant_wants_password_and_token(api: Api) -> None:
    form = {
        "grant_type": "password",
        "client_id": "demo",
        "client_secret": "demo",
        "username": "integration@demo.example",
    }
    assert token(api, **form, password="demodemo").status_code == 200
    reply = token(api, **form, password="wrong")
    assert (reply.status_code, reply.json()) == (
        400,
        {"error": "invalid_grant", "error_description": "authentication failure"},
    )


@pytest.mark.parametrize(
    ("form", "error", "description"),
    [
        (
            {"grant_type": "client_credentials", "client_id": "x"},
            "invalid_client_id",
            "client identifier invalid",
        ),
        (
            {"grant_type": "client_credentials", "client_id": "demo"},
            "invalid_client",
            "invalid client credentials",
        ),
        (
            {"grant_type": "refresh_token", "client_id": "demo", "client_secret": "demo"},
            "invalid_grant",
            "expired access/refresh token",
        ),
        ({"grant_type": "nonsense"}, "unsupported_grant_type", "grant type not supported"),
    ],
)
def test_oauth_refusals(api: Api, form: dict[str, str], error: str, description: str) -> None:
    reply = token(api, **form)
    assert (reply.status_code, reply.json()) == (400, {"error": error, "error_description": description})


def test_soap_login_gives_a_session(api: Api) -> None:
    body = SOAP.format("integration@demo.example", "demodemo")
    reply = requests.post(f"{api.url}/services/Soap/u/59.0", data=body, timeout=10)
    assert reply.status_code == 200
    assert f"<serverUrl>{api.url}/services/Soap/u/59.0/{ORG}</serverUrl>" in reply.text
    assert "<sessionSecondsValid>7200</sessionSecondsValid>" in reply.text
    session = reply.text.split("<sessionId>")[1].split("</sessionId>")[0]
    found = requests.get(
        f"{api.url}{DATA}/limits", headers={"Authorization": f"Bearer {session}"}, timeout=10
    )
    assert found.status_code == 200


def test_soap_login_refuses_as_recorded(api: Api) -> None:
    reply = requests.post(f"{api.url}/services/Soap/u/59.0", data=SOAP.format("x", "y"), timeout=10)
    assert reply.status_code == 500
    assert "<faultcode>sf:INVALID_LOGIN</faultcode><faultstring>INVALID_LOGIN: Invalid username" in reply.text
    assert "<sf:exceptionCode>INVALID_LOGIN</sf:exceptionCode>" in reply.text


@pytest.mark.parametrize(
    ("version", "known"), [("30.0", False), ("31.0", True), ("64.0", True), ("65.0", False)]
)
def test_soap_login_exists_from_v31_to_v64(api: Api, version: str, known: bool) -> None:
    body = SOAP.format("integration@demo.example", "demodemo")
    reply = requests.post(f"{api.url}/services/Soap/u/{version}", data=body, timeout=10)
    assert (reply.status_code == 200) is known
    assert known or "UNSUPPORTED_API_VERSION" in reply.text


def test_without_a_good_token_there_is_no_way_in(api: Api) -> None:
    for headers, error in (
        ({}, {"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}),
        (
            {"Authorization": "Bearer x"},
            {"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"},
        ),
        (
            {"Authorization": "Basic x"},
            {"message": "INVALID_HEADER_TYPE", "errorCode": "INVALID_AUTH_HEADER"},
        ),
    ):
        reply = requests.get(f"{api.url}{DATA}/sobjects", headers=headers, timeout=10)
        assert (reply.status_code, reply.json()) == (401, [error])


def test_expiring_sessions_ends_them_until_the_next_login(api: Api) -> None:
    api.control("session/expire", {})
    assert api.call("GET", "limits").status_code == 401
    api.login()
    assert api.call("GET", "limits").status_code == 200


def test_the_list_of_versions_needs_no_login_and_counts_nothing(api: Api) -> None:
    before = api.org.limits.used
    reply = requests.get(f"{api.url}/services/data", timeout=10)
    assert {"label": "Winter '24", "url": "/services/data/v59.0", "version": "59.0"} in reply.json()
    assert "Sforce-Limit-Info" not in reply.headers
    assert api.org.limits.used == before


def test_userinfo_identity_and_introspection_agree_on_who_it_is(api: Api) -> None:
    me = api.user("Integration User")
    info = api.call("GET", "/services/oauth2/userinfo").json()
    identity = api.call("GET", api.call("GET", f"{DATA}").json()["identity"].removeprefix(api.url)).json()
    form = {"token": str(api.session.headers["Authorization"]).split()[1]}
    seen = requests.post(f"{api.url}/services/oauth2/introspect", data=form, timeout=10).json()
    assert (info["user_id"], identity["user_id"]) == (me, me)
    assert (info["preferred_username"], seen["username"]) == ("integration@demo.example",) * 2
    assert seen["active"] is True
    assert seen["exp"] > seen["iat"]
    assert len(info) >= 17
