"""The registry of codes: what a refusal means in plain words, and whether trying again may help.

Salesforce calls a refusal ``errorCode`` in single calls and ``statusCode`` in results of collections. We go
by it, never by the HTTP status: UNABLE_TO_LOCK_ROW has been seen with 400, with 500 and inside a 200.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from syncadmin.salesforce.explanation import CRM_ADMIN, MARKETER, Explanation
from syncadmin.salesforce.rare_codes import RARE_CODES
from syncadmin.salesforce.record_codes import RECORD_CODES
from syncadmin.salesforce.request_codes import REQUEST_CODES
from syncadmin.sync.ports import RecordError, SyncError

__all__ = [
    "CODES",
    "Explanation",
    "explain",
    "failure",
    "is_transient",
    "passes_soon",
    "read_errors",
    "words",
]

CODES: Mapping[str, Explanation] = {**REQUEST_CODES, **RARE_CODES, **RECORD_CODES}

#: Gone in a moment: worth sending again at once.
_SOON = frozenset(
    {
        "UNABLE_TO_LOCK_ROW", "PROCESSING_HALTED", "RECORD_IN_USE_BY_WORKFLOW",
        "ALL_OR_NONE_OPERATION_ROLLED_BACK", "SERVER_UNAVAILABLE",
        "SERVICE_UNAVAILABLE", "PENDING_COMMIT", "COLLISION_DETECTED",
    }
)  # fmt: skip

#: Gone after a while, without anybody changing anything.
_LATER = frozenset(
    {
        "REQUEST_LIMIT_EXCEEDED", "UNKNOWN_EXCEPTION", "INTERNAL_ERROR", "QUERY_TIMEOUT", "UNREACHABLE",
        "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE", "REQUEST_RUNNING_TOO_LONG", "ORG_LOCKED",
        "LOST_ANSWER", "INVALID_QUERY_LOCATOR", "API_CURRENTLY_DISABLED", "TOO_MANY_APEX_REQUESTS",
        "PLATFORM_EVENT_PUBLISHING_UNAVAILABLE", "TERRITORY_REALIGN_IN_PROGRESS",
    }
)  # fmt: skip

#: The same code means several things; what is found in the message or the fields tells which.
_VARIANTS: tuple[tuple[str, str, Explanation], ...] = (
    ("INVALID_OPERATION", "queue not associated", RECORD_CODES["QUEUE_REFUSED"]),
    ("FIELD_INTEGRITY_EXCEPTION", "incorrect type: 00g", RECORD_CODES["QUEUE_REFUSED"]),
    (
        "INVALID_CROSS_REFERENCE_KEY",
        "owner",
        Explanation(
            "The owner is not accepted",
            "The owner chosen does not exist in Salesforce, or may not own such a record.",
            "Choose another owner and sync again.",
            MARKETER,
        ),
    ),
    (
        "INVALID_CROSS_REFERENCE_KEY",
        "record type",
        Explanation(
            "The record type is not accepted",
            "The record type does not exist, or the sync user may not use it.",
            "Ask your Salesforce administrator to give the sync user access to the record type.",
            CRM_ADMIN,
        ),
    ),
    (
        "INVALID_CROSS_REFERENCE_KEY",
        "invalid cross reference id",
        Explanation(
            "The record is gone",
            "Salesforce has no record with this id any more.",
            "Sync the person to Salesforce to create a new Lead.",
            MARKETER,
        ),
    ),
    (
        "FIELD_INTEGRITY_EXCEPTION",
        "state",
        Explanation(
            "State and country do not go together",
            "Salesforce knows which states a country has, and wants the country first.",
            "Give the person a country, and a state that Salesforce lists for it.",
            MARKETER,
        ),
    ),
    (
        "REQUEST_LIMIT_EXCEEDED",
        "concurrent",
        Explanation(
            "Too many requests at the same time",
            "Other apps keep Salesforce busy with long requests.",
            "It is tried again by itself. If it lasts, look for the app that does it.",
            CRM_ADMIN,
        ),
    ),
)


def explain(code: str, message: str = "", fields: Iterable[str] = ()) -> Explanation:
    """Plain words for a refusal. An unknown code shows Salesforce's own message."""
    text = " ".join((message, *fields)).lower()
    for known, clue, explanation in _VARIANTS:
        if known == code and clue in text:
            return explanation
    return CODES.get(code) or Explanation(
        "Salesforce refused",
        message or code,
        "Read the message, or show it to your Salesforce administrator.",
        CRM_ADMIN,
    )


def is_transient(code: str) -> bool:
    """Whether the same request may succeed later without anybody changing anything. Unknown codes: no."""
    return code in _SOON or code in _LATER


def passes_soon(code: str) -> bool:
    """Whether it is worth sending the same again within seconds."""
    return code in _SOON


def words(code: str) -> str:
    """What a code of our own means and what to do, for the message of an exception."""
    explanation = CODES[code]
    return f"{explanation.meaning} {explanation.advice}"


def failure(code: str, message: str = "") -> SyncError:
    """A SyncError that knows by its code whether it is permanent; without a message it has our own words."""
    return SyncError(code, message or words(code), permanent=not is_transient(code))


def read_errors(body: object) -> tuple[RecordError, ...]:
    """The errors in an answer: a list of error objects, or one of them; () if the body is something else."""
    found = body if isinstance(body, list) else [body]
    return tuple(_read_error(error) for error in found if isinstance(error, dict) and _code(error))


def _code(error: dict[str, Any]) -> str:
    return str(error.get("errorCode") or error.get("statusCode") or "")


def _read_error(error: dict[str, Any]) -> RecordError:
    code = _code(error)
    message = f"{error.get('message') or code}".strip() + _duplicates(error)
    return RecordError(code, message, tuple(error.get("fields") or ()), is_transient(code))


def _duplicates(error: dict[str, Any]) -> str:
    """Which records a duplicate rule found. Salesforce misspells the key; both spellings are read."""
    details = error.get("duplicateResut") or error.get("duplicateResult") or {}
    matches = [
        match for result in details.get("matchResults") or () for match in result.get("matchRecords") or ()
    ]
    ids = [str(match.get("record", {}).get("Id")) for match in matches]
    return f" ({details.get('duplicateRule')}: {', '.join(ids)})" if ids else ""
