"""From what was uploaded to the bodies of records, one by one: CSV, and for Bulk API 1 JSON and XML.

Source: the pages Prepare CSV Files, Prepare XML and JSON Files of the Bulk API guide; nulls are `#N/A`, `null`
and `xsi:nil`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element

from syncadmin.emulator.bulk.columns import Columns
from syncadmin.emulator.bulk.job import Job
from syncadmin.emulator.bulk.text import BadCsv, read_rows
from syncadmin.emulator.bulk.writing import Given
from syncadmin.emulator.errors import RecordError
from syncadmin.emulator.schema.registry import View
from syncadmin.emulator.soap.xml import BadXml, is_nil, local, parse
from syncadmin.emulator.wire import read_json

DELETIONS = ("delete", "hardDelete")


def read_upload(job: Job, data: bytes, view: View) -> Iterator[Given]:
    """The bodies of the records of an upload; BadCsv if the whole of it is refused."""
    if job.content_type == "CSV":
        return _from_csv(job, data, view)
    records = _json_records(data) if job.content_type == "JSON" else _xml_records(data)
    return _checked(job, records, view)


def _from_csv(job: Job, data: bytes, view: View) -> Iterator[Given]:
    rows = read_rows(data, job.separator)
    header = next(rows, None)
    if header is None:
        raise BadCsv("InvalidBatch : The CSV file has no header row")
    columns = Columns(header, view)
    _check_deletion(job, columns.names)
    for cells in rows:
        try:
            yield columns.body(cells)
        except RecordError as error:
            yield error


def _check_deletion(job: Job, names: list[str]) -> None:
    """A deletion names records and nothing else (documented; text from memory)."""
    if job.operation in DELETIONS and [name.lower() for name in names] != ["id"]:
        raise BadCsv("InvalidBatch : The only column of a deletion has to be Id")


def _json_records(data: bytes) -> list[dict[str, Any]]:
    try:
        records = read_json(data)
    except ValueError as error:
        raise BadCsv(f"InvalidBatch : Failed to parse JSON: {error}") from error
    if not isinstance(records, list) or not all(isinstance(one, dict) for one in records):
        raise BadCsv("InvalidBatch : A batch in JSON has to be an array of objects")
    return records


def _xml_records(data: bytes) -> list[dict[str, Any]]:
    try:
        root = parse(data)
    except BadXml as error:
        raise BadCsv(f"InvalidBatch : Failed to parse XML: {error}") from error
    return [_xml_record(element) for element in root]


def _xml_record(element: Element) -> dict[str, Any]:
    record: dict[str, Any] = {}
    for child in element:
        inner = child[0] if len(child) else None
        if is_nil(child):
            record[local(child)] = None
        elif inner is None:
            record[local(child)] = child.text or ""
        else:
            record[local(child)] = _xml_record(inner if local(inner) == "sObject" else child)
    return record


def _checked(job: Job, records: list[dict[str, Any]], view: View) -> Iterator[Given]:
    """A name no record may have fails them all, as in CSV."""
    parents = {f.relationship.lower() for f in view.fields.values() if f.relationship}
    for name in dict.fromkeys(key for record in records for key in record if key != "attributes"):
        if view.get(name) is None and name.lower() not in parents:
            raise BadCsv(f"InvalidBatch : Field name not found : {name}")
    for record in records:
        _check_deletion(job, [key for key in record if key != "attributes"])
        yield record
