"""The demo org: a small software vendor with sales people, queues, rules, leads and contacts."""

# ruff: noqa: S608 - names in the SQL come from the schema, values are parameters
from __future__ import annotations

import random
import re
from datetime import timedelta

from syncadmin.emulator.changes import change_rules, save_setup
from syncadmin.emulator.clock import wire
from syncadmin.emulator.dml import finish
from syncadmin.emulator.dml.campaigns import DEFAULT_STATUSES
from syncadmin.emulator.dml.convert import convert_lead
from syncadmin.emulator.dml.draft import Row
from syncadmin.emulator.ids import make_id
from syncadmin.emulator.schema import setup
from syncadmin.emulator.schema.campaign import CAMPAIGN, CAMPAIGN_MEMBER, CAMPAIGN_MEMBER_STATUS
from syncadmin.emulator.schema.sales import TASK
from syncadmin.emulator.seeds import plant as seed
from syncadmin.emulator.seeds.people import PLACES, make_company, make_person
from syncadmin.emulator.seeds.places import HABITS, NATIONAL_PHONES, filled
from syncadmin.emulator.seeds.rules import RULES
from syncadmin.emulator.state import State

LEADS, CONTACTS, ACCOUNTS = 260, 120, 45
SETUP_DAYS = 90
SALES = (
    ("Aisha", "Rahman", "Account Executive"),
    ("Benoît", "Garnier", "Account Executive"),
    ("Carla", "Mendes", "Account Executive"),
    ("Dmitri", "Volkov", "Sales Development"),
    ("Elena", "Petrova", "Regional Sales Manager"),
    ("Frank", "Osei", "Sales Development"),
    ("Grace", "Lindholm", "Account Executive"),
    ("Hiro", "Nakamura", "Account Executive"),
    ("Ingrid", "Solberg", "Head of Sales"),
)
LEFT_THE_COMPANY = ("Jonas", "Brandt", "Account Executive")
QUEUES = (
    ("APAC Leads", "APAC_Leads", "Lead"),
    ("Healthcare Desk", "Healthcare_Desk", "Lead"),
    ("Support Escalations", "Support_Escalations", "Case"),
)
DEPARTMENTS = ("Marketing", "Finance", "IT", "Operations", "Sales", "Purchasing")
TIERS = ("Gold", "Silver", "Bronze", None)
SAME_PERSON = ("FirstName", "LastName", "Name", "Company", "Email", "Website", "City", "State", "Country")
LEAD_ONLY = (
    "Company",
    "Website",
    "Street",
    "City",
    "State",
    "PostalCode",
    "Country",
    "Status",
    "Industry",
    "Rating",
    "AnnualRevenue",
    "NumberOfEmployees",
    "Employees_Band__c",
)


def plant_demo(state: State) -> None:
    """Fill an org that has its base already."""
    owners = [seed.add_user(state, first, last, title=title) for first, last, title in SALES]
    first, last, title = LEFT_THE_COMPANY
    seed.add_user(state, first, last, title=title, active=False)
    queues = [seed.add_queue(state, *queue, tuple(owners[:2])) for queue in QUEUES]
    change_rules(state, RULES)
    owners += [make_id("005", 2), make_id("005", 3)]
    _plant_leads(state, owners, [*queues[:2], make_id("00G", 1)])
    accounts = _plant_accounts(state, owners)
    _plant_contacts(state, owners, accounts)
    _plant_campaigns(state, owners[0])
    _plant_tasks(state, owners)
    top = seed.add_role(state, "Head of Sales", None, owners[8:9])
    seed.add_role(state, "Sales Team", top, [*owners[:8], *owners[9:]])
    converted = convert_lead(state, make_id("00Q", 40), owners[0])
    _backdate(state, converted)
    _backdate_setup(state)


def _plant_leads(state: State, owners: list[str], queues: list[str]) -> None:
    """One person is there twice, two leads are in the recycle bin, one in seven belongs to a queue, and four
    have phone numbers from before the rule about them.
    """
    rows = [seed.make_lead(state, number, owners, seed.DEMO_DAYS) for number in range(1, LEADS + 1)]
    _shorten_emails(rows, set())
    for number, row in enumerate(rows):
        if number % 7 == 3:
            row["OwnerId"] = queues[number % len(queues)]
    rows[11] |= {name: rows[10][name] for name in SAME_PERSON}
    for country, phone in NATIONAL_PHONES.items():
        next(row for row in rows[50:] if row["Country"] == country)["Phone"] = phone
    for row in rows:
        row["LastModifiedById"] = row["OwnerId"] if row["OwnerId"].startswith("005") else owners[0]
    rows[10]["OwnerId"] = rows[39]["OwnerId"] = owners[0]
    for row in rows[20:22]:
        row["IsDeleted"] = 1
    state.store.insert("Lead", rows)


def _shorten_emails(rows: list[Row], taken: set[str]) -> None:
    """Take the number that tells namesakes apart out of the addresses that don't need it."""
    for row in rows:
        short = re.sub(r"\d+@", "@", row["Email"])
        row["Email"] = row["Email"] if short in taken else short
        taken.add(row["Email"])


