"""Access and refresh tokens.

Source of the forms: recorded tokens; that a refresh token begins with 5Aep861 is from memory.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from syncadmin.emulator.auth import CLIENT_ID, ORG_ID
from syncadmin.emulator.errors import ApiError

SCOPE = "api web id openid"


@dataclass(frozen=True, slots=True)
class Grant:
    """What was granted to whom: a user, by a connected app, for scopes; `refresh` is the refresh token an
    access token came with.
    """

    user_id: str
    client_id: str = CLIENT_ID
    scope: str = SCOPE
    refresh: str | None = None


class Sessions:
    """The tokens that are good."""

    def __init__(self) -> None:
        self._access: dict[str, Grant] = {}
        self._refresh: dict[str, Grant] = {}

    def open(self, user_id: str, grant: Grant | None = None) -> str:
        """A new access token of Salesforce's form."""
        token = f"{ORG_ID[:15]}!AQ{secrets.token_urlsafe(69).replace('-', '.')}"
        self._access[token] = grant or Grant(user_id)
        return token

    def open_refresh(self, grant: Grant) -> str:
        """A new refresh token."""
        token = f"5Aep861{secrets.token_urlsafe(60).replace('-', '.')}"
        self._refresh[token] = grant
        return token

    @property
    def count(self) -> int:
        """How many access tokens are good."""
        return len(self._access)

    def user_of(self, token: str) -> str | None:
        """Whose access token it is; None if it isn't good (any more)."""
        grant = self._access.get(token)
        return grant.user_id if grant else None

    def grant_of(self, token: str) -> Grant | None:
        """What an access token grants."""
        return self._access.get(token)

    def refresh_grant(self, token: str) -> Grant | None:
        """What a refresh token grants."""
        return self._refresh.get(token)

    def expire(self, token: str | None = None) -> None:
        """End one session, or all; refresh tokens stay good."""
        if token is None:
            self._access.clear()
        else:
            self._access.pop(token, None)

    def revoke(self, token: str) -> bool:
        """End an access token, or a refresh token with its access tokens; whether there was one."""
        if self._access.pop(token, None):
            return True
        if self._refresh.pop(token, None) is None:
            return False
        for access, grant in list(self._access.items()):
            if grant.refresh == token:
                self._access.pop(access, None)
        return True

    def authenticate(self, header: str) -> str:
        """The user of an Authorization header; 401 bodies as recorded."""
        scheme, _, token = header.partition(" ")
        if header and scheme.lower() not in ("bearer", "oauth"):
            raise ApiError(401, "INVALID_AUTH_HEADER", "INVALID_HEADER_TYPE")
        user_id = self.user_of(token.strip())
        if user_id is None:
            raise ApiError(401, "INVALID_SESSION_ID", "Session expired or invalid")
        return user_id
