"""The page of a record: read it, edit it, make a new one."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from syncadmin.emulator.dml.draft import Actor, Row
from syncadmin.emulator.errors import RecordError
from syncadmin.emulator.ids import is_id, to18
from syncadmin.emulator.pages import fields, rep, side
from syncadmin.emulator.pages.html import Markup, button, form, hidden, join, link, tag
from syncadmin.emulator.pages.inputs import Errors, control
from syncadmin.emulator.pages.page import PLURALS, chip, not_found, record_url, render
from syncadmin.emulator.schema.model import Field, SObject
from syncadmin.emulator.wire import Request, Response

if TYPE_CHECKING:
    from syncadmin.emulator.org import Org

DUPLICATE = "DUPLICATES_DETECTED"


def find(org: Org, name: str, record_id: str) -> tuple[SObject, Row] | None:
    """The object and the row of an address, deleted ones too."""
    sobject = org.state.schema.get(name)
    if sobject is None or sobject.name not in PLURALS or not is_id(record_id):
        return None
    row = org.state.store.fetch(sobject, [to18(record_id)]).get(to18(record_id))
    return (sobject, row) if row else None


def show(org: Org, request: Request, name: str, record_id: str) -> Response:
    """GET /emulator/records/X/ID."""
    found = find(org, name, record_id)
    if found is None:
        return not_found(org, request)
    return record_page(org, request, *found)


def record_page(
    org: Org,
    request: Request,
    sobject: SObject,
    row: Row,
    values: dict[str, str] | None = None,
    errors: Sequence[RecordError] = (),
    original: dict[str, str] | None = None,
) -> Response:
    """The page; with errors, the form holds what was sent and `original` what it held before."""
    user = rep.acting_as(org, request)
    groups = fields.editable(org, org.state.schema.view(sobject, user), new=False)
    stored = {f.name: fields.shown(f, row[f.name]) for f in fields.each(groups)}
    if row["IsDeleted"] or row.get("IsConverted"):
        main = _values(org, groups, stored)
    else:
        kept = hidden("original", json.dumps(original or stored, separators=(",", ":")))
        main = _form(
            org, sobject, groups, stored | (values or {}), errors, record_url(sobject.name, row["Id"]), kept
        )
    return render(
        org,
        request,
        row["Name"] or "No name",
        side.header(org, sobject, row),
        tag("div", tag("div", main, class_="main"), side.cards(org, sobject, row, user), class_="columns"),
        here="bin" if row["IsDeleted"] else sobject.name,
        status=422 if errors else 200,
    )


def save(org: Org, request: Request, name: str, record_id: str) -> Response:
    """POST /emulator/records/X/ID: only what the rep changed is written, as he saw it when he began."""
    form_ = rep.read_form(request)
    found = find(org, name, record_id)
    if found is None:
        return not_found(org, request)
    sobject, row = found
    user = rep.acting_as(org, request)
    groups = fields.editable(org, org.state.schema.view(sobject, user), new=False)
    values = fields.sent(form_, groups)
    original = _original(form_) or {f.name: fields.shown(f, row[f.name]) for f in fields.each(groups)}
    changes = {key: value for key, value in values.items() if value != original.get(key)}
    if not changes:
        return rep.redirect(record_url(sobject.name, row["Id"], "unchanged"))
    outcome = org.dml.update(sobject, [(row["Id"], dict(changes))], _actor(user, form_))[0]
    if outcome.ok:
        return rep.redirect(record_url(sobject.name, row["Id"], "saved"))
    return record_page(org, request, sobject, row, values, outcome.errors, original)


def _original(form_: rep.Form) -> dict[str, str] | None:
    try:
        kept = json.loads(rep.value_of(form_, "original") or "null")
    except ValueError:
        return None
    return {str(k): str(v) for k, v in kept.items()} if isinstance(kept, dict) else None


def _actor(user: str, form_: rep.Form) -> Actor:
    assign = "TRUE" if rep.value_of(form_, "use_assignment_rules") == "true" else "FALSE"
    return Actor(user, assign, rep.value_of(form_, "save_duplicate") == "true")


def new(org: Org, request: Request, name: str) -> Response:
    """GET /emulator/records/X/new."""
    sobject = org.state.schema.get(name)
    if sobject is None or sobject.name not in PLURALS:
        return not_found(org, request)
    return _new_page(org, request, sobject)


def _new_page(
    org: Org,
    request: Request,
    sobject: SObject,
    values: dict[str, str] | None = None,
    errors: Sequence[RecordError] = (),
) -> Response:
    view = org.state.schema.view(sobject, rep.acting_as(org, request))
    groups = fields.editable(org, view, new=True)
    title = f"New {sobject.label.lower()}"
    crumb = tag("p", link(PLURALS[sobject.name], f"/emulator/?object={sobject.name}"), class_="crumb")
    body = _form(
        org,
        sobject,
        groups,
        fields.blank(view, groups) | (values or {}),
        errors,
        f"/emulator/records/{sobject.name}/new",
        _assignment() if sobject.name == "Lead" else None,
    )
    head = tag("div", tag("div", crumb, tag("h1", title)), class_="head")
    return render(
        org,
        request,
        title,
        head,
        tag("div", body, class_="narrow"),
        here=sobject.name,
        status=422 if errors else 200,
    )


def _assignment() -> Markup:
    box = tag("input", type="checkbox", name="use_assignment_rules", value="true", id="use-assignment-rules")
    text = "Let the assignment rules choose the owner (otherwise it is you)"
    return tag("p", tag("label", box, " ", text), class_="check card")


def create(org: Org, request: Request, name: str) -> Response:
    """POST /emulator/records/X/new."""
    form_ = rep.read_form(request)
    sobject = org.state.schema.get(name)
    if sobject is None or sobject.name not in PLURALS:
        return not_found(org, request)
    user = rep.acting_as(org, request)
    groups = fields.editable(org, org.state.schema.view(sobject, user), new=True)
    values = fields.sent(form_, groups)
    body: dict[str, Any] = {key: value for key, value in values.items() if value}
    outcome = org.dml.create(sobject, [body], _actor(user, form_))[0]
    if outcome.ok:
        return rep.redirect(record_url(sobject.name, str(outcome.id), "created"))
    return _new_page(org, request, sobject, values, outcome.errors)


def _values(org: Org, groups: fields.Groups, stored: dict[str, str]) -> Markup:
    """A record that can't be edited: what it says, without what it doesn't."""
    cards = []
    for title, members in groups.items():
        filled = [f for f in members if stored[f.name] not in ("", "false")]
        lines = [join(tag("dt", f.label), tag("dd", _plain(org, f, stored[f.name]))) for f in filled]
        cards.append(tag("section", tag("h2", title), tag("dl", lines), class_="card") if filled else None)
    return join(cards)


def _plain(org: Org, field: Field, text: str) -> str:
    if field.type == "reference":
        return side.name_of(org, text) or text
    if field.type == "boolean":
        return "Yes"
    return {"datetime": text.replace("T", " "), "multipicklist": text.replace(";", ", ")}.get(
        field.type, text
    )


def _form(
    org: Org,
    sobject: SObject,
    groups: fields.Groups,
    values: dict[str, str],
    errors: Sequence[RecordError],
    action: str,
    more: Markup | None,
) -> Markup:
    labels = {f.name: f.label for f in fields.each(groups)}
    at: Errors = {}
    for error in errors:
        for name in error.fields:
            at.setdefault(name, []).append(error.message)
    bar = tag(
        "div",
        button("Save"),
        link(
            "Cancel",
            action.removesuffix("/new")
            if not action.endswith("/new")
            else f"/emulator/?object={sobject.name}",
        ),
        class_="savebar",
    )
    cards = [_group(org, sobject, title, members, values, at) for title, members in groups.items()]
    return form(
        action, _summary(org, sobject, errors, labels), more, cards, bar, novalidate=True, class_="record"
    )


def _group(
    org: Org, sobject: SObject, title: str, members: list[Field], values: dict[str, str], at: Errors
) -> Markup:
    inside = tag(
        "div", [control(org, sobject.name, f, values.get(f.name, ""), at) for f in members], class_="grid"
    )
    if title == fields.MORE:
        opened = any(f.name in at for f in members)
        return tag("details", tag("summary", tag("h2", title)), inside, class_="card", open=opened)
    return tag("section", tag("h2", title), inside, class_="card")


def _summary(
    org: Org, sobject: SObject, errors: Sequence[RecordError], labels: dict[str, str]
) -> Markup | None:
    """What Salesforce said, with links to the fields; a possible duplicate can be saved all the same."""
    if not errors:
        return None
    lines = []
    for error in errors:
        known = [name for name in error.fields if name in labels]
        text = link(error.message, f"#f-{known[0]}") if known else error.message
        lines.append(tag("li", text, " ", chip(error.code, "code")))
        lines += _matches(org, sobject, error)
    return tag("div", tag("h2", "Not saved"), tag("ul", lines), class_="errors", role="alert")


def _matches(org: Org, sobject: SObject, error: RecordError) -> list[Markup]:
    if error.code != DUPLICATE or error.details is None:
        return []
    found = [m["record"]["Id"] for r in error.details["matchResults"] for m in r["matchRecords"]]
    rows = org.state.store.fetch(sobject, found)
    lines = [
        tag("li", link(rows[key]["Name"], record_url(sobject.name, key))) for key in found if key in rows
    ]
    if error.details["allowSave"]:
        box = tag("input", type="checkbox", name="save_duplicate", value="true")
        lines.append(tag("li", tag("label", box, " Save all the same")))
    return lines
