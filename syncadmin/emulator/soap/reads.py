"""Reading: query, retrieve, search, replication and describes.

Source: the Core Calls and Describe Calls pages of the SOAP API guide. Describe replies have the elements of the
recorded REST replies, without the REST addresses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from syncadmin.emulator.clock import zulu
from syncadmin.emulator.rest import resources
from syncadmin.emulator.rest import retrieve as records
from syncadmin.emulator.soap.envelope import Call, SoapFault
from syncadmin.emulator.soap.rest import body, inner
from syncadmin.emulator.soap.sobjects import Writer
from syncadmin.emulator.soap.xml import Xml, node, text, texts
from syncadmin.emulator.sosl.resources import run_search
from syncadmin.emulator.wire import Request

if TYPE_CHECKING:
    from syncadmin.emulator.org import Org

MOST_DESCRIBED = 100
LEFT_OUT = {"urls", "sobjectDescribeOption"}
TEMPLATES = {"urlDetail": "uiDetailTemplate", "urlEdit": "uiEditTemplate", "urlNew": "uiNewRecord"}


def query(org: Org, request: Request, call: Call) -> list[Xml]:
    """query() and queryAll()."""
    handler = resources.query_all if call.name == "queryAll" else resources.query
    sent = inner(request, call, "GET", call.name, q=text(call.element, "queryString"))
    return [Writer(call, org.state.schema).page("result", body(handler(org, sent)))]


def query_more(org: Org, request: Request, call: Call) -> list[Xml]:
    """queryMore()."""
    locator = text(call.element, "queryLocator")
    if not locator:
        raise SoapFault("INVALID_QUERY_LOCATOR", "invalid query locator")
    page = body(resources.query(org, inner(request, call, "GET", f"query/{locator}"), locator))
    return [Writer(call, org.state.schema).page("result", page)]


def search(org: Org, request: Request, call: Call) -> list[Xml]:
    """search(): SOSL."""
    found = body(run_search(org, inner(request, call, "GET", "search", q=text(call.element, "searchString"))))
    records = found["searchRecords"] if isinstance(found, dict) else found
    writer = Writer(call, org.state.schema)
    rows = [node("searchRecords", writer.record("record", record)) for record in records]
    return [node("result", rows)]


def retrieve(org: Org, request: Request, call: Call) -> list[Xml]:
    """retrieve(): a result for each id, xsi:nil for what isn't there."""
    name = text(call.element, "sObjectType")
    fields = [part.strip() for part in text(call.element, "fieldList").split(",") if part.strip()]
    payload = {"ids": texts(call.element, "ids"), "fields": fields}
    sent = inner(request, call, "POST", f"composite/sobjects/{name}", payload)
    writer = Writer(call, org.state.schema)
    return [writer.record("result", record) for record in body(records.retrieve(org, sent, name))]


def updated(org: Org, request: Request, call: Call) -> list[Xml]:
    """getUpdated()."""
    found = _period(org, request, call, "updated")
    covered = node("latestDateCovered", zulu(found["latestDateCovered"]))
    return [node("result", [node("ids", one) for one in found["ids"]], covered)]


def deleted(org: Org, request: Request, call: Call) -> list[Xml]:
    """getDeleted()."""
    found = _period(org, request, call, "deleted")
    records = [
        node("deletedRecords", node("deletedDate", zulu(one["deletedDate"])), node("id", one["id"]))
        for one in found["deletedRecords"]
    ]
    names = ("earliestDateAvailable", "latestDateCovered")
    return [node("result", records, [node(name, zulu(found[name])) for name in names])]


def _period(org: Org, request: Request, call: Call, kind: str) -> Any:
    name = text(call.element, "sObjectType")
    times = {"start": text(call.element, "startDate"), "end": text(call.element, "endDate")}
    sent = inner(request, call, "GET", f"sobjects/{name}/{kind}", **times)
    handler = resources.deleted if kind == "deleted" else resources.updated
    return body(handler(org, sent, name))


def describe_global(org: Org, request: Request, call: Call) -> list[Xml]:
    """describeGlobal()."""
    return [
        _described("result", body(resources.global_describe(org, inner(request, call, "GET", "sobjects"))))
    ]


def describe_objects(org: Org, request: Request, call: Call) -> list[Xml]:
    """describeSObject() and describeSObjects(): at most 100 objects."""
    names = texts(call.element, "sObjectType")
    if not 1 <= len(names) <= MOST_DESCRIBED:
        raise SoapFault(
            "EXCEEDED_ID_LIMIT", f"cannot describe more than {MOST_DESCRIBED} objects in this call"
        )
    return [_describe(org, request, call, name) for name in names]


def _describe(org: Org, request: Request, call: Call, name: str) -> Xml:
    sent = inner(request, call, "GET", f"sobjects/{name}/describe")
    described = body(resources.object_describe(org, sent, name))
    links = {key: described["urls"].get(old) for key, old in TEMPLATES.items()}
    return _described("result", described | links)


def _described(name: str, value: Any) -> Xml:
    """Objects become elements with the keys in order, lists repeat, null is left out."""
    if not isinstance(value, dict):
        return node(name, str(value).lower() if isinstance(value, bool) else str(value))
    parts = []
    for key in sorted(set(value) - LEFT_OUT):
        inside = value[key]
        many = inside if isinstance(inside, list) else [inside]
        parts += [_described(key, one) for one in many if one is not None]
    return node(name, parts)
