"""Which request goes where."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote

from syncadmin.emulator import control
from syncadmin.emulator.auth import authorize, grants, openid, tokens
from syncadmin.emulator.bulk import routes as bulk
from syncadmin.emulator.errors import ApiError, NotFound, RecordError, ResourceError
from syncadmin.emulator.pages import routes as pages
from syncadmin.emulator.rest import (
    batch,
    collections,
    columns,
    composite,
    discovery,
    graph,
    records,
    resources,
    retrieve,
    tree,
)
from syncadmin.emulator.rest.formats import check_formats
from syncadmin.emulator.soap import route as soap
from syncadmin.emulator.sosl import resources as sosl
from syncadmin.emulator.tooling import route as tooling
from syncadmin.emulator.wire import Request, Response

if TYPE_CHECKING:
    from syncadmin.emulator.org import Org

Handler = Callable[..., Response]
NAME = r"([^/]+)"
METHODS = ("GET", "POST", "PATCH", "PUT", "DELETE")


@dataclass(frozen=True, slots=True)
class Route:
    """A path and its handlers by method. secured: needs a token; counted: is an API call."""

    pattern: re.Pattern[str]
    handlers: dict[str, Handler]
    secured: bool
    counted: bool


def route(path: str, *, secured: bool = False, counted: bool = False, **handlers: Handler) -> Route:
    """A route; its parts in brackets become arguments of the handlers."""
    return Route(re.compile(path + r"/?\Z", re.I), handlers, secured, counted)


def data(path: str, **handlers: Handler) -> Route:
    """A route below `/services/data/vXX.0`."""
    return route(r"/services/data/v\d+(?:\.\d+)?" + path, secured=True, counted=True, **handlers)


def page(path: str, handlers: dict[str, Handler]) -> Route:
    """A route that looks after sessions itself: a page of the sales rep's, a resource of Bulk API 1."""
    return Route(re.compile(path + r"/?\Z"), handlers, False, False)


def run_composite(org: Org, request: Request) -> Response:
    """POST /composite."""
    return composite.composite(org, request, dispatch)


def run_batch(org: Org, request: Request) -> Response:
    """POST /composite/batch."""
    return batch.batch(org, request, dispatch)


def run_graph(org: Org, request: Request) -> Response:
    """POST /composite/graph."""
    return graph.graph(org, request, dispatch)


ROUTES: list[Route] = [
    data("/query/?(01g[^/]+)?", GET=columns.query),
    data("/queryAll/?(01g[^/]+)?", GET=resources.query_all),
    data("/composite/sobjects", POST=collections.create, PATCH=collections.update, DELETE=collections.delete),
    data(f"/composite/sobjects/{NAME}", POST=retrieve.retrieve, GET=retrieve.retrieve),
    data(f"/composite/sobjects/{NAME}/{NAME}", PATCH=collections.upsert),
    data("/composite", POST=run_composite, GET=composite.directory),
    data("/composite/batch", POST=run_batch),
    data("/composite/graph", POST=run_graph),
    data(f"/composite/tree/{NAME}", POST=tree.tree),
    data("/sobjects", GET=resources.global_describe),
    data(f"/sobjects/{NAME}", GET=records.information, POST=records.create),
    data(f"/sobjects/{NAME}/describe", GET=resources.object_describe),
    data(f"/sobjects/{NAME}/updated", GET=resources.updated),
    data(f"/sobjects/{NAME}/deleted", GET=resources.deleted),
    data(f"/sobjects/{NAME}/describe/layouts(?:/{NAME})?", GET=discovery.layouts),
    data(f"/sobjects/{NAME}/describe/compactLayouts", GET=discovery.compact_layouts),
    data(f"/sobjects/{NAME}/listviews", GET=discovery.list_views),
    data(f"/sobjects/{NAME}/quickActions", GET=discovery.quick_actions),
    data(
        f"/sobjects/User/{NAME}/password",
        GET=discovery.password,
        POST=discovery.password,
        DELETE=discovery.password,
    ),
    data(f"/sobjects/{NAME}/{NAME}", GET=records.read, PATCH=records.update, DELETE=records.delete),
    data(
        f"/sobjects/{NAME}/{NAME}/(.+)",
        GET=records.read_external,
        PATCH=records.upsert,
        DELETE=records.delete_external,
    ),
    *(data(path, **handlers) for path, handlers in bulk.DATA.items()),
    *(page(path, handlers) for path, handlers in bulk.ASYNC.items()),
    data("/limits", GET=resources.limits),
    data("/limits/recordCount", GET=resources.record_count),
    data("/search", GET=sosl.run_search),
    data("/parameterizedSearch", GET=sosl.parameterized, POST=sosl.parameterized),
    data("/recent", GET=discovery.recent),
    data("/tooling", GET=tooling.root),
    data("/tooling/query", GET=tooling.query),
    data("/tooling/sobjects", GET=tooling.sobjects),
    data(f"/tooling/sobjects/{NAME}/describe", GET=tooling.describe),
    data("/tooling/(.+)", **dict.fromkeys(METHODS, tooling.absent)),
    data(f"/({discovery.ABSENT})(?:/.*)?", **dict.fromkeys(METHODS, discovery.absent)),
    route(r"/services/data/v\d+(?:\.\d+)?", secured=True, GET=resources.resources),
    route("/services/data", GET=resources.versions),
    route("/services/oauth2/authorize", GET=authorize.show, POST=authorize.answer),
    route("/services/oauth2/token", POST=grants.token),
    route("/services/oauth2/revoke", POST=tokens.revoke, GET=tokens.revoke),
    route("/services/oauth2/introspect", POST=tokens.introspect),
    route("/services/oauth2/userinfo", secured=True, GET=openid.userinfo, POST=openid.userinfo),
    route(r"/\.well-known/openid-configuration", GET=openid.configuration),
    route("/id/keys", GET=openid.keys),
    route(f"/id/{NAME}/{NAME}", GET=openid.identity, POST=openid.identity),
    route(r"/services/Soap/[uc]/\d+(?:\.\d+)?(?:/[^/]+)*", POST=soap.soap),
    route(r"/services/Soap/\w+(?:/[^/]+)*", POST=soap.other),
    route("/emulator/reset", POST=control.reset),
    route("/emulator/requests", GET=control.requests, DELETE=control.clear_requests),
    route("/emulator/faults", POST=control.add_fault, DELETE=control.clear_faults),
    route("/emulator/rules", GET=control.show_rules, POST=control.set_rules),
    route("/emulator/schema", POST=control.schema),
    route("/emulator/late_commit", POST=control.late_commit),
    route("/emulator/clock", GET=control.clock, POST=control.clock),
    route("/emulator/session/expire", POST=control.expire),
    route("/emulator/limits", PUT=control.set_limits),
    route("/emulator/apps", POST=control.add_app),
    route("/emulator/history", GET=control.show_history),
    route("/emulator/undelete", POST=control.undelete),
    route("/emulator/hard_delete", POST=control.hard_delete),
    route("/emulator/lock", POST=control.lock),
    route("/emulator/convert", POST=control.convert),
    route("/emulator/merge", POST=control.merge_records),
    *(page(path, handlers) for path, handlers in pages.PAGES.items()),
    page(f"(?:{pages.REST})", pages.MISSING),
]


