from __future__ import annotations

import re

from syncadmin.emulator import EmulatorServer
from syncadmin.emulator.clock import parse_moment

from .conftest import Api

FILLED = "FirstName LastName Company Title Email Phone Street City Country LeadSource Industry Lead_Score__c"


def test_every_seeded_lead_has_an_email_of_its_own_and_is_well_over_an_hour_old() -> None:
    with EmulatorServer(seed=500) as emulator:
        rows = emulator.org.query("SELECT Email, SystemModstamp, CreatedDate FROM Lead")
        newest = max(parse_moment(r["SystemModstamp"]) for r in rows)
        assert len({r["Email"] for r in rows}) == len(rows) == 500
        assert all(re.fullmatch(r"[a-z0-9.-]+@[a-z-]+\.example", r["Email"]) for r in rows)
        assert all(r["CreatedDate"] <= r["SystemModstamp"] for r in rows)
        assert (emulator.org.state.clock.now() - newest).total_seconds() > 3600


def test_seeding_is_deterministic_but_for_the_stamps() -> None:
    soql = f"SELECT Id, OwnerId, {', '.join(FILLED.split())} FROM Lead"
    with EmulatorServer(seed=50) as one, EmulatorServer(seed=50) as two:
        assert one.org.query(soql) == two.org.query(soql)


def test_the_demo_is_what_the_demo_promises(demo: Api) -> None:
    leads = demo.org.query_all("SELECT Email, IsDeleted, IsConverted, Owner.Type FROM Lead")
    emails = [r["Email"] for r in leads]
    assert len(leads) == 260
    assert sum(r["IsDeleted"] for r in leads) == 2
    assert sum(r["IsConverted"] for r in leads) == 1
    assert len(emails) - len(set(emails)) == 1
    assert {r["Owner"]["Type"] for r in leads} == {"User", "Queue"}
    assert demo.query("SELECT COUNT() FROM Contact")["totalSize"] == 121
    assert demo.query("SELECT COUNT() FROM User WHERE IsActive = false")["totalSize"] == 1
    queues = demo.records("SELECT Queue.Name, SobjectType FROM QueueSobject ORDER BY SobjectType")
    assert [q["SobjectType"] for q in queues] == ["Case", "Lead", "Lead", "Lead"]


def test_demo_rules_refuse_a_phone_without_country_code_and_assign_by_territory(demo: Api) -> None:
    reply = demo.call("POST", "sobjects/Lead", {"LastName": "V", "Company": "C", "Phone": "0711 1234"})
    assert reply.json()[0]["message"] == "Phone numbers must start with + and the country code"
    japan = demo.create(Country="Japan", Phone="+81 3 1234 5678")
    assert demo.get(japan)["OwnerId"] == demo.queue("APAC_Leads")
    assert demo.get(demo.create())["OwnerId"] == demo.queue("Inbound_Leads")


def test_four_leads_have_phone_numbers_from_before_the_rule(demo: Api) -> None:
    """Whoever changes one of these is told about its phone number; all others can be changed."""
    leads = {
        r["Id"]: r["Phone"] for r in demo.records("SELECT Id, Phone FROM Lead WHERE IsConverted = false")
    }
    refused, ids = [], list(leads)
    for part in (ids[:200], ids[200:]):
        records = [{"attributes": {"type": "Lead"}, "Id": i, "Title": "x"} for i in part]
        results = demo.call("PATCH", "composite/sobjects", {"records": records}).json()
        refused += [
            (leads[i], r["errors"][0]["message"]) for i, r in zip(part, results, strict=True) if r["errors"]
        ]
    assert len(refused) == 4
    assert {message for _, message in refused} == {"Phone numbers must start with + and the country code"}
    assert not any(phone.startswith("+") for phone, _ in refused)


def test_everything_in_the_demo_is_days_to_weeks_old(demo: Api) -> None:
    now = demo.org.state.clock.now()
    for name in ("Lead", "Contact", "Account"):
        rows = demo.org.query_all(f"SELECT SystemModstamp, CreatedDate FROM {name}")
        ages = [(now - parse_moment(row["SystemModstamp"])).days for row in rows]
        assert (min(ages) >= 1, max(ages) <= 45) == (True, True)
        assert all(row["CreatedDate"] <= row["SystemModstamp"] for row in rows)
    for name in ("User", "Group", "Campaign", "AssignmentRule"):
        newest = max(r["SystemModstamp"] for r in demo.org.query(f"SELECT SystemModstamp FROM {name}"))
        assert (now - parse_moment(newest)).days >= 30


def test_no_contact_of_the_demo_has_the_address_of_a_lead(demo: Api) -> None:
    leads, contacts = (
        {r["Email"] for r in demo.org.query_all(f"SELECT Email FROM {name} WHERE {live}")}
        for name, live in (("Lead", "IsConverted = false"), ("Contact", "Id != null"))
    )
    assert leads & contacts == set()
