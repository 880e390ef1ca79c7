"""Who is logged in: user info, the identity URL, and OpenID Connect's discovery documents.

Source: the pages Identity URLs, User Info Endpoint Response and OpenID Connect Discovery Endpoint of
Salesforce Help; the order of the keys is that of their examples.
"""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from syncadmin.emulator.auth import ORG_ID
from syncadmin.emulator.auth.apps import SCOPES
from syncadmin.emulator.auth.people import identity_url, person, urls
from syncadmin.emulator.clock import zulu
from syncadmin.emulator.errors import ApiError
from syncadmin.emulator.ids import is_id, to18
from syncadmin.emulator.wire import Request, Response

if TYPE_CHECKING:
    from syncadmin.emulator.org import Org

ID_TOKEN_SECONDS = 120
KEY_ID = "1"


def encode(data: bytes) -> str:
    """Base64 for addresses and JWTs: no padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _photos(request: Request) -> dict[str, str]:
    return {
        "picture": f"{request.base_url}/profilephoto/005/F",
        "thumbnail": f"{request.base_url}/profilephoto/005/T",
    }


def userinfo(org: Org, request: Request) -> Response:
    """GET and POST /services/oauth2/userinfo."""
    user = person(org, request.user_id)
    photos = _photos(request)
    who = {
        "sub": identity_url(request, user["Id"]),
        "user_id": user["Id"],
        "organization_id": ORG_ID,
        "preferred_username": user["Username"],
        "nickname": user["CommunityNickname"],
        "name": user["Name"],
        "email": user["Email"],
        "email_verified": True,
        "given_name": user["FirstName"],
        "family_name": user["LastName"],
        "zoneinfo": user["TimeZoneSidKey"],
        "photos": photos,
        "profile": f"{request.base_url}/{user['Id']}",
        "picture": photos["picture"],
        "address": {"country": "US"},
        "is_salesforce_integration_user": False,
        "urls": urls(request, user["Id"]),
    }
    return Response(200, who | _standing(user) | {"updated_at": zulu(user["SystemModstamp"])})


def _standing(user: dict[str, Any]) -> dict[str, Any]:
    return {
        "active": user["IsActive"],
        "user_type": str(user["UserType"]).upper(),
        "language": user["LanguageLocaleKey"],
        "locale": user["LocaleSidKey"],
        "utcOffset": 0,
    }


def identity(org: Org, request: Request, org_id: str, user_id: str) -> Response:
    """GET /id/ORG/USER: only of the session's own user.

    Without a good token it is 403 `Bad_OAuth_Token` in text, with somebody else's id `Wrong_Org` or 404
    (documented for the first, the rest from memory).
    """
    try:
        request.user_id = org.sessions.authenticate(request.headers.get("authorization", ""))
    except ApiError:
        missing = not request.headers.get("authorization")
        text = "Missing_OAuth_Token" if missing else "Bad_OAuth_Token"
        return Response(403, text, content_type="text/html;charset=UTF-8")
    if not is_id(org_id) or to18(org_id) != ORG_ID:
        return Response(403, "Wrong_Org", content_type="text/html;charset=UTF-8")
    if not is_id(user_id) or to18(user_id) != request.user_id:
        return Response(404, "Bad_Id", content_type="text/html;charset=UTF-8")
    return Response(200, _identity(org, request))


def _identity(org: Org, request: Request) -> dict[str, Any]:
    user = person(org, request.user_id)
    who = {
        "id": identity_url(request, user["Id"]),
        "asserted_user": True,
        "user_id": user["Id"],
        "organization_id": ORG_ID,
        "username": user["Username"],
        "nick_name": user["CommunityNickname"],
        "display_name": user["Name"],
        "email": user["Email"],
        "email_verified": True,
        "first_name": user["FirstName"],
        "last_name": user["LastName"],
        "timezone": user["TimeZoneSidKey"],
        "photos": _photos(request),
        "addr_street": None,
        "addr_city": None,
        "addr_state": None,
        "addr_country": "US",
        "addr_zip": None,
        "mobile_phone": user.get("MobilePhone"),
        "mobile_phone_verified": False,
        "is_lightning_login_user": False,
        "status": {"created_date": None, "body": None},
        "urls": urls(request, user["Id"]),
    }
    more = {"last_modified_date": user["LastModifiedDate"], "is_app_installed": True}
    return who | _standing(user) | more


def configuration(org: Org, request: Request) -> Response:
    """GET /.well-known/openid-configuration."""
    host, oauth = request.base_url, f"{request.base_url}/services/oauth2"
    return Response(
        200,
        {
            "issuer": host,
            "authorization_endpoint": f"{oauth}/authorize",
            "token_endpoint": f"{oauth}/token",
            "revocation_endpoint": f"{oauth}/revoke",
            "userinfo_endpoint": f"{oauth}/userinfo",
            "jwks_uri": f"{host}/id/keys",
            "introspection_endpoint": f"{oauth}/introspect",
            "scopes_supported": SCOPES.split(),
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "display_values_supported": ["page"],
            "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
            "claims_supported": [
                "sub",
                "iss",
                "aud",
                "exp",
                "iat",
                "nonce",
                "name",
                "email",
                "preferred_username",
            ],
            "code_challenge_methods_supported": ["S256"],
        },
    )


def keys(org: Org, request: Request) -> Response:
    """GET /id/keys: what id tokens are signed with (RFC 7517)."""
    public = org.access.key.public
    size = (public.n.bit_length() + 7) // 8
    key = {
        "kty": "RSA",
        "use": "sig",
        "alg": "RS256",
        "kid": KEY_ID,
        "n": encode(public.n.to_bytes(size)),
        "e": encode(public.e.to_bytes(3)),
    }
    return Response(200, {"keys": [key]})


def id_token(org: Org, request: Request, user_id: str, client_id: str, nonce: str) -> str:
    """An id token, good for two minutes (OpenID Connect Core, section 2; the period is Salesforce's default)."""
    user, now = person(org, user_id), int(org.state.clock.now().timestamp())
    claims = {
        "sub": identity_url(request, user_id),
        "aud": client_id,
        "iss": request.base_url,
        "exp": now + ID_TOKEN_SECONDS,
        "iat": now,
        "email": user["Email"],
        "name": user["Name"],
        "preferred_username": user["Username"],
    }
    if nonce:
        claims["nonce"] = nonce
    head = {"alg": "RS256", "typ": "JWT", "kid": KEY_ID}
    signed = ".".join(encode(json.dumps(part).encode()) for part in (head, claims))
    return f"{signed}.{encode(org.access.key.sign(signed.encode()))}"
