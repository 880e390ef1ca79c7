"""What an org contains at the start: nothing but its users, a number of leads, or the demo."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

from syncadmin.emulator import finish
from syncadmin.emulator.auth import ORG_ID, USERNAME
from syncadmin.emulator.changes import save_setup
from syncadmin.emulator.clock import wire
from syncadmin.emulator.ids import make_id
from syncadmin.emulator.schema.custom import DEMO_FIELDS, DEMO_HIDDEN, DEMO_READ_ONLY
from syncadmin.emulator.schema.registry import HIDDEN, READ_ONLY
from syncadmin.emulator.seed_people import make_person, plain
from syncadmin.emulator.state import State
from syncadmin.emulator.store import Row

AT_ONCE = 5000
SPREAD_DAYS, DEMO_DAYS, YOUNGEST_HOURS = 300, 42, 26


def check_seed(seed: str) -> str:
    """The seed; ValueError if it is none."""
    if seed not in ("demo", "empty") and not seed.isdigit():
        raise ValueError(f"seed must be demo, empty or a number of leads, not {seed!r}")
    return seed


def plant(state: State, seed: str) -> None:
    """Fill an empty org; ValueError if the seed is none."""
    check_seed(seed)
    if seed != "empty":
        _customise(state)
    state.create_tables()
    with state.store.transaction():
        _base(state)
        if seed == "demo":
            from syncadmin.emulator.seed_demo import plant_demo

            plant_demo(state)
        elif seed != "empty":
            plant_leads(state, int(seed))


def _customise(state: State) -> None:
    """The custom fields, two of which field-level security keeps from the integration user."""
    now = state.clock.now()
    state.integration_user = make_id("005", 1)
    for sobject, specs in DEMO_FIELDS.items():
        state.schema.add_fields(sobject, specs, now)
        state.schema.secure(sobject, DEMO_HIDDEN, state.integration_user, HIDDEN, now)
        state.schema.secure(sobject, DEMO_READ_ONLY, state.integration_user, READ_ONLY, now)


def _base(state: State) -> None:
    """The org, two profiles, the integration user, two sales users and a queue."""
    state.integration_user = make_id("005", 1)
    save_setup(
        state,
        "Organization",
        {
            "Id": ORG_ID,
            "Name": "Demo Org",
            "Country": "US",
            "OrganizationType": "Developer Edition",
            "InstanceName": "DEMO1",
            "DefaultLocaleSidKey": "en_US",
            "TimeZoneSidKey": "GMT",
            "LanguageLocaleKey": "en_US",
            "IsSandbox": 1,
        },
    )
    for number, name in enumerate(("System Administrator", "Standard User"), start=1):
        save_setup(state, "Profile", {"Id": make_id("00e", number), "Name": name, "UserType": "Standard"})
    add_user(state, "Integration", "User", username=USERNAME, title="API", profile=1)
    add_user(state, "Sarah", "Bennett", title="Account Executive")
    add_user(state, "Marco", "Keller", title="Sales Development")
    add_queue(state, "Inbound Leads", "Inbound_Leads", "Lead")


def add_user(
    state: State,
    first: str,
    last: str,
    *,
    username: str = "",
    title: str = "",
    active: bool = True,
    profile: int = 2,
) -> str:
    """A user of the org."""
    record_id = state.next_id(state.schema.must("User"))
    handle = plain(f"{first}.{last}")
    save_setup(
        state,
        "User",
        {
            "Id": record_id,
            "FirstName": first,
            "LastName": last,
            "Name": f"{first} {last}",
            "Title": title,
            "Username": username or f"{handle}@demo.example",
            "Email": username or f"{handle}@demo.example",
            "Alias": (first[0] + last)[:8].lower(),
            "CommunityNickname": handle,
            "IsActive": int(active),
            "TimeZoneSidKey": "GMT",
            "LocaleSidKey": "en_US",
            "LanguageLocaleKey": "en_US",
            "UserType": "Standard",
            "ProfileId": make_id("00e", profile),
        },
    )
    return record_id


def add_queue(state: State, name: str, developer_name: str, sobject: str) -> str:
    """A queue for records of an object."""
    record_id = state.next_id(state.schema.must("Group"))
    save_setup(
        state,
        "Group",
        {
            "Id": record_id,
            "Name": name,
            "DeveloperName": developer_name,
            "Type": "Queue",
            "OwnerId": ORG_ID,
            "DoesIncludeBosses": 0,
        },
    )
    save_setup(
        state,
        "QueueSobject",
        {
            "Id": state.next_id(state.schema.must("QueueSobject")),
            "QueueId": record_id,
            "SobjectType": sobject,
        },
    )
    return record_id


def plant_leads(state: State, count: int) -> None:
    """Leads, each with an e-mail of its own, changed some time in the past months."""
    owners = [row[0] for row in state.store.select('SELECT "Id" FROM "User" ORDER BY "Id"')]
    rows: list[Row] = []
    for number in range(1, count + 1):
        rows.append(make_lead(state, number, owners))
        if len(rows) == AT_ONCE or number == count:
            state.store.insert("Lead", rows)
            rows = []


def make_lead(state: State, number: int, owners: list[str], days: int = SPREAD_DAYS) -> Row:
    """The number-th lead; always the same but for its stamps."""
    chance = random.Random(number)
    sobject = state.schema.must("Lead")
    row = finish.blank(sobject) | make_person(chance, number)
    row["Id"] = make_id("00Q", number)
    row["OwnerId"] = owners[chance.randrange(len(owners))]
    row["Lead_Number__c"] = f"L-{number:05d}"
    finish_seeded(state, row, "Lead", chance, owners[0], days)
    return row


def finish_seeded(
    state: State,
    row: dict[str, Any],
    name: str,
    chance: random.Random,
    user_id: str,
    days: int = DEMO_DAYS,
) -> None:
    """Formulas and stamps of a seeded record: created long ago, changed since, but over a day ago."""
    sobject = state.schema.must(name)
    finish.compute(sobject, row, finish.formulas(sobject))
    hours = chance.uniform(YOUNGEST_HOURS, days * 24)
    changed = state.clock.now() - timedelta(hours=hours)
    finish.stamp_new(row, user_id, wire(changed - timedelta(hours=chance.uniform(0, 400))))
    row["LastViewedDate"] = row["LastReferencedDate"] = None
    finish.stamp_changed(row, user_id, wire(changed))