def _plant_accounts(state: State, owners: list[str]) -> list[Row]:
    sobject, rows = state.schema.must("Account"), []
    for number in range(1, ACCOUNTS + 1):
        chance = random.Random(f"account {number}")
        place = chance.choice(PLACES)
        city, _, area = chance.choice(place[3].split("|")).partition(":")
        name, domain, industry = make_company(chance, place[0])
        row = finish.blank(sobject) | {
            "Id": make_id("001", number),
            "Name": name,
            "Website": f"https://www.{domain}",
            "BillingCity": city,
            "BillingState": area,
            "BillingCountry": place[0],
            "Phone": filled(chance, HABITS[place[0]].phone),
            "Industry": industry,
            "NumberOfEmployees": chance.randint(8, 9000),
            "Type": chance.choice(("Prospect", "Customer - Direct")),
            "OwnerId": chance.choice(owners),
        }
        seed.finish_seeded(state, row, "Account", chance, owners[0])
        rows.append(row)
    state.store.insert("Account", rows)
    return rows


def _plant_contacts(state: State, owners: list[str], accounts: list[Row]) -> None:
    rows = [_contact(state, number, owners, accounts) for number in range(1, CONTACTS + 1)]
    _shorten_emails(rows, {row[0] for row in state.store.select('SELECT "Email" FROM "Lead"')})
    state.store.insert("Contact", rows)


def _contact(state: State, number: int, owners: list[str], accounts: list[Row]) -> Row:
    """A person of an account, with an e-mail that no lead has."""
    chance = random.Random(f"contact {number}")
    account = accounts[number % len(accounts)]
    person = make_person(chance, 5000 + number, account["BillingCountry"])
    kept = {key: value for key, value in person.items() if key not in LEAD_ONLY}
    row = (
        finish.blank(state.schema.must("Contact"))
        | kept
        | {
            "Id": make_id("003", number),
            "AccountId": account["Id"],
            "OwnerId": chance.choice(owners),
            "MailingStreet": person["Street"],
            "MailingCity": account["BillingCity"],
            "MailingState": account["BillingState"],
            "MailingPostalCode": person["PostalCode"],
            "MailingCountry": account["BillingCountry"],
            "Department": chance.choice(DEPARTMENTS),
            "Support_Tier__c": chance.choice(TIERS),
            "Contact_Number__c": f"C-{number:05d}",
            "Email": person["Email"].split("@")[0] + "@" + account["Website"].removeprefix("https://www."),
        }
    )
    seed.finish_seeded(state, row, "Contact", chance, owners[0])
    return row


def _plant_campaigns(state: State, owner: str) -> None:
    """Two campaigns, of which the first has a few leads."""
    for number, name in enumerate(("Spring Webinar 2026", "Customer Summit 2026"), start=1):
        save_setup(
            state,
            "Campaign",
            {
                "Id": make_id("701", number),
                "Name": name,
                "Type": "Webinar",
                "Status": "In Progress",
                "IsActive": 1,
                "OwnerId": owner,
                "NumberOfLeads": 12 if number == 1 else 0,
            },
        )
        for order, (label, default, responded) in enumerate(DEFAULT_STATUSES, start=1):
            status = {
                "Id": make_id("01Y", 2 * number + order - 2),
                "CampaignId": make_id("701", number),
                "Label": label,
                "SortOrder": order,
                "IsDefault": default,
                "HasResponded": responded,
            }
            save_setup(state, "CampaignMemberStatus", status)
    for number in range(1, 13):
        save_setup(
            state,
            "CampaignMember",
            {
                "Id": make_id("00v", number),
                "CampaignId": make_id("701", 1),
                "LeadId": make_id("00Q", number),
                "LeadOrContactId": make_id("00Q", number),
                "Type": "Lead",
                "Status": "Sent",
            },
        )


def _plant_tasks(state: State, owners: list[str]) -> None:
    """A few calls and letters, some of them done."""
    for number, subject in enumerate(("Call", "Email", "Send Quote", "Call"), start=1):
        due = (state.clock.now() - timedelta(days=SETUP_DAYS - 20 * number)).date().isoformat()
        values: Row = {
            "Id": make_id("00T", number),
            "Subject": subject,
            "WhoId": make_id("00Q", 50 + number),
            "ActivityDate": due,
            "OwnerId": owners[number],
        }
        if number % 2:
            values |= {"Status": "Completed", "IsClosed": 1}
            state.store.update("Lead", values["WhoId"], {"LastActivityDate": due})
        save_setup(state, "Task", values)


def _backdate(state: State, converted: dict[str, str]) -> None:
    """The conversion was days ago, like everything else in the demo."""
    chance = random.Random("converted")
    for name in ("Lead", "Contact", "Account", "Opportunity"):
        key = f"{name.lower()}_id"
        row = state.store.fetch(state.schema.must(name), [converted[key]])[converted[key]]
        seed.finish_seeded(state, row, name, chance, row["OwnerId"])
        if row.get("ConvertedDate"):
            row["ConvertedDate"] = row["SystemModstamp"][:10]
        state.store.update(name, row["Id"], row)


def _backdate_setup(state: State) -> None:
    """Users, queues, rules and campaigns have been there for weeks."""
    stamp = wire(state.clock.now() - timedelta(days=SETUP_DAYS))
    for sobject in (*setup.OBJECTS, CAMPAIGN, CAMPAIGN_MEMBER, CAMPAIGN_MEMBER_STATUS, TASK):
        stamps = [n for n in ("CreatedDate", "LastModifiedDate", "SystemModstamp") if sobject.get(n)]
        columns = ", ".join(f'"{name}" = ?' for name in stamps)
        state.store.execute(f'UPDATE "{sobject.name}" SET {columns}', [stamp] * len(stamps))
