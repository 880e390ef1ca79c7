"""Queries that reach beyond their object: children, polymorphic owners, semi-joins, and who may see what."""

from __future__ import annotations

from typing import Any

import pytest

from syncadmin.emulator.seeds.plant import add_user

from .conftest import Api


@pytest.fixture
def family(api: Api) -> Api:
    acme, lonely = api.create("Account", Name="Acme", Phone="1"), api.create("Account", Name="Lonely")
    assert lonely
    for name in ("Ash", "Birch", "Cedar"):
        api.create("Contact", LastName=name, AccountId=acme)
    return api


def children(api: Api, inner: str) -> list[Any]:
    return [r["Contacts"] for r in api.records(f"SELECT Name, ({inner}) FROM Account ORDER BY Name")]


def test_children_are_a_nested_result_or_null(family: Api) -> None:
    acme, lonely = children(family, "SELECT Id, LastName FROM Contacts ORDER BY LastName DESC")
    assert list(acme) == ["totalSize", "done", "records"]
    assert (acme["totalSize"], acme["done"]) == (3, True)
    assert [r["LastName"] for r in acme["records"]] == ["Cedar", "Birch", "Ash"]
    assert acme["records"][0]["attributes"]["url"].startswith("/services/data/v59.0/sobjects/Contact/003")
    assert lonely is None


def test_conditions_and_limits_of_children_hold_for_each_parent(family: Api) -> None:
    acme = children(
        family, "SELECT LastName FROM Contacts WHERE LastName != 'Ash' ORDER BY LastName LIMIT 1"
    )[0]
    assert (acme["totalSize"], [r["LastName"] for r in acme["records"]]) == (1, ["Birch"])
    assert children(family, "SELECT Id FROM Contacts WHERE LastName = 'Nobody'") == [None, None]


def test_children_may_have_aliases_and_parents_of_their_own(family: Api) -> None:
    acme = children(family, "SELECT c.Account.Name FROM Account.Contacts c LIMIT 1")[0]
    assert acme["records"][0]["Account"]["Name"] == "Acme"


def test_deleted_children_are_left_out(family: Api) -> None:
    gone = family.records("SELECT Id FROM Contact WHERE LastName = 'Ash'")[0]["Id"]
    family.call("DELETE", f"sobjects/Contact/{gone}")
    assert children(family, "SELECT Id FROM Contacts")[0]["totalSize"] == 2


def test_many_children_come_in_pages_of_their_own(family: Api) -> None:
    account = family.records("SELECT Id FROM Account WHERE Name = 'Lonely'")[0]["Id"]
    rows = [
        {"attributes": {"type": "Contact"}, "LastName": f"C{n:03}", "AccountId": account} for n in range(250)
    ]
    for part in (rows[:200], rows[200:]):
        family.call("POST", "composite/sobjects", {"records": part})
    soql = "SELECT (SELECT LastName FROM Contacts ORDER BY LastName) FROM Account WHERE Name = 'Lonely'"
    nested = family.records(soql)[0]["Contacts"]
    assert (nested["totalSize"], nested["done"], len(nested["records"])) == (250, False, 200)
    rest = family.call("GET", nested["nextRecordsUrl"]).json()
    assert (rest["totalSize"], rest["done"]) == (250, True)
    found = [r["LastName"] for r in [*nested["records"], *rest["records"]]]
    assert found == [f"C{n:03}" for n in range(250)]


@pytest.mark.parametrize(
    ("soql", "code", "part"),
    [
        (
            "SELECT (SELECT Id FROM Kids) FROM Account",
            "INVALID_TYPE",
            "Didn't understand relationship 'Kids' in FROM part of query call.",
        ),
        ("SELECT (SELECT COUNT(Id) FROM Contacts) FROM Account", "MALFORMED_QUERY", "Only root queries"),
        (
            "SELECT (SELECT Id, (SELECT Id FROM Tasks) FROM Contacts) FROM Account",
            "MALFORMED_QUERY",
            "Only root queries",
        ),
        ("SELECT (SELECT Nope FROM Contacts) FROM Account", "INVALID_FIELD", "No such column 'Nope'"),
        (
            "SELECT (SELECT Id FROM Contacts), (SELECT Id FROM Contacts) FROM Account",
            "MALFORMED_QUERY",
            "duplicate",
        ),
    ],
)
def test_child_queries_that_make_no_sense_are_refused(api: Api, soql: str, code: str, part: str) -> None:
    found = api.refusal(soql)
    assert (found[0], part in found[1]) == (code, True)


def test_typeof_answers_with_the_fields_of_the_kind_of_record(api: Api) -> None:
    api.create(LastName="A")
    api.create(LastName="B", OwnerId=api.queue("Inbound_Leads"))
    case = "TYPEOF Owner WHEN User THEN LastName, Email WHEN Group THEN Name, Type END"
    user, queue = (r["Owner"] for r in api.records(f"SELECT {case} FROM Lead ORDER BY LastName"))
    assert list(user) == ["attributes", "LastName", "Email"]
    assert user["attributes"]["type"] == "User"
    assert (queue["attributes"]["type"], queue["Name"], queue["Type"]) == ("Group", "Inbound Leads", "Queue")


