"""Reading the JWT of the JWT bearer flow (RFC 7523).

Source: the OAuth 2.0 JWT Bearer Flow page of Salesforce Help: RS256 only; iss, sub, aud, exp; exp at most a few
minutes ahead. The texts of the refusals are from memory.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any

from syncadmin.emulator.auth.keys import PublicKey

AUDIENCES = frozenset({"https://login.salesforce.com", "https://test.salesforce.com"})
LONGEST, SKEW = 8192, 180


class BadJwt(ValueError):
    """The assertion isn't accepted."""


@dataclass(frozen=True, slots=True)
class Jwt:
    """Header, claims, and what is signed with what."""

    header: dict[str, Any]
    claims: dict[str, Any]
    signed: bytes
    signature: bytes


def read(token: str) -> Jwt:
    """Take it apart; BadJwt if it is none."""
    parts = token.split(".")
    if len(parts) != 3 or len(token) > LONGEST:
        raise BadJwt("invalid assertion")
    try:
        header, claims = (json.loads(_decode(part)) for part in parts[:2])
        signature = _decode(parts[2])
    except (ValueError, binascii.Error, RecursionError) as error:
        raise BadJwt("invalid assertion") from error
    if not isinstance(header, dict) or not isinstance(claims, dict):
        raise BadJwt("invalid assertion")
    return Jwt(header, claims, ".".join(parts[:2]).encode(), signature)


def _decode(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def check(jwt: Jwt, key: PublicKey | None, audiences: frozenset[str], now: float) -> None:
    """BadJwt unless the signature is that of the key, for one of the audiences, and not expired. An app without
    a certificate can't use this flow. now: seconds since 1970.
    """
    if jwt.header.get("alg") != "RS256" or key is None or not key.verifies(jwt.signed, jwt.signature):
        raise BadJwt("invalid assertion")
    audience = jwt.claims.get("aud")
    named = audience if isinstance(audience, list) else [audience]
    if not any(isinstance(one, str) and one.rstrip("/") in audiences for one in named):
        raise BadJwt("audience is invalid")
    expires = jwt.claims.get("exp")
    if isinstance(expires, bool) or not isinstance(expires, int | float) or expires + SKEW < now:
        raise BadJwt("expired assertion")
