"""What a rep does with a whole record: change its owner, delete, undelete and convert it."""

# ruff: noqa: S608 - names in the SQL come from the schema, values are parameters
from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from syncadmin.emulator.dml.convert import convert_lead
from syncadmin.emulator.dml.draft import Actor, Outcome, Row
from syncadmin.emulator.errors import RecordError
from syncadmin.emulator.pages import rep
from syncadmin.emulator.pages.html import Markup, button, form, hidden, join, link, option, select, tag
from syncadmin.emulator.pages.page import not_found, record_url, render
from syncadmin.emulator.pages.records import find, record_page
from syncadmin.emulator.pages.side import name_of
from syncadmin.emulator.schema.model import SObject
from syncadmin.emulator.wire import Request, Response

if TYPE_CHECKING:
    from syncadmin.emulator.org import Org

MOST = 500
Wish = dict[str, str]
Write = Callable[[SObject, Row, Actor, rep.Form], Outcome]


def _act(org: Org, request: Request, name: str, record_id: str, write: Write, notice: str) -> Response:
    """Write as the rep, and go back to the record; what Salesforce refuses is on its page."""
    sent, found = rep.read_form(request), find(org, name, record_id)
    if found is None:
        return not_found(org, request)
    sobject, row = found
    outcome = write(sobject, row, Actor(rep.acting_as(org, request), "FALSE"), sent)
    if outcome.ok:
        return rep.redirect(record_url(sobject.name, row["Id"], notice))
    return record_page(org, request, sobject, row, errors=outcome.errors)


def change_owner(org: Org, request: Request, name: str, record_id: str) -> Response:
    """POST …/owner: OwnerId."""

    def write(sobject: SObject, row: Row, actor: Actor, sent: rep.Form) -> Outcome:
        return org.dml.update(sobject, [(row["Id"], {"OwnerId": rep.value_of(sent, "OwnerId")})], actor)[0]

    return _act(org, request, name, record_id, write, "owner")


def delete(org: Org, request: Request, name: str, record_id: str) -> Response:
    """POST …/delete."""

    def write(sobject: SObject, row: Row, actor: Actor, sent: rep.Form) -> Outcome:
        return org.dml.delete(sobject, [row["Id"]], actor)[0]

    return _act(org, request, name, record_id, write, "deleted")


def undelete(org: Org, request: Request, name: str, record_id: str) -> Response:
    """POST …/undelete."""

    def write(sobject: SObject, row: Row, actor: Actor, sent: rep.Form) -> Outcome:
        return org.dml.undelete(sobject, [row["Id"]], actor)[0]

    return _act(org, request, name, record_id, write, "undeleted")


def ask_conversion(org: Org, request: Request, record_id: str) -> Response:
    """GET /emulator/records/Lead/ID/convert."""
    found = find(org, "Lead", record_id)
    if found is None or found[1]["IsDeleted"] or found[1]["IsConverted"]:
        return not_found(org, request)
    return _conversion(org, request, found[1])


def convert(org: Org, request: Request, record_id: str) -> Response:
    """POST /emulator/records/Lead/ID/convert: account and contact (ids, or empty for new ones), owner, status,
    opportunity (true or false) and its name.
    """
    sent, found = rep.read_form(request), find(org, "Lead", record_id)
    if found is None:
        return not_found(org, request)
    wish = _wish(sent)
    try:
        done = _convert(org, request, found[1], wish)
    except RecordError as error:
        return _conversion(org, request, found[1], error, wish)
    return rep.redirect(record_url("Contact", done["contact_id"], "converted"))


def _wish(sent: rep.Form) -> Wish:
    names = ("account", "contact", "owner", "status", "name")
    return {name: rep.value_of(sent, name) for name in names} | {
        "opportunity": rep.value_of(sent, "opportunity", "true")
    }


def _convert(org: Org, request: Request, lead: Row, wish: Wish) -> dict[str, str]:
    deal = wish["opportunity"] == "true"
    return convert_lead(
        org.state,
        lead["Id"],
        rep.acting_as(org, request),
        account_id=wish["account"] or None,
        contact_id=wish["contact"] or None,
        owner_id=wish["owner"] or None,
        status=wish["status"] or None,
        create_opportunity=deal,
        opportunity_name=(wish["name"] or None) if deal else None,
    )


