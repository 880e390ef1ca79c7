"""Faults on purpose: errors, unavailability, lost connections, delays, replies cut short.

`POST /emulator/faults` takes one fault: exactly one of
    "error_code": any Salesforce code (with "status" and "message" if the usual ones won't do),
    "status": an HTTP status, answered as an HTML page as a gateway would,
    "drop": "before" (nothing happened) or "after" (it was done, but the reply is lost),
    "truncate": n (the connection ends after n bytes of the reply),
    "cut_body": n (a reply that is complete as HTTP, but its body ends after n bytes),
    "duplicate_page": true (a further page of a query is the page before it once more, and names itself as the
        next: the client sees the same page for two successive locators, and misses nothing),
    "expire_at_call": n (the session of the nth matching call has just ended, and stays so; once);
"delay_ms" goes with any of them or alone. "match": a pattern for the path (`*` and `?`, or a part of it);
"method"; "after": let n matching requests pass first; "times": how often it fires (always, until DELETE, if
absent). "records": in a collection, only the first n records fail.

An "error_code" or "expire_at_call" without "match" is for data calls only, not for logins.
A code that belongs to records (UNABLE_TO_LOCK_ROW …) fails the records of a collection, in a composite too, and
those of a bulk job while it is processed. "method": "BULK" is that processing: any other "error_code" then fails
the whole job, and "delay_ms" slows every chunk of it.
"""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any

PROCESSING = "BULK"  # The method of what bulk jobs do in the background.
BULK_PATH = re.compile(r"/services/(data/v[\d.]+/jobs|async)/", re.I)
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
PAGE = re.compile(r"/query(?:All)?/01g", re.I)
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
    cut_body: int = -1
    duplicate_page: bool = False
    expire_at_call: int = 0
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
        if not self._meant_for_bulk(method, path):
            return False
        if self._for_data and not pattern and not path.lower().startswith("/services/data/v"):
            return False
        if self.duplicate_page and not PAGE.search(path):
            return False
        return not pattern or pattern in path.lower() or fnmatchcase(path.lower(), pattern)

    @property
    def _for_data(self) -> bool:
        return bool(self.error_code or self.expire_at_call)

    @property
    def does_something(self) -> bool:
        """Whether anything would happen, were it to happen."""
        cuts = max(self.truncate, self.cut_body) >= 0
        acts = self.error_code or self.status or self.drop or self.delay_ms
        return bool(acts or cuts or self.duplicate_page or self.expire_at_call)

    def _meant_for_bulk(self, method: str, path: str) -> bool:
        """Records of a bulk job fail while it is processed, not in the calls about it; nothing else happens
        to its processing unless that is asked for.
        """
        if method == PROCESSING:
            return self.per_record or self.method.upper() == PROCESSING
        return not self.per_record or not BULK_PATH.match(path)

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
        """Set one; ValueError if it has keys or values that mean nothing, or nothing would happen."""
        unknown = set(spec) - set(Fault.__dataclass_fields__)
        if unknown:
            raise ValueError(f"unknown keys: {', '.join(sorted(unknown))}")
        wrong = [key for key, value in spec.items() if type(value) is not type(getattr(Fault(), key))]
        if wrong or spec.get("delay_ms", 0) < 0:
            raise ValueError(f"not of the right type: {', '.join(wrong) or 'delay_ms'}")
        fault = Fault(**spec)
        if not fault.does_something:
            raise ValueError("nothing would happen: give an error_code, a status, a drop, a delay_ms …")
        if fault.drop not in ("", "before", "after"):
            raise ValueError('drop is "before" or "after"')
        if fault.expire_at_call > 0:
            fault.after, fault.times = fault.after + fault.expire_at_call - 1, 1
        with self._lock:
            self._faults.append(fault)

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
