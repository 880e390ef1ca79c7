"""A cycle to run, and people to run it on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from people.models import Activity, Person
from people.services import create_person, edit_person
from syncadmin.models import Connection, SyncRun
from syncadmin.services import run_sync_cycle

#: It forks, which wants a process without a browser: test_elsewhere runs it in one of its own.
collect_ignore = ["test_killed.py"]


class Desk:
    """The marketer's side: people, edits, cycles."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def cycle(self) -> SyncRun:
        run = run_sync_cycle("command", timezone.now)
        assert run is not None
        return run

    def done(self) -> SyncRun:
        run = self.cycle()
        assert run.state == "done", (run.error_code, run.error_message)
        return run

    def person(self, **values: Any) -> Person:
        return create_person(values, source="test", now=timezone.now())

    def edit(self, person: Person, **changes: Any) -> None:
        edit_person(person.pk, changes, source="test", now=timezone.now())

    def by_email(self, email: str) -> Person:
        return Person.objects.get(email=email)

    def log(self, person: Person, type: str = "") -> list[Activity]:
        entries = person.activities.all()
        return list(entries.filter(type=type) if type else entries)

    def counts(self, run: SyncRun, operation: str = "pull", object: str = "Lead") -> dict[str, int]:
        step = run.steps.get(operation=operation, object=object)
        names = ("new", "updated", "deleted", "failed", "skipped", "conflicts")
        return {name: getattr(step, name) for name in names if getattr(step, name)}


@pytest.fixture
def desk(connection: Connection) -> Desk:
    return Desk(connection)


@pytest.fixture
def ada(desk: Desk, emulator: Any) -> tuple[Person, str]:
    """Somebody who is a Lead and a person, in step on both sides."""
    sfdc_id = emulator.create(
        FirstName="Ada",
        LastName="Byron",
        Company="Engines",
        Email="ada@example.com",
        Phone="1",
        Title="Countess",
    )
    desk.done()
    return desk.by_email("ada@example.com"), sfdc_id


Ada = tuple[Person, str]
Maker = Callable[..., Person]
