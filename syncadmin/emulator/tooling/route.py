"""`/services/data/vNN.0/tooling/…`: queries and describes of the tooling objects; the rest says that it isn't here.

A query is answered by the SOQL of this emulator over tables that are made for it: the schema is small, and so it is
always right.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from syncadmin.emulator.errors import ApiError, NotFound
from syncadmin.emulator.rest import columns
from syncadmin.emulator.rest.describe import describe_global, describe_object
from syncadmin.emulator.schema.model import SObject
from syncadmin.emulator.soql.parse import parse
from syncadmin.emulator.soql.run import Queries
from syncadmin.emulator.store import Store
from syncadmin.emulator.tooling.objects import tooling_schema
from syncadmin.emulator.tooling.rows import rows_of
from syncadmin.emulator.wire import Request, Response

if TYPE_CHECKING:
    from syncadmin.emulator.org import Org

# Objects both APIs have.
SHARED = frozenset(
    {
        "user",
        "profile",
        "permissionset",
        "permissionsetassignment",
        "group",
        "groupmember",
        "recordtype",
        "organization",
    }
)
MOST = 100_000


def root(org: Org, request: Request) -> Response:
    """GET /tooling."""
    return Response(200, {name: f"{_base(request)}/{name}" for name in ("query", "sobjects")})


def _base(request: Request) -> str:
    return f"{request.data_base}/tooling"


def query(org: Org, request: Request) -> Response:
    """GET /tooling/query?q=…: all in one page."""
    soql = request.query.get("q", "")
    if not soql.strip():
        raise ApiError(400, "MALFORMED_QUERY", "SOQL query must be specified with the q parameter")
    today, asked = org.state.clock.now().date(), parse(soql)
    shared = str(asked.sobject).lower() in SHARED
    if columns.wanted(request):
        schema = org.state.schema if shared else tooling_schema(org.state.clock.now())
        return columns.columns_of(schema, request, today)
    if shared:
        return Response(200, org.queries.run(soql, request.user_id, request.data_base, today, size=MOST))
    if asked.limit is None:
        if asked.offset is not None:
            raise ApiError(501, "NOT_IMPLEMENTED", "OFFSET without LIMIT is not implemented by this emulator")
        # Further pages are found by ids of 18 characters, which definitions don't have: so there are none.
        soql = f"{soql} LIMIT {MOST}"
    with _tables(org, request) as queries:
        page = queries.run(soql, None, _base(request), today, size=MOST)
    return Response(200, {"size": len(page["records"]), **page, "queryLocator": None, "entityTypeName": None})


@contextmanager
def _tables(org: Org, request: Request) -> Iterator[Queries]:
    """The tooling objects with their rows, for one query."""
    schema, store = tooling_schema(org.state.clock.now()), Store()
    try:
        with store.transaction():
            for sobject in schema.objects.values():
                store.create_table(sobject)
            for name, rows in rows_of(org.state, request.user_id).items():
                store.insert(name, rows)
        yield Queries(store, schema)
    finally:
        store.close()


def _object(org: Org, name: str) -> SObject:
    found = tooling_schema(org.state.clock.now()).get(name)
    if found is None:
        raise NotFound
    return found


def sobjects(org: Org, request: Request) -> Response:
    """GET /tooling/sobjects."""
    objects = tooling_schema(org.state.clock.now()).objects.values()
    return Response(200, describe_global(list(objects), _base(request)))


def describe(org: Org, request: Request, name: str) -> Response:
    """GET /tooling/sobjects/X/describe."""
    view = tooling_schema(org.state.clock.now()).view(_object(org, name), None)
    return Response(200, describe_object(view, _base(request), request.base_url))


def absent(org: Org, request: Request, name: str) -> Response:
    """Everything else of the Tooling API: Apex isn't run, metadata isn't written."""
    raise ApiError(501, "NOT_IMPLEMENTED", f"/tooling/{name} is not implemented by this emulator")
