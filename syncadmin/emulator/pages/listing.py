"""Lists: the records of an object, searched and paged, and the recycle bin."""

# ruff: noqa: S608 - names in the SQL come from the schema, values are parameters
from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from syncadmin.emulator.ids import is_id, to18
from syncadmin.emulator.pages.html import Markup, button, form, hidden, join, link, tag
from syncadmin.emulator.pages.page import PLURALS, by, chip, not_found, pager, record_url, render, when
from syncadmin.emulator.pages.rep import redirect
from syncadmin.emulator.wire import Request, Response

if TYPE_CHECKING:
    from syncadmin.emulator.org import Org

PER_PAGE = 25
# what a list shows of each object besides the name: company, status
COLUMNS = {"Lead": ('t."Company"', 't."Status"'), "Contact": ('a."Name"', 't."Title"')}
HEADS = {"Lead": ("Company", "Status"), "Contact": ("Account", "Title")}


def _from(name: str) -> str:
    account = ' LEFT JOIN "Account" a ON a."Id" = t."AccountId"' if name == "Contact" else ""
    return f'"{name}" t{account}'


def _where(name: str, words: str, deleted: bool) -> tuple[str, list[str]]:
    """Every word has to be in the name, the address or the company, or the whole is an id."""
    terms, values = [f't."IsDeleted" = {int(deleted)}'], []
    if is_id(words):
        return f'{terms[0]} AND t."Id" = ?', [to18(words)]
    for word in words.split():
        pattern = "%" + word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        columns = ('t."Name"', 't."Email"', COLUMNS[name][0])
        terms.append("(" + " OR ".join(f"{c} LIKE ? ESCAPE '\\'" for c in columns) + ")")
        values += [pattern] * len(columns)
    return " AND ".join(terms), values


def _rows(org: Org, name: str, words: str, page: int, deleted: bool) -> tuple[int, list[tuple[Any, ...]]]:
    company, status = COLUMNS[name]
    where, values = _where(name, words, deleted)
    total = org.state.store.select(f"SELECT COUNT(*) FROM {_from(name)} WHERE {where}", values)[0][0]
    sql = (
        f'SELECT t."Id", t."Name", {company}, t."Email", COALESCE(o."Name", q."Name"), q."Type", {status},'
        ' t."LastModifiedDate",'
        f' t."LastModifiedById", u."Name" FROM {_from(name)} LEFT JOIN "User" o ON o."Id" = t."OwnerId"'
        ' LEFT JOIN "Group" q ON q."Id" = t."OwnerId"'
        f' LEFT JOIN "User" u ON u."Id" = t."LastModifiedById" WHERE {where}'
        ' ORDER BY t."SystemModstamp" DESC, t."Id" DESC LIMIT ? OFFSET ?'
    )
    return total, org.state.store.select(sql, [*values, str(PER_PAGE), str((page - 1) * PER_PAGE)])


def _page_number(request: Request) -> int:
    given = request.query.get("page", "1")
    return max(1, min(int(given), 10**6)) if given.isdecimal() and len(given) < 9 else 1


