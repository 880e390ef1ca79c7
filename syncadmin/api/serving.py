"""How the API stands among the pages: open without a log-in, with its own headers, and its own words for errors."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache, wraps
from typing import Any

import structlog
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import URLPattern, URLResolver, re_path
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.views.decorators.csrf import csrf_exempt

from syncadmin.api.errors import (
    ApiError,
    error_answer,
    method_not_allowed,
    not_found,
    unavailable,
    unexpected,
)
from syncadmin.api.v1 import api

View = Callable[..., HttpResponseBase]
log = structlog.get_logger(__name__)


def served(view: View) -> Any:
    """A view of the API as every client finds it."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = _answer(view, request, *args, **kwargs)
        response["Cache-Control"] = "private, no-cache"
        patch_vary_headers(response, ["Authorization"])
        if (left := getattr(request, "calls_left", None)) is not None:
            response["X-RateLimit-Limit"] = str(settings.API_CALLS_PER_MINUTE)
            response["X-RateLimit-Remaining"] = str(left)
        return _unless_known(request, response)

    return csrf_exempt(login_not_required(answer))


def _answer(view: View, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
    """Always JSON, whatever goes wrong."""
    if request.method not in ("GET", "HEAD"):
        return error_answer(method_not_allowed())
    request.method = "GET"  # the server leaves out the content of an answer to HEAD
    try:
        return view(request, *args, **kwargs)
    except ApiError as error:
        return error_answer(error)
    except DatabaseError:
        log.exception("the API can't read", path=request.path)
        return error_answer(unavailable())
    except Exception:
        log.exception("the API failed", path=request.path)
        return error_answer(unexpected())


def _unless_known(request: HttpRequest, response: Any) -> HttpResponseBase:
    """304 if the client has the same answer already."""
    if response.status_code != 200 or "ETag" not in response:
        return response  # type: ignore[no-any-return]
    found: HttpResponseBase = get_conditional_response(request, etag=response["ETag"], response=response)
    return found


@served
def nothing_here(request: HttpRequest, rest: str = "") -> HttpResponse:
    """Addresses below /api/ that don't exist."""
    return error_answer(not_found())


@cache
def document() -> dict[str, Any]:
    """The OpenAPI document of version 1, as JSON has it: the library's keys its answers by number."""
    found: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema(path_prefix="/api/v1")))
    return found


def _patterns() -> list[URLPattern]:
    """The library's addresses, each of its views served as ours are."""
    found: list[URLPattern] = []
    for pattern in api.urls[0]:
        if isinstance(pattern, URLResolver) or pattern.name == "api-root":
            continue
        pattern.callback = served(pattern.callback)
        found.append(pattern)
    return found


urlpatterns = [
    *_patterns(),
    re_path(r"^(?P<rest>.*)$", nothing_here, name="nothing"),
]
