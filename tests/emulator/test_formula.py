from __future__ import annotations

from typing import Any

import pytest

from syncadmin.emulator.formula import FormulaError, Scene, compile_formula

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
    ],
)
def test_a_formula_has_the_value_salesforce_gives_it(formula: str, expected: Any) -> None:
    assert compile_formula(formula)(Scene(RECORD)) == expected


def test_ischanged_and_isnew_look_at_the_record_as_it_was() -> None:
    changed, new = compile_formula("ISCHANGED(Status)"), compile_formula("ISNEW()")
    assert not changed(Scene(RECORD))
    assert new(Scene(RECORD))
    assert changed(Scene(RECORD, {**RECORD, "Status": "Old"}))
    assert not new(Scene(RECORD, RECORD))


@pytest.mark.parametrize("formula", ["AND(", "NOSUCH(1)", "a b", "LEN()"])
def test_nonsense_is_refused(formula: str) -> None:
    with pytest.raises(FormulaError):
        compile_formula(formula)
