"""Composite graphs: up to 75 composites in one call, each of them all or none.

Source: the Composite Graph pages of the REST API guide: shape, limits, and that a graph takes nothing but
records; texts of the limits are from memory. One API call, however many nodes are in it (documented). Nodes run
in the order given.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from syncadmin.emulator.errors import ApiError, NotFound
from syncadmin.emulator.rest.composite import REFERENCE, Dispatch, Run, check, failed, halted
from syncadmin.emulator.wire import Request, Response

if TYPE_CHECKING:
    from syncadmin.emulator.org import Org

MOST_GRAPHS, MOST_NODES, MOST_KINDS, DEEPEST, MOST_FAILURES = 75, 500, 15, 15, 14
OLDEST = 50
RECORDS = re.compile(r"/services/data/v(\d+\.\d+)/sobjects/([^/?]+)(/[^?]*)?(\?.*)?\Z", re.I | re.S)
METHODS = {0: {"POST"}, 1: {"DELETE", "GET", "PATCH"}, 2: {"DELETE", "GET", "PATCH", "POST"}}
Graph = dict[str, Any]


def graph(org: Org, request: Request, dispatch: Dispatch) -> Response:
    """POST /composite/graph: `graphs` of graphId and compositeRequest."""
    if float(request.version) < OLDEST:
        raise NotFound
    graphs = _check(request, request.json_object().get("graphs"))
    answers: list[Graph] = []
    for one in graphs:
        failures = sum(1 for answer in answers if not answer["isSuccessful"])
        answers.append(_run(org, request, dispatch, one, halt=failures > MOST_FAILURES))
    return Response(200, {"graphs": answers})


def _run(org: Org, request: Request, dispatch: Dispatch, one: Graph, *, halt: bool) -> Graph:
    """One graph; halted without being tried if more than 14 before it have failed (documented)."""
    nodes = one["compositeRequest"]
    replies = [halted(node) for node in nodes] if halt else Run(org, request, dispatch).together(nodes)
    return {
        "graphId": one["graphId"],
        "graphResponse": {"compositeResponse": replies},
        "isSuccessful": not any(failed(reply) for reply in replies),
    }


def _check(request: Request, graphs: Any) -> list[Graph]:
    if not graphs or not isinstance(graphs, list) or not all(isinstance(one, dict) for one in graphs):
        raise ApiError(400, "REQUIRED_FIELD_MISSING", "Required fields are missing: [graphs]", ["graphs"])
    names = [one.get("graphId") for one in graphs]
    if None in names or len({str(name) for name in names}) != len(names):
        raise ApiError(400, "INVALID_INPUT", "Every graph needs a graphId of its own")
    for one in graphs:
        check(request, one.get("compositeRequest"))
    nodes = [node for one in graphs for node in one["compositeRequest"]]
    kinds = {_kind(node) for node in nodes}
    _limit("graphs", len(graphs), MOST_GRAPHS)
    _limit("nodes", len(nodes), MOST_NODES)
    _limit("different nodes", len(kinds), MOST_KINDS)
    _limit("levels", max(_depth(one["compositeRequest"]) for one in graphs), DEEPEST)
    return graphs


def _limit(what: str, count: int, most: int) -> None:
    if count > most:
        raise ApiError(400, "LIMIT_EXCEEDED", f"Maximum number of {what} exceeded: {count} of {most}.")


def _kind(node: dict[str, Any]) -> tuple[str, str]:
    """Version and object of a node; 400 if it isn't a request for records that a graph may make."""
    url = str(node.get("url", ""))
    found = RECORDS.match(url)
    rest = [part for part in (found[3] or "").split("/") if part] if found else []
    allowed = METHODS.get(len(rest), set())
    if found is None or float(found[1]) < OLDEST or str(node.get("method")) not in allowed:
        text = f"This request can't be part of a composite graph: {node.get('method')} {url}"
        raise ApiError(400, "INVALID_INPUT", text)
    return found[1], found[2].lower()


def _depth(nodes: list[dict[str, Any]]) -> int:
    """How many nodes the longest chain of references has."""
    depths: dict[str, int] = {}
    for node in nodes:
        text = json.dumps([node.get("url"), node.get("body")])
        used = (re.split(r"[.\[]", one)[0] for one in REFERENCE.findall(text))
        depths[str(node["referenceId"])] = 1 + max((depths.get(one, 0) for one in used), default=0)
    return max(depths.values())
