"""Beside the form of a record: its head with what can be done, its owner, its history, its ids."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syncadmin.emulator.dml.draft import Row
from syncadmin.emulator.pages import changes, fields
from syncadmin.emulator.pages.html import Child, Markup, button, form, join, link, option, select, tag
from syncadmin.emulator.pages.page import PLURALS, by, chip, record_url, when
from syncadmin.emulator.pages.rep import sales_users
from syncadmin.emulator.schema.model import SObject

if TYPE_CHECKING:
    from syncadmin.emulator.org import Org


def name_of(org: Org, record_id: str | None) -> str | None:
    """The name of any record, user or queue."""
    sobject = org.state.schema.owner_of(record_id) if record_id else None
    if sobject is None or record_id is None:
        return None
    row = org.state.store.fetch(sobject, [record_id]).get(record_id)
    return str(row["Name"]) if row else None


def header(org: Org, sobject: SObject, row: Row) -> Markup:
    """Name, state, and the buttons."""
    url = record_url(sobject.name, row["Id"])
    crumb = tag("p", link(PLURALS[sobject.name], f"/emulator/?object={sobject.name}"), class_="crumb")
    marks = [chip("in the recycle bin", "bad")] if row["IsDeleted"] else []
    marks += [chip("converted", "good")] if row.get("IsConverted") else []
    company = row.get("Company") or name_of(org, row.get("AccountId"))
    place = ", ".join(str(part) for part in (row.get("Title"), company) if part)
    title = tag(
        "div",
        crumb,
        tag("h1", row["Name"], [join(" ", mark) for mark in marks]),
        tag("p", place, class_="sub"),
    )
    return tag("div", title, tag("div", _buttons(sobject, row, url), class_="actions"), class_="head")


def _buttons(sobject: SObject, row: Row, url: str) -> list[Markup]:
    if row["IsDeleted"]:
        return [form(f"{url}/undelete", button("Undelete"))]
    delete = form(f"{url}/delete", button("Delete", class_="button quiet danger"))
    if row.get("IsConverted"):
        return [delete]
    merge = link("Merge…", f"{url}/merge", class_="button quiet")
    convert = link("Convert…", f"{url}/convert", class_="button quiet") if sobject.name == "Lead" else None
    return [*([convert] if convert else []), merge, delete]


def cards(org: Org, sobject: SObject, row: Row, user_id: str) -> Markup:
    """The column beside the form."""
    parts = [
        _owner(org, sobject, row, user_id),
        _history(org, row),
        changes.card(org, sobject, row, name_of),
        _became(org, row),
        _calculated(org, sobject, row, user_id),
    ]
    return tag("aside", parts, aria_label="About this record")


def _card(title: str, *inside: Child) -> Markup:
    return tag("section", tag("h2", title), *inside, class_="card")


def owner_options(org: Org, sobject: SObject, owner: str) -> list[Markup]:
    """Active users, and for leads the queues of leads."""
    sql = 'SELECT "QueueId" FROM "QueueSobject" WHERE "SobjectType" = ?'
    queues = {row[0]: name_of(org, row[0]) or "" for row in org.state.store.select(sql, (sobject.name,))}
    users = sales_users(org) | {org.state.integration_user: name_of(org, org.state.integration_user) or ""}
    lost = [] if owner in users or owner in queues else [option(owner, name_of(org, owner) or owner, owner)]
    found = [*lost, tag("optgroup", [option(k, v, owner) for k, v in users.items()], label="Users")]
    if queues:
        found.append(tag("optgroup", [option(k, v, owner) for k, v in queues.items()], label="Queues"))
    return found


def _owner(org: Org, sobject: SObject, row: Row, user_id: str) -> Markup:
    owner = row["OwnerId"]
    queue = join(" ", chip("queue")) if owner.startswith("00G") else None
    now = tag("p", tag("strong", name_of(org, owner) or owner), queue)
    if row["IsDeleted"] or row.get("IsConverted"):
        return _card("Owner", now)
    change = form(
        f"{record_url(sobject.name, row['Id'])}/owner",
        tag("label", "New owner", for_="f-OwnerId"),
        select("OwnerId", owner_options(org, sobject, owner), id="f-OwnerId"),
        button("Change owner", class_="button quiet"),
        class_="stack",
    )
    return _card("Owner", now, change)


def _line(term: str, *value: Child) -> Markup:
    return join(tag("dt", term), tag("dd", *value))


def _history(org: Org, row: Row) -> Markup:
    def moment(kind: str) -> Markup:
        user = row[f"{kind}ById"]
        return join(
            by(org, user, name_of(org, user)), tag("span", when(org, row[f"{kind}Date"]), class_="under")
        )

    return _card(
        "History",
        tag("dl", _line("Last changed by", moment("LastModified")), _line("Created by", moment("Created"))),
    )


def _became(org: Org, row: Row) -> Markup | None:
    """What a converted lead became."""
    contact = row.get("ConvertedContactId")
    if not contact:
        return None
    deal = name_of(org, row.get("ConvertedOpportunityId"))
    lines = [
        _line("Contact", link(name_of(org, contact) or contact, record_url("Contact", contact))),
        _line("Account", name_of(org, row["ConvertedAccountId"])),
        *([_line("Opportunity", deal)] if deal else []),
        _line("On", str(row["ConvertedDate"])),
    ]
    return _card("Converted", tag("dl", lines))


def _calculated(org: Org, sobject: SObject, row: Row, user_id: str) -> Markup:
    """What the org works out by itself."""
    view = org.state.schema.view(sobject, user_id)
    own = [f for f in view.fields.values() if f.calculated or f.auto_number]
    lines = [_line(f.label, fields.shown(f, row[f.name]) or "–") for f in own]
    return _card("Record", tag("dl", lines, _line("Id", tag("code", row["Id"]))))
