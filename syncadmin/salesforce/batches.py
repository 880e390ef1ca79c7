"""Which requests a number of writes becomes: collections of 200, or single records.

sObject Collections: https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_composite_sobjects_collections.htm
Sforce-Auto-Assign: https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/headers_autoassign.htm
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from syncadmin.salesforce import soql
from syncadmin.salesforce.composite import COLLECTION_SIZE, HEAVY_PARTS, PARTS, Part
from syncadmin.salesforce.reading import chunks
from syncadmin.sync.ports import Operation, Write

#: A write and its place among all that were asked for.
Job = tuple[int, Write]


@dataclass(frozen=True, slots=True)
class Batch:
    """One part of a Composite call, and the places of its records.

    ``repeatable``: doing it twice does no harm. ``creates``: it was asked for as a creation.
    """

    part: Part
    places: list[int]
    repeatable: bool
    creates: bool


def collections(jobs: Iterable[Job], external_id: str) -> list[Batch]:
    """The writes as collections: those that share method, address and header travel together."""
    groups: dict[tuple[str, str, bool], list[Job]] = {}
    for job in jobs:
        groups.setdefault(_address(job[1], external_id), []).append(job)
    return [
        _collection(address, chunk)
        for address, group in groups.items()
        # Consecutive records of one type are a chunk, and a collection may have ten chunks.
        for chunk in chunks(sorted(group, key=lambda job: job[1].object), COLLECTION_SIZE)
    ]


def singles(jobs: Iterable[Job], external_id: str) -> list[Batch]:
    """The writes as requests of one record each."""
    return [_single(job, external_id) for job in jobs]


def _address(write: Write, external_id: str) -> tuple[str, str, bool]:
    method = "POST" if write.operation is Operation.CREATE else "PATCH"
    if _is_upsert(write, external_id):
        return (
            "PATCH",
            f"composite/sobjects/{soql.name(write.object)}/{soql.name(external_id)}",
            write.auto_assign,
        )
    return method, "composite/sobjects", write.auto_assign


def _is_upsert(write: Write, external_id: str) -> bool:
    return write.operation is Operation.CREATE and bool(external_id and write.fields.get(external_id))


def _collection(address: tuple[str, str, bool], jobs: Sequence[Job]) -> Batch:
    method, path, auto_assign = address
    body = {"allOrNone": False, "records": [_record(write) for _, write in jobs]}
    return Batch(
        Part(method, path, body, _headers(auto_assign)),
        [place for place, _ in jobs],
        repeatable=method == "PATCH",
        creates=jobs[0][1].operation is Operation.CREATE,
    )


def _record(write: Write) -> dict[str, Any]:
    identity = {} if write.operation is Operation.CREATE else {"id": write.id}
    return {"attributes": {"type": soql.name(write.object)}, **identity, **_without(write.fields, "Id")}


def _single(job: Job, external_id: str) -> Batch:
    place, write = job
    path, fields = f"sobjects/{soql.name(write.object)}", _without(write.fields, "Id")
    method = "POST" if write.operation is Operation.CREATE else "PATCH"
    if _is_upsert(write, external_id):
        value = quote(str(write.fields[external_id]), safe="")
        method, path, fields = "PATCH", f"{path}/{external_id}/{value}", _without(fields, external_id)
    elif write.operation is Operation.UPDATE:
        path = f"{path}/{quote(write.id, safe='')}"
    part = Part(method, path, fields, _headers(write.auto_assign))
    return Batch(part, [place], repeatable=method == "PATCH", creates=write.operation is Operation.CREATE)


def _without(fields: dict[str, Any], name: str) -> dict[str, Any]:
    return {field: value for field, value in fields.items() if field.lower() != name.lower()}


def _headers(auto_assign: bool) -> dict[str, str]:
    """Always said: without the header REST runs the assignment rules, on updates as well."""
    return {"Sforce-Auto-Assign": "TRUE" if auto_assign else "FALSE"}


def chunked_calls(batches: Iterable[Batch]) -> Iterator[list[Batch]]:
    """The batches in Composite calls: five collections, or 25 single records."""
    found = list(batches)
    heavy = any(batch.part.path.startswith("composite/") for batch in found)
    return chunks(found, HEAVY_PARTS if heavy else PARTS)
