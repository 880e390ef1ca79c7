"""While very many people come in, PostgreSQL learns how they are spread, without waiting for autovacuum."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from people.models import Person
from syncadmin.store.growth import FIRST, Growth
from tests.people.conftest import NOW

pytestmark = pytest.mark.django_db


def looks(capture: Any, new: list[int]) -> int:
    growth = Growth()
    with capture() as found:
        for number in new:
            growth.told(number)
    return sum("ANALYZE" in each["sql"] for each in found)


@pytest.fixture
def capture() -> Any:
    from django.test.utils import CaptureQueriesContext

    return lambda: CaptureQueriesContext(connection)


def test_few_new_people_cost_no_statement(capture: Any) -> None:
    growth = Growth()
    with capture() as found:
        for number in range(0, FIRST, 500):
            growth.told(number)
    assert len(found) == 0


def test_the_tables_are_looked_at_again_whenever_there_are_twice_as_many(capture: Any) -> None:
    expected = 3 if connection.vendor == "postgresql" else 0
    assert looks(capture, [2_000, 5_000, 6_000, 9_999, 10_000, 12_000, 20_000]) == expected


def test_what_is_little_beside_those_who_are_here_changes_nothing(capture: Any) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite isn't asked")
    Person.objects.bulk_create(Person(last_name="L", created_at=NOW, updated_at=NOW) for _ in range(200))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE pg_class SET reltuples = 1000000 WHERE relname = 'people_person'")
    assert looks(capture, [FIRST, 2 * FIRST]) == 0
