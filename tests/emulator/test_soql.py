from __future__ import annotations

from typing import Any

import pytest

from .conftest import Api


@pytest.fixture
def people(api: Api) -> Api:
    rows: list[dict[str, Any]] = [
        {
            "LastName": "Alpha",
            "Country": "Germany",
            "Lead_Score__c": 10,
            "Renewal_Date__c": "2026-05-01",
            "Preferred_Languages__c": "English;German",
        },
        {
            "LastName": "beta",
            "Country": "france",
            "Lead_Score__c": 20,
            "VIP__c": True,
            "Preferred_Languages__c": "French",
        },
        {"LastName": "Gamma", "Country": None, "Lead_Score__c": None, "Email": "g_a%b@x.example"},
        {
            "LastName": "O'Neil",
            "Country": "Germany",
            "Lead_Score__c": 30,
            "Preferred_Languages__c": "English;French",
        },
    ]
    for row in rows:
        api.create(**row)
    return api


def names(api: Api, where: str) -> str:
    """The last names that meet the condition, joined."""
    found = api.query(f"SELECT LastName FROM Lead WHERE {where} ORDER BY LastName")
    assert isinstance(found, dict), found
    return " ".join(r["LastName"] for r in found["records"])


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("Country = 'GERMANY'", "Alpha O'Neil"),
        ("Country != 'Germany'", "beta Gamma"),
        ("Country = null", "Gamma"),
        ("Country != null", "Alpha beta O'Neil"),
        ("Country = ''", "Gamma"),
        ("NOT Country = 'Germany'", "beta Gamma"),
        ("NOT (Country = 'Germany' AND LastName = 'Alpha')", "beta Gamma O'Neil"),
        ("Country IN ('germany', 'France')", "Alpha beta O'Neil"),
        ("Country NOT IN ('germany')", "beta Gamma"),
        ("Country IN ('France', null)", "beta Gamma"),
        ("LastName LIKE 'a%'", "Alpha"),
        ("LastName LIKE '_amma'", "Gamma"),
        (r"Email LIKE '%\_a\%%'", "Gamma"),
        (r"LastName = 'O\'Neil'", "O'Neil"),
        ("Lead_Score__c > 10", "beta O'Neil"),
        ("Lead_Score__c <= 20.0", "Alpha beta"),
        ("VIP__c = true", "beta"),
        ("VIP__c != true AND Country = 'Germany'", "Alpha O'Neil"),
        ("(Country = 'Germany' OR VIP__c = TRUE) AND Lead_Score__c < 30", "Alpha beta"),
        ("Renewal_Date__c = 2026-05-01", "Alpha"),
        ("Renewal_Date__c < 2026-05-01", ""),
        ("CreatedDate = TODAY", "Alpha beta Gamma O'Neil"),
        ("CreatedDate < TODAY", ""),
        ("CreatedDate >= LAST_N_DAYS:3", "Alpha beta Gamma O'Neil"),
        ("CreatedDate > 2001-01-01T00:00:00Z", "Alpha beta Gamma O'Neil"),
        ("CreatedDate > 2001-01-01T00:00:00.000+02:00", "Alpha beta Gamma O'Neil"),
        ("Preferred_Languages__c INCLUDES ('English;German', 'French')", "Alpha beta O'Neil"),
        ("Preferred_Languages__c INCLUDES ('English;French')", "O'Neil"),
        ("Preferred_Languages__c EXCLUDES ('English')", "beta Gamma"),
        ("Owner.Name = 'Integration User'", "Alpha beta Gamma O'Neil"),
        ("Owner.Type = 'Queue'", ""),
        ("CreatedBy.Profile.Name = 'System Administrator'", "Alpha beta Gamma O'Neil"),
        ("Id IN (SELECT LeadId FROM CampaignMember)", ""),
        ("OwnerId IN (SELECT Id FROM User WHERE IsActive = true)", "Alpha beta Gamma O'Neil"),
    ],
)
def test_a_condition_finds_what_salesforce_finds(people: Api, where: str, expected: str) -> None:
    assert names(people, where) == expected


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("Lead_Score__c", "Gamma Alpha beta O'Neil"),
        ("Lead_Score__c DESC", "Gamma O'Neil beta Alpha"),
        ("Lead_Score__c DESC NULLS LAST", "O'Neil beta Alpha Gamma"),
        ("Country NULLS LAST, LastName DESC", "beta O'Neil Alpha Gamma"),
        ("LastName LIMIT 2", "Alpha beta"),
        ("LastName LIMIT 2 OFFSET 1", "beta Gamma"),
    ],
)
def test_nulls_come_first_unless_told_otherwise(people: Api, order: str, expected: str) -> None:
    rows = people.records(f"SELECT LastName FROM Lead ORDER BY {order}")
    assert " ".join(r["LastName"] for r in rows) == expected


