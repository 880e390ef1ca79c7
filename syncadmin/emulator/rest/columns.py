"""`/query?q=…&columns=true`: what columns a query has, instead of its rows.

Source: undocumented, but Salesforce's command line asks for it before it prints a table; the keys are from memory of
its replies and from what it reads of them.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from lark import Token

from syncadmin.emulator.rest import resources
from syncadmin.emulator.schema.model import NUMBERS, Field, SObject
from syncadmin.emulator.schema.registry import Schema
from syncadmin.emulator.soql.ast import Call, Item, Query, TypeOf
from syncadmin.emulator.soql.compile import compile_query
from syncadmin.emulator.soql.parse import parse
from syncadmin.emulator.wire import Request, Response

if TYPE_CHECKING:
    from syncadmin.emulator.org import Org

Column = dict[str, Any]
TEXTUAL = {"string", "textarea", "phone", "email", "url", "picklist", "multipicklist"}
APEX = {
    "id": "Id",
    "reference": "Id",
    "boolean": "Boolean",
    "int": "Integer",
    "date": "Date",
    "datetime": "Datetime",
}


def wanted(request: Request) -> bool:
    """Whether the columns of the query are asked for."""
    return "q" in request.query and request.query.get("columns", "").lower() == "true"


def query(org: Org, request: Request, locator: str | None = None) -> Response:
    """GET /query: the columns if they are asked for, else the rows."""
    if not wanted(request):
        return resources.query(org, request, locator)
    return columns_of(org.state.schema, request, org.state.clock.now().date())


def columns_of(schema: Schema, request: Request, today: date) -> Response:
    """The columns of a query, once it has been found good."""
    soql = request.query["q"]
    asked = parse(soql)
    compile_query(asked, soql, schema, request.user_id, today)
    return Response(200, describe_columns(asked, schema, request.user_id))


def describe_columns(query: Query, schema: Schema, user_id: str | None) -> dict[str, Any]:
    """The reply to a query that has been found good."""
    sobject = schema.get(query.sobject)
    columns = _columns(query, sobject, schema, user_id)
    names = {one["columnName"].lower() for one in columns}
    return {
        "columnMetadata": columns,
        "entityName": sobject.name if sobject else str(query.sobject),
        "groupBy": bool(query.group),
        "idSelected": "id" in names,
        "keyPrefix": sobject.prefix if sobject else None,
    }


def _columns(query: Query, sobject: SObject | None, schema: Schema, user_id: str | None) -> list[Column]:
    columns: list[Column] = []
    unnamed = 0
    for item in query.items:
        if isinstance(item, Query):
            inner = _columns(item, _child(sobject, item, schema), schema, user_id)
            columns.append(_column(str(item.sobject), None, aggregate=True, joined=inner))
        elif isinstance(item, TypeOf):
            fields = dict.fromkeys(str(name) for _, names in item.cases for name in names)
            joined = [_column(name, None) for name in [*fields, *map(str, item.otherwise)]]
            columns.append(_column(str(item.relation), None, joined=joined))
        elif item.call is not None and item.call.name == "FIELDS":
            columns += _all_fields(item.call, sobject, schema, user_id)
        elif item.call is not None and not item.call.arguments:
            continue  # COUNT() alone has no column
        elif item.call is not None:
            name = str(item.alias) if item.alias else f"expr{unnamed}"
            unnamed += item.alias is None
            columns.append(_column(name, None, aggregate=True, shown=_shown(item.call)))
        else:
            _add_path(columns, _path(query, item), sobject, schema)
    return columns


def _child(sobject: SObject | None, query: Query, schema: Schema) -> SObject | None:
    """The object of a child relationship."""
    wanted = query.sobject.lower()
    children = sobject.children if sobject else ()
    return next((schema.get(c) for c, _, name, _ in children if name and name.lower() == wanted), None)


def _all_fields(call: Call, sobject: SObject | None, schema: Schema, user_id: str | None) -> list[Column]:
    which = str(call.arguments[0]).upper() if call.arguments else "ALL"
    fields = schema.view(sobject, user_id).fields.values() if sobject else ()
    return [_column(f.name, f) for f in fields if which == "ALL" or f.custom is (which == "CUSTOM")]


def _shown(call: Call) -> str:
    inside = ", ".join(_shown(one) if isinstance(one, Call) else str(one) for one in call.arguments)
    return f"{call.function}({inside})"


def _path(query: Query, item: Item) -> list[str]:
    """The names of a field's path, without the object's own name or alias."""
    parts = str(item.token).split(".")
    own = {query.sobject.lower()} | ({query.alias.lower()} if isinstance(query.alias, Token) else set())
    return parts[1:] if len(parts) > 1 and parts[0].lower() in own else parts


def _add_path(columns: list[Column], path: list[str], sobject: SObject | None, schema: Schema) -> None:
    """Add a field; the fields of one relationship are the joined columns of one column."""
    if len(path) == 1:
        found = sobject.get(path[0]) if sobject else None
        columns.append(_column(found.name if found else path[0], found))
        return
    name = path[0].lower()
    target = _target(sobject, name, schema)
    same = next((c for c in columns if c["columnName"].lower() == name and not c["aggregate"]), None)
    if same is None:
        same = _column(path[0], None)
        columns.append(same)
    _add_path(same["joinColumns"], path[1:], target, schema)


def _target(sobject: SObject | None, relationship: str, schema: Schema) -> SObject | None:
    for field in sobject.fields.values() if sobject else ():
        if field.relationship and field.relationship.lower() == relationship and field.reference_to:
            return schema.get(field.reference_to[0])
    return None


def _column(
    name: str,
    field: Field | None,
    *,
    aggregate: bool = False,
    joined: list[Column] | None = None,
    shown: str | None = None,
) -> Column:
    kind = field.type if field else ""
    number = kind in NUMBERS
    return {
        "aggregate": aggregate,
        "apexType": APEX.get(kind, "Double" if number else "String" if field else None),
        "booleanType": kind == "boolean",
        "columnName": name,
        "custom": bool(field and field.custom),
        "displayName": shown or name,
        "foreignKeyName": None,
        "insertable": bool(field and field.createable),
        "joinColumns": joined if joined is not None else [],
        "numberType": number,
        "textType": kind in TEXTUAL,
        "updatable": bool(field and field.updateable),
    }
