"""Composite: up to 25 requests, five of them queries or collections, in one API call.

https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_composite_composite.htm
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_plus

from syncadmin.salesforce.errors import is_transient, read_errors
from syncadmin.salesforce.faults import lost
from syncadmin.salesforce.transport import Transport
from syncadmin.sync.ports import SyncError

#: Requests that fit into one call, and how many of them may be queries or collections.
PARTS, HEAVY_PARTS = 25, 5
#: Records that fit into a collection, and rows into a page of a query.
COLLECTION_SIZE, PAGE_SIZE = 200, 2000


@dataclass(frozen=True, slots=True)
class Part:
    """One request within the call. ``path``: below /services/data/vNN.N/. ``subject``: its name in errors."""

    method: str
    path: str
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict)
    subject: str = ""


@dataclass(frozen=True, slots=True)
class PartAnswer:
    """The answer to one part; header names in lower case."""

    status: int
    body: Any
    headers: dict[str, str]


class PartRefused(SyncError):
    """Salesforce refused one part. ``object`` and ``field`` (API names, or "") say what it was about."""

    def __init__(self, code: str, message: str, object: str, field: str) -> None:
        super().__init__(code, message, permanent=not is_transient(code))
        self.object, self.field = object, field


def query_part(soql: str, subject: str, *, deleted: bool = False) -> Part:
    """A query; with ``deleted`` it sees the Recycle Bin, too."""
    return Part("GET", f"{'queryAll' if deleted else 'query'}?q={quote_plus(soql)}", subject=subject)


def send(
    transport: Transport, parts: Sequence[Part], *, repeatable: bool = True
) -> tuple[list[PartAnswer], str]:
    """The answers in the order of the parts, and the Date header. One API call."""
    requests = [_request(transport, part, number) for number, part in enumerate(parts)]
    body = {"allOrNone": False, "compositeRequest": requests}
    answer = transport.call("POST", "composite", body, repeatable=repeatable)
    found = answer.body.get("compositeResponse") if isinstance(answer.body, dict) else None
    if not isinstance(found, list) or len(found) != len(parts):
        raise lost()
    by_reference = {part["referenceId"]: part for part in found}
    return [_read(by_reference[f"part{number}"]) for number in range(len(parts))], answer.date


def _request(transport: Transport, part: Part, number: int) -> dict[str, object]:
    request: dict[str, object] = {
        "method": part.method,
        "url": transport.version_path + part.path,
        "referenceId": f"part{number}",
    }
    if part.headers:
        request["httpHeaders"] = dict(part.headers)
    if part.body is not None:
        request["body"] = part.body
    return request


def _read(answer: dict[str, Any]) -> PartAnswer:
    headers = {name.lower(): str(value) for name, value in (answer.get("httpHeaders") or {}).items()}
    return PartAnswer(int(answer["httpStatusCode"]), answer.get("body"), headers)


def accepted(part: Part, answer: PartAnswer) -> PartAnswer:
    """The answer, if it is no refusal; else :class:`PartRefused` with Salesforce's code and words."""
    if answer.status < 300 or answer.status == 304:
        return answer
    errors = read_errors(answer.body)
    code = errors[0].code if errors else f"HTTP_{answer.status}"
    text = errors[0].message if errors else f"Salesforce answered with the status {answer.status}."
    field = _field_in(text)
    about = f"{part.subject}.{field}" if field else part.subject
    raise PartRefused(code, f"{about}: {_last_line(text)}", part.subject, field)


def _field_in(text: str) -> str:
    """The field in "No such column 'X' on entity 'Lead'", or ""."""
    return text.partition("No such column '")[2].partition("'")[0]


def _last_line(text: str) -> str:
    """SOQL errors begin with a window of the query and a marker; the last line says what is wrong."""
    return text.strip().rpartition("\n")[2]
