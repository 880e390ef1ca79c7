"""Merging two records: find the other one, choose what stays, and which of the two it is."""

# ruff: noqa: S608 - names in the SQL come from the schema, values are parameters
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from syncadmin.emulator.dml import merging
from syncadmin.emulator.dml.draft import Row
from syncadmin.emulator.errors import RecordError
from syncadmin.emulator.pages import fields, rep, side
from syncadmin.emulator.pages.html import Markup, button, form, hidden, join, link, tag
from syncadmin.emulator.pages.page import chip, not_found, record_url, render, when
from syncadmin.emulator.pages.records import find
from syncadmin.emulator.schema.model import Field, SObject
from syncadmin.emulator.wire import Request, Response

if TYPE_CHECKING:
    from syncadmin.emulator.org import Org

MOST = 25
THIS, OTHER = "This record", "Other record"
WHERE = {"Lead": 't."Company"', "Contact": 'a."Name"'}


def ask(org: Org, request: Request, name: str, record_id: str) -> Response:
    """GET /emulator/records/X/ID/merge: q to search for the other record, with (an id) to compare with it."""
    found = _live(org, name, record_id)
    if found is None:
        return not_found(org, request)
    sobject, row = found
    given = request.query.get("with", "")
    if not given:
        return _page(org, request, sobject, row, _candidates(org, sobject, row, request.query.get("q", "")))
    other = _live(org, name, given)
    if other is None or other[1]["Id"] == row["Id"]:
        return not_found(org, request)
    return _page(org, request, sobject, row, _comparison(org, request, sobject, row, other[1]))


def merge(org: Org, request: Request, name: str, record_id: str) -> Response:
    """POST /emulator/records/X/ID/merge: with, master (ids), and for a field the id of the record whose value stays."""
    sent = rep.read_form(request)
    found, other = _live(org, name, record_id), _live(org, name, rep.value_of(sent, "with"))
    if found is None or other is None:
        return not_found(org, request)
    sobject, rows = found[0], {row["Id"]: row for row in (found[1], other[1])}
    master = rows.get(rep.value_of(sent, "master"), found[1])
    losers = [key for key in rows if key != master["Id"]]
    user = rep.acting_as(org, request)
    values = _chosen(org, sobject, sent, master, rows, user)
    try:
        merging.merge(org.state, sobject, master["Id"], losers, user, values)
    except RecordError as error:
        body = _comparison(org, request, sobject, found[1], other[1], error)
        return _page(org, request, sobject, found[1], body, status=422)
    return rep.redirect(record_url(sobject.name, master["Id"], "merged"))


def _chosen(
    org: Org, sobject: SObject, sent: rep.Form, master: Row, rows: dict[str, Row], user: str
) -> dict[str, Any]:
    """The values the master takes over from the other record."""
    taken = {}
    for field in _fields(org, sobject, user):
        source = rows.get(rep.value_of(sent, field.name))
        if source is not None and source["Id"] != master["Id"]:
            taken[field.name] = fields.shown(field, source[field.name])
    return taken


def _live(org: Org, name: str, record_id: str) -> tuple[SObject, Row] | None:
    """The record, if it is one that can be merged."""
    found = find(org, name, record_id)
    if found is None or found[1]["IsDeleted"] or found[1].get("IsConverted"):
        return None
    return found


def _fields(org: Org, sobject: SObject, user: str) -> list[Field]:
    return list(fields.each(fields.editable(org, org.state.schema.view(sobject, user), new=False)))


def _page(
    org: Org, request: Request, sobject: SObject, row: Row, body: Markup, status: int = 200
) -> Response:
    title = f"Merge {row['Name']}"
    crumb = tag("p", link(row["Name"] or "No name", record_url(sobject.name, row["Id"])), class_="crumb")
    head = tag("div", tag("div", crumb, tag("h1", title)), class_="head")
    return render(
        org, request, title, head, tag("div", body, class_="narrow"), here=sobject.name, status=status
    )


