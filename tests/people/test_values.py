"""What may be stored in a field, and in which form."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from people.models import PersonField
from people.values import as_text, canonical, clean_value, display, is_same

BLANKS = ["", "   ", None, "\n"]


def custom(kind: str, **options: Any) -> PersonField:
    return PersonField(name="c", label="C", type=kind, **options)


def standard(name: str, kind: str, **options: Any) -> PersonField:
    return PersonField(name=name, label=name, type=kind, is_custom=False, **options)


@pytest.mark.parametrize(
    ("kind", "raw", "stored"),
    [
        ("text", "  Anna\r\nLee ", "Anna Lee"),
        ("textarea", " a\r\nb\rc ", "a\nb\nc"),
        ("email", " Anna@ACME.Example ", "anna@acme.example"),
        ("phone", "+49 30 1234", "+49 30 1234"),
        ("url", "acme.example", "acme.example"),
        ("multipicklist", "b; a ;b;", "a;b"),
        ("multipicklist", ["b", "a"], "a;b"),
        ("boolean", "Yes", True),
        ("boolean", "0", False),
        ("boolean", True, True),
        ("integer", "-12", -12),
        ("integer", "12.0", 12),
        ("number", "1.50", 1.5),
        ("number", "3.0", 3),
        ("currency", "1234.5", 1234.5),
        ("percent", "12.5", 12.5),
        ("date", "2026-01-31", "2026-01-31"),
        ("date", "31.1.2026", "2026-01-31"),
        ("datetime", "2026-01-31T12:00:00Z", "2026-01-31T12:00:00Z"),
        ("datetime", "2026-01-31 13:00:00+01:00", "2026-01-31T12:00:00Z"),
        ("datetime", "31.01.2026 9:30", "2026-01-31T09:30:00Z"),
        ("reference", "003000000000001AAA", "003000000000001AAA"),
    ],
)
def test_a_custom_value_is_stored_as_canonical_json(kind: str, raw: object, stored: object) -> None:
    value = clean_value(custom(kind), raw)
    assert value == stored
    assert type(value) is type(stored)
    assert clean_value(custom(kind), as_text(value)) == stored


@pytest.mark.parametrize("blank", BLANKS)
@pytest.mark.parametrize(
    "kind", ["text", "email", "integer", "currency", "date", "datetime", "multipicklist"]
)
def test_a_blank_custom_value_is_none(kind: str, blank: object) -> None:
    assert clean_value(custom(kind), blank) is None


@pytest.mark.parametrize("blank", BLANKS)
def test_a_blank_standard_value_is_what_its_column_holds(blank: object) -> None:
    assert clean_value(standard("city", "text"), blank) == ""
    assert clean_value(standard("industry", "picklist"), blank) == ""
    assert clean_value(standard("score", "integer"), blank) is None
    assert clean_value(standard("date_of_birth", "date"), blank) is None
    assert clean_value(standard("unsubscribed", "boolean"), blank) is False


def test_a_standard_value_has_the_type_of_its_column() -> None:
    assert clean_value(standard("annual_revenue", "currency"), "1234.567") == Decimal("1234.57")
    assert clean_value(standard("date_of_birth", "date"), "31.01.1990") == date(1990, 1, 31)


@pytest.mark.parametrize(
    ("kind", "raw", "words"),
    [
        ("email", "anna", "“anna” is not an e-mail address"),
        ("email", "a@b@c.example", "not an e-mail address"),
        ("integer", "1.5", "not a whole number"),
        ("integer", "many", "not a number"),
        ("integer", "1e5", "not a number"),
        ("integer", "٣", "not a number"),
        ("number", "nan", "not a number"),
        ("number", "Infinity", "not a number"),
        ("number", "1,5", "Write it like 1234.56"),
        ("number", "9" * 16, "too large"),
        ("number", "9" * 5000, "not a number"),
        ("currency", "$5", "not a number"),
        ("date", "31/01/2026", "Write it like 2026-01-31"),
        ("date", "2026-02-30", "not a date"),
        ("date", "20260131", "not a date"),
        ("date", "0001-01-01", "out of bounds"),
        ("datetime", "yesterday", "not a date and time"),
        ("datetime", "9999-12-31T23:59:59-14:00", "out of bounds"),
        ("boolean", "maybe", "neither yes nor no"),
        ("reference", "123", "not a Salesforce id"),
        ("text", "a\0b", "NUL"),
        ("text", "\ud800", "not valid Unicode"),
        ("text", "x" * 200_000, "too long"),
        ("text", "x" * 1_000_000, "too long"),
    ],
)
def test_what_is_no_value_is_refused_in_words(kind: str, raw: str, words: str) -> None:
    with pytest.raises(ValidationError) as refused:
        clean_value(custom(kind), raw)
    message = " ".join(refused.value.messages)
    assert words in message
    assert len(message) < 300


def test_text_longer_than_its_field_is_refused() -> None:
    assert clean_value(custom("text", length=5), "12345") == "12345"
    with pytest.raises(ValidationError, match="at most 5 fit"):
        clean_value(custom("text", length=5), "123456")


def test_text_longer_than_its_column_is_refused_even_without_a_length() -> None:
    with pytest.raises(ValidationError, match="at most 255 fit"):
        clean_value(standard("city", "text"), "x" * 256)


def test_a_picklist_takes_its_values_and_anything_while_it_has_none() -> None:
    assert clean_value(custom("picklist"), "Whatever") == "Whatever"
    assert clean_value(custom("picklist", choices=["Hot", "Cold"]), "Hot") == "Hot"
    with pytest.raises(ValidationError, match="“Warm” is not one of the values"):
        clean_value(custom("picklist", choices=["Hot", "Cold"]), "Warm")
    with pytest.raises(ValidationError, match="“x, y”"):
        clean_value(custom("multipicklist", choices=["a"]), "a;x;y")


def test_text_with_choices_is_free() -> None:
    assert clean_value(custom("text", choices=["Hot"]), "Warm") == "Warm"


def test_a_time_without_a_zone_is_in_the_zone_of_the_writer() -> None:
    with timezone.override("Europe/Berlin"):
        assert clean_value(custom("datetime"), "2026-07-01T12:00") == "2026-07-01T10:00:00Z"


@pytest.mark.parametrize(
    ("old", "new"),
    [(None, ""), (None, False), ("", None), (Decimal("5.00"), 5), ("a\r\nb", "a\nb"), (1.0, 1)],
)
def test_values_that_mean_the_same_are_no_change(old: object, new: object) -> None:
    assert is_same(old, new)


@pytest.mark.parametrize(("old", "new"), [(None, 0), (False, True), ("a", "A"), (None, True)])
def test_values_that_differ_are_a_change(old: object, new: object) -> None:
    assert not is_same(old, new)


def test_values_are_shown_as_people_read_them() -> None:
    assert display(custom("boolean"), True) == "Yes"
    assert display(custom("currency"), 1234567.5) == "1,234,567.50"
    assert display(custom("multipicklist"), "a;b") == "a; b"
    assert display(custom("date"), "2026-01-31") == "Jan. 31, 2026"
    assert display(custom("text"), None) == ""
    assert canonical(date(2026, 1, 31)) == "2026-01-31"
