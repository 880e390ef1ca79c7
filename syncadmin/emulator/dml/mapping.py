"""What becomes of the values of a lead: fields of an account, a contact and an opportunity.

Source: the Lead Conversion Field Mapping page of Salesforce Help for the standard fields. Custom fields go to the
field of the same API name, or to those that `POST /emulator/rules {"lead_mapping": …}` names.
"""

from __future__ import annotations

from syncadmin.emulator.dml.draft import Row
from syncadmin.emulator.dml.values import convert
from syncadmin.emulator.errors import RecordError
from syncadmin.emulator.schema.model import Field
from syncadmin.emulator.state import State

PLACE = ("Street", "City", "State", "PostalCode", "Country", "Latitude", "Longitude", "GeocodeAccuracy")
TO_ACCOUNT = ("Phone", "Fax", "Website", "Industry", "AnnualRevenue", "NumberOfEmployees", "Rating")
TO_CONTACT = (
    "FirstName",
    "LastName",
    "Salutation",
    "Title",
    "Email",
    "Phone",
    "MobilePhone",
    "Fax",
    "LeadSource",
    "Description",
    "HasOptedOutOfEmail",
    "HasOptedOutOfFax",
    "DoNotCall",
    "EmailBouncedReason",
    "EmailBouncedDate",
)
FIRST_STAGE = "Prospecting"


def account_of(lead: Row) -> Row:
    """The values of the account."""
    values = {name: lead[name] for name in TO_ACCOUNT} | {"AccountSource": lead["LeadSource"]}
    return values | {"Name": lead["Company"]} | {f"Billing{part}": lead[part] for part in PLACE}


def contact_of(state: State, lead: Row) -> Row:
    """The values of the contact."""
    values = {name: lead[name] for name in TO_CONTACT} | {f"Mailing{part}": lead[part] for part in PLACE}
    return custom_of(state, lead, "Contact") | values


def opportunity_of(state: State, lead: Row) -> Row:
    """The values of the opportunity; its campaign is the one the lead joined last."""
    sql = (
        'SELECT "CampaignId" FROM "CampaignMember" WHERE "LeadId" = ? AND "IsDeleted" = 0'
        ' ORDER BY "CreatedDate" DESC, "Id" DESC LIMIT 1'
    )
    joined = state.store.select(sql, (lead["Id"],))
    values = {"StageName": FIRST_STAGE, "Probability": 10.0, "LeadSource": lead["LeadSource"]}
    return custom_of(state, lead, "Opportunity") | values | {"CampaignId": joined[0][0] if joined else None}


def custom_of(state: State, lead: Row, target: str) -> Row:
    """Custom values by the declared mapping, else by the same name; a value that doesn't fit is left out."""
    sobject = state.schema.must(target)
    declared = {
        lead_field: to for (lead_field, where), to in state.rules.lead_mapping.items() if where == target
    }
    mapped = {to.lower() for to in declared.values()}
    pairs = [(f.name, f) for f in sobject.fields.values() if f.custom and f.name.lower() not in mapped]
    pairs += [(name, field) for name, to in declared.items() if (field := sobject.get(to))]
    values: Row = {}
    for name, field in pairs:
        if field.createable and name in lead and not (field.unique and name == field.name):
            values |= _converted(field, lead[name])
    return values


def _converted(field: Field, value: object) -> Row:
    try:
        return {field.name: convert(field, bool(value) if field.type == "boolean" else value)}
    except RecordError:
        return {}
