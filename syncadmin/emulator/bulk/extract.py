"""Reading for a query job: all of it in the view of one moment, piece by piece.

A reader of the database keeps seeing what was committed when it began, whatever is written meanwhile; no more
than a piece of the result is in memory. Source of the forms: the pages on query results of the Bulk API guide:
CSV with all values quoted and moments in Zulu time, in JSON moments as milliseconds (known from live replies).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from syncadmin.emulator.bulk.job import CLASSIC, Job
from syncadmin.emulator.bulk.plan import Column, Plan, plan
from syncadmin.emulator.bulk.text import line
from syncadmin.emulator.clock import parse_moment, zulu
from syncadmin.emulator.soap.xml import Xml, maybe, node

if TYPE_CHECKING:
    from syncadmin.emulator.org import Org

PIECE = 2000
Row = tuple[Any, ...]
Write = Callable[[Row], str]


def extract(org: Org, job: Job, soql: str) -> Iterator[tuple[str, list[str]]]:
    """The header and lines of each piece; an empty result is one empty piece."""
    deleted, classic = job.operation == "queryAll", job.kind == CLASSIC
    made = plan(org, soql, job.created_by, deleted=deleted, classic=classic)
    header, write = line([c.name for c in made.columns], job.separator), writer(job, made)
    with org.state.store.reading() as db:
        cursor = db.execute(made.sql, made.compiled.parameters)
        rows = cursor.fetchmany(PIECE)
        yield header, [write(row) for row in rows]
        while rows := cursor.fetchmany(PIECE):
            yield header, [write(row) for row in rows]


def writer(job: Job, made: Plan) -> Write:
    """How a row becomes a line of the result."""
    if job.content_type == "JSON":
        return lambda row: json.dumps(_record(job, made, row), ensure_ascii=False, separators=(",", ":"))
    if job.content_type == "XML":
        return lambda row: _element(made, row)
    printers = [PRINTERS.get(column.type, str) for column in made.columns]
    separator = job.separator

    def write(row: Row) -> str:
        cells = zip(printers, row, strict=True)
        return line(["" if value is None else show(value) for show, value in cells], separator)

    return write


def _truth(value: Any) -> str:
    return "true" if value else "false"


PRINTERS: dict[str, Callable[[Any], str]] = {"boolean": _truth, "datetime": zulu}


def _millis(column: Column, value: Any) -> Any:
    if value is None:
        return None
    if column.type == "boolean":
        return value == 1
    if column.type == "datetime":
        return int(parse_moment(value).timestamp() * 1000)
    if column.type == "date":
        return int(datetime.fromisoformat(value).replace(tzinfo=UTC).timestamp() * 1000)
    return value


def _record(job: Job, made: Plan, row: Row) -> dict[str, Any]:
    """A record of JSON results, parents nested in it."""
    base = f"/services/data/v{job.version}/sobjects/{made.sobject}"
    ids = [v for c, v in zip(made.columns, row, strict=True) if not c.path and c.name == "Id"]
    attributes = {"type": made.sobject, "url": f"{base}/{ids[0]}" if ids else base}
    record: dict[str, Any] = {"attributes": attributes}
    for column, value in zip(made.columns, row, strict=True):
        place = record
        for name in column.path:
            place = place.setdefault(name, {})
        place[column.name.rpartition(".")[2]] = _millis(column, value)
    return record


def _element(made: Plan, row: Row) -> Xml:
    """A record of XML results; a parent's field is an element inside the parent's."""
    fields = []
    for column, value in zip(made.columns, row, strict=True):
        shown = None if value is None else PRINTERS.get(column.type, str)(value)
        element = maybe(column.name.rpartition(".")[2], shown)
        for name in reversed(column.path):
            element = node(name, element, attributes={"xsi:type": "sObject"})
        fields.append(element)
    return node("records", node("type", made.sobject), fields, attributes={"xsi:type": "sObject"})
