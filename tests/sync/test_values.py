"""Normal form: what Salesforce makes of a value, so that comparing never makes both sides bounce."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncadmin.sync.fields import TYPE_OF_SALESFORCE
from syncadmin.sync.values import id18, is_blank, normalise


@pytest.mark.parametrize(
    ("type", "raw", "normal"),
    [
        ("text", "  a b ", "a b"),
        ("text", "", None),
        ("text", None, None),
        ("textarea", "a\r\nb\rc", "a\nb\nc"),
        ("email", " Ada@Example.COM ", "ada@example.com"),
        ("boolean", None, False),
        ("boolean", "true", True),
        ("boolean", False, False),
        ("integer", 3.0, 3),
        ("integer", "3", 3),
        ("number", 1.50, 1.5),
        ("number", 2.0, 2),
        ("currency", Decimal("12.50"), 12.5),
        ("percent", None, None),
        ("date", date(2026, 1, 2), "2026-01-02"),
        ("date", "2026-01-02", "2026-01-02"),
        ("datetime", "2026-01-02T03:04:05.000+0000", "2026-01-02T03:04:05Z"),
        ("datetime", "2026-01-02T03:04:05.999+02:00", "2026-01-02T01:04:05Z"),
        ("datetime", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), "2026-01-02T03:04:05Z"),
        ("multipicklist", "b;a;b", "a;b"),
        ("multipicklist", ";", None),
        ("reference", "001Fe0000000001", "001Fe0000000001IAA"),
        ("reference", "001Fe0000000001IAA", "001Fe0000000001IAA"),
    ],
)  # fmt: skip
def test_normal_form(type: str, raw: Any, normal: Any) -> None:
    assert normalise(type, raw) == normal


RAW = st.one_of(st.none(), st.text(max_size=30), st.booleans())
TEXT_TYPES = st.sampled_from(["text", "textarea", "email", "phone", "url", "picklist", "multipicklist"])


@given(type=TEXT_TYPES, raw=RAW)
def test_normal_form_is_stable(type: str, raw: Any) -> None:
    once = normalise(type, raw)
    assert normalise(type, once) == once


@given(st.floats(allow_nan=False, allow_infinity=False, width=32))
def test_numbers_survive_their_own_normal_form(number: float) -> None:
    assert normalise("number", normalise("number", number)) == normalise("number", number)


def test_an_id_of_18_characters_tells_capitals_apart() -> None:
    assert id18("00Q58000003tW4u") != id18("00Q58000003tw4u")
    assert id18("0035cFAKEIDAQBG") == id18(id18("0035cFAKEIDAQBG"))


def test_blank_means_nothing_to_lose() -> None:
    assert [is_blank(value) for value in (None, False, "", 0, "a", True)] == [
        True,
        True,
        False,
        False,
        False,
        False,
    ]


def test_every_type_of_salesforce_that_syncs_has_a_normal_form() -> None:
    for ours in TYPE_OF_SALESFORCE.values():
        assert normalise(ours, None) in (None, False)