def records(org: Org, request: Request) -> Response:
    """GET /emulator/: object, q, page."""
    name = request.query.get("object", "Lead")
    name = name if name in PLURALS else "Lead"
    words = request.query.get("q", "").strip()[:200]
    query = {"object": name} | ({"q": words} if words else {})
    page = _page_number(request)
    total, rows = _rows(org, name, words, page, deleted=False)
    pages = -(-total // PER_PAGE)
    if page > pages > 0:
        return redirect(f"/emulator/?{urlencode(query | {'page': pages})}", 302)
    head = tag(
        "div",
        tag("h1", PLURALS[name], " ", tag("small", f"{total:,}")),
        link(f"New {name.lower()}", f"/emulator/records/{name}/new", class_="button"),
        class_="head",
    )
    table = _table(org, name, rows) if rows else _nothing(name, words)
    turn = pager("/emulator/", query, page, pages)
    return render(org, request, PLURALS[name], head, _search(name, words), table, turn, here=name)


def _search(name: str, words: str) -> Markup:
    return tag(
        "form",
        hidden("object", name),
        tag("label", "Search by name, e-mail, company or id", for_="q", class_="visually-hidden"),
        tag("input", type="search", id="q", name="q", value=words, placeholder="Name, e-mail, company or id"),
        button("Search", class_="button quiet"),
        link("Clear", f"/emulator/?object={name}") if words else None,
        method="get",
        action="/emulator/",
        role="search",
        class_="search",
    )


def _nothing(name: str, words: str) -> Markup:
    text = (
        f"No {PLURALS[name].lower()} match “{words}”."
        if words
        else f"There are no {PLURALS[name].lower()} yet."
    )
    return tag("p", text, class_="nothing card")


def _table(org: Org, name: str, rows: list[tuple[Any, ...]]) -> Markup:
    heads = ("Name", HEADS[name][0], "E-mail", "Owner", HEADS[name][1], "Last changed")
    return tag(
        "table",
        tag("caption", PLURALS[name], class_="visually-hidden"),
        tag("thead", tag("tr", [tag("th", head, scope="col") for head in heads])),
        tag("tbody", [_row(org, name, heads, row) for row in rows]),
        class_="list card",
    )


def _row(org: Org, name: str, heads: tuple[str, ...], row: tuple[Any, ...]) -> Markup:
    key, person, company, email, owner, owner_type, status, stamp, changer, changer_name = row
    queue = join(" ", chip("queue")) if owner_type == "Queue" else None
    cells = (
        company or "–",
        email or "–",
        join(owner, queue),
        status or "–",
        join(when(org, stamp), tag("span", by(org, changer, changer_name), class_="under")),
    )
    return tag(
        "tr",
        tag("th", link(person, record_url(name, key)), scope="row"),
        [tag("td", tag("span", cell), data_label=head) for head, cell in zip(heads[1:], cells, strict=True)],
    )


def recycle_bin(org: Org, request: Request) -> Response:
    """GET /emulator/bin: deleted records of both objects, the latest first."""
    found = []
    for name in PLURALS:
        total, rows = _rows(org, name, "", 1, deleted=True)
        found.append(_bin(org, name, total, rows) if rows else None)
    nothing = tag("p", "The recycle bin is empty.", class_="nothing card") if not any(found) else None
    return render(
        org,
        request,
        "Recycle bin",
        tag("div", tag("h1", "Recycle bin"), class_="head"),
        found,
        nothing,
        here="bin",
    )


def _bin(org: Org, name: str, total: int, rows: list[tuple[Any, ...]]) -> Markup:
    more = tag("p", f"The latest {len(rows)} of {total:,}.") if total > len(rows) else None
    return tag(
        "section",
        tag("h2", PLURALS[name], id=f"bin-{name}"),
        tag(
            "table",
            tag(
                "thead",
                tag(
                    "tr", [tag("th", h, scope="col") for h in ("Name", HEADS[name][0], "Deleted")], tag("td")
                ),
            ),
            tag("tbody", [_binned(org, name, row) for row in rows]),
            class_="list card",
            aria_labelledby=f"bin-{name}",
        ),
        more,
    )


def _binned(org: Org, name: str, row: tuple[Any, ...]) -> Markup:
    key, person, company = row[:3]
    undo = form(
        f"{record_url(name, key)}/undelete",
        button("Undelete", class_="button quiet small", aria_label=f"Undelete {person}"),
    )
    deleted = join(when(org, row[7]), tag("span", by(org, row[8], row[9]), class_="under"))
    return tag(
        "tr",
        tag("th", link(person, record_url(name, key)), scope="row"),
        tag("td", tag("span", company or "–"), data_label=HEADS[name][0]),
        tag("td", tag("span", deleted), data_label="Deleted"),
        tag("td", undo, class_="end"),
    )


def home(org: Org, request: Request) -> Response:
    """GET /: on to the list."""
    return redirect("/emulator/", 302)


def by_id(org: Org, request: Request, record_id: str) -> Response:
    """GET /ID, as links into a real org have it: on to the record's page."""
    sobject = org.state.schema.owner_of(record_id)
    known = sobject and sobject.name in PLURALS and is_id(record_id)
    if not sobject or not known or not org.state.store.fetch(sobject, [to18(record_id)]):
        return not_found(org, request)
    return redirect(record_url(sobject.name, to18(record_id)), 302)
