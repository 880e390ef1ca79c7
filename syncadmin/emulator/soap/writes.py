"""Writing records: create, update, upsert, delete, undelete, emptyRecycleBin.

Source: the Core Calls pages of the SOAP API guide: at most 200 records; a refused record is a result with
success false; AllOrNoneHeader. The order of elements is that of the WSDL.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element

from syncadmin.emulator.errors import RecordError
from syncadmin.emulator.rest import collections
from syncadmin.emulator.soap.envelope import Call, SoapFault
from syncadmin.emulator.soap.rest import all_or_none, body, inner
from syncadmin.emulator.soap.sobjects import read_record, type_of
from syncadmin.emulator.soap.xml import Xml, find_all, maybe, node, text, texts
from syncadmin.emulator.wire import Request, Response

if TYPE_CHECKING:
    from syncadmin.emulator.org import Org

MOST = 200
Record = dict[str, Any]
Handler = Callable[..., Response]


def check_count(count: int, most: int = MOST) -> None:
    """EXCEEDED_ID_LIMIT if a call has too many records (documented code and limit, text from memory)."""
    if count > most:
        text = f"record limit reached. cannot submit more than {most} records in this call"
        raise SoapFault("EXCEEDED_ID_LIMIT", text)


def create(org: Org, request: Request, call: Call) -> list[Xml]:
    """create()."""
    return _write(org, request, call, "POST", collections.create)


def update(org: Org, request: Request, call: Call) -> list[Xml]:
    """update()."""
    return _write(org, request, call, "PATCH", collections.update)


def _write(org: Org, request: Request, call: Call, method: str, handler: Handler) -> list[Xml]:
    records = [record for _, record in _records(org, call)]
    if not records:
        return []
    payload = {"allOrNone": all_or_none(call), "records": records}
    results = body(handler(org, inner(request, call, method, "composite/sobjects", payload)))
    return [result(one) for one in results]


def _records(org: Org, call: Call) -> list[tuple[str, Record]]:
    elements = find_all(call.element, "sObjects")
    check_count(len(elements))
    return [_record(org, call, element) for element in elements]


def _record(org: Org, call: Call, element: Element) -> tuple[str, Record]:
    """The object's name, and a record as collections have it; one with only fields to read is INVALID_TYPE."""
    kind = type_of(call, element)
    sobject = org.state.schema.get(kind)
    if sobject is None:
        raise SoapFault("INVALID_TYPE", f"sObject type '{kind}' is not supported.")
    fields = read_record(org.state.schema, sobject, element)
    return sobject.name, {"attributes": {"type": sobject.name}} | fields


def upsert(org: Org, request: Request, call: Call) -> list[Xml]:
    """upsert() by externalIDFieldName; records of several objects are done object by object."""
    key = text(call.element, "externalIDFieldName")
    done: list[Xml] = []
    for name, group in groupby(_records(org, call), lambda pair: pair[0]):
        records = [record for _, record in group]
        payload = {"allOrNone": all_or_none(call), "records": records}
        sent = inner(request, call, "PATCH", f"composite/sobjects/{name}/{key}", payload)
        done += [result(one, upsert=True) for one in body(collections.upsert(org, sent, name, key))]
    return done


def delete(org: Org, request: Request, call: Call) -> list[Xml]:
    """delete()."""
    ids = texts(call.element, "ids")
    check_count(len(ids))
    if not ids:
        return []
    query = {"ids": ",".join(ids), "allOrNone": str(all_or_none(call)).lower()}
    sent = inner(request, call, "DELETE", "composite/sobjects", **query)
    return [result(one) for one in body(collections.delete(org, sent))]


def result(one: Record, *, upsert: bool = False) -> Xml:
    """A SaveResult, UpsertResult, DeleteResult … out of a result of a collection."""
    created = node("created", bool(one.get("created"))) if upsert else None
    mistakes = [error_element(error) for error in one["errors"]]
    return node("result", created, mistakes, maybe("id", one.get("id")), node("success", one["success"]))


def error_element(error: Record) -> Xml:
    """An Error."""
    fields = [node("fields", name) for name in error.get("fields") or ()]
    said = node("message", error["message"]), node("statusCode", error["statusCode"])
    return node("errors", fields, said)


def refused(error: RecordError) -> Xml:
    """The Error of a record that was refused."""
    return error_element(error.collected())
