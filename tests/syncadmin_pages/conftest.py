"""What the page tests need besides the shared cast: browsers, an org that nobody calls, cycles and failures."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from people.models import Person
from syncadmin.models import Connection, SyncFailure, SyncRun, SyncStep
from syncadmin.store.failure_groups import put_into_groups
from tests.alerts.conftest import (  # noqa: F401 - fixtures: real receivers of alerts
    hook,
    hook_server_of_all,
    mail_server_of_all,
    mailbox,
    subscribe,
)


@pytest.fixture
def client(administrator: User, browser_of: Callable[[User | None], Client]) -> Client:
    return browser_of(administrator)


@pytest.fixture
def acme(db: None) -> Connection:
    """A connection that worked once, to an org that no test calls."""
    return Connection.objects.create(
        pk=1, instance_url="https://acme.my.salesforce.com", client_id="key", client_secret="hush-hush-secret",
        org_id="00D000000000001AAA", org_name="Acme", user_name="Sync User", health=Connection.Health.OK,
        health_at=timezone.now(), next_cycle_at=timezone.now() + timedelta(minutes=4), api_used=900, api_limit=1000,
        started_at=timezone.now(),
    )  # fmt: skip


@pytest.fixture
def make_run(db: None) -> Callable[..., SyncRun]:
    """A cycle with one step that counted something."""

    def make(
        state: str = "done",
        *,
        age: timedelta = timedelta(minutes=1),
        counted: dict[str, int] | None = None,
        **values: Any,
    ) -> SyncRun:
        at = timezone.now() - age
        ended = None if state == "running" else at + timedelta(seconds=2)
        beat = ended or timezone.now()
        run = SyncRun.objects.create(
            **{"state": state, "started_at": at, "heartbeat_at": beat, "ended_at": ended, **values}
        )
        SyncStep.objects.create(
            run=run,
            object="Lead",
            operation="pull",
            state=state,
            started_at=at,
            ended_at=ended,
            **(counted or {}),
        )
        return run

    return make


@pytest.fixture
def make_person(db: None) -> Callable[..., Person]:
    """A person straight in the database."""
    count = 0

    def make(**values: Any) -> Person:
        nonlocal count
        count += 1
        now = timezone.now()
        return Person.objects.create(
            **{"last_name": f"Lee{count}", "created_at": now, "updated_at": now, **values}
        )

    return make


@pytest.fixture
def make_failure(make_person: Callable[..., Person]) -> Callable[..., SyncFailure]:
    """An open failure of a person of its own."""

    def make(code: str = "REQUIRED_FIELD_MISSING", **values: Any) -> SyncFailure:
        now = timezone.now()
        person = values.pop("person", None) or make_person()
        failure = SyncFailure(
            **{
                "person": person, "direction": "push", "object": "Lead", "code": code, "message": "No <b>Company</b>",
                "first_at": now, "last_at": now, **values,
            }
        )  # fmt: skip
        put_into_groups([failure], now)
        failure.save()
        return failure

    return make
