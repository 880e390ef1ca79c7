"""Resources that aren't records: versions, describes, limits, queries, updated and deleted."""

# ruff: noqa: S608 - names in the SQL come from the schema, values are parameters
from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from syncadmin.emulator.auth import ORG_ID
from syncadmin.emulator.clock import http_date, parse_moment, wire
from syncadmin.emulator.errors import ApiError, NotFound
from syncadmin.emulator.rest.describe import describe_global, describe_object
from syncadmin.emulator.schema.model import SObject
from syncadmin.emulator.soql.run import PAGE, SMALLEST_PAGE, Asking
from syncadmin.emulator.wire import Fragment, Request, Response

if TYPE_CHECKING:
    from syncadmin.emulator.org import Org

OLDEST, NEWEST = 31, 68
SEASONS = ("Winter", "Spring", "Summer")
RESOURCES = (
    "composite",
    "jobs",
    "limits",
    "parameterizedSearch",
    "query",
    "queryAll",
    "recent",
    "search",
    "sobjects",
    "tooling",
)
DELETED_DAYS, UPDATED_DAYS, MOST_IDS = 15, 30, 600_000


def versions(org: Org, request: Request) -> Response:
    """GET /services/data: three releases a year, v32 was Winter '15."""
    listed = []
    for number in range(OLDEST, NEWEST + 1):
        season, year = SEASONS[(number - 32) % 3], 15 + (number - 32) // 3
        listed.append(
            {"label": f"{season} '{year}", "url": f"/services/data/v{number}.0", "version": f"{number}.0"}
        )
    return Response(200, listed)


def resources(org: Org, request: Request) -> Response:
    """GET /services/data/vXX.0."""
    body = {name: f"{request.data_base}/{name}" for name in RESOURCES}
    return Response(200, body | {"identity": f"{request.base_url}/id/{ORG_ID}/{request.user_id}"})


def find_object(org: Org, request: Request, name: str) -> SObject:
    """The object, or 404 as recorded: to a user who can't read it, it isn't there."""
    sobject = org.state.schema.get(name)
    if sobject is None or not org.state.schema.may("read", sobject, request.user_id):
        raise NotFound
    return sobject


def _unchanged(org: Org, request: Request) -> Response | None:
    """304 if the schema hasn't changed since If-Modified-Since. Source: recorded composite of three 304s."""
    schema = org.state.schema
    modified = schema.modified.replace(microsecond=0)
    headers = {
        "ETag": f'"{abs(hash((schema.version, modified))) % 16**8:08x}"',
        "Last-Modified": http_date(modified),
    }
    since = request.headers.get("if-modified-since")
    try:
        fresh = since is not None and parsedate_to_datetime(since) >= modified
    except (TypeError, ValueError):
        fresh = False
    return Response(304 if fresh else 200, None, headers)


def global_describe(org: Org, request: Request) -> Response:
    """GET /sobjects."""
    response = _unchanged(org, request) or Response()
    if response.status == 200:
        schema, user = org.state.schema, request.user_id
        seen = [schema.view(o, user).sobject for o in schema.objects.values() if schema.may("read", o, user)]
        response.body = describe_global(seen, request.data_base)
    return response


def object_describe(org: Org, request: Request, name: str) -> Response:
    """GET /sobjects/X/describe."""
    sobject = find_object(org, request, name)
    response = _unchanged(org, request) or Response()
    if response.status == 200:
        view = org.state.schema.view(sobject, request.user_id)
        response.body = describe_object(view, request.data_base, request.base_url)
    return response


def limits(org: Org, request: Request) -> Response:
    """GET /limits."""
    return Response(200, org.limits.body())


def record_count(org: Org, request: Request) -> Response:
    """GET /limits/recordCount: approximate in an org, exact here; objects without records aren't listed
    (recorded).
    """
    wanted = [n.strip().lower() for n in request.query.get("sObjects", "").split(",") if n.strip()]
    counts = []
    for sobject in org.state.schema.objects.values():
        seen = org.state.schema.may("read", sobject, request.user_id)
        if seen and (not wanted or sobject.name.lower() in wanted):
            sql = f'SELECT COUNT(*) FROM "{sobject.name}" WHERE {sobject.live}'
            count = org.state.store.select(sql)[0][0]
            counts += [{"count": count, "name": sobject.name}] if count else []
    return Response(200, {"sObjects": counts})


def query(org: Org, request: Request, locator: str | None = None) -> Response:
    """GET /query?q=… and /query/01g…-2000."""
    return _query(org, request, locator, deleted=False)


