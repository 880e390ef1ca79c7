"""Tokens of the API: made, checked, counted, revoked. The text leaves here once, and is never stored or logged."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from datetime import datetime, timedelta
from typing import Literal

import structlog
from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Case, F, Q, Value, When

from syncadmin.models import ApiToken

#: ``sya_PREFIX_SECRET``: the mark lets scanners for leaked secrets know it, the prefix finds its row.
MARK = "sya"
_FORM = re.compile(rf"{MARK}_([0-9a-z]{{8}})_[\w-]{{43}}", re.ASCII)
_NOBODY = "0" * 64
MINUTE = timedelta(minutes=1)
Refusal = Literal["unknown", "expired", "revoked"]
log = structlog.get_logger(__name__)


def create_token(
    name: str, scope: str, expires_at: datetime | None, user: AbstractBaseUser | None, now: datetime
) -> tuple[ApiToken, str]:
    """A new token, and its text: to be shown this once."""
    prefix = "".join(secrets.choice("0123456789abcdefghijklmnopqrstuvwxyz") for _ in range(8))
    text = f"{MARK}_{prefix}_{secrets.token_urlsafe(32)}"
    token = ApiToken.objects.create(
        name=name, scope=scope, prefix=prefix, digest=_digest(text), expires_at=expires_at, created_by=user,
        created_at=now,
    )  # fmt: skip
    log.info("API token created", token=token.pk, scope=scope, by=user.get_username() if user else "")
    return token, text


def revoke_token(token_id: int, user: AbstractBaseUser | None, now: datetime) -> bool:
    """It lets nobody in from now on. False if it was revoked already."""
    revoked = ApiToken.objects.filter(pk=token_id, revoked_at=None).update(revoked_at=now, revoked_by=user)
    if revoked:
        log.info("API token revoked", token=token_id, by=user.get_username() if user else "")
    return bool(revoked)


def check_token(text: str, now: datetime) -> ApiToken | Refusal:
    """Whose token it is, or why it lets nobody in. One statement; the comparison takes the same time whatever it finds.

    A plain hash is enough: what is hashed are 256 random bits, which nobody guesses, however fast the hash is.
    """
    found = _FORM.fullmatch(text)
    token = ApiToken.objects.filter(prefix=found[1]).first() if found else None
    is_same = hmac.compare_digest(token.digest if token else _NOBODY, _digest(text))
    if token is None or not is_same:
        return "unknown"
    state = token.state_at(now)
    if state is ApiToken.State.ACTIVE:
        return token
    return "expired" if state is ApiToken.State.EXPIRED else "revoked"


def count_call(token: ApiToken, now: datetime, most: int) -> bool:
    """Note a call; False if the token has had all of its calls of this minute.

    One UPDATE that checks and counts at once, so that the limit holds for all web processes together, and two calls at
    the same time are two.
    """
    minute = now.replace(second=0, microsecond=0)
    allowed = Q(minute=None) | Q(minute__lt=minute) | Q(minute_calls__lt=most)
    counted = ApiToken.objects.filter(allowed, pk=token.pk).update(
        minute_calls=Case(When(minute=minute, then=F("minute_calls") + 1), default=Value(1)),
        minute=minute, last_used_at=now, calls=F("calls") + 1,
    )  # fmt: skip
    return bool(counted)


def calls_left(token: ApiToken, now: datetime, most: int) -> int:
    """How many calls this minute has left after this one, as far as the row told when it was read."""
    used = token.minute_calls if token.minute == now.replace(second=0, microsecond=0) else 0
    return max(0, most - used - 1)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="backslashreplace")).hexdigest()
