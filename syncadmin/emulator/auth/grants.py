"""POST /services/oauth2/token: the grants.

Source: recorded token replies and errors (invalid_grant, invalid_client_id, expired refresh token); the pages
of Salesforce Help on the client credentials, username-password, JWT bearer, web server, refresh token flows.
Texts that weren't recorded are from memory.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from syncadmin.emulator.auth import jwt
from syncadmin.emulator.auth.access import Code
from syncadmin.emulator.auth.apps import App
from syncadmin.emulator.auth.openid import encode, id_token
from syncadmin.emulator.auth.people import identity_url, knows_password, user_named
from syncadmin.emulator.auth.sessions import SCOPE, Grant
from syncadmin.emulator.wire import Request, Response

if TYPE_CHECKING:
    from syncadmin.emulator.org import Org

Form = dict[str, str]
Granted = tuple[Grant, dict[str, Any]]
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
LASTING = {"refresh_token", "offline_access", "full"}


class Refused(Exception):
    """An OAuth error: HTTP 400 with a code and a text."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(f"{error}: {description}")
        self.error, self.description = error, description


def form_of(request: Request) -> Form:
    """The parameters of a form; client id and secret may come as HTTP Basic too."""
    form = request.query | dict(parse_qsl(request.body.decode(errors="replace"), keep_blank_values=True))
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            name, _, secret = base64.b64decode(encoded).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return form
        form |= {"client_id": name, "client_secret": secret}
    return form


def token(org: Org, request: Request) -> Response:
    """POST /services/oauth2/token."""
    form = form_of(request)
    try:
        give = GRANTS.get(form.get("grant_type", ""))
        if give is None:
            raise Refused("unsupported_grant_type", "grant type not supported")
        grant, more = give(org, request, form)
    except Refused as refusal:
        return Response(400, {"error": refusal.error, "error_description": refusal.description})
    return Response(200, _body(org, request, grant, more))


def _body(org: Org, request: Request, grant: Grant, more: dict[str, Any]) -> dict[str, Any]:
    """Signature: HMAC of the identity and the moment with the consumer secret (documented)."""
    issued = str(int(org.state.clock.now().timestamp() * 1000))
    identity = identity_url(request, grant.user_id)
    app = org.access.apps.get(grant.client_id)
    secret = (app.secret if app else None) or ""
    digest = hmac.new(secret.encode(), (identity + issued).encode(), hashlib.sha256).digest()
    head = {"access_token": org.sessions.open(grant.user_id, grant)}
    return {
        **head,
        **more,
        "signature": base64.b64encode(digest).decode(),
        "scope": grant.scope,
        "instance_url": request.base_url,
        "id": identity,
        "token_type": "Bearer",
        "issued_at": issued,
        "api_instance_url": request.base_url,
    }


def _app(org: Org, form: Form) -> App:
    app = org.access.apps.get(form.get("client_id", ""))
    if app is None:
        raise Refused("invalid_client_id", "client identifier invalid")
    return app


def _trusted(org: Org, form: Form) -> App:
    """The app, which has to know its secret."""
    app = _app(org, form)
    if not app.knows(form.get("client_secret")):
        raise Refused("invalid_client", "invalid client credentials")
    return app


def _client_credentials(org: Org, request: Request, form: Form) -> Granted:
    """The run-as user is the integration user; there is no refresh token."""
    app = _trusted(org, form)
    if app.secret is None:
        raise Refused("invalid_grant", "no client credentials user enabled")
    return Grant(org.state.integration_user, app.client_id), {}


def _password(org: Org, request: Request, form: Form) -> Granted:
    """Password and security token in one."""
    app = _trusted(org, form)
    user_id = user_named(org, form.get("username", ""))
    if not knows_password(org, user_id, form.get("password", ""), token=True):
        raise Refused("invalid_grant", "authentication failure")
    return Grant(str(user_id), app.client_id), {}


def _refresh(org: Org, request: Request, form: Form) -> Granted:
    """A new access token; a new refresh token too, and the old one is spent, if the app rotates them."""
    app = _trusted(org, form)
    given = form.get("refresh_token", "")
    grant = org.sessions.refresh_grant(given)
    if grant is None or grant.client_id != app.client_id:
        raise Refused("invalid_grant", "expired access/refresh token")
    more: dict[str, Any] = {}
    if app.rotate:
        org.sessions.revoke(given)
        given = more["refresh_token"] = org.sessions.open_refresh(replace(grant, refresh=None))
    if "openid" in grant.scope.split():
        more["id_token"] = id_token(org, request, grant.user_id, app.client_id, "")
    return replace(grant, refresh=given), more


def _code(org: Org, request: Request, form: Form) -> Granted:
    """The code is spent whether or not the rest is right."""
    app, code = _app(org, form), org.access.take_code(form.get("code", ""))
    if code is None or code.grant.client_id != app.client_id:
        raise Refused("invalid_grant", "invalid authorization code")
    if code.until < org.state.clock.now():
        raise Refused("invalid_grant", "expired authorization code")
    if code.redirect_uri != form.get("redirect_uri"):
        raise Refused("redirect_uri_mismatch", "redirect_uri must match configuration")
    _check_verifier(code, form.get("code_verifier", ""))
    # A client with PKCE may leave its secret out, as public ones have to; a wrong secret never passes.
    if not (code.challenge and "client_secret" not in form) and not app.knows(form.get("client_secret")):
        raise Refused("invalid_client", "invalid client credentials")
    return _lasting(org, request, code)


def _check_verifier(code: Code, verifier: str) -> None:
    """RFC 7636, method S256, the one Salesforce has."""
    if not code.challenge:
        return
    hashed = encode(hashlib.sha256(verifier.encode()).digest())
    if not hmac.compare_digest(hashed, code.challenge):
        raise Refused("invalid_grant", "invalid code verifier")


def _lasting(org: Org, request: Request, code: Code) -> Granted:
    """With a refresh token and an id token, if the scope asks for them."""
    grant, more = code.grant, dict[str, Any]()
    scopes = set(grant.scope.split())
    if scopes & LASTING:
        more["refresh_token"] = org.sessions.open_refresh(grant)
        grant = replace(grant, refresh=more["refresh_token"])
    if "openid" in scopes:
        more["id_token"] = id_token(org, request, grant.user_id, grant.client_id, code.nonce)
    return grant, more


def _jwt_bearer(org: Org, request: Request, form: Form) -> Granted:
    """A JWT signed with the key of the app's certificate."""
    now = org.state.clock.now().timestamp()
    try:
        assertion = jwt.read(form.get("assertion", ""))
        app = org.access.apps.get(str(assertion.claims.get("iss", "")))
        if app is None:
            raise Refused("invalid_client_id", "client identifier invalid")
        jwt.check(assertion, app.key, jwt.AUDIENCES | {request.base_url}, now)
    except jwt.BadJwt as error:
        raise Refused("invalid_grant", str(error)) from error
    named = str(assertion.claims.get("sub") or assertion.claims.get("prn") or "")
    user_id = user_named(org, named)
    if user_id is None:
        raise Refused("invalid_grant", "user hasn't approved this consumer")
    return Grant(user_id, app.client_id, SCOPE), {}


GRANTS = {
    "client_credentials": _client_credentials,
    "password": _password,
    "refresh_token": _refresh,
    "authorization_code": _code,
    JWT_BEARER: _jwt_bearer,
}
