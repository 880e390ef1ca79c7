"""Revoking tokens and asking about them.

Source: the pages Revoke OAuth Tokens and OAuth 2.0 Token Introspection of Salesforce Help, RFC 7009 and 7662.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from syncadmin.emulator.auth import SESSION_SECONDS
from syncadmin.emulator.auth.grants import form_of
from syncadmin.emulator.auth.people import identity_url, person
from syncadmin.emulator.wire import Request, Response

if TYPE_CHECKING:
    from syncadmin.emulator.org import Org


def revoke(org: Org, request: Request) -> Response:
    """POST or GET /services/oauth2/revoke: 200 without a body; 400 for a token that isn't good.

    A refresh token takes its access tokens along.
    """
    if org.sessions.revoke(form_of(request).get("token", "")):
        return Response(200)
    return Response(400, {"error": "invalid_token", "error_description": "invalid token"})


def introspect(org: Org, request: Request) -> Response:
    """POST /services/oauth2/introspect: an access or a refresh token.

    A client id that is given has to be one; clients that give none are let in, unlike in an org, because some
    ask with nothing but the access token itself.
    """
    form = form_of(request)
    app = org.access.apps.get(form.get("client_id", ""))
    if "client_id" in form and (app is None or not app.knows(form.get("client_secret"))):
        return Response(401, {"error": "invalid_client", "error_description": "invalid client credentials"})
    access, refresh = org.sessions.grant_of(form.get("token", "")), None
    grant = access or (refresh := org.sessions.refresh_grant(form.get("token", "")))
    if grant is None:
        return Response(200, {"active": False})
    now = int(org.state.clock.now().timestamp())
    body = {
        "active": True,
        "scope": grant.scope,
        "client_id": grant.client_id,
        "username": person(org, grant.user_id)["Username"],
        "sub": identity_url(request, grant.user_id),
        "token_type": "refresh_token" if refresh else "access_token",
    }
    if access:
        body |= {"exp": now + SESSION_SECONDS, "iat": now, "nbf": now}
    return Response(200, body)
