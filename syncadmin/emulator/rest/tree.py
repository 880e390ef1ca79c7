"""sObject Tree: up to 200 new records in one call, children inside their parents, all or none.

Source: the sObject Tree pages of the REST API guide: roots first, then each level by type; 201, or 400 with
nothing but the records that were refused. "Duplicate ReferenceId" is quoted from live calls; the texts of the
other malformed trees are from memory. One API call (documented).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from syncadmin.emulator.dml.draft import Actor, Outcome
from syncadmin.emulator.errors import ApiError, RecordError
from syncadmin.emulator.rest.records import actor_of
from syncadmin.emulator.rest.resources import find_object
from syncadmin.emulator.schema.model import SObject
from syncadmin.emulator.wire import Request, Response

if TYPE_CHECKING:
    from syncadmin.emulator.org import Org

MOST_RECORDS, MOST_TYPES, DEEPEST = 200, 5, 5
Body = dict[str, Any]


@dataclass(slots=True)
class Node:
    """A record of a tree: its own fields, and which of them will hold the id of its parent."""

    sobject: SObject
    reference: str
    values: Body
    level: int
    parent: Node | None = None
    parent_field: str = ""
    id: str = ""


class _Refused(Exception):
    """Undoes the transaction of a tree; carries what to answer nevertheless."""

    def __init__(self, nodes: list[Node], outcomes: list[Outcome]) -> None:
        super().__init__()
        self.results = [
            {"referenceId": node.reference, "errors": [error.collected() for error in outcome.errors]}
            for node, outcome in zip(nodes, outcomes, strict=True)
            if not outcome.ok
        ]


def tree(org: Org, request: Request, name: str) -> Response:
    """POST /composite/tree/X: `records`, each with attributes (type, referenceId), fields and child records."""
    root = find_object(org, request, name)
    nodes = _nodes(org, request, root, request.json_object())
    try:
        _check(nodes)
        with org.state.store.transaction():
            for _, group in groupby(nodes, lambda node: (node.level, node.sobject.name, node.parent_field)):
                _create(org, request, list(group))
    except _Refused as refused:
        return Response(400, {"hasErrors": True, "results": refused.results})
    results = [{"referenceId": node.reference, "id": node.id} for node in nodes]
    return Response(201, {"hasErrors": False, "results": results})


def _create(org: Org, request: Request, nodes: list[Node]) -> None:
    """Write the records of one level and type; what was refused undoes the tree."""
    bodies = [node.values | ({node.parent_field: node.parent.id} if node.parent else {}) for node in nodes]
    outcomes = _lose_some(request, _write(org, nodes[0].sobject, bodies, actor_of(request)))
    if any(not outcome.ok for outcome in outcomes):
        raise _Refused(nodes, outcomes)
    for node, outcome in zip(nodes, outcomes, strict=True):
        node.id = str(outcome.id)


def _write(org: Org, sobject: SObject, bodies: list[Body], actor: Actor) -> list[Outcome]:
    if sobject.createable:
        return org.dml.create(sobject, bodies, actor)
    text = f"entity type cannot be inserted: {sobject.label}"
    return [Outcome(errors=[RecordError("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", text)]) for _ in bodies]


def _lose_some(request: Request, outcomes: list[Outcome]) -> list[Outcome]:
    """The outcomes, of which the first ones have failed if a fault says so."""
    fault = request.fault
    if fault is None or not fault.per_record:
        return outcomes
    count = len(outcomes) if fault.records < 0 else fault.records
    error = RecordError(fault.error_code, fault.answer()[1])
    return [Outcome(errors=[error]) if i < count else outcome for i, outcome in enumerate(outcomes)]


def _nodes(org: Org, request: Request, root: SObject, body: Body) -> list[Node]:
    """All records, level by level, those of a type together."""
    level = [_node(root, record, 1) for record in _list(body)]
    found: list[Node] = []
    while level:
        found += [node for node, _ in level]
        if len(found) > MOST_RECORDS:
            text = f"record limit reached. cannot submit more than {MOST_RECORDS} records into this call"
            raise ApiError(400, "EXCEEDED_ID_LIMIT", text)
        children = [child for parent, nested in level for child in _children(org, request, parent, nested)]
        level = sorted(children, key=lambda pair: (pair[0].sobject.name, pair[0].parent_field))
    if max(node.level for node in found) > DEEPEST:
        raise ApiError(400, "LIMIT_EXCEEDED", f"sObject trees can have up to {DEEPEST} levels")
    if len({node.sobject.name for node in found}) > MOST_TYPES:
        raise ApiError(400, "LIMIT_EXCEEDED", f"sObject trees can have records of up to {MOST_TYPES} types")
    return found


def _list(body: Any) -> list[Body]:
    records = body.get("records") if isinstance(body, dict) else None
    if not isinstance(records, list) or not records or not all(isinstance(one, dict) for one in records):
        raise ApiError(400, "REQUIRED_FIELD_MISSING", "Required fields are missing: [records]", ["records"])
    return records


def _node(
    sobject: SObject, record: Body, level: int, parent: Node | None = None, field: str = ""
) -> tuple[Node, Body]:
    """A record without its children, and its children by the name of their relationship."""
    attributes = record.get("attributes")
    attributes = attributes if isinstance(attributes, dict) else {}
    kind = str(attributes.get("type") or "")
    if kind.lower() != sobject.name.lower():
        text = f"The type of a record has to be {sobject.name} here, not {kind or 'missing'}"
        raise ApiError(400, "INVALID_TYPE", text)
    nested = {k: v for k, v in record.items() if isinstance(v, dict) and "records" in v}
    values = {k: v for k, v in record.items() if k not in nested and k != "attributes"}
    return Node(sobject, str(attributes.get("referenceId") or ""), values, level, parent, field), nested


def _children(org: Org, request: Request, parent: Node, nested: Body) -> list[tuple[Node, Body]]:
    known = {name.lower(): (kind, field) for kind, field, name, _ in parent.sobject.children if name}
    found = []
    for name, inside in nested.items():
        kind, field = known.get(name.lower(), ("", ""))
        if not kind or org.state.schema.get(kind) is None:
            text = f"No such column '{name}' on sobject of type {parent.sobject.name}"
            raise ApiError(400, "INVALID_FIELD", text)
        child = find_object(org, request, kind)
        found += [_node(child, record, parent.level + 1, parent, field) for record in _list(inside)]
    return found


def _check(nodes: list[Node]) -> None:
    """Every record needs a reference of its own, which begins with a letter or a digit."""
    seen = [node.reference for node in nodes]
    wrong = [_wrong(node.reference, seen) for node in nodes]
    if any(wrong):
        texts = [Outcome(errors=[RecordError("INVALID_INPUT", text)] if text else []) for text in wrong]
        raise _Refused(nodes, texts)


def _wrong(reference: str, seen: list[str]) -> str:
    if not reference:
        return "Include a reference ID for each record in the request."
    if not reference[0].isalnum():
        return f"Provided referenceId ('{reference}') must start with a letter or a number."
    return "Duplicate ReferenceId provided in the request." if seen.count(reference) > 1 else ""
