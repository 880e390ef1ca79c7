"""A rule finds the same records in Salesforce as on their values."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given

from syncadmin.emulator.server import EmulatorServer
from syncadmin.salesforce import conditions, soql
from syncadmin.salesforce.auth import Credentials
from syncadmin.salesforce.org import SalesforceOrg
from syncadmin.sync.conditions import Rule, condition
from syncadmin.sync.filters import RecordFilter
from syncadmin.sync.ports import Operation, Poll, Write
from tests.questions import COLOURS, DAYS, rules
from tests.salesforce.conftest import Emulator

NOW = datetime(2026, 11, 22, 0, 30, tzinfo=ZoneInfo("Europe/Berlin"))
FIELDS = {
    "Company": "text", "City": "text", "Industry": "picklist", "NumberOfEmployees": "integer",
    "AnnualRevenue": "currency", "HasOptedOutOfEmail": "boolean", "Multi__c": "multipicklist", "Day__c": "date",
    "Moment__c": "datetime", "OwnerId": "reference",
}  # fmt: skip
#: SQLite, in which the emulator searches, knows the case of ASCII letters alone.
ALPHABET = "aAb%_\\'\"\u00e9 "
CITIES = [None, "a", "A", "ab", "aAb", "b%", "%", "_", "a_b", "\\", "\\%a", "'", "a'b", '"', "é", "aé b"]


def _leads() -> list[dict[str, Any]]:
    """Enough of everything, blanks as well; no random choice, so that the org is written once."""
    found = []
    for number in range(48):
        lead: dict[str, Any] = {
            "LastName": f"L{number}", "Company": (CITIES[number % 15 + 1]), "City": CITIES[number % 16],
            "Industry": [None, *COLOURS][number % 4], "NumberOfEmployees": [None, -1, 0, 1, 10, 12][number % 6],
            "AnnualRevenue": [None, 0.1, 2.5, 0, -1][number % 5], "HasOptedOutOfEmail": number % 3 == 0,
            "Multi__c": [None, "Red", "Red;Blue", "Blue;Green"][number // 2 % 4],
            "Day__c": [None, *DAYS][number % 6],
            "Moment__c": [None, *(f"{day}T{time}.000+0000" for day in DAYS for time in ("22:59:59", "23:00:00"))][
                number % 11
            ],
        }  # fmt: skip
        found.append({name: value for name, value in lead.items() if value is not None})
    return found


@pytest.fixture(scope="module")
def filled() -> Iterator[SalesforceOrg]:
    with EmulatorServer(seed="empty") as server:
        emulator = Emulator(server.url)
        for field in (
            {"name": "Multi__c", "type": "multipicklist", "values": COLOURS},
            {"name": "Day__c", "type": "date"},
            {"name": "Moment__c", "type": "datetime"},
        ):
            emulator.tell("POST", "schema", {"add": {"object": "Lead", **field}})
        org = SalesforceOrg(Credentials(server.url, client_id="demo", client_secret="demo"))
        done = org.write([Write(Operation.CREATE, "Lead", lead) for lead in _leads()])
        assert all(result.ok for result in done), done
        yield org
        org.close()


@given(rule=rules(FIELDS, ALPHABET))
def test_salesforce_and_the_predicate_agree(filled: SalesforceOrg, rule: Rule) -> None:
    wanted = RecordFilter(rule, NOW, "key")
    everybody = filled.poll([Poll("Lead", tuple(FIELDS))]).pages["Lead"].records
    chosen = filled.poll([Poll("Lead", ("LastName",), only=wanted)]).pages["Lead"].records
    expected = sorted(raw["Id"] for raw in everybody if wanted.admits(raw))
    assert sorted(raw["Id"] for raw in chosen) == expected
    assert filled.count("Lead", [wanted, None]) == [len(expected), 48]


@pytest.mark.parametrize(
    ("type", "operator", "values", "expected"),
    [
        ("text", "is", ["O'Brien\\"], r"(F = 'O\'Brien\\')"),
        ("text", "is_not", ["x"], "(F != 'x')"),
        ("text", "contains", ["50%_\\'"], r"(F LIKE '%50\%\_\\\'%')"),
        ("text", "starts_with", ["a"], "(F LIKE 'a%')"),
        ("text", "one_of", ["a", "b"], "(F IN ('a','b'))"),
        ("text", "is_empty", [], "(F = NULL)"),
        ("multipicklist", "one_of", ["a", "b"], "(F INCLUDES ('a','b'))"),
        ("boolean", "is_false", [], "(F = FALSE)"),
        ("number", "greater", ["0.000001"], "(F > 0.000001)"),
        ("integer", "less", ["-5"], "(F < -5)"),
        ("date", "before", ["2026-01-31"], "((F < 2026-01-31))"),
        ("date", "is_not", ["2026-01-31"], "((NOT (F >= 2026-01-31 AND F < 2026-02-01)))"),
        ("datetime", "after", ["2026-01-31"], "((F >= 2026-01-31T23:00:00Z))"),
    ],
)
def test_a_condition_in_soql(type: str, operator: str, values: list[str], expected: str) -> None:
    assert conditions.where(Rule((condition("F", type, operator, values),)), NOW) == expected


def test_all_any_and_none() -> None:
    parts = (condition("A", "text", "is", ["x"]), condition("B", "boolean", "is_true", []))
    assert conditions.where(Rule(parts), NOW) == "(A = 'x' AND B = TRUE)"
    assert conditions.where(Rule(parts, any=True), NOW) == "(A = 'x' OR B = TRUE)"
    assert conditions.where(Rule(), NOW) == ""


def test_a_field_that_is_no_name_never_reaches_salesforce() -> None:
    evil = Rule((condition("Id != null OR Name", "text", "is", ["x"]),))
    with pytest.raises(ValueError, match="not an API name"):
        conditions.where(evil, NOW)


def test_a_count_leaves_converted_leads_out() -> None:
    assert soql.count("Lead", soql.living("Lead")) == "SELECT COUNT() FROM Lead WHERE IsConverted = FALSE"
    assert soql.count("Contact", soql.living("Contact"), "") == "SELECT COUNT() FROM Contact"
