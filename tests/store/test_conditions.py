"""A rule finds the same people in the database as on their values, on both databases."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from people.models import Person
from syncadmin.store.conditions import people_where
from syncadmin.store.rows import load_rows
from syncadmin.sync.conditions import Rule, condition
from syncadmin.sync.predicates import holds
from tests.questions import rules, values_of

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 0, 30, tzinfo=ZoneInfo("Europe/Berlin"))
STANDARD = {
    "company": "text", "email": "email", "industry": "picklist", "score": "integer", "annual_revenue": "currency",
    "date_of_birth": "date", "unsubscribed": "boolean", "notes": "textarea",
}  # fmt: skip
CUSTOM = {
    "c_text": "text", "c_mail": "email", "c_pick": "picklist", "c_multi": "multipicklist", "c_flag": "boolean",
    "c_number": "number", "c_date": "date", "c_moment": "datetime", "c_ref": "reference",
}  # fmt: skip
#: Letters whose capitals are outside ASCII, and what LIKE would take for wildcards.
ALPHABET = "aAbÄäßÉσΣ%_\\' ;"
#: What a field may hold since its type was changed.
STRANGE: list[Any] = ["x", 7, True, "2026-11-22", ""]


@st.composite
def _values(draw: st.DrawFn) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    for name, type in STANDARD.items():
        value = draw(values_of(type, ALPHABET))
        if type == "email" and value:
            value = value.lower()
        text = type in ("text", "email", "picklist", "textarea")
        columns[name] = "" if value is None and text else value
    custom = {}
    for name, type in CUSTOM.items():
        value = draw(values_of(type, ALPHABET))
        if value is not None:
            custom[name] = value
    if draw(st.integers(0, 3)) == 0:
        custom[draw(st.sampled_from(sorted(CUSTOM)))] = draw(st.sampled_from(STRANGE))
    return {**columns, "custom": custom}


def _people(values: list[dict[str, Any]]) -> list[int]:
    Person.objects.all().delete()
    made = [Person(created_at=NOW, updated_at=NOW, **each) for each in values]
    return [person.pk for person in Person.objects.bulk_create(made)]


@given(values=st.lists(_values(), min_size=1, max_size=6), rule=rules(STANDARD | CUSTOM, ALPHABET))
def test_the_query_and_the_predicate_agree(values: list[dict[str, Any]], rule: Rule) -> None:
    ids = _people(values)
    rows = load_rows(ids, lock=False)
    expected = {pk for pk in ids if holds(rule, rows[pk].values(), NOW)}
    assert set(Person.objects.filter(people_where(rule, NOW)).values_list("pk", flat=True)) == expected
    # Never null: whoever isn't found is found by the opposite.
    opposite = Person.objects.exclude(pk__in=Person.objects.filter(people_where(rule, NOW)).values("pk"))
    assert set(opposite.values_list("pk", flat=True)) == set(ids) - expected
    negated = Person.objects.filter(~people_where(rule, NOW)) if rule.conditions else Person.objects.none()
    assert set(negated.values_list("pk", flat=True)) == set(ids) - expected


def test_a_rule_is_one_statement() -> None:
    rule = Rule(
        (condition("company", "text", "contains", ["a"]), condition("c_number", "number", "less", [3]))
    )
    _people([{"company": "Acme", "custom": {"c_number": 2}}])
    with CaptureQueriesContext(database) as queries:
        assert Person.objects.filter(people_where(rule, NOW)).count() == 1
    assert len(queries) == 1


def test_a_value_is_never_part_of_the_statement() -> None:
    evil = "'; DROP TABLE people_person; --"
    rule = Rule((condition("c_text", "text", "is", [evil]), condition("company", "text", "contains", [evil])))
    _people([{"company": evil, "custom": {"c_text": evil}}])
    assert Person.objects.filter(people_where(rule, NOW)).count() == 1
