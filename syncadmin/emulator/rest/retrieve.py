"""sObject Collections, reading: up to 2,000 records of one object by id.

Source: the retrieve pages of sObject Collections in the REST API guide: as many results as ids, null for what
isn't there; by GET as many ids as the address may hold (about 800). The text of the limit is from memory.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from syncadmin.emulator.errors import ApiError
from syncadmin.emulator.ids import is_id, to18
from syncadmin.emulator.rest.records import read_many
from syncadmin.emulator.rest.resources import find_object
from syncadmin.emulator.wire import Request, Response

if TYPE_CHECKING:
    from syncadmin.emulator.org import Org

MOST_READ = 2000


def retrieve(org: Org, request: Request, name: str) -> Response:
    """POST /composite/sobjects/X with ids and fields, or GET with them in the query; null for what
    isn't there.
    """
    sobject = find_object(org, request, name)
    ids, fields = (_named(request, key) for key in ("ids", "fields"))
    if len(ids) > MOST_READ:
        text = f"record limit reached. cannot submit more than {MOST_READ} records into this call"
        raise ApiError(400, "EXCEEDED_ID_LIMIT", text)
    full = [to18(i) if is_id(i) else i for i in ids]
    return Response(200, read_many(org, request, sobject, full, fields))


def _named(request: Request, key: str) -> list[str]:
    """The ids or the fields that were asked for."""
    found: Any = [part.strip() for part in request.query.get(key, "").split(",") if part.strip()]
    if request.method == "POST":
        found = request.json_object().get(key)
    if not found or not isinstance(found, list):
        raise ApiError(400, "REQUIRED_FIELD_MISSING", f"Required fields are missing: [{key}]", [key])
    return [str(one) for one in found]