def _candidates(org: Org, sobject: SObject, row: Row, words: str) -> Markup:
    """Those with its e-mail address or name, or whatever is searched for."""
    url = f"{record_url(sobject.name, row['Id'])}/merge"
    search = tag(
        "form",
        tag("label", "Search by name, e-mail or company", for_="q", class_="visually-hidden"),
        tag("input", type="search", id="q", name="q", value=words, placeholder="Name, e-mail or company"),
        button("Search", class_="button quiet"),
        method="get",
        action=url,
        role="search",
        class_="search",
    )
    found = _others(org, sobject, row, words.strip()[:200])
    lines = [
        tag(
            "li",
            link(name or "No name", f"{url}?with={key}"),
            tag("span", ", ".join(part for part in (company, email) if part) or "–", class_="under"),
        )
        for key, name, company, email in found
    ]
    nothing = "Nobody else has this name or e-mail address." if not words else "Nobody was found."
    title = tag("h2", "Found" if words else "Same name or e-mail address")
    inside = tag("ul", lines, class_="picks") if lines else tag("p", nothing, class_="hint")
    hint = tag("p", "Which record is the same person?", class_="hint")
    return join(hint, search, tag("section", title, inside, class_="card"))


def _others(org: Org, sobject: SObject, row: Row, words: str) -> list[tuple[Any, ...]]:
    company, converted = WHERE[sobject.name], ' AND t."IsConverted" = 0' if sobject.name == "Lead" else ""
    account = ' LEFT JOIN "Account" a ON a."Id" = t."AccountId"' if sobject.name == "Contact" else ""
    if words:
        pattern = "%" + words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        wanted = " OR ".join(f"{c} LIKE ? ESCAPE '\\'" for c in ('t."Name"', 't."Email"', company))
        values = [pattern] * 3
    else:
        wanted, values = 't."Email" = ? OR t."Name" = ?', [row["Email"], row["Name"]]
    sql = (
        f'SELECT t."Id", t."Name", {company}, t."Email" FROM "{sobject.name}" t{account}'
        f' WHERE t."IsDeleted" = 0{converted} AND t."Id" <> ? AND ({wanted}) ORDER BY t."Name" LIMIT {MOST}'
    )
    return org.state.store.select(sql, [row["Id"], *values])


def _comparison(
    org: Org, request: Request, sobject: SObject, row: Row, other: Row, error: RecordError | None = None
) -> Markup:
    """The two records side by side; of every field that differs one value is chosen."""
    url = f"{record_url(sobject.name, row['Id'])}/merge"
    user = rep.acting_as(org, request)
    differing = [f for f in _fields(org, sobject, user) if row[f.name] != other[f.name]]
    said = (
        tag("div", tag("h2", "Not merged"), tag("p", error.message), class_="errors", role="alert")
        if error
        else None
    )
    heads = [
        tag("th", link(one["Name"], record_url(sobject.name, one["Id"])), " ", _made(org, one), scope="col")
        for one in (row, other)
    ]
    keeps = [
        _cell("master", one["Id"], "Stays, with its id", one is row, "Record that stays", whose)
        for one, whose in ((row, THIS), (other, OTHER))
    ]
    table = tag(
        "table",
        tag("thead", tag("tr", tag("th", "Field", scope="col"), heads)),
        tag(
            "tbody",
            tag("tr", tag("th", "Record", scope="row"), keeps),
            [_differing(org, field, row, other) for field in differing],
        ),
        class_="list card compare",
    )
    hint = (
        "The other record goes to the recycle bin, and what hangs on it over to the one that stays. Fields that"
        " are the same in both are not shown."
    )
    bar = tag("div", button("Merge"), link("Choose another record", url), class_="savebar")
    return form(
        url, said, hidden("with", other["Id"]), tag("p", hint, class_="hint"), table, bar, class_="record"
    )


def _made(org: Org, one: Row) -> Markup:
    return tag("span", "created ", when(org, one["CreatedDate"]), class_="under")


def _differing(org: Org, field: Field, row: Row, other: Row) -> Markup:
    """What the record at hand says is proposed, unless it says nothing."""
    first = row[field.name] not in (None, 0)
    label = fields.label(field)
    cells = [
        _cell(field.name, one["Id"], _plain(org, field, one), chosen, label, whose)
        for one, chosen, whose in ((row, first, THIS), (other, not first, OTHER))
    ]
    return tag("tr", tag("th", label, scope="row"), cells)


def _plain(org: Org, field: Field, one: Row) -> str:
    text = fields.shown(field, one[field.name])
    if field.type == "boolean":
        return "Yes" if text == "true" else "No"
    return (side.name_of(org, text) or text) if field.type == "reference" else text


def _cell(name: str, value: str, text: str, chosen: bool, group: str, whose: str) -> Markup:
    box = tag("input", type="radio", name=name, value=value, checked=chosen)
    said = tag("span", text) if text else chip("empty")
    label = tag("label", box, " ", tag("span", f"{group}: ", class_="visually-hidden"), said)
    return tag("td", label, data_label=whose)
