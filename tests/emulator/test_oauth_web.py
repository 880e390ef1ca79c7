"""Logging in by way of a browser, by JWT, and what OpenID Connect says."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jwt
import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from .conftest import DATA, Api

CALLBACK = "http://localhost:1717/callback"
VERIFIER = "a-verifier-that-is-long-enough-for-the-rule-of-43-characters"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
USER = {"username": "integration@demo.example", "password": "demo", "decision": "allow"}
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"


def asking(**more: str) -> dict[str, str]:
    return {"response_type": "code", "client_id": "demo", "redirect_uri": CALLBACK, "state": "s 1", **more}


def authorize(api: Api, method: str = "POST", **form: str) -> requests.Response:
    url = f"{api.url}/services/oauth2/authorize"
    if method == "GET":
        return requests.get(url, params=form, timeout=10, allow_redirects=False)
    return requests.post(url, data=form, timeout=10, allow_redirects=False)


def sent_back(reply: requests.Response) -> dict[str, str]:
    """What the client gets by the redirect."""
    assert reply.status_code == 302, reply.text
    target = reply.headers["Location"]
    assert target.startswith(CALLBACK)
    return dict(parse_qsl(urlsplit(target).query))


def code(api: Api, **more: str) -> str:
    return sent_back(authorize(api, **asking(**more), **USER))["code"]


def token(api: Api, **form: str) -> requests.Response:
    return requests.post(f"{api.url}/services/oauth2/token", data=form, timeout=10)


def redeem(api: Api, given: str, **more: str) -> requests.Response:
    form = {"grant_type": "authorization_code", "code": given, "redirect_uri": CALLBACK, "client_id": "demo"}
    return token(api, **(form | {"client_secret": "demo"} | more))


def works(api: Api, access: str) -> bool:
    reply = requests.get(f"{api.url}{DATA}/limits", headers={"Authorization": f"Bearer {access}"}, timeout=10)
    return reply.status_code == 200


def test_the_page_asks_for_a_login_and_may_lead_back_to_the_client(api: Api) -> None:
    reply = authorize(api, "GET", **asking(login_hint="ann@x.example", scope="api"))
    assert reply.status_code == 200
    assert 'value="ann@x.example"' in reply.text
    assert "form-action 'self' http://localhost:1717;" in reply.headers["Content-Security-Policy"]


def test_a_code_is_good_for_tokens_and_a_refresh_token_for_more(api: Api) -> None:
    back = sent_back(authorize(api, **asking(scope="refresh_token api"), **USER))
    assert back["state"] == "s 1"
    body = redeem(api, back["code"]).json()
    assert works(api, body["access_token"])
    assert (body["scope"], body["token_type"], "id_token" in body) == ("api refresh_token", "Bearer", False)
    form = {"grant_type": "refresh_token", "client_id": "demo", "client_secret": "demo"}
    again = token(api, **form, refresh_token=body["refresh_token"]).json()
    assert works(api, again["access_token"])
    assert "refresh_token" not in again


def test_without_the_scope_there_is_no_refresh_token(api: Api) -> None:
    assert "refresh_token" not in redeem(api, code(api, scope="api")).json()


def test_a_code_is_good_once(api: Api) -> None:
    given = code(api)
    assert redeem(api, given).status_code == 200
    reply = redeem(api, given)
    assert (reply.status_code, reply.json()) == (
        400,
        {"error": "invalid_grant", "error_description": "invalid authorization code"},
    )


def test_a_code_is_good_for_fifteen_minutes(api: Api) -> None:
    given = code(api)
    api.control("clock", {"advance_seconds": 15 * 60 + 1})
    assert redeem(api, given).json()["error_description"] == "expired authorization code"


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"redirect_uri": "http://localhost:1/other"}, "redirect_uri_mismatch"),
        ({"client_secret": "wrong"}, "invalid_client"),
        ({"client_id": "PlatformCLI"}, "invalid_grant"),
        ({"client_id": "nobody"}, "invalid_client_id"),
    ],
)
def test_a_code_is_only_for_the_client_that_asked(api: Api, more: dict[str, str], error: str) -> None:
    assert redeem(api, code(api), **more).json()["error"] == error


def test_a_code_asked_for_with_a_challenge_needs_its_verifier(api: Api) -> None:
    given = [code(api, code_challenge=CHALLENGE, code_challenge_method="S256") for _ in range(3)]
    assert redeem(api, given[0]).json()["error_description"] == "invalid code verifier"
    assert redeem(api, given[1], code_verifier="wrong").json()["error"] == "invalid_grant"
    assert redeem(api, given[2], code_verifier=VERIFIER).status_code == 200


def test_a_public_client_must_use_a_challenge(api: Api) -> None:
    back = sent_back(authorize(api, "GET", **asking(client_id="PlatformCLI")))
    assert back["error"] == "invalid_request"
    given = code(api, client_id="PlatformCLI", code_challenge=CHALLENGE)
    form = {"grant_type": "authorization_code", "client_id": "PlatformCLI", "redirect_uri": CALLBACK}
    assert token(api, **form, code=given, code_verifier=VERIFIER).status_code == 200


def test_a_wrong_password_stays_on_the_page(api: Api) -> None:
    for user in (USER | {"password": "x"}, USER | {"username": "no@demo.example"}):
        reply = authorize(api, **asking(), **user)
        assert reply.status_code == 200
        assert "Please check your username and password" in reply.text


def test_who_denies_sends_the_client_away(api: Api) -> None:
    back = sent_back(authorize(api, **asking(), **(USER | {"decision": "deny"})))
    assert (back["error"], back["state"]) == ("access_denied", "s 1")


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"redirect_uri": "https://evil.example/"}, "redirect_uri_mismatch"),
        ({"redirect_uri": "http://localhost@evil.example/"}, "redirect_uri_mismatch"),
        ({"redirect_uri": "javascript:alert(1)"}, "redirect_uri_mismatch"),
        ({"redirect_uri": ""}, "redirect_uri_mismatch"),
        ({"client_id": "nobody"}, "invalid_client_id"),
    ],
)
def test_nothing_is_sent_to_an_address_that_is_not_the_clients(
    api: Api, more: dict[str, str], error: str
) -> None:
    for method in ("GET", "POST"):
        reply = authorize(api, method, **(asking() | USER | more))
        assert (reply.status_code, f"error={error}" in reply.text) == (400, True)


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "api nonsense"}, "invalid_scope"),
        ({"code_challenge": "x", "code_challenge_method": "plain"}, "invalid_request"),
    ],
)
def test_what_cannot_be_granted_is_told_to_the_client(api: Api, more: dict[str, str], error: str) -> None:
    assert sent_back(authorize(api, "GET", **(asking() | more)))["error"] == error


def test_a_registered_address_is_good_and_a_form_of_another_site_is_not(api: Api) -> None:
    api.control(
        "apps", {"client_id": "web", "client_secret": "s", "redirect_uris": ["https://app.example/cb?a=1"]}
    )
    form = asking(client_id="web", redirect_uri="https://app.example/cb?a=1") | USER
    assert authorize(api, **form).headers["Location"].startswith("https://app.example/cb?a=1&code=")
    url = f"{api.url}/services/oauth2/authorize"
    reply = requests.post(url, data=form, headers={"Origin": "https://evil.example"}, timeout=10)
    assert reply.status_code == 403


def test_an_app_may_rotate_its_refresh_tokens(api: Api) -> None:
    api.control("apps", {"client_id": "web", "client_secret": "demo", "rotate_refresh_tokens": True})
    old = redeem(api, code(api, client_id="web"), client_id="web").json()["refresh_token"]
    form = {"grant_type": "refresh_token", "client_id": "web", "client_secret": "demo"}
    new = token(api, **form, refresh_token=old).json()["refresh_token"]
    assert token(api, **form, refresh_token=old).json()["error_description"] == "expired access/refresh token"
    assert token(api, **form, refresh_token=new).status_code == 200


def test_a_refresh_token_is_only_for_its_own_client_and_outlives_the_session(api: Api) -> None:
    given = redeem(api, code(api)).json()["refresh_token"]
    api.control("apps", {"client_id": "web", "client_secret": "demo"})
    form = {"grant_type": "refresh_token", "client_secret": "demo", "refresh_token": given}
    assert token(api, **form, client_id="web").json()["error"] == "invalid_grant"
    api.control("session/expire", {})
    assert token(api, **form, client_id="demo").status_code == 200


def test_revoking_a_refresh_token_ends_its_sessions(api: Api) -> None:
    body = redeem(api, code(api)).json()
    other = redeem(api, code(api)).json()["access_token"]
    url = f"{api.url}/services/oauth2/revoke"
    assert requests.post(url, data={"token": body["refresh_token"]}, timeout=10).status_code == 200
    assert (works(api, body["access_token"]), works(api, other)) == (False, True)
    assert requests.get(url, params={"token": other}, timeout=10).status_code == 200
    assert works(api, other) is False
    again = requests.post(url, data={"token": other}, timeout=10)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_token")


def test_introspection_tells_access_from_refresh_tokens(api: Api) -> None:
    body = redeem(api, code(api, scope="api refresh_token")).json()
    url, login = f"{api.url}/services/oauth2/introspect", {"client_id": "demo", "client_secret": "demo"}
    seen = [
        requests.post(url, data=login | {"token": body[name]}, timeout=10).json()
        for name in ("access_token", "refresh_token")
    ]
    assert [one["token_type"] for one in seen] == ["access_token", "refresh_token"]
    assert [one["scope"] for one in seen] == ["api refresh_token"] * 2
    assert (seen[0]["exp"] - seen[0]["iat"], seen[0]["client_id"]) == (7200, "demo")
    assert requests.post(url, data=login | {"token": "x"}, timeout=10).json() == {"active": False}
    wrong = requests.post(url, data={"client_id": "demo", "client_secret": "x"}, timeout=10)
    assert (wrong.status_code, wrong.json()["error"]) == (401, "invalid_client")


def test_an_id_token_can_be_checked_with_the_published_key(api: Api) -> None:
    found = requests.get(f"{api.url}/.well-known/openid-configuration", timeout=10).json()
    given = redeem(api, code(api, scope="openid", nonce="n-1")).json()["id_token"]
    key = jwt.PyJWKClient(found["jwks_uri"]).get_signing_key_from_jwt(given)
    claims = jwt.decode(given, key.key, ["RS256"], audience="demo", issuer=found["issuer"])
    assert claims["sub"].endswith(api.user("Integration User"))
    assert (claims["nonce"], claims["preferred_username"]) == ("n-1", "integration@demo.example")
    for name in ("token_endpoint", "introspection_endpoint", "revocation_endpoint"):
        assert requests.post(found[name], timeout=10).status_code in (200, 400)


def test_the_identity_is_only_for_its_own_session(api: Api) -> None:
    path = urlsplit(api.call("GET", f"{DATA}/").json()["identity"]).path
    assert api.call("GET", path).json()["username"] == "integration@demo.example"
    assert api.call("GET", path[:-18] + api.user("Sarah Bennett")).status_code == 404
    assert api.call("GET", path.replace("00DFe", "00DFf")).text == "Wrong_Org"
    reply = requests.get(f"{api.url}{path}", headers={"Authorization": "Bearer x"}, timeout=10)
    assert (reply.status_code, reply.text) == (403, "Bad_OAuth_Token")
    assert requests.get(f"{api.url}{path}", timeout=10).text == "Missing_OAuth_Token"


def test_user_info_has_the_addresses_of_every_api(api: Api) -> None:
    info = api.call("GET", "/services/oauth2/userinfo").json()
    assert info["sub"] == f"{api.url}/id/{info['organization_id']}/{info['user_id']}"
    assert {"enterprise", "partner", "metadata", "rest", "sobjects", "query", "tooling_rest"} <= set(
        info["urls"]
    )
    rest = info["urls"]["rest"].replace("{version}", "59.0")
    assert api.call("GET", urlsplit(rest).path).status_code == 200


@cache
def private_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def certificate(key: rsa.RSAPrivateKey) -> str:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sync.example")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM).decode()


def public_pem(key: Any, form: serialization.PublicFormat) -> str:
    return str(key.public_key().public_bytes(serialization.Encoding.PEM, form).decode())


def bearer(api: Api, algorithm: str = "RS256", key: Any = None, **claims: Any) -> requests.Response:
    body = {
        "iss": "sync",
        "sub": "integration@demo.example",
        "aud": api.url,
        "exp": api.org.state.clock.now() + timedelta(minutes=3),
        **claims,
    }
    signer = None if algorithm == "none" else key or private_key()
    return token(api, grant_type=JWT_BEARER, assertion=jwt.encode(body, signer, algorithm))


@pytest.mark.parametrize("form", ["certificate", "subject key", "rsa key"])
def test_a_jwt_is_checked_with_the_apps_key(api: Api, form: str) -> None:
    key = private_key()
    pem = {
        "certificate": certificate(key),
        "subject key": public_pem(key, serialization.PublicFormat.SubjectPublicKeyInfo),
        "rsa key": public_pem(key, serialization.PublicFormat.PKCS1),
    }[form]
    api.control("apps", {"client_id": "sync", "certificate": pem})
    body = bearer(api).json()
    assert works(api, body["access_token"])
    assert "refresh_token" not in body
    assert bearer(api, aud="https://login.salesforce.com").status_code == 200


def test_a_jwt_that_is_not_right_is_refused(api: Api) -> None:
    api.control("apps", {"client_id": "sync", "certificate": certificate(private_key())})
    later = api.org.state.clock.now() - timedelta(minutes=10)
    other = rsa.generate_private_key(65537, 2048)
    refusals = {
        "invalid assertion": [
            bearer(api, key=other),
            bearer(api, "HS256", "x" * 32),
            bearer(api, "none"),
        ],
        "audience is invalid": [bearer(api, aud="https://evil.example")],
        "expired assertion": [bearer(api, exp=later)],
        "user hasn't approved this consumer": [bearer(api, sub="no@demo.example")],
        "client identifier invalid": [bearer(api, iss="nobody")],
    }
    for said, replies in refusals.items():
        found = {(reply.status_code, reply.json()["error_description"]) for reply in replies}
        assert found == {(400, said)}


def test_an_app_without_a_certificate_takes_no_jwt(api: Api) -> None:
    assert bearer(api, iss="demo").json()["error_description"] == "invalid assertion"
    for assertion in ("", "a.b.c", "e30.e30.AA", "."):
        assert token(api, grant_type=JWT_BEARER, assertion=assertion).json()["error"] in (
            "invalid_grant",
            "invalid_client_id",
        )


def test_what_is_no_rsa_key_is_not_registered(api: Api) -> None:
    curve = public_pem(
        ec.generate_private_key(ec.SECP256R1()), serialization.PublicFormat.SubjectPublicKeyInfo
    )
    cut = "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----"
    for spec in ({"certificate": curve}, {"certificate": cut}, {"certificate": "x"}, {"unknown": 1}):
        reply = api.call("POST", "/emulator/apps", {"client_id": "sync", **spec})
        assert (reply.status_code, reply.json()[0]["errorCode"]) == (400, "INVALID_APP")
    assert api.call("POST", "/emulator/apps", {}).status_code == 400


def test_a_reset_forgets_apps_and_keeps_sessions(api: Api) -> None:
    api.control("apps", {"client_id": "web", "client_secret": "demo"})
    api.control("reset", {})
    assert token(api, grant_type="refresh_token", client_id="web").json()["error"] == "invalid_client_id"
    assert api.call("GET", "limits").status_code == 200
