"""Records as XML: sObject elements to the bodies REST has, and records of REST replies to sObject elements.

Source: the SOAP API Developer Guide, pages sObject (partner: type, fieldsToNull, Id), QueryResult and
AggregateResult; that a partner record has its Id twice when Id is asked for is from memory of live replies.
"""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element

from syncadmin.emulator.clock import zulu
from syncadmin.emulator.dml.values import READERS, XSD
from syncadmin.emulator.schema.model import Field, SObject
from syncadmin.emulator.schema.registry import Schema
from syncadmin.emulator.soap.envelope import Call, SoapFault
from syncadmin.emulator.soap.xml import TYPE, Xml, is_nil, local, maybe, node, text, texts

Record = dict[str, Any]
NOT_FIELDS = ("type", "fieldsToNull")


def type_of(call: Call, element: Element) -> str:
    """The object's name: a child in partner, xsi:type in enterprise; INVALID_TYPE if there is none."""
    given = text(element, "type") or element.get(TYPE, "").rpartition(":")[2]
    if not given or given == "sObject":
        raise SoapFault("INVALID_TYPE", "Must send a concrete entity type.")
    return given


def read_record(schema: Schema, sobject: SObject | None, element: Element) -> Record:
    """The body REST would have. Elements that are xsi:nil say nothing; fieldsToNull clears."""
    body: Record = {}
    for child in element:
        name = local(child)
        if name in NOT_FIELDS or is_nil(child):
            continue
        if len(child):
            body[name] = read_record(schema, schema.get(text(child, "type")), child)
        elif (child.text or "").strip() or name != "Id":
            body[name] = _value(sobject.get(name) if sobject else None, child.text or "")
    return body | dict.fromkeys(texts(element, "fieldsToNull"))


def _value(field: Field | None, given: str) -> Any:
    """Typed as the schema says; a SOAP message that isn't typed so can't be read at all (from memory)."""
    kind, stripped = (field.type if field else "string"), given.strip()
    read = _boolean if kind == "boolean" else READERS.get(kind)
    if read is None or (not stripped and kind != "boolean"):
        return given
    try:
        return read(stripped)
    except ValueError:
        said = f"'{stripped}' is not a valid value for the type {XSD[kind]}"
        raise SoapFault("Client", said, side="soapenv") from None


def _boolean(text: str) -> bool:
    if text.lower() not in ("true", "false", "1", "0"):
        raise ValueError(text)
    return text.lower() in ("true", "1")


class Writer:
    """Writes records for one call: the flavour decides how their type is said."""

    def __init__(self, call: Call, schema: Schema) -> None:
        self._partner, self._schema = call.partner, schema

    def record(self, name: str, record: Record | None) -> Xml:
        """A record as an element; None is xsi:nil."""
        if record is None:
            return node(name, attributes={"xsi:nil": "true"})
        kind = str(record["attributes"]["type"])
        sobject = self._schema.get(kind)
        fields = [
            self._field(sobject.get(key) if sobject else None, key, value)
            for key, value in record.items()
            if key != "attributes" and (self._partner or key != "Id")
        ]
        head = [node("sf:type", kind)] if self._partner else []
        head.append(maybe("sf:Id", record.get("Id")))
        kind = "sObject" if self._partner else kind
        return node(name, head, fields, attributes={"xsi:type": f"sf:{kind}"})

    def aggregate(self, name: str, record: Record) -> Xml:
        """A row of a grouped query: its values say their types."""
        head = [node("sf:type", "AggregateResult"), maybe("sf:Id", None)]
        values = [_typed(f"sf:{key}", value) for key, value in record.items() if key != "attributes"]
        kind = "sf:sObject" if self._partner else "sf:AggregateResult"
        return node(name, head if self._partner else [], values, attributes={"xsi:type": kind})

    def any(self, name: str, record: Record | None) -> Xml:
        """A record of either kind."""
        if record is not None and record["attributes"]["type"] == "AggregateResult":
            return self.aggregate(name, record)
        return self.record(name, record)

    def _field(self, field: Field | None, key: str, value: Any) -> Xml:
        name = f"sf:{key}"
        if isinstance(value, dict):
            return self._inner(name, value)
        return maybe(name, written(field.type if field else "string", value))

    def _inner(self, name: str, value: Record) -> Xml:
        if "records" in value:
            return self.page(name, value)
        if "attributes" in value:
            return self.record(name, value)
        parts = [maybe(f"sf:{key}", written("double", part)) for key, part in value.items()]
        return node(name, parts, attributes={"xsi:type": "sf:address"})

    def page(self, name: str, page: Record) -> Xml:
        """A page of a query. The locator is the end of nextRecordsUrl."""
        following = str(page.get("nextRecordsUrl", "")).rpartition("/")[2]
        rows = [self.any("records", record) for record in page["records"]]
        size = node("size", page["totalSize"])
        done, locator = node("done", bool(page["done"])), maybe("queryLocator", following or None)
        return node(name, done, locator, rows, size, attributes={"xsi:type": "QueryResult"})


def _typed(name: str, value: Any) -> Xml:
    if value is None:
        return maybe(name, None)
    kind = {bool: "boolean", int: "int", float: "double"}.get(type(value), "string")
    return node(name, written("string", value), attributes={"xsi:type": f"xsd:{kind}"})


def written(kind: str, value: Any) -> str | bool | None:
    """A value as XML Schema writes it: moments end in Z; numbers never have an exponent if they can do
    without.
    """
    if value is None or isinstance(value, bool):
        return value
    if kind == "datetime":
        return zulu(value)
    return repr(value) if isinstance(value, float) else str(value)