def test_records_have_attributes_first_and_fields_in_the_order_asked_for(people: Api) -> None:
    record = people.query("SELECT Email, Owner.Name, Id, owner.type, vip__C FROM Lead LIMIT 1")["records"][0]
    assert list(record) == ["attributes", "Email", "Owner", "Id", "VIP__c"]
    assert record["attributes"] == {
        "type": "Lead",
        "url": f"/services/data/v59.0/sobjects/Lead/{record['Id']}",
    }
    assert list(record["Owner"]) == ["attributes", "Name", "Type"]


def test_a_relationship_that_leads_nowhere_is_null(api: Api) -> None:
    api.create("Contact")
    assert api.records("SELECT Account.Name FROM Contact") == [{"Account": None}]


def test_a_queue_owner_is_of_type_queue(api: Api) -> None:
    api.create(OwnerId=api.queue("Inbound_Leads"))
    owner = api.query("SELECT Owner.Name, Owner.Type FROM Lead")["records"][0]["Owner"]
    assert (owner["Name"], owner["Type"]) == ("Inbound Leads", "Queue")
    assert "/sobjects/Group/00G" in owner["attributes"]["url"]


def test_compound_address_is_null_or_has_its_eight_parts(api: Api) -> None:
    api.create(City="Berlin")
    api.create()
    full, empty = (
        r["Address"] for r in api.records("SELECT Address FROM Lead ORDER BY City DESC NULLS LAST")
    )
    assert empty is None
    assert list(full) == [
        "city",
        "country",
        "geocodeAccuracy",
        "latitude",
        "longitude",
        "postalCode",
        "state",
        "street",
    ]


def test_counts_and_groups(people: Api) -> None:
    assert people.query("SELECT COUNT() FROM Lead") == {"totalSize": 4, "done": True, "records": []}
    assert people.records("SELECT COUNT(Id) FROM Lead") == [{"expr0": 4}]
    grouped = "SELECT Country, COUNT(Id) n, MAX(Lead_Score__c) FROM Lead GROUP BY Country ORDER BY Country"
    assert people.records(grouped) == [
        {"Country": None, "n": 1, "expr0": None},
        {"Country": "france", "n": 1, "expr0": 20.0},
        {"Country": "Germany", "n": 2, "expr0": 30.0},
    ]
    kept = people.records("SELECT Country FROM Lead GROUP BY Country HAVING COUNT(Id) > 1")
    assert kept == [{"Country": "Germany"}]


def test_fields_function_needs_a_limit_of_200_for_custom_fields(people: Api) -> None:
    assert "FIELDS function must have a LIMIT" in people.refusal("SELECT FIELDS(ALL) FROM Lead")[1]
    all_ = people.records("SELECT FIELDS(ALL) FROM Lead LIMIT 200")[0]
    standard = people.records("SELECT FIELDS(STANDARD) FROM Lead")[0]
    custom = people.records("SELECT FIELDS(CUSTOM) FROM Lead LIMIT 1")[0]
    assert set(all_) == set(standard) | set(custom)
    assert all(name.endswith("__c") for name in custom)


def test_deleted_records_are_in_query_all_only(people: Api) -> None:
    gone = people.records("SELECT Id FROM Lead LIMIT 1")[0]["Id"]
    people.call("DELETE", f"sobjects/Lead/{gone}")
    assert people.query("SELECT Id FROM Lead")["totalSize"] == 3
    everything = people.call("GET", "queryAll", params={"q": "SELECT Id, IsDeleted FROM Lead"}).json()
    assert [r["Id"] for r in everything["records"] if r["IsDeleted"]] == [gone]
    assert people.query("SELECT Id FROM Lead WHERE IsDeleted = true")["totalSize"] == 0


def test_fifteen_character_ids_find_the_record(api: Api) -> None:
    made = api.create()
    assert api.records(f"SELECT Id FROM Lead WHERE Id = '{made[:15]}'") == [{"Id": made}]


def test_pages_follow_each_other_and_keep_the_moment_of_the_query(api: Api) -> None:
    for start in range(0, 450, 150):
        rows = [
            {"attributes": {"type": "Lead"}, "LastName": f"L{n:03}", "Company": "C"}
            for n in range(start, start + 150)
        ]
        api.call("POST", "composite/sobjects", {"records": rows})
    options = {"headers": {"Sforce-Query-Options": "batchSize=200"}}
    page = api.query("SELECT LastName FROM Lead ORDER BY LastName", **options)
    assert (page["totalSize"], page["done"], len(page["records"])) == (450, False, 200)
    assert list(page) == ["totalSize", "done", "nextRecordsUrl", "records"]
    assert page["nextRecordsUrl"].startswith("/services/data/v59.0/query/01g")
    api.create(LastName="A new one")
    seen = [r["LastName"] for r in page["records"]]
    while not page["done"]:
        page = api.call("GET", page["nextRecordsUrl"]).json()
        seen += [r["LastName"] for r in page["records"]]
    assert seen == [f"L{n:03}" for n in range(450)]


def test_an_unknown_cursor_is_refused(api: Api) -> None:
    reply = api.call("GET", "query/01gFe0000000001MAA-2000")
    assert (reply.status_code, reply.json()[0]["errorCode"]) == (400, "INVALID_QUERY_LOCATOR")
