"""What a client may look around with: recent records, list views, layouts, passwords, and what isn't here.

Source: the pages Recently Viewed Items (recorded form), List Views, sObject Layouts, sObject Quick Actions and
sObject User Password of the REST API guide.
"""

# ruff: noqa: S608 - names in the SQL come from the schema, values are parameters
from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from syncadmin.emulator.errors import ApiError, NotFound
from syncadmin.emulator.ids import is_id, make_id, to18
from syncadmin.emulator.rest.describe import MASTER_RECORD_TYPE, describe_field
from syncadmin.emulator.rest.resources import find_object
from syncadmin.emulator.schema.model import Field
from syncadmin.emulator.schema.registry import View
from syncadmin.emulator.wire import Request, Response

if TYPE_CHECKING:
    from syncadmin.emulator.org import Org

MOST_RECENT = 200
ABSENT = (
    "actions|analytics|appMenu|async-queries|chatter|commerce|connect|consent|contact-tracing|dedupe"
    "|domino|eclair|emailConnect|event|financialservices|fingerprint|folders|graphql|iot|jsonxform"
    "|knowledgeManagement|licensing|localizedvalue|match|metadata|mobile|nouns|payments|prechatForms"
    "|process|quickActions|scheduling|serviceTemplates|smartdatadiscovery|tabs|theme|tokenizer|ui-api|wave"
)


def absent(org: Org, request: Request, name: str) -> Response:
    """A resource that orgs have and this one hasn't."""
    raise ApiError(501, "NOT_IMPLEMENTED", f"/{name} is not implemented by this emulator")


def recent(org: Org, request: Request) -> Response:
    """GET /recent?limit=n: the records seen last, at most 200."""
    wanted = request.query.get("limit", "")
    most = min(int(wanted), MOST_RECENT) if wanted.isdecimal() else MOST_RECENT
    found: list[tuple[Any, ...]] = []
    for sobject in org.state.schema.objects.values():
        if sobject.get("LastViewedDate") and org.state.schema.may("read", sobject, request.user_id):
            seen = org.state.schema.row_condition(sobject, request.user_id, f'"{sobject.name}"') or "1"
            sql = (
                f'SELECT "LastViewedDate", "Id", "Name" FROM "{sobject.name}"'
                f' WHERE "LastViewedDate" IS NOT NULL AND {sobject.live} AND {seen} ORDER BY 1 DESC LIMIT ?'
            )
            found += [(*row, sobject.name) for row in org.state.store.select(sql, (most,))]
    found.sort(reverse=True)
    return Response(200, [_seen(request, *row[1:]) for row in found[:most]])


def _seen(request: Request, record_id: str, name: str, kind: str) -> dict[str, Any]:
    url = f"{request.data_base}/sobjects/{kind}/{record_id}"
    return {"attributes": {"type": kind, "url": url}, "Id": record_id, "Name": name}


def list_views(org: Org, request: Request, name: str) -> Response:
    """GET /sobjects/X/listviews: this org has none."""
    sobject = find_object(org, request, name)
    body = {"done": True, "listviews": [], "nextRecordsUrl": None, "size": 0, "sobjectType": sobject.name}
    return Response(200, body)


def quick_actions(org: Org, request: Request, name: str) -> Response:
    """GET /sobjects/X/quickActions: this org has none."""
    find_object(org, request, name)
    return Response(200, [])


def compact_layouts(org: Org, request: Request, name: str) -> Response:
    """GET /sobjects/X/describe/compactLayouts: the system's default one, which shows the name."""
    view = org.state.schema.view(find_object(org, request, name), request.user_id)
    named = next((field for field in view.fields.values() if field.name_field), view.fields["id"])
    layout = {
        "actions": [],
        "fieldItems": [_item(named, 1)],
        "id": None,
        "imageItems": [],
        "label": "System Default",
        "name": "SYSTEM",
        "objectType": view.sobject.name,
    }
    mapping: dict[str, Any] = {
        "available": True,
        "compactLayoutId": None,
        "compactLayoutName": "SYSTEM",
        "recordTypeId": MASTER_RECORD_TYPE,
        "recordTypeName": "Master",
        "urls": {},
    }
    return Response(
        200,
        {
            "compactLayouts": [layout],
            "defaultCompactLayoutId": None,
            "recordTypeCompactLayoutMappings": [mapping],
        },
    )


