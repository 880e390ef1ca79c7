"""Connected apps: who may ask for tokens, and where codes may be sent.

Two are there at the start: `demo` (secret `demo`) and `PlatformCLI`, the one every org has for Salesforce's
command line. `POST /emulator/apps` adds more.
"""

from __future__ import annotations

import hmac
import ipaddress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from syncadmin.emulator.auth import CLIENT_ID, CLIENT_SECRET
from syncadmin.emulator.auth.keys import PublicKey, read_public_key

SCOPES = "api web id openid refresh_token profile email address phone full offline_access"
KEYS = {
    "client_id",
    "client_secret",
    "name",
    "redirect_uris",
    "certificate",
    "rotate_refresh_tokens",
    "require_pkce",
}


@dataclass(frozen=True, slots=True)
class App:
    """A connected app. secret None: a public client, which has none. redirect_uris: those it may use besides
    the loopback ones. key: what its JWTs are signed with; without one it can't use them.
    """

    client_id: str
    secret: str | None = None
    name: str = ""
    redirect_uris: tuple[str, ...] = ()
    key: PublicKey | None = None
    rotate: bool = False
    require_pkce: bool = False

    def knows(self, secret: str | None) -> bool:
        """Whether this is its secret; a public client needs none."""
        return self.secret is None or hmac.compare_digest(self.secret.encode(), (secret or "").encode())

    def may_redirect(self, uri: str) -> bool:
        """Whether a code may be sent there: a registered address, or this machine. Nothing that could end a
        header may be in it.
        """
        return uri.isascii() and uri.isprintable() and (uri in self.redirect_uris or is_loopback(uri))


def is_loopback(uri: str) -> bool:
    """Whether an address leads to the machine it is opened on (RFC 8252, section 7.3)."""
    try:
        parts = urlsplit(uri)
        host = parts.hostname or ""
    except ValueError:
        return False
    if parts.scheme not in ("http", "https") or parts.username is not None or parts.fragment:
        return False
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


STANDARD = (
    App(CLIENT_ID, CLIENT_SECRET, "Demo connected app"),
    App("PlatformCLI", None, "Salesforce CLI"),
)


class Apps:
    """The connected apps by client id."""

    def __init__(self) -> None:
        self._apps: dict[str, App] = {}
        self.reset()

    def reset(self) -> None:
        """As at the start."""
        self._apps = {app.client_id: app for app in STANDARD}

    def get(self, client_id: str) -> App | None:
        """The app with this consumer key."""
        return self._apps.get(client_id)

    def add(self, spec: dict[str, Any]) -> App:
        """Add or replace one, from the JSON of `POST /emulator/apps`:

        {"client_id", "client_secret": null for a public client, "name", "redirect_uris": [],
         "certificate": PEM of a certificate or an RSA public key, "rotate_refresh_tokens": false,
         "require_pkce": false}; ValueError if it can't be.
        """
        unknown = set(spec) - KEYS
        if unknown or not spec.get("client_id"):
            raise ValueError(f"unknown keys: {', '.join(sorted(unknown))}" if unknown else "no client_id")
        pem = spec.get("certificate")
        app = App(
            str(spec["client_id"]),
            None if spec.get("client_secret") is None else str(spec["client_secret"]),
            str(spec.get("name") or spec["client_id"]),
            tuple(str(uri) for uri in spec.get("redirect_uris") or ()),
            read_public_key(str(pem)) if pem else None,
            bool(spec.get("rotate_refresh_tokens")),
            bool(spec.get("require_pkce")),
        )
        self._apps[app.client_id] = app
        return app
