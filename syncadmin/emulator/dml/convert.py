"""Converting leads: to an account, a contact, and an opportunity unless told not to.

Source: a recorded lead life with convertLead (status, date, ids and stamps of the lead; the contact is one second
older; members of campaigns show the contact), and the convertLead() page of the SOAP API guide. From memory: the
texts of its errors, and that an opportunity is called after the company and closes at the end of the quarter.
"""

# ruff: noqa: S608 - names in the SQL come from the schema, values are parameters
from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from syncadmin.emulator.clock import wire
from syncadmin.emulator.dml import activities, campaigns, finish
from syncadmin.emulator.dml.draft import Row
from syncadmin.emulator.dml.mapping import account_of, contact_of, opportunity_of
from syncadmin.emulator.dml.refusals import deleted_error, no_access, no_cross_access, unknown_id
from syncadmin.emulator.errors import RecordError
from syncadmin.emulator.ids import is_id, to18
from syncadmin.emulator.state import State

CONVERTED = "Closed - Converted"
ONLY_USERS = (
    "Converted objects can only be owned by users.  If the lead is not owned by a user, you must specify a user for"
    " the Owner field."
)


@dataclass(frozen=True, slots=True)
class Conversion:
    """What a conversion is asked for besides the lead; None stands for the default each time."""

    account_id: str | None = None
    contact_id: str | None = None
    owner_id: str | None = None
    status: str | None = None
    create_opportunity: bool = True
    opportunity_name: str | None = None
    overwrite_lead_source: bool = False


def convert_lead(state: State, lead_id: str, user_id: str, **wishes: Any) -> dict[str, str]:
    """Convert; account_id, contact_id, lead_id, and opportunity_id if there is one.

    The wishes are the fields of Conversion. RecordError if it can't be done. What an existing contact says already
    isn't overwritten (the Convert Leads page of Salesforce Help), but its lead source is if asked for.
    """
    return _Converting(state, lead_id, user_id, Conversion(**wishes)).run()


