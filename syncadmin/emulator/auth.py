"""Logging in by OAuth, and what the org says about who is logged in.

Source: recorded token replies and errors; the OpenID Connect user info page of Salesforce Help. Sessions
don't run out by the clock here, only by `POST /emulator/session/expire`.
"""

# ruff: noqa: S608 - names in the SQL come from the schema, values are parameters
from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from syncadmin.emulator.errors import ApiError
from syncadmin.emulator.ids import make_id
from syncadmin.emulator.wire import Request, Response

if TYPE_CHECKING:
    from syncadmin.emulator.org import Org

CLIENT_ID = CLIENT_SECRET = "demo"  # noqa: S105
USERNAME, PASSWORD, TOKEN = "integration@demo.example", "demo", "demo"
ORG_ID = make_id("00D", 1)
SESSION_SECONDS = 7200


class Sessions:
    """The tokens that are good."""

    def __init__(self) -> None:
        self._users: dict[str, str] = {}

    def open(self, user_id: str) -> str:
        """A new token of Salesforce's form."""
        token = f"{ORG_ID[:15]}!AQ{secrets.token_urlsafe(69).replace('-', '.')}"
        self._users[token] = user_id
        return token

    @property
    def count(self) -> int:
        """How many tokens are good."""
        return len(self._users)

    def user_of(self, token: str) -> str | None:
        """Whose token it is; None if it isn't good (any more)."""
        return self._users.get(token)

    def expire(self, token: str | None = None) -> None:
        """End one session, or all."""
        if token is None:
            self._users.clear()
        else:
            self._users.pop(token, None)

    def authenticate(self, header: str) -> str:
        """The user of an Authorization header; 401 bodies as recorded."""
        scheme, _, token = header.partition(" ")
        if header and scheme.lower() not in ("bearer", "oauth"):
            raise ApiError(401, "INVALID_AUTH_HEADER", "INVALID_HEADER_TYPE")
        user_id = self._users.get(token.strip())
        if user_id is None:
            raise ApiError(401, "INVALID_SESSION_ID", "Session expired or invalid")
        return user_id


def _refused(error: str, description: str) -> Response:
    return Response(400, {"error": error, "error_description": description})


def form_of(request: Request) -> dict[str, str]:
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
    grant = form.get("grant_type", "")
    if grant not in ("client_credentials", "password", "refresh_token"):
        return _refused("unsupported_grant_type", "grant type not supported")
    if form.get("client_id") != CLIENT_ID:
        return _refused("invalid_client_id", "client identifier invalid")
    if form.get("client_secret") != CLIENT_SECRET:
        return _refused("invalid_client", "invalid client credentials")
    if grant == "refresh_token":
        return _refused("invalid_grant", "expired access/refresh token")
    if grant == "password" and (form.get("username"), form.get("password")) != (USERNAME, PASSWORD + TOKEN):
        return _refused("invalid_grant", "authentication failure")
    return Response(200, _token_body(org, request))


def _token_body(org: Org, request: Request) -> dict[str, Any]:
    user_id = org.state.integration_user
    issued = str(int(org.state.clock.now().timestamp() * 1000))
    identity = f"{request.base_url}/id/{ORG_ID}/{user_id}"
    digest = hmac.new(CLIENT_SECRET.encode(), (identity + issued).encode(), hashlib.sha256).digest()
    return {
        "access_token": org.sessions.open(user_id),
        "signature": base64.b64encode(digest).decode(),
        "scope": "api web id openid",
        "instance_url": request.base_url,
        "id": identity,
        "token_type": "Bearer",
        "issued_at": issued,
        "api_instance_url": request.base_url,
    }


def revoke(org: Org, request: Request) -> Response:
    """POST /services/oauth2/revoke."""
    org.sessions.expire(form_of(request).get("token", ""))
    return Response(200)


def introspect(org: Org, request: Request) -> Response:
    """POST /services/oauth2/introspect."""
    user_id = org.sessions.user_of(form_of(request).get("token", ""))
    if user_id is None:
        return Response(200, {"active": False})
    now = int(org.state.clock.now().timestamp())
    return Response(
        200,
        {
            "active": True,
            "scope": "api web id openid",
            "client_id": CLIENT_ID,
            "username": USERNAME,
            "sub": f"{request.base_url}/id/{ORG_ID}/{user_id}",
            "token_type": "access_token",
            "exp": now + SESSION_SECONDS,
            "iat": now,
            "nbf": now,
        },
    )


def _person(org: Org, user_id: str) -> dict[str, Any]:
    fields = (
        "Id, Username, Name, FirstName, LastName, Email, TimeZoneSidKey, SystemModstamp, UserType, IsActive"
    )
    return org.query(f"SELECT {fields} FROM User WHERE Id = '{user_id}'")[0]


def userinfo(org: Org, request: Request) -> Response:
    """GET /services/oauth2/userinfo."""
    user = _person(org, request.user_id)
    identity = f"{request.base_url}/id/{ORG_ID}/{user['Id']}"
    rest = f"{request.base_url}/services/data/v{{version}}/"
    return Response(
        200,
        {
            "sub": identity,
            "user_id": user["Id"],
            "organization_id": ORG_ID,
            "preferred_username": user["Username"],
            "nickname": str(user["Username"]).split("@")[0],
            "name": user["Name"],
            "email": user["Email"],
            "email_verified": True,
            "given_name": user["FirstName"],
            "family_name": user["LastName"],
            "zoneinfo": user["TimeZoneSidKey"],
            "photos": {},
            "profile": f"{request.base_url}/{user['Id']}",
            "picture": "",
            "address": {},
            "is_salesforce_integration_user": False,
            "urls": _urls(request, rest),
            "active": True,
            "user_type": "STANDARD",
            "language": "en_US",
            "locale": "en_US",
            "utcOffset": 0,
            "updated_at": user["SystemModstamp"],
        },
    )


def _urls(request: Request, rest: str) -> dict[str, str]:
    return {
        "enterprise": f"{request.base_url}/services/Soap/c/{{version}}/{ORG_ID}",
        "partner": f"{request.base_url}/services/Soap/u/{{version}}/{ORG_ID}",
        "rest": rest,
        "sobjects": f"{rest}sobjects/",
        "search": f"{rest}search/",
        "query": f"{rest}query/",
        "recent": f"{rest}recent/",
    }


def identity(org: Org, request: Request) -> Response:
    """GET /id/ORG/USER."""
    user = _person(org, request.user_id)
    rest = f"{request.base_url}/services/data/v{{version}}/"
    return Response(
        200,
        {
            "id": f"{request.base_url}/id/{ORG_ID}/{user['Id']}",
            "asserted_user": True,
            "user_id": user["Id"],
            "organization_id": ORG_ID,
            "username": user["Username"],
            "nick_name": str(user["Username"]).split("@")[0],
            "display_name": user["Name"],
            "email": user["Email"],
            "email_verified": True,
            "first_name": user["FirstName"],
            "last_name": user["LastName"],
            "timezone": user["TimeZoneSidKey"],
            "photos": {},
            "status": {"created_date": None, "body": None},
            "urls": _urls(request, rest),
            "active": True,
            "user_type": "STANDARD",
            "language": "en_US",
            "locale": "en_US",
            "utcOffset": 0,
            "last_modified_date": user["SystemModstamp"],
            "is_app_installed": True,
        },
    )
