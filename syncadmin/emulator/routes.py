"""Which request goes where."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote

from syncadmin.emulator import auth, collections, composite, control, records, resources, soap
from syncadmin.emulator.errors import ApiError, NotFound, RecordError
from syncadmin.emulator.pages import routes as pages
from syncadmin.emulator.wire import Request, Response

if TYPE_CHECKING:
    from syncadmin.emulator.org import Org

Handler = Callable[..., Response]
NAME = r"([^/]+)"


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
    """A route of the sales rep's pages."""
    return Route(re.compile(path + r"/?\Z"), handlers, False, False)


def run_composite(org: Org, request: Request) -> Response:
    """POST /composite."""
    return composite.composite(org, request, dispatch)


ROUTES: list[Route] = [
    data("/query/?(01g[^/]+)?", GET=resources.query),
    data("/queryAll/?(01g[^/]+)?", GET=resources.query_all),
    data("/composite/sobjects", POST=collections.create, PATCH=collections.update, DELETE=collections.delete),
    data(f"/composite/sobjects/{NAME}", POST=collections.retrieve, GET=collections.retrieve),
    data(f"/composite/sobjects/{NAME}/{NAME}", PATCH=collections.upsert),
    data("/composite", POST=run_composite),
    data("/sobjects", GET=resources.global_describe),
    data(f"/sobjects/{NAME}", GET=records.information, POST=records.create),
    data(f"/sobjects/{NAME}/describe", GET=resources.object_describe),
    data(f"/sobjects/{NAME}/updated", GET=resources.updated),
    data(f"/sobjects/{NAME}/deleted", GET=resources.deleted),
    data(f"/sobjects/{NAME}/describe/.+", GET=resources.describe_layout),
    data(f"/sobjects/{NAME}/{NAME}", GET=records.read, PATCH=records.update, DELETE=records.delete),
    data(
        f"/sobjects/{NAME}/{NAME}/(.+)",
        GET=records.read_external,
        PATCH=records.upsert,
        DELETE=records.delete_external,
    ),
    data("/limits", GET=resources.limits),
    data("/limits/recordCount", GET=resources.record_count),
    data("/search", GET=resources.search),
    route(r"/services/data/v\d+(?:\.\d+)?", secured=True, GET=resources.resources),
    route("/services/data", GET=resources.versions),
    route("/services/oauth2/token", POST=auth.token),
    route("/services/oauth2/revoke", POST=auth.revoke, GET=auth.revoke),
    route("/services/oauth2/introspect", POST=auth.introspect),
    route("/services/oauth2/userinfo", secured=True, GET=auth.userinfo, POST=auth.userinfo),
    route("/id/[^/]+/[^/]+", secured=True, GET=auth.identity),
    route(r"/services/Soap/u/\d+(?:\.\d+)?(?:/[^/]+)?", POST=soap.soap),
    route("/emulator/reset", POST=control.reset),
    route("/emulator/requests", GET=control.requests, DELETE=control.clear_requests),
    route("/emulator/faults", POST=control.add_fault, DELETE=control.clear_faults),
    route("/emulator/rules", GET=control.show_rules, POST=control.set_rules),
    route("/emulator/schema", POST=control.schema),
    route("/emulator/late_commit", POST=control.late_commit),
    route("/emulator/clock", GET=control.clock, POST=control.clock),
    route("/emulator/session/expire", POST=control.expire),
    route("/emulator/limits", PUT=control.set_limits),
    route("/emulator/undelete", POST=control.undelete),
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
        raise ApiError(
            405, "METHOD_NOT_ALLOWED", f"HTTP Method '{request.method}' not allowed. Allowed are {allowed}"
        )
    return handler(org, request, *arguments)


def _method(request: Request) -> str:
    """POST with `_HttpMethod=PATCH` stands for PATCH (documented for clients that can't send it)."""
    if request.method == "HEAD":
        return "GET"
    return request.query.get("_HttpMethod", request.method) if request.method == "POST" else request.method


def _read_version(request: Request) -> None:
    match = re.match(r"/services/data/v(\d+)(?:\.\d+)?", request.path)
    if match:
        number = int(match[1])
        if number < resources.OLDEST:
            raise ApiError(410, "UNSUPPORTED_API_VERSION", "The requested API version has been retired")
        if number > resources.NEWEST:
            raise NotFound
        request.version = f"{number}.0"


def _admit(org: Org, request: Request, found: tuple[Route, tuple[str, ...]] | None) -> None:
    """Check the token and count the call; subrequests have been let in with their composite."""
    if request.inner or (found is None and not request.path.startswith("/services/data/")):
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
