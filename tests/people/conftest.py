"""The cast of the people tests: a marketer's browser, and people made in one line."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from people.models import LeadOwner, Person, PersonField

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


@pytest.fixture
def client(marketer: User, browser_of: Callable[[User | None], Client]) -> Client:
    return browser_of(marketer)


@pytest.fixture
def make_person(db: None) -> Callable[..., Person]:
    """A person straight in the database, without activities."""
    count = 0

    def make(**values: Any) -> Person:
        nonlocal count
        count += 1
        defaults = {
            "first_name": "Anna",
            "last_name": f"Lee{count}",
            "email": f"anna{count}@acme.example",
            "company": "Acme",
            "created_at": NOW,
            "updated_at": NOW,
        }
        return Person.objects.create(**{**defaults, **values})

    return make


@pytest.fixture
def person(make_person: Callable[..., Person]) -> Person:
    return make_person(first_name="Anna", last_name="Lee", email="anna@acme.example")


@pytest.fixture
def owner(db: None) -> LeadOwner:
    return LeadOwner.objects.create(sfdc_id="005000000000001AAA", kind="user", name="Maria Gomez")


@pytest.fixture
def field_named(db: None) -> Callable[[str], PersonField]:
    return lambda name: PersonField.objects.get(name=name)