def test_typeof_has_an_else_and_refuses_what_cannot_be(api: Api) -> None:
    api.create()
    other = api.records("SELECT TYPEOF Owner WHEN Group THEN Type ELSE Name END FROM Lead")[0]["Owner"]
    assert other["Name"] == "Integration User"
    assert api.refusal("SELECT TYPEOF Owner WHEN Contact THEN Name END FROM Lead")[0] == "MALFORMED_QUERY"
    code, text = api.refusal("SELECT TYPEOF Account WHEN Account THEN Name END FROM Contact")
    assert (code, "Didn't understand relationship 'Account'" in text) == ("INVALID_FIELD", True)


def test_from_may_name_aliases_of_relationships(family: Api) -> None:
    soql = "SELECT c.LastName, a.Name FROM Contact c, c.Account a WHERE a.Name = 'Acme' ORDER BY c.LastName LIMIT 1"
    record = family.records(soql)[0]
    assert (record["LastName"], record["Account"]["Name"]) == ("Ash", "Acme")


def test_a_relationship_has_at_most_five_levels(api: Api) -> None:
    path = "Manager." * 5
    assert api.records(f"SELECT {path}Name FROM User LIMIT 1")
    assert api.refusal(f"SELECT Manager.{path}Name FROM User")[0] == "MALFORMED_QUERY"


ACCOUNTS = "SELECT Name FROM Account WHERE"


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("Id IN (SELECT AccountId FROM Contact)", ["Acme"]),
        ("Id NOT IN (SELECT AccountId FROM Contact)", ["Lonely"]),
        ("Id IN (SELECT AccountId FROM Contact WHERE LastName = 'Nobody')", []),
        ("Id IN (SELECT AccountId FROM Contact) AND Name LIKE 'L%'", []),
    ],
)
def test_semi_and_anti_joins(family: Api, where: str, expected: list[str]) -> None:
    assert [r["Name"] for r in family.records(f"{ACCOUNTS} {where}")] == expected


@pytest.mark.parametrize(
    ("where", "part"),
    [
        ("Id IN (SELECT AccountId FROM Contact) OR Name = 'x'", "not allowed with the 'OR' operator"),
        ("Id IN (SELECT ParentId FROM Account)", "should not be on the same object type"),
        ("Name IN (SELECT AccountId FROM Contact)", "should be an id or reference field, cannot use: 'Name'"),
        ("Id IN (SELECT LastName FROM Contact)", "should be an id or reference field"),
        ("Id IN (SELECT OwnerId FROM Contact)", "should point to the same object type"),
        ("Id IN (SELECT AccountId, Id FROM Contact)", "can only query id fields"),
        ("Id IN (SELECT AccountId FROM Contact LIMIT 1)", "no ORDER BY, LIMIT"),
        (
            "Id IN (SELECT AccountId FROM Contact WHERE Id IN (SELECT ContactId FROM CampaignMember))",
            "Nesting of semi join sub-selects is not supported",
        ),
    ],
)
def test_semi_joins_have_their_restrictions(api: Api, where: str, part: str) -> None:
    code, text = api.refusal(f"{ACCOUNTS} {where}")
    assert (code, part in text) == ("MALFORMED_QUERY", True), text


def test_a_field_hidden_from_the_user_is_hidden_through_relationships_too(family: Api) -> None:
    assert family.records("SELECT Account.Phone FROM Contact WHERE LastName = 'Ash'")
    family.control("schema", {"hide": {"object": "Account", "field": "Phone"}})
    for soql in (
        "SELECT Account.Phone FROM Contact",
        "SELECT Id FROM Contact WHERE Account.Phone = '1'",
        "SELECT Id FROM Contact ORDER BY Account.Phone",
        "SELECT Account.Phone, COUNT(Id) FROM Contact GROUP BY Account.Phone",
        "SELECT (SELECT Account.Phone FROM Contacts) FROM Account",
    ):
        code, text = family.refusal(soql)
        assert (code, "No such column 'Phone' on entity 'Account'." in text) == ("INVALID_FIELD", True), soql


def test_a_hidden_reference_is_no_relationship(family: Api) -> None:
    family.control("schema", {"hide": {"object": "Contact", "field": "AccountId"}})
    assert "Didn't understand relationship 'Account'" in family.refusal("SELECT Account.Name FROM Contact")[1]
    assert "relationship 'Contacts'" in family.refusal("SELECT (SELECT Id FROM Contacts) FROM Account")[1]


def test_scope_mine_are_the_records_one_owns(api: Api) -> None:
    other = add_user(api.org.state, "Olga", "Other")
    api.create(LastName="Mine")
    api.create(LastName="Hers", OwnerId=other)
    assert api.records("SELECT LastName FROM Lead USING SCOPE mine") == [{"LastName": "Mine"}]
    assert api.query("SELECT COUNT() FROM Lead USING SCOPE everything")["totalSize"] == 2
    assert "not implemented by this emulator" in api.refusal("SELECT Id FROM Lead USING SCOPE team")[1]
    assert "not supported" in api.refusal("SELECT Id FROM Lead USING SCOPE nonsense")[1]
