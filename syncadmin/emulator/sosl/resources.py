"""GET /search, GET and POST /parameterizedSearch. Source: their pages in the REST API guide."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from syncadmin.emulator.errors import ApiError
from syncadmin.emulator.sosl.parse import NO_TERM
from syncadmin.emulator.sosl.run import Asking, search
from syncadmin.emulator.wire import Request, Response

if TYPE_CHECKING:
    from syncadmin.emulator.org import Org

RESERVED = re.compile(r'([?&|!{}\[\]()^~*:\\"\'+-])')
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*(\([A-Za-z0-9_.]*\))?\Z")
WRAPPED_SINCE = 37


def run_search(org: Org, request: Request) -> Response:
    """GET /search?q=FIND {…}: `{"searchRecords": […]}` since v37, the bare list before (recorded, v23)."""
    sosl = request.query.get("q", "")
    if not sosl.strip():
        raise ApiError(400, "MALFORMED_SEARCH", NO_TERM)
    return _reply(org, request, sosl)


def parameterized(org: Org, request: Request) -> Response:
    """GET or POST /parameterizedSearch: the same without the language."""
    given = request.json_object() if request.method == "POST" else _from_query(request)
    return _reply(org, request, _sosl(given))


def _reply(org: Org, request: Request, sosl: str) -> Response:
    asking = Asking(request.user_id, request.data_base, org.state.clock.now().date())
    found = search(org, sosl, asking)
    return Response(200, {"searchRecords": found} if float(request.version) >= WRAPPED_SINCE else found)


def _from_query(request: Request) -> dict[str, Any]:
    """The parameters of a GET as the body of a POST: `sobject=Lead&Lead.fields=Id,Name&Lead.limit=5`."""
    given = request.query
    named = [value for key, value in parse_qsl(request.query_string) if key == "sobject"]
    objects = []
    for name in (part for value in named for part in value.split(",")):
        own = {key[len(name) + 1 :]: value for key, value in given.items() if key.startswith(f"{name}.")}
        objects.append({"name": name, **own, "fields": _split(own.get("fields"))})
    return {**given, "fields": _split(given.get("fields")), "sobjects": objects}


def _split(names: str | None) -> list[str]:
    return [name.strip() for name in (names or "").split(",") if name.strip()]


def _sosl(given: dict[str, Any]) -> str:
    """The search as SOSL; the text searched for is no language and is escaped. `*` and `?` stay wildcards."""
    text = str(given.get("q") or "").strip()
    if not text:
        raise ApiError(400, "MALFORMED_SEARCH", "q is a required parameter")
    term = RESERVED.sub(r"\\\1", text).replace("\\*", "*").replace("\\?", "?")
    objects = [_object(one, given) for one in _list(given.get("sobjects"), dict)]
    returning = f" RETURNING {', '.join(objects)}" if objects else ""
    limit = f" LIMIT {_number(given['overallLimit'])}" if given.get("overallLimit") else ""
    return f"FIND {{{term}}} IN {_name(given.get('in') or 'ALL')} FIELDS{returning}{limit}"


def _object(one: dict[str, Any], given: dict[str, Any]) -> str:
    fields = ", ".join(map(_name, _list(one.get("fields") or given.get("fields") or ["Id"], str)))
    where = f" WHERE {one['where']}" if one.get("where") else ""
    order = f" ORDER BY {one['orderBy']}" if one.get("orderBy") else ""
    most = one.get("limit") or given.get("defaultLimit")
    return f"{_name(one.get('name'))}({fields}{where}{order}{f' LIMIT {_number(most)}' if most else ''})"


def _list(value: Any, kind: type) -> list[Any]:
    if not isinstance(value or [], list) or not all(isinstance(one, kind) for one in value or []):
        raise ApiError(400, "JSON_PARSER_ERROR", f"not a list of {kind.__name__}: {value}")
    return value or []


def _name(name: Any) -> str:
    if not isinstance(name, str) or not NAME.match(name):
        raise ApiError(400, "MALFORMED_SEARCH", f"not a name: {name}")
    return name


def _number(value: Any) -> int:
    if not str(value).isdecimal():
        raise ApiError(400, "MALFORMED_SEARCH", f"not a number: {value}")
    return int(value)
