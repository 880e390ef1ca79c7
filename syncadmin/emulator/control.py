"""The control plane, `/emulator/…`: for tests and demos; needs no login and counts no API calls.

POST   /emulator/reset           {"seed": "demo"|"empty"|N}: as freshly started
GET    /emulator/requests        what was asked since the last reset; DELETE forgets it
POST   /emulator/faults {…}      see faults.py; DELETE clears them; from Python: EmulatorServer.fault(…)
POST   /emulator/rules {…}       see rules.py; GET shows them
POST   /emulator/schema {…}      see `schema`
POST   /emulator/late_commit     {"seconds": 8}: writes are stamped now, visible that much later; 0 ends it
POST   /emulator/clock           {"advance_seconds": 3600} | {"now": "2026-01-02T03:04:05Z"} | {"reset": true}
POST   /emulator/session/expire  every access token becomes invalid
POST   /emulator/apps            {"client_id", …}: a connected app; see auth/apps.py
PUT    /emulator/limits          {"DailyApiRequests": {"Max": 100, "Remaining": 3}}, any other limit by its name,
                                 or {"ConcurrentApiRequests": {"Max": 1, "Seconds": 0.2}}: see limits.py
GET    /emulator/history?id=…    who changed which field of a lead or contact, the latest change first
POST   /emulator/undelete        {"ids": ["00Q…"]}
POST   /emulator/hard_delete     {"ids": ["00Q…"]}: gone for good
POST   /emulator/lock            {"ids": ["00Q…"], "seconds": 5}: somebody else holds these rows; 0 lets them go
POST   /emulator/convert         {"lead_id": "00Q…"} and optional wishes: account_id, contact_id, owner_id, status,
                                 create_opportunity (true), opportunity_name, overwrite_lead_source
POST   /emulator/merge           {"object": "Lead", "master": id, "losers": [ids], "values": optional}
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import TYPE_CHECKING, Any

from syncadmin.emulator.changes import change_rules, change_schema
from syncadmin.emulator.clock import parse_moment, wire
from syncadmin.emulator.dml import history
from syncadmin.emulator.dml.convert import Conversion, convert_lead
from syncadmin.emulator.dml.draft import Actor, Outcome
from syncadmin.emulator.dml.merging import merge
from syncadmin.emulator.errors import ApiError
from syncadmin.emulator.ids import is_id, to18
from syncadmin.emulator.schema.registry import PERMISSIONS
from syncadmin.emulator.wire import Request, Response

if TYPE_CHECKING:
    from syncadmin.emulator.org import Org


Handler = Callable[["Org", Request], Response]
MISTAKES = (AttributeError, KeyError, OverflowError, TypeError, ValueError)


def checked(code: str) -> Callable[[Handler], Handler]:
    """What a body may get wrong is refused with this code; it is no failure of the emulator."""

    def decorate(handler: Handler) -> Handler:
        @wraps(handler)
        def answer(org: Org, request: Request) -> Response:
            try:
                return handler(org, request)
            except MISTAKES as error:
                raise ApiError(400, code, f"{error.__class__.__name__}: {error}") from error

        return answer

    return decorate


@checked("INVALID_SEED")
def reset(org: Org, request: Request) -> Response:
    """Start again."""
    seed = (request.json() or {}).get("seed")
    org.reset(None if seed is None else str(seed))
    return Response(200, {"seed": org.state.store.get_meta("seed")})


def requests(org: Org, request: Request) -> Response:
    """The log."""
    return Response(200, {"requests": [entry.as_json() for entry in org.log.entries()]})


def clear_requests(org: Org, request: Request) -> Response:
    """Forget the log."""
    org.log.clear()
    return Response(200, {"requests": []})


@checked("INVALID_FAULT")
def add_fault(org: Org, request: Request) -> Response:
    """Set a fault."""
    org.faults.add(request.json_object())
    return Response(200, {"ok": True})


def clear_faults(org: Org, request: Request) -> Response:
    """Remove all faults."""
    org.faults.clear()
    return Response(200, {"ok": True})


def show_rules(org: Org, request: Request) -> Response:
    """The rules as they are."""
    security = [
        {"object": o, "field": f, "user": u, "access": a}
        for (o, f, u), a in org.state.schema.security.items()
    ]
    permissions = [
        {"object": o, "user": u} | {name: name not in denied for name in PERMISSIONS}
        for (o, u), denied in org.state.schema.denied.items()
    ]
    sharing = [{"object": o, "user": u, "access": s.access} for (o, u), s in org.state.schema.sharing.items()]
    more = {"field_level_security": security, "object_permissions": permissions, "sharing": sharing}
    return Response(200, org.state.rules.dump() | more)


@checked("INVALID_RULE")
def set_rules(org: Org, request: Request) -> Response:
    """Change rules."""
    change_rules(org.state, request.json_object())
    return show_rules(org, request)


@checked("INVALID_SCHEMA")
def schema(org: Org, request: Request) -> Response:
    """Change a custom field. One of

    {"add": {"object": "Lead", "name": "X__c", "type": "text", …}}    keys: see schema/custom.py
    {"rename": {"object": "Lead", "field": "X__c", "to": "Y__c"}}      values stay
    {"retype": {"object": "Lead", "field": "X__c", "type": "number", …}}
    {"remove": {"object": "Lead", "field": "X__c"}}
    {"hide": {"object": "Lead", "field": "X__c"}}  and  {"show": {…}}  for the integration user
    """
    change_schema(org.state, request.json_object())
    return Response(200, {"ok": True})


@checked("INVALID_DELAY")
def late_commit(org: Org, request: Request) -> Response:
    """Delay the visibility of writes."""
    delay = timedelta(seconds=float(request.json_object().get("seconds", 0)))
    org.state.late_seconds = delay.total_seconds()
    return Response(200, {"seconds": org.state.late_seconds})


@checked("INVALID_CLOCK")
def clock(org: Org, request: Request) -> Response:
    """Move the clock; answers the time it is now."""
    body: dict[str, Any] = request.json() or {}
    if body.get("reset"):
        org.state.clock.reset()
    if "now" in body:
        org.state.clock.set(parse_moment(str(body["now"])))
    if "advance_seconds" in body:
        org.state.clock.advance(float(body["advance_seconds"]))
    return Response(200, {"now": wire(org.state.clock.now())})


def expire(org: Org, request: Request) -> Response:
    """End all sessions."""
    org.sessions.expire()
    return Response(200, {"ok": True})


@checked("INVALID_APP")
def add_app(org: Org, request: Request) -> Response:
    """Add or replace a connected app."""
    app = org.access.apps.add(request.json_object())
    return Response(200, {"client_id": app.client_id, "name": app.name})


@checked("INVALID_LIMIT")
def set_limits(org: Org, request: Request) -> Response:
    """Set the limits."""
    org.limits.set(request.json_object())
    return Response(200, org.limits.body())


@checked("INVALID_CONVERSION")
def convert(org: Org, request: Request) -> Response:
    """Convert a lead."""
    body = request.json_object()
    lead_id = str(body.pop("lead_id", ""))
    unknown = set(body) - set(Conversion.__slots__)
    if unknown:
        raise ApiError(400, "INVALID_CONVERSION", f"unknown keys: {', '.join(sorted(unknown))}")
    return Response(200, convert_lead(org.state, lead_id, org.state.integration_user, **body))


@checked("INVALID_MERGE")
def merge_records(org: Org, request: Request) -> Response:
    """Merge records of an object."""
    body = request.json_object()
    sobject = org.state.schema.must(str(body.get("object", "Lead")))
    merge(org.state, sobject, body["master"], body["losers"], org.state.integration_user, body.get("values"))
    return Response(200, {"ok": True})


def show_history(org: Org, request: Request) -> Response:
    """The changes of a record: at, by (a user's id), field, old, new; as they are stored."""
    record_id = request.query.get("id", "")
    found = history.of(org.state.store, to18(record_id)) if is_id(record_id) else []
    shown = [{"at": c.at, "by": c.user_id, "field": c.field, "old": c.old, "new": c.new} for c in found]
    return Response(200, {"history": shown})


@checked("INVALID_IDS")
def undelete(org: Org, request: Request) -> Response:
    """Take records out of the recycle bin."""
    return _one_by_one(org, request, org.dml.undelete)


@checked("INVALID_IDS")
def hard_delete(org: Org, request: Request) -> Response:
    """Remove records for good."""
    return _one_by_one(org, request, org.dml.hard_delete)


def _one_by_one(org: Org, request: Request, work: Callable[..., list[Outcome]]) -> Response:
    done = []
    for record_id in request.json_object().get("ids", []):
        sobject = org.state.schema.owner_of(record_id)
        if sobject is not None:
            outcome = work(sobject, [record_id], Actor(org.state.integration_user))[0]
            done.append({"id": record_id, "success": outcome.ok})
    return Response(200, {"results": done})


@checked("INVALID_LOCK")
def lock(org: Org, request: Request) -> Response:
    """Somebody else holds rows for a while."""
    body = request.json_object()
    until = org.state.clock.now() + timedelta(seconds=float(body.get("seconds", 5)))
    org.state.locks.hold([to18(i) for i in body.get("ids", [])], until)
    return Response(200, {"until": wire(until)})