class _Converting:
    """One conversion."""

    def __init__(self, state: State, lead_id: str, user_id: str, wish: Conversion) -> None:
        self.state, self.lead_id, self.user_id, self.wish = state, lead_id, user_id, wish

    def run(self) -> dict[str, str]:
        with self.state.store.transaction():
            lead = live(self.state, "Lead", self.lead_id, self.user_id)
            self._check(lead)
            owner, status = self._owner(lead), self._status()
            account = self._account(lead, owner)
            contact = self._contact(lead, owner, account)
            done = {"account_id": account, "contact_id": contact, "lead_id": str(lead["Id"])}
            if self.wish.create_opportunity:
                done["opportunity_id"] = self._opportunity(lead, owner, account, contact)
            self._close(lead, status, done)
            self._follow(done)
        return done

    def _check(self, lead: Row) -> None:
        error = self.state.locks.refuse(lead, self.state.clock.now())
        if lead["IsConverted"]:
            error = RecordError("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")
        if self.wish.opportunity_name and not self.wish.create_opportunity:
            text = "opportunityName must be null when doNotCreateOpportunity is true"
            error = RecordError("INVALID_FIELD", text)
        if error:
            raise error

    def _owner(self, lead: Row) -> str:
        """The owner of what is made: the one given, else that of the lead, which has to be a user."""
        owner = self.wish.owner_id or lead["OwnerId"]
        if not is_id(owner) or owner[:3] != "005":
            raise RecordError("UNKNOWN_EXCEPTION", ONLY_USERS)
        user = self.state.store.fetch(self.state.schema.must("User"), [to18(owner)]).get(to18(owner))
        if user is None:
            raise RecordError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
        if not user["IsActive"]:
            text = f"operation performed with inactive user [{user['Id']}] as owner of account"
            raise RecordError("INACTIVE_OWNER_OR_USER", text)
        return str(user["Id"])

    def _status(self) -> str:
        """The status the lead ends with; one that converts, or the first of those if none is given."""
        sql = 'SELECT "MasterLabel" FROM "LeadStatus" WHERE "IsConverted" = 1 ORDER BY "SortOrder"'
        known = [str(row[0]) for row in self.state.store.select(sql)] or [CONVERTED]
        wanted = self.wish.status
        if wanted is None:
            return known[0]
        if wanted not in known:
            raise RecordError("INVALID_STATUS", f"invalid convertedStatus: {wanted}", ["Status"])
        return wanted

    def _account(self, lead: Row, owner: str) -> str:
        """The account given, else that of the contact given, else a new one."""
        wish = self.wish
        contact = live(self.state, "Contact", wish.contact_id, self.user_id) if wish.contact_id else {}
        given = theirs = contact.get("AccountId")
        if wish.account_id:
            given = str(live(self.state, "Account", wish.account_id, self.user_id)["Id"])
            if theirs not in (None, given):
                text = "The contact belongs to another account"
                raise RecordError("INVALID_FIELD", text, ["AccountId"])
        return str(given or self._insert("Account", account_of(lead) | {"OwnerId": owner}))

    def _contact(self, lead: Row, owner: str, account: str) -> str:
        values = contact_of(self.state, lead) | {"OwnerId": owner, "AccountId": account}
        if not self.wish.contact_id:
            return self._insert("Contact", values)
        before = live(self.state, "Contact", self.wish.contact_id, self.user_id)
        filled = before | {k: v for k, v in values.items() if before[k] is None and v is not None}
        if self.wish.overwrite_lead_source:
            filled["LeadSource"] = lead["LeadSource"]
        sobject = self.state.schema.must("Contact")
        finish.compute(sobject, filled, finish.formulas(sobject))
        finish.stamp_changed(filled, self.user_id, self.state.clock.stamp())
        self.state.save_changed(sobject, [(before, filled)])
        return str(before["Id"])

    def _opportunity(self, lead: Row, owner: str, account: str, contact: str) -> str:
        closes = _quarter_end(self.state.clock.now().date()).isoformat()
        name = self.wish.opportunity_name or f"{lead['Company']}-"
        values = opportunity_of(self.state, lead) | {"Name": name, "AccountId": account, "OwnerId": owner}
        made = self._insert("Opportunity", values | {"CloseDate": closes, "ContactId": contact})
        role = {"OpportunityId": made, "ContactId": contact, "IsPrimary": 1}
        self._insert("OpportunityContactRole", role)
        return made

    def _insert(self, name: str, values: Row) -> str:
        sobject = self.state.schema.must(name)
        row = finish.blank(sobject) | values
        finish.number(self.state, sobject, row)
        finish.stamp_new(row, self.user_id, self.state.clock.stamp())
        finish.compute(sobject, row, finish.formulas(sobject))
        self.state.save_new(sobject, [row])
        return str(row["Id"])

    def _close(self, lead: Row, status: str, done: dict[str, str]) -> None:
        """The lead is stamped a second after what was made of it (recorded)."""
        now = self.state.clock.now()
        changed = lead | {
            "IsConverted": 1,
            "Status": status,
            "ConvertedDate": now.date().isoformat(),
            "ConvertedAccountId": done["account_id"],
            "ConvertedContactId": done["contact_id"],
            "ConvertedOpportunityId": done.get("opportunity_id"),
            "IsUnreadByOwner": 0,
        }
        finish.stamp_changed(changed, self.user_id, wire(now + timedelta(seconds=1)))
        self.state.save_changed(self.state.schema.must("Lead"), [(lead, changed)])

    def _follow(self, done: dict[str, str]) -> None:
        """Campaign members show the contact too (recorded); tasks go over to it."""
        stamp = self.state.clock.stamp()
        lead, contact = done["lead_id"], done["contact_id"]
        touched = repoint(self.state, "CampaignMember", "LeadId", lead, {"ContactId": contact}, stamp)
        repoint(
            self.state,
            "Task",
            "WhoId",
            lead,
            {"WhoId": contact, "AccountId": done["account_id"]},
            stamp,
        )
        campaigns.recount(self.state, [row["CampaignId"] for row in touched])
        activities.redate(self.state, [contact, done["account_id"]])


def repoint(state: State, name: str, field: str, old: str, values: Row, stamp: str) -> list[Row]:
    """Point the live records that had `old` in a field somewhere else; they are stamped. What they were."""
    sobject = state.schema.must(name)
    found = state.store.select(f'SELECT "Id" FROM "{name}" WHERE "{field}" = ? AND {sobject.live}', (old,))
    rows = list(state.store.fetch(sobject, [row[0] for row in found]).values())
    for row in rows:
        changed = row | values | {"SystemModstamp": stamp}
        if name == "CampaignMember":
            changed |= campaigns.member_kind(changed)
        state.save_changed(sobject, [(row, changed)])
    return rows


def live(state: State, name: str, record_id: str, user_id: str) -> Row:
    """The record, or why there is none that the user may change."""
    sobject = state.schema.must(name)
    row = state.store.fetch(sobject, [to18(record_id)]).get(to18(record_id)) if is_id(record_id) else None
    if row is None:
        raise unknown_id(sobject, record_id)
    access = state.schema.row_access(sobject, user_id, row)
    if access != "edit":
        raise no_access() if access else no_cross_access(row["Id"])
    if row["IsDeleted"]:
        raise deleted_error()
    return row


def _quarter_end(today: date) -> date:
    month = (today.month + 2) // 3 * 3
    return date(today.year, month, monthrange(today.year, month)[1])
