"""The dashboard's numbers: counted each time, unless that takes long."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.core.cache import cache

from people import queries
from people.models import Person

Make = Callable[..., Person]


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    yield
    cache.delete(queries.COUNTS)


def test_few_people_are_counted_each_time(make_person: Make) -> None:
    make_person()
    assert queries.counts().total == 1
    make_person()
    assert queries.counts().total == 2


def test_very_many_are_counted_once_in_a_while(make_person: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "MANY", 2)
    make_person()
    assert queries.counts().total == 1
    make_person()
    assert queries.counts().total == 2
    make_person()
    assert queries.counts().total == 2, "what was counted a moment ago"
    cache.delete(queries.COUNTS)
    assert queries.counts().total == 3
