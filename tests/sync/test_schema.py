"""Two describes of one object: what is news."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from syncadmin.sync.conversions import DoesNotFitError, convert
from syncadmin.sync.fields import fits
from syncadmin.sync.schema import Facts, changes, common_choices

SHOE = Facts("Shoe__c", "Shoe", "picklist", 255, choices=("S", "M"))
OTHER = Facts("Other__c", "Other", "string", 80)


def news(old: Facts | None, new: Facts | None) -> list[tuple[str, dict[str, Any]]]:
    before = {f.name: f for f in (old, OTHER) if f}
    after = {f.name: f for f in (new, OTHER) if f}
    return [(change.kind.value, change.details) for change in changes(before, after)]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (SHOE, SHOE, []),
        (None, SHOE, [("new", {"type": "picklist"})]),
        (SHOE, None, [("gone", {"type": "picklist"})]),
        (replace(SHOE, is_present=False), None, []),
        (replace(SHOE, is_present=False), SHOE, [("back", {})]),
        (SHOE, replace(SHOE, label="Size"), [("label", {"before": "Shoe", "after": "Size"})]),
        (
            SHOE,
            replace(SHOE, type="string", choices=()),
            [("type", {"before": "picklist", "after": "string"})],
        ),
        (SHOE, replace(SHOE, choices=("M", "L")), [("choices", {"added": ["L"], "removed": ["S"]})]),
        (SHOE, replace(SHOE, choices=("M", "S")), []),
        (SHOE, replace(SHOE, length=40), [("limits", {"before": "255", "after": "40"})]),
        (SHOE, replace(SHOE, is_writable=False), [("access", {"writable": False})]),
        (
            replace(SHOE, is_present=False),
            replace(SHOE, label="Size"),
            [("back", {}), ("label", {"before": "Shoe", "after": "Size"})],
        ),
    ],
)
def test_what_is_other_than_before_is_told(old: Facts | None, new: Facts | None, expected: Any) -> None:
    assert news(old, new) == expected


def test_the_first_describe_tells_nothing_new() -> None:
    assert changes({}, {"Shoe__c": SHOE}) == []


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        ("text", "string", True), ("text", "textarea", True), ("picklist", "string", True), ("email", "url", True),
        ("integer", "double", True), ("currency", "percent", True), ("boolean", "boolean", True),
        ("text", "double", False), ("number", "string", False), ("date", "datetime", False),
        ("text", "boolean", False), ("picklist", "multipicklist", False), ("reference", "string", False),
        ("text", "reference", False), ("text", "address", False),
    ],
)  # fmt: skip
def test_a_field_goes_on_syncing_within_its_family_of_types(ours: str, theirs: str, expected: bool) -> None:
    assert fits(ours, theirs) is expected


@pytest.mark.parametrize(
    ("value", "type", "expected"),
    [
        ("43", "number", 43), ("1.50", "currency", 1.5), (" 43", "number", DoesNotFitError),
        ("large", "number", DoesNotFitError), ("1,5", "number", DoesNotFitError), (1.5, "integer", DoesNotFitError),
        (43, "text", "43"), (1.5, "text", "1.5"), (True, "text", "true"), (True, "number", DoesNotFitError),
        ("Yes", "boolean", True), ("0", "boolean", False), ("maybe", "boolean", DoesNotFitError),
        ("2026-01-31", "date", "2026-01-31"), ("2026-01-31T23:00:00Z", "date", "2026-01-31"),
        ("2026-02-30", "date", DoesNotFitError), ("31.01.2026", "date", DoesNotFitError),
        ("2026-01-31", "datetime", "2026-01-31T00:00:00Z"), ("A", "multipicklist", "A"),
        ("B;A", "multipicklist", "A;B"),
        ("A;B", "picklist", "A;B"), ("001000000000001", "reference", "001000000000001AAA"),
        ("Acme", "reference", DoesNotFitError), (None, "number", None), (None, "boolean", False),
    ],
)  # fmt: skip
def test_a_value_is_converted_or_doesnt_fit(value: Any, type: str, expected: Any) -> None:
    if expected is DoesNotFitError:
        with pytest.raises(DoesNotFitError):
            convert(value, type)
        return
    found = convert(value, type)
    assert (found, found.__class__) == (expected, expected.__class__)
    assert convert(found, type) == found, "a conversion may be repeated"


@pytest.mark.parametrize(
    ("lists", "expected"),
    [
        ([], []),
        ([(["A", "B"], True)], ["A", "B"]),
        ([(["A", "B"], True), (["B", "C"], True)], ["B"]),
        ([(["A", "B"], True), (["B", "C"], False)], ["A", "B"]),
        ([(["A", "B"], False), (["B", "C"], True)], ["B", "C"]),
        ([(["A", "B"], False), (["B", "C"], False)], ["A", "B", "C"]),
    ],
)
def test_a_picklist_that_isnt_restricted_takes_what_the_other_offers(lists: Any, expected: list[str]) -> None:
    assert common_choices(lists) == expected
