"""Single records: create, read, change, delete, and all of these by external id."""

# ruff: noqa: S608 - names in the SQL come from the schema, values are parameters
from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from syncadmin.emulator.dml.draft import Actor, Outcome
from syncadmin.emulator.errors import ApiError, NotFound, RecordError, ResourceError
from syncadmin.emulator.ids import is_id, to18
from syncadmin.emulator.rest.resources import find_object
from syncadmin.emulator.schema.model import Field, SObject
from syncadmin.emulator.schema.registry import View
from syncadmin.emulator.soql.shape import Shape
from syncadmin.emulator.wire import Request, Response

if TYPE_CHECKING:
    from syncadmin.emulator.org import Org


def actor_of(request: Request) -> Actor:
    """Who writes, by the headers. Source: the Assignment Rule and Duplicate Rule header pages."""
    duplicates = request.headers.get("sforce-duplicate-rule-header", "").replace(" ", "").lower()
    return Actor(
        request.user_id,
        request.headers.get("sforce-auto-assign", "TRUE").strip(),
        "allowsave=true" in duplicates.replace(";", ","),
        request.body or json.dumps(request.payload).encode(),
    )


def failure(outcome: Outcome) -> Response:
    """The reply to a single call whose record was refused."""
    return Response(outcome.errors[0].status, [error.single() for error in outcome.errors])


def _writable(sobject: SObject, allowed: bool, method: str) -> None:
    if not allowed:
        text = f"HTTP Method '{method}' not allowed. Allowed are HEAD,GET"
        raise ResourceError(405, "METHOD_NOT_ALLOWED", text)


def lock_fault(request: Request) -> None:
    """Raise the fault of this request, if it is one of records."""
    if request.fault and request.fault.per_record:
        status, text = request.fault.answer()
        raise RecordError(request.fault.error_code, text, status=status)


def create(org: Org, request: Request, name: str) -> Response:
    """POST /sobjects/X."""
    sobject = find_object(org, request, name)
    _writable(sobject, sobject.createable, "POST")
    lock_fault(request)
    outcome = org.dml.create(sobject, [request.json_object()], actor_of(request))[0]
    return _created(request, sobject, outcome) if outcome.ok else failure(outcome)


def _created(request: Request, sobject: SObject, outcome: Outcome, **more: Any) -> Response:
    location = f"{request.data_base}/sobjects/{sobject.name}/{outcome.id}"
    return Response(201, {"id": outcome.id, "success": True, "errors": [], **more}, {"Location": location})


def information(org: Org, request: Request, name: str) -> Response:
    """GET /sobjects/X: a short describe and recent records."""
    sobject = org.state.schema.view(find_object(org, request, name), request.user_id).sobject
    whole = {
        "name": sobject.name,
        "label": sobject.label,
        "labelPlural": sobject.plural,
        "keyPrefix": sobject.prefix,
        "createable": sobject.createable,
        "updateable": sobject.updateable,
        "deletable": sobject.deletable,
        "queryable": True,
        "custom": False,
    }
    urls = {
        "sobject": f"{request.data_base}/sobjects/{sobject.name}",
        "describe": f"{request.data_base}/sobjects/{sobject.name}/describe",
        "rowTemplate": f"{request.data_base}/sobjects/{sobject.name}/{{ID}}",
    }
    return Response(200, {"objectDescribe": whole | {"urls": urls}, "recentItems": []})


def read(org: Org, request: Request, name: str, record_id: str) -> Response:
    """GET /sobjects/X/ID. A deleted record is 404 (recorded)."""
    sobject = find_object(org, request, name)
    if not is_id(record_id):
        raise no_external_id(record_id)
    if record_id[:3] != sobject.prefix:
        raise NotFound
    found = read_many(org, request, sobject, [to18(record_id)], _wanted(request))
    if found[0] is None:
        raise NotFound
    org.state.view_record(sobject, to18(record_id), request.user_id)
    return Response(200, found[0])


def _wanted(request: Request) -> list[str] | None:
    fields = request.query.get("fields", "")
    return [name.strip() for name in fields.split(",") if name.strip()] or None


def read_many(
    org: Org, request: Request, sobject: SObject, ids: list[str], names: list[str] | None
) -> list[dict[str, Any] | None]:
    """Live records in the order of the ids, None for the others; all visible fields unless some are named."""
    view = org.state.schema.view(sobject, request.user_id)
    shape = Shape(sobject, lambda path, column: f't."{column}"')
    for field in _chosen(view, names):
        shape.field(field)
    seen = org.state.schema.row_condition(sobject, request.user_id, "t") or "1"
    sql = (
        f'SELECT {", ".join(shape.columns)} FROM "{sobject.name}" t'
        f' WHERE t."Id" IN ({", ".join("?" * len(ids))}) AND {sobject.live} AND {seen}'
    )
    rows = {row[0]: row for row in org.state.store.select(sql, ids)}
    records = iter(shape.records([rows[i] for i in ids if i in rows], request.data_base))
    return [next(records) if i in rows else None for i in ids]


