"""Functions, groups, literals and clauses of SOQL."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Api


@pytest.fixture
def sales(api: Api) -> Api:
    """Four leads, created at known moments."""
    rows: list[tuple[str, str, str | None, float | None]] = [
        ("2025-12-31T23:59:00Z", "Alpha", "Hot", 10),
        ("2026-01-01T00:00:00Z", "Beta", "Hot", 20),
        ("2026-02-08T12:30:00Z", "Gamma", "Cold", 30),
        ("2026-08-09T12:45:00Z", "Delta", None, None),
    ]
    for moment, name, rating, revenue in rows:
        api.control("clock", {"now": moment})
        api.create(LastName=name, Rating=rating, AnnualRevenue=revenue, Status="Working - Contacted")
    return api


def names(api: Api, where: str) -> str:
    found = api.query(f"SELECT LastName FROM Lead WHERE {where} ORDER BY LastName")
    assert isinstance(found, dict), found
    return " ".join(r["LastName"] for r in found["records"])


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("CALENDAR_YEAR(CreatedDate) = 2026", "Beta Delta Gamma"),
        ("CALENDAR_MONTH(CreatedDate) = 12", "Alpha"),
        ("CALENDAR_QUARTER(CreatedDate) = 3", "Delta"),
        ("FISCAL_YEAR(CreatedDate) = 2025", "Alpha"),
        ("FISCAL_QUARTER(CreatedDate) IN (1, 4)", "Alpha Beta Gamma"),
        ("DAY_IN_MONTH(CreatedDate) >= 9", "Alpha Delta"),
        ("DAY_IN_WEEK(CreatedDate) = 1", "Delta Gamma"),
        ("DAY_IN_YEAR(CreatedDate) = 39", "Gamma"),
        ("DAY_ONLY(CreatedDate) = 2026-01-01", "Beta"),
        ("HOUR_IN_DAY(CreatedDate) = 12", "Delta Gamma"),
        ("HOUR_IN_DAY(convertTimezone(CreatedDate)) = 23", "Alpha"),
        ("WEEK_IN_MONTH(CreatedDate) = 2", "Delta Gamma"),
        ("WEEK_IN_YEAR(CreatedDate) = 1", "Beta"),
        ("toLabel(Rating) = 'hot'", "Alpha Beta"),
        ("CreatedDate = THIS_YEAR", "Beta Delta Gamma"),
        ("CreatedDate = LAST_FISCAL_YEAR", "Alpha"),
        ("CreatedDate = LAST_N_FISCAL_QUARTERS:2", "Beta Gamma"),
        ("CreatedDate > 2026-01-01T00:59:59+01:00", "Beta Delta Gamma"),
        ("CreatedDate > 2026-01-01T01:00:00+01:00", "Delta Gamma"),
        ("CreatedDate < 2025-12-31T16:00:00-08:00", "Alpha"),
        ("AnnualRevenue IN (20, 30.0)", "Beta Gamma"),
        ("LastName = 'alpha'", "Alpha"),
        ("(SystemModstamp = 2026-01-01T00:00:00Z AND Id > '00Q000000000000') OR"
         " SystemModstamp > 2026-01-01T00:00:00Z", "Beta Delta Gamma"),
        ("CreatedDate >= 2026-02-08T12:30:00Z OR CreatedDate = 2025-12-31T23:59:00Z", "Alpha Delta Gamma"),
    ],
)  # fmt: skip
def test_a_condition_on_a_function_or_literal(sales: Api, where: str, expected: str) -> None:
    assert names(sales, where) == expected


def test_groups_of_a_date_function(sales: Api) -> None:
    soql = (
        "SELECT CALENDAR_YEAR(CreatedDate) year, CALENDAR_QUARTER(CreatedDate), COUNT(Id) FROM Lead"
        " GROUP BY CALENDAR_YEAR(CreatedDate), CALENDAR_QUARTER(CreatedDate)"
        " ORDER BY CALENDAR_YEAR(CreatedDate) DESC, CALENDAR_QUARTER(CreatedDate)"
    )
    assert sales.records(soql) == [
        {"year": 2026, "expr0": 1, "expr1": 2},
        {"year": 2026, "expr0": 3, "expr1": 1},
        {"year": 2025, "expr0": 4, "expr1": 1},
    ]


def test_aggregate_functions(sales: Api) -> None:
    soql = (
        "SELECT COUNT(Id), COUNT(Rating), COUNT_DISTINCT(Rating), SUM(AnnualRevenue), AVG(AnnualRevenue) mean,"
        " MIN(LastName), FORMAT(MAX(CreatedDate)) latest FROM Lead"
    )
    assert sales.records(soql) == [
        {"expr0": 4, "expr1": 3, "expr2": 2, "expr3": 60.0, "mean": 20.0, "expr4": "Alpha"}
        | {"latest": "8/9/2026, 12:45 PM"}
    ]


def test_having_takes_the_conditions_of_where(sales: Api) -> None:
    grouped = "SELECT Rating FROM Lead GROUP BY Rating HAVING"
    assert sales.records(f"{grouped} COUNT(Id) = 1 AND Rating != null") == [{"Rating": "Cold"}]
    assert sales.records(f"{grouped} NOT MAX(AnnualRevenue) IN (20, 30)") == [{"Rating": None}]
    assert sales.records(f"{grouped} Rating LIKE 'h%' OR COUNT(Id) > 7") == [{"Rating": "Hot"}]


def test_rollup_adds_the_total_and_grouping_says_which_rows_are_totals(sales: Api) -> None:
    soql = "SELECT Rating, GROUPING(Rating) g, COUNT(Id) n FROM Lead WHERE Rating != null GROUP BY ROLLUP(Rating)"
    assert sales.records(soql) == [
        {"Rating": "Cold", "g": 0, "n": 1},
        {"Rating": "Hot", "g": 0, "n": 2},
        {"Rating": None, "g": 1, "n": 3},
    ]


def test_cube_adds_the_totals_of_every_combination(sales: Api) -> None:
    soql = "SELECT Rating, Status, COUNT(Id) n FROM Lead WHERE Rating != null GROUP BY CUBE(Rating, Status)"
    found = sales.records(soql)
    assert sorted((r["n"], r["Rating"] is None, r["Status"] is None) for r in found) == [
        (1, False, False), (1, False, True), (2, False, False), (2, False, True), (3, True, False), (3, True, True),
    ]  # fmt: skip


def test_groups_do_not_fit_more_than_a_page(api: Api) -> None:
    state = api.org.state
    lead = state.schema.must("Lead")
    api.create(LastName="L")
    row = state.store.fetch(lead, [api.records("SELECT Id FROM Lead")[0]["Id"]])
    (whole,) = row.values()
    rows: list[dict[str, Any]] = [
        {**whole, "Id": state.next_id(lead), "LastName": f"L{n}"} for n in range(2001)
    ]
    state.store.insert("Lead", rows)
    code, text = api.refusal("SELECT LastName FROM Lead GROUP BY LastName")
    assert (code, "does not support queryMore()" in text) == ("EXCEEDED_ID_LIMIT", True)
    assert api.query("SELECT LastName FROM Lead GROUP BY LastName LIMIT 5")["totalSize"] == 5


def test_to_label_and_format_show_values_otherwise(sales: Api) -> None:
    soql = (
        "SELECT toLabel(Status), FORMAT(AnnualRevenue) nice, AnnualRevenue, FORMAT(CreatedDate) made FROM Lead"
        " WHERE LastName = 'Beta'"
    )
    assert sales.records(soql) == [
        {"Status": "Working - Contacted", "nice": "$20", "AnnualRevenue": 20.0, "made": "1/1/2026, 12:00 AM"}
    ]


@pytest.mark.parametrize(
    "clause",
    [
        "FOR VIEW",
        "FOR REFERENCE",
        "FOR UPDATE",
        "UPDATE TRACKING",
        "WITH SECURITY_ENFORCED",
        "WITH USER_MODE",
    ],
)
def test_clauses_that_select_nothing_are_taken(sales: Api, clause: str) -> None:
    assert sales.query(f"SELECT Id FROM Lead {clause}")["totalSize"] == 4


@pytest.mark.parametrize(
    ("literal", "value"),
    [
        (r"a\'b", "a'b"),
        (r"a\\b", "a\\b"),
        (r"a\"b", 'a"b'),
        (r"a\u0041b", "aAb"),
        ("ü – 漢", "ü – 漢"),
        ("%", "%"),
    ],
)
def test_escapes_in_strings(api: Api, literal: str, value: str) -> None:
    api.create(LastName=value)
    api.create(LastName="something else")
    assert names(api, f"LastName = '{literal}'") == value


def test_json_of_a_page_is_what_the_record_has(api: Api) -> None:
    values: dict[str, Any] = {
        "Description": 'tab\t quote" back\\ slash/ ü 漢 \u2028 \x7f line\nend',
        "AnnualRevenue": 123456789012345678,
        "NumberOfEmployees": 0,
        "Lead_Score__c": 12,
        "VIP__c": True,
        "City": "Berlin",
    }
    lead = api.create(**values)
    whole = api.get(lead)
    names_ = [name for name in whole if name != "attributes"]
    paged = api.query(f"SELECT {', '.join(names_)} FROM Lead")["records"][0]
    assert paged == whole | {k: paged[k] for k in ("LastViewedDate", "LastReferencedDate") if k in paged}
    assert (paged["VIP__c"], paged["NumberOfEmployees"], paged["Lead_Score__c"]) == (True, 0, 12.0)
    assert paged["Address"]["city"] == "Berlin"
    assert paged["AnnualRevenue"] == 123456789012345678.0


@pytest.mark.parametrize(
    ("soql", "code", "part"),
    [
        ("SELECT Id FROM Lead ALL ROWS", "MALFORMED_QUERY", "ALL ROWS not allowed in this context"),
        (
            "SELECT Id FROM Lead WHERE Name = :name",
            "MALFORMED_QUERY",
            "Bind variables only allowed in Apex code",
        ),
        (r"SELECT Id FROM Lead WHERE Name = 'a\xb'", "MALFORMED_QUERY", "Illegal character sequence"),
        (
            "SELECT Id FROM Lead WHERE Name = 'a' # b",
            "MALFORMED_QUERY",
            "no viable alternative at character '#'",
        ),
        ("SELECT Name n FROM Lead", "MALFORMED_QUERY", "only aggregate expressions use field aliasing"),
        ("SELECT Name from FROM Lead", "MALFORMED_QUERY", "unexpected token: 'FROM'"),
        ("SELECT CALENDAR_YEAR(CreatedDate) FROM Lead", "MALFORMED_QUERY", "not allowed here"),
        ("SELECT Id FROM Lead WHERE CALENDAR_YEAR(Name) = 1", "INVALID_FIELD", "date or datetime"),
        ("SELECT Id FROM Lead WHERE DAY_ONLY(ConvertedDate) = 2026-01-01", "INVALID_FIELD", "type datetime"),
        ("SELECT Id FROM Lead WHERE NOSUCH(Name) = 1", "MALFORMED_QUERY", "unexpected token: 'NOSUCH'"),
        (
            "SELECT Id FROM Lead WHERE DISTANCE(Address, GEOLOCATION(1,1), 'km') < 3",
            "MALFORMED_QUERY",
            "not implemented by this emulator",
        ),
        (
            "SELECT convertCurrency(AnnualRevenue) FROM Lead",
            "INVALID_FIELD",
            "multiple currencies are not enabled",
        ),
        (
            "SELECT Id FROM Lead WHERE AnnualRevenue > USD5",
            "INVALID_FIELD",
            "multiple currencies are not enabled",
        ),
        (
            "SELECT Id FROM Lead WHERE CreatedDate LIKE 'a'",
            "INVALID_QUERY_FILTER_OPERATOR",
            "invalid operator on",
        ),
        ("SELECT Id FROM Lead WHERE IsDeleted > true", "INVALID_QUERY_FILTER_OPERATOR", "boolean field"),
        (
            "SELECT Id FROM Lead WHERE Name INCLUDES ('a')",
            "INVALID_QUERY_FILTER_OPERATOR",
            "invalid operator",
        ),
        ("SELECT Id FROM Lead WHERE CreatedDate > 2026-13-01T00:00:00Z", "MALFORMED_QUERY", "Invalid date"),
        ("SELECT SUM(Name) FROM Lead", "MALFORMED_QUERY", "does not support aggregate operator SUM"),
        ("SELECT COUNT(), Id FROM Lead", "MALFORMED_QUERY", "cannot use COUNT()"),
        ("SELECT COUNT(Id) a, COUNT(Name) a FROM Lead", "MALFORMED_QUERY", "duplicate alias: a"),
        (
            "SELECT Rating FROM Lead GROUP BY Rating ORDER BY Name",
            "MALFORMED_QUERY",
            "Ordered field must be grouped or aggregated: Name",
        ),
        (
            "SELECT Description, COUNT(Id) FROM Lead GROUP BY Description",
            "INVALID_FIELD",
            "can not be grouped",
        ),
        ("SELECT Id FROM Lead LIMIT 1.5", "MALFORMED_QUERY", "unexpected token: '1.5'"),
        ("SELECT Id FROM Lead LIMIT -1", "MALFORMED_QUERY", "unexpected token: '-1'"),
        ("SELECT Id FROM Lead WITH DATA CATEGORY A__c AT b__c", "MALFORMED_QUERY", "not implemented"),
        ("SELECT Id FROM Lead WITH NOTHING", "MALFORMED_QUERY", "unexpected token: 'NOTHING'"),
    ],
)
def test_what_cannot_be_asked_is_refused(api: Api, soql: str, code: str, part: str) -> None:
    found = api.refusal(soql)
    assert (found[0], part in found[1]) == (code, True), found


def test_texts_and_queries_have_a_longest_length(api: Api) -> None:
    asked = api.org.queries.run
    today = api.org.state.clock.now().date()
    for soql in (
        f"SELECT Id FROM Lead WHERE LastName = '{'x' * 4001}'",
        "SELECT Id FROM Lead" + " " * 100_000,
    ):
        with pytest.raises(Exception, match="longer than"):
            asked(soql, None, "/services/data/v59.0", today)
