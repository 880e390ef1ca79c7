"""Who may call: whoever sends ``Authorization: Bearer TOKEN``, so many times a minute."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from ninja.security.base import AuthBase

from syncadmin.api.errors import ApiError
from syncadmin.models import ApiToken
from syncadmin.services import tokens

_ASK_FOR_TOKEN = {"WWW-Authenticate": 'Bearer realm="Syncadmin"'}
_WHY = {
    "": "Send a token: Authorization: Bearer sya_…",
    "unknown": "This token is not known here.",
    "expired": "This token has expired. Ask an administrator of Syncadmin for another one.",
    "revoked": "This token was revoked. Ask an administrator of Syncadmin for another one.",
}


class Bearer(AuthBase):
    """The scheme, as the OpenAPI document tells it. The library's own would log the header of other schemes."""

    openapi_type = "http"
    openapi_scheme = "bearer"
    openapi_description = "A token that an administrator made on the page *API tokens*."

    def __call__(self, request: HttpRequest) -> ApiToken:
        return admit(request, ApiToken.Scope.READ)


def admit(request: HttpRequest, scope: ApiToken.Scope) -> ApiToken:
    """The token of a request, its call counted; ApiError if it may not."""
    now = timezone.now()
    token = _token_of(request, now)
    if token.scope not in (scope, ApiToken.Scope.READ):
        raise ApiError(403, "forbidden", "This token may read the metrics alone.")
    most = settings.API_CALLS_PER_MINUTE
    if not tokens.count_call(token, now, most):
        raise ApiError(
            429, "rate_limited", f"This token has had its {most} calls of this minute.",
            headers={"Retry-After": str(_to_next_minute(now)), "X-RateLimit-Limit": str(most),
                     "X-RateLimit-Remaining": "0"},
        )  # fmt: skip
    request.calls_left = tokens.calls_left(token, now, most)  # type: ignore[attr-defined]
    return token


def _token_of(request: HttpRequest, now: datetime) -> ApiToken:
    found = tokens.check_token(bearer_of(request), now)
    if isinstance(found, ApiToken):
        return found
    reason = found if bearer_of(request) else ""
    code = f"{reason}_token" if reason else "token_missing"
    raise ApiError(401, code, _WHY[reason], headers=_ASK_FOR_TOKEN)


def bearer_of(request: HttpRequest) -> str:
    """The text behind "Bearer"; blank if there is none."""
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    return text.strip() if scheme.lower() == "bearer" else ""


def _to_next_minute(now: datetime) -> int:
    return 60 - now.second