def _chosen(view: View, names: list[str] | None) -> list[Field]:
    if names is None:
        return list(view.fields.values())
    wanted = names if "id" in {name.lower() for name in names} else [*names, "Id"]
    chosen: dict[str, Field] = {}
    for name in wanted:
        field = view.get(name)
        if field is None:
            raise ApiError(
                400, "INVALID_FIELD", f"No such column '{name}' on sobject of type {view.sobject.name}"
            )
        chosen[field.name] = field
    return list(chosen.values())


def update(org: Org, request: Request, name: str, record_id: str) -> Response:
    """PATCH /sobjects/X/ID."""
    sobject = find_object(org, request, name)
    _writable(sobject, sobject.updateable, "PATCH")
    if not is_id(record_id):
        raise no_external_id(record_id)
    lock_fault(request)
    body = request.json_object()
    _without_key(body, "Id")
    outcome = org.dml.update(sobject, [(record_id, body)], actor_of(request))[0]
    return Response(204) if outcome.ok else failure(outcome)


def _without_key(body: dict[str, Any], name: str) -> None:
    """What names the record isn't among its values (quoted from live calls)."""
    if any(key.lower() == name.lower() for key in body):
        text = f"The {name} field should not be specified in the sobject data."
        raise ApiError(400, "INVALID_FIELD", text)


def delete(org: Org, request: Request, name: str, record_id: str) -> Response:
    """DELETE /sobjects/X/ID."""
    sobject = find_object(org, request, name)
    _writable(sobject, sobject.deletable, "DELETE")
    if not is_id(record_id):
        raise no_external_id(record_id)
    lock_fault(request)
    outcome = org.dml.delete(sobject, [record_id], actor_of(request))[0]
    return Response(204) if outcome.ok else failure(outcome)


def no_external_id(name: str) -> ApiError:
    """Neither an id nor an external id field (recorded)."""
    return ApiError(
        404, "NOT_FOUND", f"Provided external ID field does not exist or is not accessible: {name}"
    )


def external_field(org: Org, request: Request, sobject: SObject, name: str) -> Field:
    """A field records can be named by: an external id, or Id itself."""
    field = org.state.schema.view(sobject, request.user_id).get(name)
    if field is None or not (field.id_lookup or field.external_id):
        raise no_external_id(name)
    return field


def matching(org: Org, sobject: SObject, field: Field, value: str, user_id: str) -> list[str]:
    """The ids of live records with this value, as far as the user sees them."""
    if field.type == "id":
        value = to18(value) if is_id(value) else value
    seen = org.state.schema.row_condition(sobject, user_id, f'"{sobject.name}"') or "1"
    sql = f'SELECT "Id" FROM "{sobject.name}" WHERE "{field.name}" = ? AND {sobject.live} AND {seen} LIMIT 20'
    return [row[0] for row in org.state.store.select(sql, (value,))]


def choices(request: Request, sobject: SObject, ids: list[str]) -> Response:
    """300: the value names several records; an array of their addresses (recorded)."""
    return Response(300, [f"{request.data_base}/sobjects/{sobject.name}/{i}" for i in ids])


def read_external(org: Org, request: Request, name: str, key: str, value: str) -> Response:
    """GET /sobjects/X/FIELD/VALUE."""
    sobject = find_object(org, request, name)
    ids = matching(org, sobject, external_field(org, request, sobject, key), value, request.user_id)
    if len(ids) > 1:
        return choices(request, sobject, ids)
    if not ids:
        raise NotFound
    return Response(200, read_many(org, request, sobject, ids, _wanted(request))[0])


def delete_external(org: Org, request: Request, name: str, key: str, value: str) -> Response:
    """DELETE /sobjects/X/FIELD/VALUE."""
    sobject = find_object(org, request, name)
    ids = matching(org, sobject, external_field(org, request, sobject, key), value, request.user_id)
    if len(ids) > 1:
        return choices(request, sobject, ids)
    if not ids:
        raise NotFound
    return delete(org, request, name, ids[0])


def upsert(org: Org, request: Request, name: str, key: str, value: str) -> Response:
    """PATCH /sobjects/X/FIELD/VALUE: 201 created; 200 with a body since v46, 204 before."""
    sobject = find_object(org, request, name)
    _writable(sobject, sobject.createable, "PATCH")
    field = external_field(org, request, sobject, key)
    lock_fault(request)
    with org.state.store.transaction():
        ids = matching(org, sobject, field, value, request.user_id)
        if len(ids) > 1:
            return choices(request, sobject, ids)
        return _upsert(org, request, sobject, field, value, ids)


def _upsert(
    org: Org, request: Request, sobject: SObject, field: Field, value: str, ids: list[str]
) -> Response:
    body, actor = request.json_object(), actor_of(request)
    _without_key(body, field.name)
    if ids or field.type == "id":
        outcome = org.dml.update(sobject, [(ids[0] if ids else value, body)], actor)[0]
    else:
        outcome = org.dml.create(sobject, [{field.name: value, **body}], actor)[0]
    if not outcome.ok:
        return failure(outcome)
    if outcome.created:
        return _created(request, sobject, outcome, created=True)
    if float(request.version) < 46:
        return Response(204)
    return Response(200, {"id": outcome.id, "success": True, "errors": [], "created": False})
