"""One request and what came of it, as a value for whoever counts the calls or keeps a log of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import unquote_plus

from syncadmin.salesforce.errors import read_errors
from syncadmin.salesforce.faults import Lost, Undone
from syncadmin.salesforce.receipt import Receipt, Usage
from syncadmin.salesforce.redaction import Redactor
from syncadmin.sync.ports import Errand, SyncError

#: Characters that are kept of an address, and of each request within a request.
LONGEST_PATH, LONGEST_PART = 2_000, 600
#: Records whose ids are told; of more it is told how many they were.
MOST_IDS = 1_000
_PERSONS = ("00Q", "003")
_RECORD = re.compile(r"\b(?:00Q|003)[A-Za-z0-9]{15}\b")


class Outcome(StrEnum):
    """What came of a request. PARTLY: some of what it carried was refused; UNDONE: it wasn't carried out."""

    OK = "ok"
    PARTLY = "partly"
    REFUSED = "refused"
    LOST = "lost"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request. ``status`` 0: no answer came. Sizes in bytes; bodies are redacted and cut, blank if not wanted.

    ``calls``: how many of the org's API calls it took, 0 or 1. ``parts``: the requests within it. ``records``: how many
    records came or went; ``ids``: which, if they are few.
    """

    errand: Errand
    method: str
    path: str
    status: int
    outcome: Outcome
    code: str
    calls: int
    sent: int
    received: int
    seconds: float
    usage: Usage | None = None
    parts: tuple[str, ...] = ()
    records: int = 0
    ids: tuple[str, ...] = ()
    request: str = ""
    answer: str = ""


def exchange_of(
    receipt: Receipt, errand: Errand, fault: SyncError | None, *, seconds: float, calls: int, redact: Redactor,
    keep: int,
) -> Exchange:  # fmt: skip
    """The value of a request that has ended. ``keep``: characters of each body, 0 for none."""
    ids = list(dict.fromkeys(_ids_in(receipt)))
    code = fault.code if fault else next(_codes_in(receipt.content), "")
    return Exchange(
        errand, receipt.method, redact.text(receipt.path)[:LONGEST_PATH], receipt.status, _outcome(fault, code),
        redact.text(code)[:80], calls, receipt.sent, receipt.received, seconds, receipt.usage,
        tuple(redact.text(part)[:LONGEST_PART] for part in _parts_of(receipt.question)), len(ids),
        tuple(ids) if len(ids) <= MOST_IDS else (),
        redact.head(receipt.asked, keep) if keep else "", redact.head(receipt.answered, keep) if keep else "",
    )  # fmt: skip


def _outcome(fault: SyncError | None, code: str) -> Outcome:
    if fault is None:
        return Outcome.PARTLY if code else Outcome.OK
    if isinstance(fault, Lost):
        return Outcome.LOST
    return Outcome.UNDONE if isinstance(fault, Undone) else Outcome.REFUSED


def _parts_of(question: object) -> Iterator[str]:
    """The requests within a Composite, each as a line: what is asked, or how many records are written."""
    for part in _dicts(question, "compositeRequest"):
        method, url = str(part.get("method", "")), str(part.get("url", ""))
        body = part.get("body")
        records = body.get("records") if isinstance(body, dict) else None
        size = f" ({len(records)} records)" if isinstance(records, list) else ""
        # Cut before it is decoded: a query by two thousand ids is long.
        yield f"{method} {unquote_plus(_below_version(url)[: 3 * LONGEST_PART])}{size}"


def _below_version(url: str) -> str:
    return re.sub(r"^/services/data/v\d+\.\d+/", "", url)


def _ids_in(receipt: Receipt) -> Iterator[str]:
    """Leads and Contacts that were sent or came."""
    if isinstance(receipt.question, str):  # SOAP
        yield from _RECORD.findall(receipt.question)
    for part in _dicts(receipt.question, "compositeRequest"):
        yield from _RECORD.findall(str(part.get("url", ""))[:200])
        yield from _of_rows(part.get("body"), "id")
    yield from _of_rows(receipt.content, "Id")
    for part in _dicts(receipt.content, "compositeResponse"):
        yield from _of_rows(part.get("body"), "Id")


def _of_rows(body: Any, key: str) -> Iterator[str]:
    """Ids in a page of a query, in a collection, or in what a collection answers."""
    rows = body.get("records") if isinstance(body, dict) else body
    if not isinstance(rows, list):
        rows = [body]
    for row in rows:
        id = (row.get(key) or row.get("id")) if isinstance(row, dict) else None
        if isinstance(id, str) and id.startswith(_PERSONS):
            yield id


def _codes_in(content: object) -> Iterator[str]:
    """The codes of what was refused within an answer that is none itself."""
    for part in _dicts(content, "compositeResponse"):
        body = part.get("body")
        if int(part.get("httpStatusCode") or 0) >= 400:
            yield from (error.code for error in read_errors(body))
        elif isinstance(body, list):
            for row in body:
                if isinstance(row, dict) and row.get("success") is False:
                    yield from (error.code for error in read_errors(row.get("errors") or []))


def _dicts(body: object, key: str) -> Iterator[dict[str, Any]]:
    rows = body.get(key) if isinstance(body, dict) else None
    return (row for row in rows or () if isinstance(row, dict))
