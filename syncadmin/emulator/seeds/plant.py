"""What an org contains at the start: nothing but its users, a number of leads, or the demo."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

from syncadmin.emulator.auth import ORG_ID, USERNAME
from syncadmin.emulator.changes import save_setup
from syncadmin.emulator.clock import wire
from syncadmin.emulator.dml import finish
from syncadmin.emulator.ids import make_id
from syncadmin.emulator.schema.custom import DEMO_FIELDS, DEMO_HIDDEN, DEMO_READ_ONLY
from syncadmin.emulator.schema.registry import HIDDEN, READ_ONLY
from syncadmin.emulator.seeds.people import make_person, plain
from syncadmin.emulator.seeds.setup import assign_profile, plant_org, plant_profiles
from syncadmin.emulator.state import State
from syncadmin.emulator.store import Row

AT_ONCE = 5000
CONVERTED = "Closed - Converted"
SPREAD_DAYS, DEMO_DAYS, YOUNGEST_HOURS = 300, 42, 26


def check_seed(seed: str) -> str:
    """The seed; ValueError if it is none."""
    if seed not in ("demo", "empty") and not seed.isdecimal():
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
            from syncadmin.emulator.seeds.demo import plant_demo

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
    plant_org(state)
    plant_profiles(state)
    add_user(state, "Integration", "User", username=USERNAME, title="API", profile=1)
    sarah = add_user(state, "Sarah", "Bennett", title="Account Executive")
    marco = add_user(state, "Marco", "Keller", title="Sales Development")
    add_queue(state, "Inbound Leads", "Inbound_Leads", "Lead", (sarah, marco))
    _statuses(state)


def _statuses(state: State) -> None:
    """The values of Lead.Status as records: the first is the default, one converts."""
    for number, choice in enumerate(state.schema.must("Lead").fields["status"].choices, start=1):
        values = {
            "Id": make_id("01J", number),
            "MasterLabel": choice.label,
            "ApiName": choice.value,
            "SortOrder": number,
            "IsDefault": int(choice.default),
            "IsConverted": int(choice.value == CONVERTED),
        }
        save_setup(state, "LeadStatus", values)


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
            "EmailEncodingKey": "UTF-8",
            "ProfileId": make_id("00e", profile),
        },
    )
    assign_profile(state, record_id, profile)
    return record_id


def add_queue(
    state: State, name: str, developer_name: str, sobject: str, members: tuple[str, ...] = ()
) -> str:
    """A queue for records of an object, and the users who work on it."""
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
    for user in members:
        number = state.next_id(state.schema.must("GroupMember"))
        save_setup(state, "GroupMember", {"Id": number, "GroupId": record_id, "UserOrGroupId": user})
    return record_id


def add_role(state: State, name: str, parent: str | None, users: list[str]) -> str:
    """A role of the hierarchy, and who has it."""
    record_id = state.next_id(state.schema.must("UserRole"))
    values = {"Id": record_id, "Name": name, "DeveloperName": name.replace(" ", "_")}
    save_setup(state, "UserRole", {**values, "ParentRoleId": parent})
    for user in users:
        state.store.update("User", user, {"UserRoleId": record_id})
    return record_id


def plant_leads(state: State, count: int) -> None:
    """Leads, each with an e-mail of its own, changed some time in the past months."""
    owners = [row[0] for row in state.store.select('SELECT "Id" FROM "User" ORDER BY "Id"')]
    calculated = finish.formulas(state.schema.must("Lead"))
    rows: list[Row] = []
    for number in range(1, count + 1):
        rows.append(make_lead(state, number, owners, calculated=calculated))
        if len(rows) == AT_ONCE or number == count:
            state.store.insert("Lead", rows)
            rows = []


def make_lead(
    state: State,
    number: int,
    owners: list[str],
    days: int = SPREAD_DAYS,
    calculated: finish.Calculated | None = None,
) -> Row:
    """The number-th lead; always the same but for its stamps. calculated: its formulas, if they are at hand."""
    chance = random.Random(number)
    sobject = state.schema.must("Lead")
    row = finish.blank(sobject) | make_person(chance, number)
    row["Id"] = make_id("00Q", number)
    row["OwnerId"] = owners[chance.randrange(len(owners))]
    row["Lead_Number__c"] = f"L-{number:05d}"
    finish_seeded(state, row, "Lead", chance, owners[0], days, calculated)
    return row


def finish_seeded(
    state: State,
    row: dict[str, Any],
    name: str,
    chance: random.Random,
    user_id: str,
    days: int = DEMO_DAYS,
    calculated: finish.Calculated | None = None,
) -> None:
    """Formulas and stamps of a seeded record: created long ago, changed since, but over a day ago."""
    sobject = state.schema.must(name)
    finish.compute(sobject, row, finish.formulas(sobject) if calculated is None else calculated)
    hours = chance.uniform(YOUNGEST_HOURS, days * 24)
    changed = state.clock.now() - timedelta(hours=hours)
    finish.stamp_new(row, user_id, wire(changed - timedelta(hours=chance.uniform(0, 400))))
    row["LastViewedDate"] = row["LastReferencedDate"] = None
    finish.stamp_changed(row, user_id, wire(changed))
