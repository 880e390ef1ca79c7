"""What a rep does with a whole record: change its owner, delete, undelete and convert it."""

# ruff: noqa: S608 - names in the SQL come from the schema, values are parameters
from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from syncadmin.emulator.convert import convert_lead
from syncadmin.emulator.draft import Actor, Outcome, Row
from syncadmin.emulator.errors import RecordError
from syncadmin.emulator.pages import rep
from syncadmin.emulator.pages.html import Markup, button, form, join, link, option, select, tag
from syncadmin.emulator.pages.page import not_found, record_url, render
from syncadmin.emulator.pages.records import find, record_page
from syncadmin.emulator.schema.model import SObject
from syncadmin.emulator.wire import Request, Response

if TYPE_CHECKING:
    from syncadmin.emulator.org import Org

MOST = 500
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
    """POST /emulator/records/Lead/ID/convert: account and contact, ids or empty for new ones."""
    sent, found = rep.read_form(request), find(org, "Lead", record_id)
    if found is None:
        return not_found(org, request)
    account, contact = rep.value_of(sent, "account"), rep.value_of(sent, "contact")
    try:
        done = convert_lead(
            org.state,
            found[1]["Id"],
            rep.acting_as(org, request),
            account_id=account or None,
            contact_id=contact or None,
        )
    except RecordError as error:
        return _conversion(org, request, found[1], error, account, contact)
    return rep.redirect(record_url("Contact", done["contact_id"], "converted"))


def _conversion(
    org: Org,
    request: Request,
    lead: Row,
    error: RecordError | None = None,
    account: str = "",
    contact: str = "",
) -> Response:
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
            select("account", _accounts(org, lead, account), id="account"),
            tag("label", "Contact", for_="contact"),
            select("contact", _contacts(org, lead, contact), id="contact", aria_describedby="contact-hint"),
            tag(
                "p",
                "An existing contact keeps what it says and takes over the rest. It stays with its account.",
                class_="hint",
                id="contact-hint",
            ),
            class_="card stack",
        ),
        tag("div", button("Convert"), link("Cancel", url), class_="savebar"),
        class_="record",
    )
    crumb = tag("p", link(lead["Name"], url), class_="crumb")
    head = tag("div", tag("div", crumb, tag("h1", f"Convert {lead['Name']}")), class_="head")
    body = tag("div", fields, class_="narrow")
    return render(
        org, request, f"Convert {lead['Name']}", head, body, here="Lead", status=422 if error else 200
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