def _conversion(
    org: Org,
    request: Request,
    lead: Row,
    error: RecordError | None = None,
    wish: Wish | None = None,
) -> Response:
    """The form; wish: what was sent, if it is shown again."""
    chosen = wish or _proposal(org, request, lead)
    url = record_url("Lead", lead["Id"])
    said = (
        tag("div", tag("h2", "Not converted"), tag("p", error.message), class_="errors", role="alert")
        if error
        else None
    )
    fields = form(
        f"{url}/convert",
        said,
        tag(
            "section",
            tag("label", "Account", for_="account"),
            select("account", _accounts(org, lead, chosen["account"]), id="account"),
            tag("label", "Contact", for_="contact"),
            select(
                "contact",
                _contacts(org, lead, chosen["contact"]),
                id="contact",
                aria_describedby="contact-hint",
            ),
            tag(
                "p",
                "An existing contact keeps what it says and takes over the rest. It stays with its account.",
                class_="hint",
                id="contact-hint",
            ),
            class_="card stack",
        ),
        _opportunity(lead, chosen),
        _ending(org, chosen),
        tag("div", button("Convert"), link("Cancel", url), class_="savebar"),
        class_="record",
    )
    crumb = tag("p", link(lead["Name"], url), class_="crumb")
    head = tag("div", tag("div", crumb, tag("h1", f"Convert {lead['Name']}")), class_="head")
    body = tag("div", fields, class_="narrow")
    return render(
        org, request, f"Convert {lead['Name']}", head, body, here="Lead", status=422 if error else 200
    )


def _proposal(org: Org, request: Request, lead: Row) -> Wish:
    """What the form begins with; a queue's lead goes to the rep."""
    owner = lead["OwnerId"] if lead["OwnerId"].startswith("005") else rep.acting_as(org, request)
    return {"account": "", "contact": "", "owner": owner, "status": "", "name": "", "opportunity": "true"}


def _opportunity(lead: Row, chosen: Wish) -> Markup:
    box = tag(
        "input", type="checkbox", name="opportunity", value="true", checked=chosen["opportunity"] == "true"
    )
    name = tag(
        "input",
        type="text",
        name="name",
        value=chosen["name"],
        id="name",
        maxlength=120,
        placeholder=f"{lead['Company']}-",
        autocomplete="off",
    )
    return tag(
        "section",
        hidden("opportunity", "false"),
        tag("p", tag("label", box, " Create an opportunity"), class_="check"),
        tag("label", "Name of the opportunity", for_="name"),
        name,
        class_="card stack",
    )


def _ending(org: Org, chosen: Wish) -> Markup:
    """Who will own what is made, and how the lead ends."""
    users = rep.sales_users(org)
    lost = (
        {}
        if chosen["owner"] in users
        else {chosen["owner"]: name_of(org, chosen["owner"]) or chosen["owner"]}
    )
    sql = 'SELECT "MasterLabel" FROM "LeadStatus" WHERE "IsConverted" = 1 ORDER BY "SortOrder"'
    statuses = [str(row[0]) for row in org.state.store.select(sql)]
    return tag(
        "section",
        tag("label", "Owner of the new records", for_="owner"),
        select("owner", [option(k, v, chosen["owner"]) for k, v in {**lost, **users}.items()], id="owner"),
        tag("label", "Status of the lead", for_="status"),
        select("status", [option(one, one, chosen["status"]) for one in statuses], id="status"),
        class_="card stack",
    )


def _accounts(org: Org, lead: Row, chosen: str) -> list[Markup]:
    sql = (
        'SELECT "Id", "Name" FROM "Account" WHERE "IsDeleted" = 0'
        f' ORDER BY "Name" = ? DESC, "Name" LIMIT {MOST}'
    )
    found = org.state.store.select(sql, (lead["Company"],))
    new = option("", f"New account: {lead['Company']}", chosen)
    return [new, tag("optgroup", [option(k, v, chosen) for k, v in found], label="Existing accounts")]


def _contacts(org: Org, lead: Row, chosen: str) -> list[Markup]:
    """Those with the lead's address or name come first."""
    sql = (
        'SELECT c."Id", c."Name", a."Name", c."Email" = ? OR c."Name" = ? FROM "Contact" c'
        ' LEFT JOIN "Account" a ON a."Id" = c."AccountId" WHERE c."IsDeleted" = 0'
        f' ORDER BY 4 DESC, c."Name" LIMIT {MOST}'
    )
    rows = org.state.store.select(sql, (lead["Email"], lead["Name"]))
    groups = []
    for label, wanted in (("Same e-mail or name", True), ("Other contacts", False)):
        found = [
            option(k, f"{n} ({a})" if a else n, chosen) for k, n, a, same in rows if bool(same) is wanted
        ]
        groups.append(tag("optgroup", found, label=label) if found else None)
    return [option("", f"New contact: {lead['Name']}", chosen), join(groups)]
