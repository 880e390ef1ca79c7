"""Faults on purpose: errors, unavailability, lost connections, delays, replies cut short.

`POST /emulator/faults` takes one fault: exactly one of
    "error_code": any Salesforce code (with "status" and "message" if the usual ones won't do),
    "status": an HTTP status, answered as an HTML page as a gateway would,
    "drop": "before" (nothing happened) or "after" (it was done, but the reply is lost),
    "truncate": n (the reply ends after n bytes);
"delay_ms" goes with any of them or alone. "match": a pattern for the path (`*` and `?`, or a part of it);
"method"; "after": let n matching requests pass first; "times": how often it fires (always, until DELETE, if
absent). "records": in a collection, only the first n records fail.

An "error_code" without "match" is for data calls only, not for logins.
A code that belongs to records (UNABLE_TO_LOCK_ROW …) fails the records of a collection, in a composite too.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any

WHOLE_REQUEST = {
    "INVALID_SESSION_ID": (401, "Session expired or invalid"),
    "REQUEST_LIMIT_EXCEEDED": (403, "TotalRequests Limit exceeded."),
    "API_DISABLED_FOR_ORG": (403, "API is not enabled for this Organization or Partner"),
    "API_CURRENTLY_DISABLED": (403, "API is currently disabled for this user"),
    "SERVER_UNAVAILABLE": (503, "The REST API is currently unavailable"),
    "UNKNOWN_EXCEPTION": (
        500,
        "An unexpected error occurred. Please include this ErrorId if you contact support:"
        " 1234567890-12345 (-1234567890)",
    ),
    "QUERY_TIMEOUT": (400, "Your query request was running for too long."),
    "INVALID_QUERY_LOCATOR": (400, "invalid query locator"),
}
PER_RECORD = {
    "UNABLE_TO_LOCK_ROW": (500, "unable to obtain exclusive access to this record or 1 records"),
    "STORAGE_LIMIT_EXCEEDED": (400, "storage limit exceeded"),
    "INSUFFICIENT_ACCESS_OR_READONLY": (400, "insufficient access rights on object id"),
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY": (
        400,
        "Trigger: execution of BeforeUpdate caused by: System.NullPointerException",
    ),
}


@dataclass(slots=True)
class Fault:
    """A fault and how often it may still happen (-1: always)."""

    error_code: str = ""
    status: int = 0
    message: str = ""
    drop: str = ""
    delay_ms: int = 0
    truncate: int = -1
    match: str = ""
    method: str = ""
    after: int = 0
    times: int = -1
    records: int = -1

    def fits(self, method: str, path: str) -> bool:
        """Whether the fault is meant for this request."""
        pattern = self.match.lower()
        if self.method and self.method.upper() != method:
            return False
        if self.error_code and not pattern and not path.startswith("/services/data/v"):
            return False
        return not pattern or pattern in path.lower() or fnmatchcase(path.lower(), pattern)

    @property
    def inside(self) -> bool:
        """Whether it may be meant for a subrequest of a composite, and not for the composite."""
        whole = not self.match or self.fits("POST", "/services/data/v59.0/composite")
        return not whole and bool(self.error_code or self.delay_ms)

    @property
    def per_record(self) -> bool:
        """Whether the code is one of records rather than of requests."""
        return bool(self.error_code) and self.error_code not in WHOLE_REQUEST

    def answer(self) -> tuple[int, str]:
        """Status and text of the error."""
        known = WHOLE_REQUEST | PER_RECORD
        status, text = known.get(self.error_code, (400, self.error_code.replace("_", " ").lower()))
        return self.status or status, self.message or text


class Faults:
    """The faults that are set."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, spec: dict[str, Any]) -> None:
        """Set one; ValueError if it has keys that mean nothing."""
        unknown = set(spec) - set(Fault.__dataclass_fields__)
        if unknown:
            raise ValueError(f"unknown keys: {', '.join(sorted(unknown))}")
        with self._lock:
            self._faults.append(Fault(**spec))

    def clear(self) -> None:
        """Remove all."""
        with self._lock:
            self._faults.clear()

    def pending(self) -> list[Fault]:
        """Those that can still happen."""
        with self._lock:
            return [replace(fault) for fault in self._faults if fault.times]

    def take(self, method: str, path: str, inner: bool = False) -> Fault | None:
        """The fault that happens to this request, if any; it counts as having happened.

        Inside a composite only errors and delays with a pattern are looked for that didn't fit the composite
        itself: a subrequest has no connection of its own.
        """
        if not self._faults:
            return None
        with self._lock:
            for fault in self._faults:
                skip = inner and not fault.inside
                if not skip and fault.fits(method, path) and self._due(fault):
                    return fault
        return None

    @staticmethod
    def _due(fault: Fault) -> bool:
        if fault.after > 0:
            fault.after -= 1
            return False
        if fault.times == 0:
            return False
        fault.times -= fault.times > 0
        return True
