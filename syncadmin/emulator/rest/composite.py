"""Composite: up to 25 requests in one call, and what its siblings (graph, batch) share with it.

Source: recorded cassettes; the Composite pages of the REST API guide; the reply to a 26th subrequest is quoted
from a live call. One API call, however many requests are in it (documented).
`collateSubrequests` is read and makes no difference: requests run in the order given, which it allows.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from syncadmin.emulator.errors import HALTED_TEXT, ApiError, NotFound
from syncadmin.emulator.wire import Request, Response

if TYPE_CHECKING:
    from syncadmin.emulator.org import Org

MOST, MOST_HEAVY = 25, 5
HEAVY = re.compile(r"/(query|queryall|composite/sobjects|sobjects/[^/]+/describe/.+)(/|\?|$)", re.I)
REFERENCE = re.compile(r"@\{([^}]+)\}")
GOOD_REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_]*\Z")
STRICT_REFERENCES = 52
RESOURCES = ("tree", "batch", "sobjects", "graph")
INSIDE = re.compile(r"/services/data/v[\d.]+/(?!composite(?!/sobjects)|jobs(/|\Z))", re.I)
FORBIDDEN = ("accept", "authorization", "content-type")
KEPT_HEADERS = ("Location", "ETag", "Last-Modified")
Dispatch = Callable[["Org", Request], Response]


class _Halt(Exception):
    """Undoes the transaction of an allOrNone composite."""


def composite(org: Org, request: Request, dispatch: Dispatch) -> Response:
    """POST /composite: `compositeRequest`, `allOrNone`."""
    body = request.json_object()
    subrequests = check(request, body.get("compositeRequest"))
    if len(subrequests) > MOST:
        return _too_many()
    _check_heavy(subrequests)
    run = Run(org, request, dispatch)
    together = body.get("allOrNone") is True
    replies = run.together(subrequests) if together else [run.one(sub) for sub in subrequests]
    return Response(200, {"compositeResponse": replies})


def directory(org: Org, request: Request) -> Response:
    """GET /composite: the resources below it (documented)."""
    return Response(200, {name: f"{request.data_base}/composite/{name}" for name in RESOURCES})


def check(request: Request, subrequests: Any) -> list[dict[str, Any]]:
    """The subrequests; 400 unless they are requests, each with a reference of its own and no header it may not set.

    Source: the Composite page: a wrong referenceId fails the whole request since v52 (its text as documented),
    a forbidden header in any version (text from memory).
    """
    if not subrequests or not isinstance(subrequests, list):
        text = "Required fields are missing: [compositeRequest]"
        raise ApiError(400, "REQUIRED_FIELD_MISSING", text, ["compositeRequest"])
    if not all(isinstance(sub, dict) for sub in subrequests):
        raise ApiError(400, "JSON_PARSER_ERROR", "A subrequest has to be an object")
    seen = [sub.get("referenceId") for sub in subrequests]
    if None in seen or len({str(one) for one in seen}) != len(seen):
        raise ApiError(400, "INVALID_INPUT", "Every subrequest needs a referenceId of its own")
    wrong = [one for one in seen if not GOOD_REFERENCE.match(str(one))]
    if wrong and float(request.version) >= STRICT_REFERENCES:
        raise ApiError(400, "JSON_PARSER_ERROR", _reference_rule(str(wrong[0])))
    for sub in subrequests:
        if any(str(name).lower() in FORBIDDEN for name in _headers(sub)):
            text = "Accept, Authorization and Content-Type can't be set in a subrequest"
            raise ApiError(400, "INVALID_INPUT", text)
    return subrequests


def _headers(sub: dict[str, Any]) -> dict[str, Any]:
    headers = sub.get("httpHeaders") or {}
    if not isinstance(headers, dict):
        raise ApiError(400, "JSON_PARSER_ERROR", "httpHeaders has to be an object")
    return headers


def _reference_rule(reference: str) -> str:
    return (
        f"Provided referenceId ('{reference}') must start with a letter or a number, and it can contain only"
        " letters, numbers and underscores ('_')."
    )


def _too_many() -> Response:
    """One subresponse for all, without a reference (quoted from a live call; the status is from memory)."""
    text = f"The request can’t contain more than {MOST} operations."
    halted = _subresponse([{"errorCode": "LIMIT_EXCEEDED", "message": text}], None)
    return Response(400, {"compositeResponse": [halted]})


def _check_heavy(subrequests: list[dict[str, Any]]) -> None:
    """At most five queries and collections (documented; text from memory)."""
    if sum(1 for sub in subrequests if HEAVY.search(str(sub.get("url", "")))) > MOST_HEAVY:
        text = f"Up to {MOST_HEAVY} of the subrequests can be sObject Collections or query operations"
        raise ApiError(400, "LIMIT_EXCEEDED", text)


class Run:
    """The state of one composite or graph: what its subrequests have answered so far."""

    def __init__(self, org: Org, outer: Request, dispatch: Dispatch) -> None:
        self.org, self.outer, self.dispatch = org, outer, dispatch
        self.bodies: dict[str, Any] = {}

    def together(self, subrequests: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """All or none: the first failure undoes what was done and halts the rest (recorded)."""
        replies: list[dict[str, Any]] = []
        try:
            with self.org.state.store.transaction():
                for sub in subrequests:
                    replies.append(self.one(sub))
                    if failed(replies[-1]):
                        raise _Halt
        except _Halt:
            culprit = len(replies) - 1
            return [
                replies[culprit] if index == culprit else halted(sub) for index, sub in enumerate(subrequests)
            ]
        return replies

    def one(self, sub: dict[str, Any]) -> dict[str, Any]:
        """Run a subrequest.

        Its headers are its own: those of the outer request don't reach it (documented).
        """
        try:
            response = self.dispatch(self.org, self._request(sub))
        except ApiError as error:
            response = Response(error.status, error.body())
        reference = str(sub["referenceId"])
        self.bodies[reference] = response.body
        headers = {name: value for name, value in response.headers.items() if name in KEPT_HEADERS}
        self.outer.subrequests.append(_logged(sub, response.status))
        return _subresponse(response.body, reference, response.status, headers)

    def _request(self, sub: dict[str, Any]) -> Request:
        headers = {str(k).lower(): str(v) for k, v in _headers(sub).items()}
        path, _, query = self._filled(str(sub.get("url", ""))).partition("?")
        if not may_be_inside(path):
            raise NotFound
        body = self._filled_body(sub.get("body"))
        return Request(
            str(sub.get("method", "GET")).upper(),
            path,
            query,
            headers,
            b"",
            self.outer.base_url,
            body,
            self.outer.user_id,
            self.outer.version,
            self.outer.fault,
            True,
            embeds=True,
        )

    def _filled_body(self, body: Any) -> Any:
        """The body with its references replaced; one that is a whole value keeps its type."""
        if isinstance(body, dict):
            return {key: self._filled_body(value) for key, value in body.items()}
        if isinstance(body, list):
            return [self._filled_body(value) for value in body]
        if not isinstance(body, str) or "@{" not in body:
            return body
        whole = REFERENCE.fullmatch(body)
        return self._value(whole[1]) if whole else self._filled(body)

    def _filled(self, text: str) -> str:
        return REFERENCE.sub(lambda match: _text(self._value(match[1])), text)

    def _value(self, reference: str) -> Any:
        """`ref.records[0].Id` out of the replies so far.

        A null field of a record is a value since v52, and no value before (documented).
        """
        steps = re.findall(r"[^.\[\]]+", reference) or [reference]
        value: Any = self.bodies.get(steps[0])
        known = steps[0] in self.bodies and len(steps) > 1
        for step in steps[1:]:
            try:
                value = value[int(step)] if isinstance(value, list) else value[step]
            except (KeyError, IndexError, TypeError, ValueError):
                known = False
                break
        empty = value is None and float(self.outer.version) < STRICT_REFERENCES
        if not known or empty or isinstance(value, dict | list):
            text = f"Invalid reference specified. No value for {reference} found in {steps[0]}. "
            raise ApiError(400, "PROCESSING_HALTED", text + _reference_rule(reference))
        return value


def may_be_inside(path: str) -> bool:
    """Whether a composite or batch may hold a request to this path: one for data, and no other composite (the pages
    list what they may hold; that the rest is not found is from memory).
    """
    return INSIDE.match(path) is not None


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def _logged(sub: dict[str, Any], status: int) -> dict[str, Any]:
    """A subrequest as the log shows it; `httpHeaders` if it brought any."""
    shown = {"method": sub.get("method"), "path": str(sub.get("url")).partition("?")[0], "status": status}
    headers = {k: v for k, v in (sub.get("httpHeaders") or {}).items() if str(k).lower() not in FORBIDDEN}
    return shown | ({"httpHeaders": headers} if headers else {})


def failed(reply: dict[str, Any]) -> bool:
    """A refused subrequest, or a collection of which a record was refused: the outer allOrNone wins
    (documented).
    """
    body = reply["body"]
    refused = isinstance(body, list) and any(isinstance(r, dict) and r.get("success") is False for r in body)
    return int(reply["httpStatusCode"]) >= 400 or refused


def halted(sub: dict[str, Any]) -> dict[str, Any]:
    """The subresponse of a request that was undone, or never done, because another one failed (recorded)."""
    return _subresponse([{"errorCode": "PROCESSING_HALTED", "message": HALTED_TEXT}], sub["referenceId"])


def _subresponse(
    body: Any, reference: str | None, status: int = 400, headers: dict[str, str] | None = None
) -> dict[str, Any]:
    return {
        "body": body,
        "httpHeaders": headers or {},
        "httpStatusCode": status,
        "referenceId": reference,
    }
