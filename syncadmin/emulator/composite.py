"""Composite: up to 25 requests in one call. Source: recorded cassettes and the Composite pages of the REST
API guide.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from syncadmin.emulator.errors import HALTED_TEXT, ApiError
from syncadmin.emulator.wire import Request, Response

if TYPE_CHECKING:
    from syncadmin.emulator.org import Org

MOST, MOST_HEAVY = 25, 5
HEAVY = re.compile(r"/(query|queryall|composite/sobjects|sobjects/[^/]+/describe/.+)(/|\?|$)", re.I)
REFERENCE = re.compile(r"@\{([^}]+)\}")
FORBIDDEN = ("accept", "authorization", "content-type")
KEPT_HEADERS = ("Location", "ETag", "Last-Modified")
Dispatch = Callable[["Org", Request], Response]


class _Halt(Exception):
    """Undoes the transaction of an allOrNone composite."""


def composite(org: Org, request: Request, dispatch: Dispatch) -> Response:
    """POST /composite."""
    body = request.json_object()
    subrequests = body.get("compositeRequest") or []
    _check(subrequests)
    run = _Run(org, request, dispatch, all_or_none=body.get("allOrNone") is True)
    replies = run.together(subrequests) if run.all_or_none else [run.one(sub) for sub in subrequests]
    return Response(200, {"compositeResponse": replies})


def _check(subrequests: list[dict[str, Any]]) -> None:
    if not subrequests:
        raise ApiError(
            400,
            "REQUIRED_FIELD_MISSING",
            "Required fields are missing: [compositeRequest]",
            ["compositeRequest"],
        )
    if len(subrequests) > MOST:
        raise ApiError(400, "LIMIT_EXCEEDED", f"The number of subrequests exceeds the limit of {MOST}")
    if sum(1 for sub in subrequests if HEAVY.search(str(sub.get("url", "")))) > MOST_HEAVY:
        raise ApiError(
            400,
            "LIMIT_EXCEEDED",
            f"Up to {MOST_HEAVY} of the subrequests can be sObject Collections or query operations",
        )
    seen = [sub.get("referenceId") for sub in subrequests]
    if None in seen or len(set(seen)) != len(seen):
        raise ApiError(400, "INVALID_INPUT", "Every subrequest needs a referenceId of its own")


class _Run:
    """The state of one composite: what its subrequests have answered so far."""

    def __init__(self, org: Org, outer: Request, dispatch: Dispatch, *, all_or_none: bool) -> None:
        self.org, self.outer, self.dispatch, self.all_or_none = org, outer, dispatch, all_or_none
        self.bodies: dict[str, Any] = {}

    def together(self, subrequests: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """All or none: the first failure undoes what was done and halts the rest (recorded)."""
        replies: list[dict[str, Any]] = []
        try:
            with self.org.state.store.transaction():
                for sub in subrequests:
                    replies.append(self.one(sub))
                    if _failed(replies[-1]):
                        raise _Halt
        except _Halt:
            failed = len(replies) - 1
            return [
                replies[failed] if index == failed else _halted(sub) for index, sub in enumerate(subrequests)
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
        return {
            "body": response.body,
            "httpHeaders": headers,
            "httpStatusCode": response.status,
            "referenceId": reference,
        }

    def _request(self, sub: dict[str, Any]) -> Request:
        headers = {str(k).lower(): str(v) for k, v in (sub.get("httpHeaders") or {}).items()}
        if any(name in headers for name in FORBIDDEN):
            raise ApiError(
                400, "INVALID_INPUT", "Accept, Authorization and Content-Type can't be set in a subrequest"
            )
        path, _, query = self._filled(str(sub.get("url", ""))).partition("?")
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
        )

    def _filled_body(self, body: Any) -> Any:
        if body is None:
            return None
        text = json.dumps(body)
        return json.loads(self._filled(text)) if "@{" in text else body

    def _filled(self, text: str) -> str:
        return REFERENCE.sub(lambda match: self._value(match[1]), text)

    def _value(self, reference: str) -> str:
        """`ref.records[0].Id` out of the replies so far."""
        steps = re.findall(r"[^.\[\]]+", reference)
        value: Any = self.bodies.get(steps[0])
        for step in steps[1:]:
            try:
                value = value[int(step)] if isinstance(value, list) else value[step]
            except (KeyError, IndexError, TypeError, ValueError):
                value = None
        if value is None or isinstance(value, dict | list):
            raise ApiError(
                400,
                "PROCESSING_HALTED",
                f"Invalid reference specified. No value for {reference} found in {steps[0]}.",
            )
        return str(value)


def _logged(sub: dict[str, Any], status: int) -> dict[str, Any]:
    """A subrequest as the log shows it; `httpHeaders` if it brought any."""
    shown = {"method": sub.get("method"), "path": str(sub.get("url")).partition("?")[0], "status": status}
    headers = {k: v for k, v in (sub.get("httpHeaders") or {}).items() if str(k).lower() not in FORBIDDEN}
    return shown | ({"httpHeaders": headers} if headers else {})


def _failed(reply: dict[str, Any]) -> bool:
    """A refused subrequest, or a collection of which a record was refused: the outer allOrNone wins
    (documented).
    """
    body = reply["body"]
    refused = isinstance(body, list) and any(isinstance(r, dict) and r.get("success") is False for r in body)
    return int(reply["httpStatusCode"]) >= 400 or refused


def _halted(sub: dict[str, Any]) -> dict[str, Any]:
    return {
        "body": [{"errorCode": "PROCESSING_HALTED", "message": HALTED_TEXT}],
        "httpHeaders": {},
        "httpStatusCode": 400,
        "referenceId": sub["referenceId"],
    }
