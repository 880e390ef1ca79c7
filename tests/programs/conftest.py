"""Programs that call, and what they find."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from people.models import Activity, LeadOwner, Person
from syncadmin.models import ApiToken, Connection, SyncFailure, SyncRun, SyncStep
from syncadmin.services.tokens import create_token
from tests.conftest import NOW

Ask = Callable[..., Any]
collect_ignore = ["test_pruning_killed.py"]  # forks: in a process of its own, by tests/test_elsewhere.py


@pytest.fixture
def token(db: None) -> str:
    """The text of a token that may read everything."""
    return create_token("Warehouse", ApiToken.Scope.READ, None, None, NOW)[1]


@pytest.fixture
def ask(token: str) -> Ask:
    """``ask("people/", email="a@x.example")``: the answer to a program with a token."""
    client = Client(headers={"Authorization": f"Bearer {token}"})

    def get(path: str, *, method: str = "get", headers: Any = None, **query: Any) -> Any:
        return getattr(client, method)(f"/api/v1/{path}", query, headers=headers or {})

    return get


@pytest.fixture
def org(db: None) -> Connection:
    """A connection that worked a moment ago."""
    return Connection.objects.create(
        pk=1, instance_url="https://acme.my.salesforce.com", org_id="00D000000000001AAA", health="ok",
        health_at=NOW, started_at=NOW, next_cycle_at=NOW + timedelta(minutes=4), api_used=900, api_limit=1000,
    )  # fmt: skip


@pytest.fixture
def make_person(db: None) -> Callable[..., Person]:
    count = 0

    def make(at: datetime = NOW, **values: Any) -> Person:
        nonlocal count
        count += 1
        names = {"last_name": f"Lee{count}", "email": f"lee{count}@x.example"}
        return Person.objects.create(**{**names, "created_at": at, "updated_at": at, **values})

    return make


@pytest.fixture
def make_activity(make_person: Callable[..., Person]) -> Callable[..., Activity]:
    def make(type: str = "change_data_value", at: datetime = NOW, **values: Any) -> Activity:
        person = values.pop("person", None) or make_person()
        return Activity.objects.create(person=person, type=type, at=at, **values)

    return make


@pytest.fixture
def make_run(db: None) -> Callable[..., SyncRun]:
    """A cycle with two steps."""

    def make(state: str = "done", at: datetime = NOW, **values: Any) -> SyncRun:
        ended = None if state == "running" else at + timedelta(seconds=3)
        run = SyncRun.objects.create(
            **{
                "state": state,
                "started_at": at,
                "heartbeat_at": at,
                "ended_at": ended,
                "api_calls": 2,
                **values,
            }
        )
        for operation in ("pull", "push"):
            SyncStep.objects.create(
                run=run,
                object="Lead",
                operation=operation,
                state="done",
                started_at=at,
                ended_at=ended,
                updated=5,
            )
        return run

    return make


@pytest.fixture
def make_failure(make_person: Callable[..., Person]) -> Callable[..., SyncFailure]:
    def make(state: str = "open", at: datetime = NOW, **values: Any) -> SyncFailure:
        person = values.pop("person", None) or make_person()
        closed = None if state == "open" else at
        return SyncFailure.objects.create(
            **{"person": person, "direction": "push", "object": "Lead", "code": "REQUIRED_FIELD_MISSING",
               "message": "Required fields are missing: [Company]", "fields": ["company"], "state": state,
               "first_at": at, "last_at": at, "resolved_at": closed, **values}
        )  # fmt: skip

    return make


@pytest.fixture
def owner(db: None) -> LeadOwner:
    return LeadOwner.objects.create(sfdc_id="005000000000001AAA", kind="user", name="Maria")