def query_all(org: Org, request: Request, locator: str | None = None) -> Response:
    """GET /queryAll?q=…: the recycle bin too."""
    return _query(org, request, locator, deleted=True)


def _query(org: Org, request: Request, locator: str | None, *, deleted: bool) -> Response:
    """A page; of plain fields it comes as JSON the database wrote, except where it will be looked into."""
    raw = not request.inner or request.embeds
    if locator:
        again = request.fault is not None and request.fault.duplicate_page
        page = org.queries.more(locator, request.data_base, request.user_id, again=again, raw=raw)
    else:
        soql = request.query.get("q", "")
        if not soql.strip():
            raise ApiError(400, "MALFORMED_QUERY", "SOQL query must be specified with the q parameter")
        asking = Asking(request.user_id, request.data_base, _page_size(request), raw)
        page = org.queries.answer(soql, asking, org.state.clock.now().date(), deleted=deleted)
    return Response(200, Fragment(page) if isinstance(page, bytes) and request.embeds else page)


def _page_size(request: Request) -> int:
    """Sforce-Query-Options: batchSize=…; a hint, 200 to 2,000."""
    options = request.headers.get("sforce-query-options", "")
    size = options.partition("batchSize=")[2].split(",")[0].strip()
    return max(SMALLEST_PAGE, min(PAGE, int(size))) if size.isdecimal() else PAGE


def updated(org: Org, request: Request, name: str) -> Response:
    """GET /sobjects/X/updated.

    Source: the sObject Get Updated page; by SystemModstamp, minutes only, 30 days back.
    """
    sobject, start, end = find_object(org, request, name), *_period(org, request, UPDATED_DAYS)
    seen = org.state.schema.row_condition(sobject, request.user_id, f'"{sobject.name}"') or "1"
    sql = (
        f'SELECT "Id" FROM "{sobject.name}" WHERE "SystemModstamp" >= ? AND "SystemModstamp" < ?'
        f' AND {sobject.live} AND {seen} ORDER BY "SystemModstamp", "Id"'
    )
    ids = [row[0] for row in org.state.store.select(sql, (wire(start), wire(end)))]
    if len(ids) > MOST_IDS:
        raise ApiError(400, "EXCEEDED_ID_LIMIT", f"The limit of {MOST_IDS} ids was exceeded")
    return Response(200, {"ids": ids, "latestDateCovered": wire(org.state.covered_until(end))})


def deleted(org: Org, request: Request, name: str) -> Response:
    """GET /sobjects/X/deleted. Source: the sObject Get Deleted page; 15 days back."""
    sobject, start, end = find_object(org, request, name), *_period(org, request, DELETED_DAYS)
    seen = org.state.schema.row_condition(sobject, request.user_id, f'"{sobject.name}"') or "1"
    sql = (
        f'SELECT "Id", "SystemModstamp" AS stamp FROM "{sobject.name}" WHERE NOT ({sobject.live}) AND {seen}'
        ' AND "SystemModstamp" >= ? AND "SystemModstamp" < ?'
        ' UNION ALL SELECT "Id", deleted FROM "_gone" WHERE sobject = ? AND deleted >= ? AND deleted < ?'
        ' ORDER BY stamp, "Id"'
    )
    bounds = (wire(start), wire(end))
    rows = org.state.store.select(sql, (*bounds, sobject.name, *bounds))
    earliest = org.state.clock.now() - timedelta(days=DELETED_DAYS)
    return Response(
        200,
        {
            "deletedRecords": [{"deletedDate": stamp, "id": key} for key, stamp in rows],
            "earliestDateAvailable": wire(earliest),
            "latestDateCovered": wire(org.state.covered_until(end)),
        },
    )


def _period(org: Org, request: Request, days: int) -> tuple[datetime, datetime]:
    given = request.query
    try:
        start, end = (_minute(given[name]) for name in ("start", "end"))
    except (KeyError, ValueError):
        raise ApiError(400, "MALFORMED_QUERY", "start and end have to be dates") from None
    now = org.state.clock.now()
    if start < now - timedelta(days=days):
        raise ApiError(400, "INVALID_REPLICATION_DATE", "startDate before org replication enabled date")
    if end - start < timedelta(minutes=1):
        raise ApiError(
            400, "INVALID_REPLICATION_DATE", "startDate must be before endDate by more than one minute"
        )
    return start, min(end, now.astimezone(UTC))


def _minute(text: str) -> datetime:
    return parse_moment(text.replace(" ", "+")).replace(second=0, microsecond=0)
