"""Composite batch: up to 25 requests that know nothing of one another.

Source: the Composite Batch pages of the REST API guide: what one has written stays written when the next one
fails; `haltOnError` answers 412 to the rest; every subrequest counts as an API call of its own. Code and status
of what was halted are documented, its text is from memory, and so are the texts of malformed batches.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from syncadmin.emulator.errors import ApiError
from syncadmin.emulator.rest.composite import Dispatch, may_be_inside
from syncadmin.emulator.wire import Request, Response

if TYPE_CHECKING:
    from syncadmin.emulator.org import Org

MOST = 25
ADDRESS = re.compile(r"/?(?:services/data/)?(v\d+\.\d+)(/.*)", re.I | re.S)
METHODS = frozenset({"GET", "POST", "PATCH", "PUT", "DELETE", "HEAD"})
HALTED = {
    "errorCode": "BATCH_PROCESSING_HALTED",
    "message": "A previous request in the batch failed and haltOnError is true, so this one was not executed.",
}


def batch(org: Org, request: Request, dispatch: Dispatch) -> Response:
    """POST /composite/batch: `batchRequests` of method, url (`v59.0/sobjects/…`) and richInput; `haltOnError`."""
    body = request.json_object()
    parts = [_inner(request, given) for given in _requests(body)]
    org.limits.spend(len(parts) - 1)
    request.api_calls += len(parts) - 1
    results: list[dict[str, Any]] = []
    for part in parts:
        stop = body.get("haltOnError") is True and any(result["statusCode"] >= 400 for result in results)
        reply = Response(412, [HALTED]) if stop else dispatch(org, part)
        results.append({"statusCode": reply.status, "result": reply.body})
        request.subrequests.append({"method": part.method, "path": part.path, "status": reply.status})
    return Response(
        200, {"hasErrors": any(result["statusCode"] >= 400 for result in results), "results": results}
    )


def _requests(body: dict[str, Any]) -> list[dict[str, Any]]:
    given = body.get("batchRequests")
    if not given or not isinstance(given, list):
        text = "Required fields are missing: [batchRequests]"
        raise ApiError(400, "REQUIRED_FIELD_MISSING", text, ["batchRequests"])
    if len(given) > MOST:
        raise ApiError(400, "LIMIT_EXCEEDED", f"The batch can’t contain more than {MOST} requests.")
    if not all(isinstance(one, dict) for one in given):
        raise ApiError(400, "JSON_PARSER_ERROR", "A batch request has to be an object")
    return given


def _inner(outer: Request, given: dict[str, Any]) -> Request:
    """A subrequest; a wrong method or url fails the whole batch before anything is done (documented)."""
    method, url = str(given.get("method", "")).upper(), str(given.get("url", ""))
    found = ADDRESS.match(url)
    if method not in METHODS or found is None or not may_be_inside(f"/services/data/{found[1]}{found[2]}"):
        wrong = "url" if method in METHODS else "method"
        raise ApiError(
            400, "INVALID_BATCH_REQUEST", f"Invalid {wrong} in a batch request: {given.get(wrong)}"
        )
    path, _, query = f"/services/data/{found[1].lower()}{found[2]}".partition("?")
    if float(found[1][1:]) > float(outer.version):
        text = f"A batch of version {outer.version} can't contain a request of version {found[1][1:]}"
        raise ApiError(400, "INVALID_BATCH_REQUEST", text)
    return Request(
        method,
        path,
        query,
        base_url=outer.base_url,
        payload=given.get("richInput"),
        user_id=outer.user_id,
        version=outer.version,
        fault=outer.fault,
        inner=True,
    )
