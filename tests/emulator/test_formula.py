from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from syncadmin.emulator.formula.compiler import FormulaError, Scene, compile_formula

RECORD = {
    "Phone": "0711 12",
    "Country": None,
    "Score": 80.0,
    "Status": "Open",
    "Vip": 1,
    "Langs": "English;German",
}


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("ISBLANK(Country)", True),
        ('Country = ""', True),
        ('Status = "Open" && Score > 50', True),
        ('AND(NOT(ISBLANK(Phone)), NOT(REGEX(Phone, "\\\\+[0-9 ]+")))', True),
        ('REGEX("+49 711", "\\\\+[0-9 ]+")', True),
        ('OR(ISPICKVAL(Status, "Closed"), LEN(Phone) = 7)', True),
        ("Vip = TRUE", True),
        ("NOT(Vip)", False),
        ("Country > 5", False),
        ('IF(Score >= 75, "A", "B")', "A"),
        ("1 + 2 * 3", 7),
        ('"a" & TEXT(3)', "a3"),
        ('INCLUDES(Langs, "German")', True),
        ("Score / 0", None),
        ('Status <> "Closed"', True),
        ("2 ^ 3 - 1", 7),
        ("-Score + 1", -79),
        ('CASE(Status, "New", 1, "Open", 2, 3)', 2),
        ('CASE(Status, "New", 1, 3)', 3),
        ('MID("abcdef", 2, 3) & LEFT("xyz", 1) & RIGHT("xyz", 1)', "bcdxz"),
        ('FIND("c", "abc")', 3),
        ('SUBSTITUTE("a-b-c", "-", "")', "abc"),
        ('LPAD("7", 3, "0")', "007"),
        ('BLANKVALUE(Country, "none")', "none"),
        ("ROUND(2.345, 2)", 2.35),
        ("MOD(7, 3) + CEILING(1.2) + FLOOR(1.8)", 4),
        ("MAX(1, 2, 3) - MIN(1, 2)", 2),
        ('VALUE("12.5") > 12', True),
        ("ISNULL(Country) && NOT(ISNULL(Status))", True),
        ("NULL = Country", True),
        ("Country < 5 || Country >= 5", False),
        ("Score + Country", None),
        ("TEXT(Score)", "80"),
        (r'"a\"b" = "a\"b"', True),
        ("/* why */ TRUE", True),
    ],
)
def test_a_formula_has_the_value_salesforce_gives_it(formula: str, expected: Any) -> None:
    assert compile_formula(formula)(Scene(RECORD)) == expected


DATED = {"Birthdate": "2000-02-29", "Seen": "2026-01-02T03:04:05.000+0000", "Growth": 25.0, "Vip": 1}
KINDS = frozenset({("Birthdate", "date"), ("Seen", "datetime"), ("Growth", "percent"), ("Vip", "boolean")})
NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("TODAY() - DATE(2026, 3, 1)", 30),
        ("Birthdate + 1", date(2000, 3, 1)),
        ("YEAR(Birthdate) * 100 + MONTH(Birthdate)", 200002),
        ("DATEVALUE(Seen) = DATE(2026, 1, 2)", True),
        ("NOW() - Seen > 88", True),
        ("Birthdate > TODAY()", False),
        ("birthdate < today()", True),
        ("ADDMONTHS(DATE(2026, 1, 31), 1)", date(2026, 2, 28)),
        ("WEEKDAY(DATE(2026, 3, 29))", 1),
        ("DATE(2026, 13, 1)", None),
        ("Growth * 4", 1),
        ("IF(Vip, 1, 2)", 1),
        ('TEXT(Birthdate) & "!"', "2000-02-29!"),
    ],
)
def test_dates_and_percentages_are_what_the_field_says(formula: str, expected: Any) -> None:
    assert compile_formula(formula, KINDS)(Scene(DATED, now=NOW)) == expected


def test_a_field_that_is_not_there_is_named() -> None:
    with pytest.raises(FormulaError, match="Field Growht does not exist"):
        compile_formula("Growht > 1", KINDS)


def test_priorvalue_is_the_value_before_or_the_present_one_of_a_new_record() -> None:
    prior = compile_formula("PRIORVALUE(Status)")
    assert prior(Scene(RECORD, {**RECORD, "Status": "Old"})) == "Old"
    assert prior(Scene(RECORD)) == "Open"


def test_ischanged_and_isnew_look_at_the_record_as_it_was() -> None:
    changed, new = compile_formula("ISCHANGED(Status)"), compile_formula("ISNEW()")
    assert not changed(Scene(RECORD))
    assert new(Scene(RECORD))
    assert changed(Scene(RECORD, {**RECORD, "Status": "Old"}))
    assert not new(Scene(RECORD, RECORD))


@pytest.mark.parametrize("formula", ["AND(", "NOSUCH(1)", "a b", "LEN()", "IF(1, 2)", "CASE(1, 2, 3)", "1 +"])
def test_nonsense_is_refused(formula: str) -> None:
    with pytest.raises(FormulaError):
        compile_formula(formula)
