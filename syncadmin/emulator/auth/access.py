"""What an org remembers of logging in: apps, tokens, passwords, codes, and the key it signs with."""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from syncadmin.emulator.auth import PASSWORD
from syncadmin.emulator.auth.apps import Apps
from syncadmin.emulator.auth.keys import PrivateKey, signing_key
from syncadmin.emulator.auth.sessions import Grant, Sessions

CODE_MINUTES = 15


@dataclass(frozen=True, slots=True)
class Code:
    """An authorization code: for whom, where it was sent, and the PKCE challenge (empty: none)."""

    grant: Grant
    redirect_uri: str
    challenge: str
    nonce: str
    until: datetime


class Access:
    """All of it. In memory only: after a restart everybody logs in again."""

    def __init__(self) -> None:
        self.apps, self.sessions = Apps(), Sessions()
        self._codes: dict[str, Code] = {}
        self._passwords: dict[str, str] = {}
        self._lock = threading.Lock()

    def reset(self) -> None:
        """Apps and passwords as at the start; sessions stay."""
        self.apps.reset()
        self._codes.clear()
        self._passwords.clear()

    def password(self, user_id: str) -> str:
        """A user's password: `demo` until it is set."""
        return self._passwords.get(user_id, PASSWORD)

    def set_password(self, user_id: str, password: str) -> None:
        """Change a user's password."""
        self._passwords[user_id] = password

    def give_code(self, code: Code) -> str:
        """An authorization code, good for 15 minutes and once."""
        key = f"aPrx{secrets.token_urlsafe(48)}=="
        self._codes[key] = code
        return key

    def take_code(self, key: str) -> Code | None:
        """What a code stands for; it can't be used again."""
        return self._codes.pop(key, None)

    @property
    def key(self) -> PrivateKey:
        """The org's key for id tokens, made when it is first needed."""
        with self._lock:
            return signing_key()


def code_until(now: datetime) -> datetime:
    """How long a code given now is good."""
    return now + timedelta(minutes=CODE_MINUTES)
