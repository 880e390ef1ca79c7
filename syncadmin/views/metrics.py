"""/metrics/: for Prometheus, with a token or from an address that the settings allow."""

from __future__ import annotations

import ipaddress

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from syncadmin import metrics as collected
from syncadmin.api.auth import admit
from syncadmin.api.errors import ApiError, error_answer, method_not_allowed, unavailable
from syncadmin.models import ApiToken

#: Set by proxies: behind one, the address we see is the proxy's, and says nothing of who asks.
_FORWARDED = ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via")


@login_not_required
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """The metrics, or why not."""
    if request.method not in ("GET", "HEAD"):
        return error_answer(method_not_allowed())
    try:
        if not _is_allowed(request):
            admit(request, ApiToken.Scope.METRICS)
        return HttpResponse(collected.rendered(timezone.now()), content_type=CONTENT_TYPE_LATEST)
    except ApiError as error:
        return error_answer(error)
    except DatabaseError:
        return error_answer(unavailable())


def _is_allowed(request: HttpRequest) -> bool:
    """Whether the settings let this address in without a token."""
    if not settings.METRICS_ALLOW or any(request.headers.get(name) for name in _FORWARDED):
        return False
    try:
        address = ipaddress.ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return False
    return any(address in ipaddress.ip_network(text.strip(), strict=False) for text in settings.METRICS_ALLOW)
