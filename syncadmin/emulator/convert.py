"""Converting leads and merging records.

Source: a recorded lead life with convertLead (status, date, ids and stamps of the lead; the contact is one
second older), and the Merging Records page: the loser goes to the recycle bin with MasterRecordId set.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from syncadmin.emulator import finish
from syncadmin.emulator.clock import wire
from syncadmin.emulator.dml import deleted_error, unknown_id
from syncadmin.emulator.draft import Row
from syncadmin.emulator.errors import RecordError
from syncadmin.emulator.ids import to18
from syncadmin.emulator.schema.model import SObject
from syncadmin.emulator.state import State

CONVERTED = "Closed - Converted"
SAME = (
    "FirstName LastName Salutation Title Email Phone MobilePhone Fax LeadSource Description"
    " HasOptedOutOfEmail HasOptedOutOfFax DoNotCall EmailBouncedReason EmailBouncedDate"
)
PLACE = ("Street", "City", "State", "PostalCode", "Country", "Latitude", "Longitude", "GeocodeAccuracy")
TO_ACCOUNT = ("Phone", "Fax", "Website", "Industry", "AnnualRevenue", "NumberOfEmployees", "Rating")


def convert_lead(
    state: State,
    lead_id: str,
    user_id: str,
    *,
    account_id: str | None = None,
    contact_id: str | None = None,
) -> dict[str, str]:
    """Make a contact and an account of a lead, or add it to those given; the ids of both.

    Source: the Convert Leads page of Salesforce Help: what an existing contact says already isn't overwritten.
    """
    with state.store.transaction():
        lead = _live(state, "Lead", lead_id)
        if lead["IsConverted"]:
            raise RecordError("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")
        owner = lead["OwnerId"] if lead["OwnerId"].startswith("005") else user_id
        account = _account(state, lead, owner, user_id, account_id, contact_id)
        values = _contact_of(state, lead) | {"OwnerId": owner, "AccountId": account}
        if contact_id:
            contact = _fill(state, _live(state, "Contact", contact_id), values, user_id)
        else:
            contact = _insert(state, "Contact", values, user_id)
        now = state.clock.now()
        changed = lead | {
            "IsConverted": 1,
            "Status": CONVERTED,
            "ConvertedDate": now.date().isoformat(),
            "ConvertedAccountId": account,
            "ConvertedContactId": contact,
        }
        finish.stamp_changed(changed, user_id, wire(now + timedelta(seconds=1)))
        state.save_changed(state.schema.must("Lead"), [(lead, changed)])
    return {"account_id": account, "contact_id": contact, "lead_id": lead["Id"]}


def _live(state: State, name: str, record_id: str) -> Row:
    sobject = state.schema.must(name)
    row = state.store.fetch(sobject, [to18(record_id)]).get(to18(record_id))
    if row is None:
        raise unknown_id(sobject, record_id)
    if row["IsDeleted"]:
        raise deleted_error()
    return row


def _account(
    state: State, lead: Row, owner: str, user_id: str, account_id: str | None, contact_id: str | None
) -> str:
    """The account given, else that of the contact given, else a new one."""
    theirs = _live(state, "Contact", contact_id)["AccountId"] if contact_id else None
    if account_id:
        account_id = str(_live(state, "Account", account_id)["Id"])
        if theirs not in (None, account_id):
            raise RecordError("INVALID_FIELD", "The contact belongs to another account", ["AccountId"])
    given = account_id or theirs
    return given or _insert(state, "Account", _account_of(lead) | {"OwnerId": owner}, user_id)


def _fill(state: State, contact: Row, values: Row, user_id: str) -> str:
    """Write into a contact what it doesn't say yet."""
    filled = contact | {k: v for k, v in values.items() if contact[k] is None and v is not None}
    sobject = state.schema.must("Contact")
    finish.compute(sobject, filled, finish.formulas(sobject))
    finish.stamp_changed(filled, user_id, state.clock.stamp())
    state.save_changed(sobject, [(contact, filled)])
    return str(contact["Id"])


def _account_of(lead: Row) -> Row:
    values = {name: lead[name] for name in TO_ACCOUNT}
    return values | {"Name": lead["Company"]} | {f"Billing{part}": lead[part] for part in PLACE}


def _contact_of(state: State, lead: Row) -> Row:
    """Standard fields as the default mapping has them; custom ones that both objects have under one name."""
    contact = state.schema.must("Contact")
    custom = [f for f in contact.fields.values() if f.custom and f.createable and f.name in lead]
    unique = {f.name for f in custom if f.unique}
    values = {f.name: lead[f.name] for f in custom if f.name not in unique}
    return (
        values
        | {name: lead[name] for name in SAME.split()}
        | {f"Mailing{part}": lead[part] for part in PLACE}
    )


def _insert(state: State, name: str, values: Row, user_id: str) -> str:
    sobject = state.schema.must(name)
    row = finish.blank(sobject) | values
    finish.compute(sobject, row, finish.formulas(sobject))
    finish.number(state, sobject, row)
    finish.stamp_new(row, user_id, state.clock.stamp())
    state.save_new(sobject, [row])
    return str(row["Id"])


def merge(
    state: State,
    sobject: SObject,
    master_id: str,
    losers: Sequence[str],
    user_id: str,
    values: dict[str, Any] | None = None,
) -> None:
    """Merge up to two records into a master."""
    if not 1 <= len(losers) <= 2:
        raise RecordError("INVALID_INPUT", "Merge needs one or two records besides the master")
    with state.store.transaction():
        master = _live(state, sobject.name, master_id)
        stamp = state.clock.stamp()
        for loser_id in losers:
            loser = _live(state, sobject.name, loser_id)
            gone = loser | {"IsDeleted": 1, "MasterRecordId": master["Id"]}
            finish.stamp_changed(gone, user_id, stamp)
            state.save_changed(sobject, [(loser, gone)])
        kept = master | (values or {})
        finish.compute(sobject, kept, finish.formulas(sobject))
        finish.stamp_changed(kept, user_id, stamp)
        state.save_changed(sobject, [(master, kept)])
