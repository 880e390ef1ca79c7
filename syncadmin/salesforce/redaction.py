"""Credentials taken out of what is kept of requests: those we know, in every spelling, and whatever looks like one.

What is kept is the beginning of a body, and a credential may be cut by its end. So a little more than is kept is
looked at, and that margin is thrown away afterwards.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from html import escape
from urllib.parse import quote, quote_plus

from syncadmin.salesforce.auth import Credentials, Token

HIDDEN = "[hidden]"
#: Longer than any credential in any spelling: a token of 2,000 characters, each written as %XX.
MARGIN = 8_000
#: Shorter ones would take half of every text with them; Salesforce has no password as short as that.
_SHORTEST = 4

_NAMES = (
    r"access_?token|refresh_?token|id_?token|security_?token|client_?secret|pass(?:word|wd)|secret|assertion"
    r"|signature|session_?id|authorization|code_?verifier|api_?key"
)
_LOOKS_LIKE_ONE = re.compile(
    rf"""
    (?P<json>"[\w.:-]*(?:{_NAMES})\w*"\s*:\s*") (?:[^"\\]|\\.)* (?="|$)          # "password": "…"
    | (?P<xml><(?:[\w-]+:)?(?:{_NAMES})\w*(?:\s[^>]*)?>) [^<]*                   # <sessionId>…
    | (?P<form>(?:^|[?&;\s])(?:{_NAMES})=) [^&\s"]*                           # client_secret=…
    | (?P<bearer>\b(?:Bearer|OAuth|Basic)\s+) [\w!.+/=~-]{{8,}}               # Authorization: Bearer …
    | \b00D[A-Za-z0-9]{{12,15}}(?:!|%21|\\u0021|&\#33;)[\w.+/=%-]+            # a session of Salesforce
    | \beyJ[\w-]{{8,}}\.[\w-]+\.[\w-]*                                        # a signed token (JWT)
    """,
    re.IGNORECASE | re.VERBOSE,
)


class Redactor:
    """Hides the credentials of one connection."""

    def __init__(self, credentials: Credentials) -> None:
        secrets = (credentials.client_secret, credentials.password, credentials.security_token)
        self._known = {spelling for secret in secrets for spelling in spellings(secret)}
        self._pattern = _any_of(self._known)

    def learn(self, token: Token | None) -> None:
        """A session that was opened: hidden from now on, expired or not."""
        if token is not None:
            self._known |= set(spellings(token.access_token))
            self._pattern = _any_of(self._known)

    def text(self, text: str) -> str:
        """A whole text without credentials."""
        if self._pattern is not None:
            text = self._pattern.sub(HIDDEN, text)
        return _LOOKS_LIKE_ONE.sub(_hide, text)

    def head(self, body: bytes, keep: int) -> str:
        """The first ``keep`` characters of a body of which up to ``keep + MARGIN`` bytes were taken."""
        text = self.text(body.decode("utf-8", "replace").replace("\x00", "\ufffd"))
        is_cut = len(body) >= keep + MARGIN
        return text[: max(0, min(keep, len(text) - MARGIN))] if is_cut else text[:keep]


def spellings(secret: str) -> Iterator[str]:
    """How a secret may be written in an address, a form, JSON or XML."""
    if len(secret) < _SHORTEST:
        return
    for plain in (
        secret,
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        escape(secret),
    ):
        yield from (plain, quote(plain), quote(plain, safe=""), quote_plus(plain))
    yield escape(secret, quote=False)


def _any_of(known: Iterable[str]) -> re.Pattern[str] | None:
    longest_first = sorted(known, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first))) if longest_first else None


def _hide(found: re.Match[str]) -> str:
    return next((text for text in found.groups() if text), "") + HIDDEN