def dispatch(org: Org, request: Request) -> Response:
    """Answer a request or subrequest, errors included."""
    try:
        return _answer(org, request)
    except ApiError as error:
        return Response(error.status, error.body())
    except RecordError as error:
        return Response(error.status, [error.single()])


def find(path: str) -> tuple[Route, tuple[str, ...]] | None:
    """The route of a path, and what its brackets hold."""
    for one in ROUTES:
        match = one.pattern.match(path)
        if match:
            return one, tuple(unquote(part) for part in match.groups() if part is not None)
    return None


def _answer(org: Org, request: Request) -> Response:
    if not request.inner:
        check_formats(request)
    found = find(request.path)
    _read_version(request)
    if found is None or found[0].secured:
        _admit(org, request, found)
    if found is None:
        raise NotFound
    chosen, arguments = found
    _inner_fault(org, request)
    handler = chosen.handlers.get(_method(request))
    if handler is None:
        allowed = ",".join(["HEAD", *chosen.handlers])
        raise ResourceError(
            405, "METHOD_NOT_ALLOWED", f"HTTP Method '{request.method}' not allowed. Allowed are {allowed}"
        )
    return handler(org, request, *arguments)


def _method(request: Request) -> str:
    """POST with `_HttpMethod=PATCH` stands for PATCH (documented for clients that can't send it)."""
    if request.method == "HEAD":
        return "GET"
    return request.query.get("_HttpMethod", request.method) if request.method == "POST" else request.method


def _read_version(request: Request) -> None:
    match = re.match(r"/services/data/v(\d+)(?:\.\d+)?", request.path, re.I)
    if match:
        number = int(match[1])
        if number < resources.OLDEST:
            raise ApiError(410, "UNSUPPORTED_API_VERSION", "The requested API version has been retired")
        if number > resources.NEWEST:
            raise NotFound
        request.version = f"{number}.0"


def _admit(org: Org, request: Request, found: tuple[Route, tuple[str, ...]] | None) -> None:
    """Check the token and count the call; subrequests have been let in with their composite."""
    if request.inner or (found is None and not request.path.lower().startswith("/services/data/")):
        return
    request.user_id = org.sessions.authenticate(request.headers.get("authorization", ""))
    if found and found[0].counted:
        org.limits.spend()
        request.api_calls += 1


def _inner_fault(org: Org, request: Request) -> None:
    if not request.inner:
        return
    fault = org.faults.take(request.method, request.path, inner=True)
    if fault and fault.delay_ms:
        time.sleep(fault.delay_ms / 1000)
    if fault is None or not fault.error_code:
        return
    if not fault.per_record:
        raise ApiError(fault.answer()[0], fault.error_code, fault.answer()[1])
    request.fault = fault