def layouts(org: Org, request: Request, name: str, record_type: str | None = None) -> Response:
    """GET /sobjects/X/describe/layouts, and /layouts/RECORDTYPE: one layout with every field the user sees."""
    view = org.state.schema.view(find_object(org, request, name), request.user_id)
    if record_type is not None and (not is_id(record_type) or to18(record_type) != MASTER_RECORD_TYPE):
        raise NotFound
    layout = _layout(view)
    if record_type is not None:
        return Response(200, layout)
    mapping = {
        "active": True,
        "available": True,
        "defaultRecordTypeMapping": True,
        "developerName": "Master",
        "layoutId": layout["id"],
        "master": True,
        "name": "Master",
        "picklistsForRecordType": None,
        "recordTypeId": MASTER_RECORD_TYPE,
        "urls": {
            "layout": f"{request.data_base}/sobjects/{view.sobject.name}/describe/layouts/{MASTER_RECORD_TYPE}"
        },
    }
    body = {"layouts": [layout], "recordTypeMappings": [mapping], "recordTypeSelectorRequired": [False]}
    return Response(200, body)


def _layout(view: View) -> dict[str, Any]:
    number = sum(map(ord, view.sobject.name))
    editable = [f for f in view.fields.values() if f.createable or f.updateable]
    return {
        "buttonLayoutSection": None,
        "detailLayoutSections": [_section(view, list(view.fields.values()))],
        "editLayoutSections": [_section(view, editable)],
        "feedView": None,
        "highlightsPanelLayoutSection": None,
        "id": make_id("00h", number),
        "multirowEditLayoutSections": [],
        "offlineLinks": [],
        "quickActionList": None,
        "relatedContent": None,
        "relatedLists": [],
        "saveOptions": [],
    }


def _section(view: View, fields: list[Field]) -> dict[str, Any]:
    rows = [{"layoutItems": [_item(field, tab)], "numItems": 1} for tab, field in enumerate(fields, start=1)]
    return {
        "collapsed": False,
        "columns": 1,
        "heading": f"{view.sobject.label} Information",
        "layoutRows": rows,
        "rows": len(rows),
        "useCollapsibleSection": False,
        "useHeading": True,
    }


def _item(field: Field, tab: int) -> dict[str, Any]:
    details = describe_field(field)
    component = {"details": details, "displayLines": 1, "tabOrder": tab, "type": "Field", "value": field.name}
    return {
        "editableForNew": field.createable,
        "editableForUpdate": field.updateable,
        "label": field.label,
        "layoutComponents": [component],
        "placeholder": False,
        "required": field.createable and not field.nillable and not field.defaulted,
    }


def password(org: Org, request: Request, user_id: str) -> Response:
    """/sobjects/User/ID/password: GET whether it has expired, POST to set it, DELETE to get a new one."""
    users = org.state.schema.must("User")
    if not is_id(user_id) or not org.state.store.fetch(users, [to18(user_id)]):
        raise NotFound
    if request.method in ("GET", "HEAD"):
        return Response(200, {"isExpired": False})
    if request.method == "POST":
        new = request.json_object().get("NewPassword")
        if not isinstance(new, str) or not new:
            raise ApiError(400, "INVALID_NEW_PASSWORD", "Your password cannot be empty.")
        org.access.set_password(to18(user_id), new)
        return Response(204)
    made = secrets.token_urlsafe(9)
    org.access.set_password(to18(user_id), made)
    return Response(200, {"NewPassword": made})
