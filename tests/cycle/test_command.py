"""``manage.py sync`` and ``connect``, as scripts use them."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from people.models import Person
from syncadmin.models import Connection
from syncadmin.services import sync_people
from tests.conftest import NOW
from tests.cycle.conftest import Desk
from tests.emulated import Emulated

pytestmark = pytest.mark.django_db


def manage(*arguments: str) -> Any:
    out = StringIO()
    call_command(*arguments, stdout=out)
    return json.loads(out.getvalue()) if "--json" in arguments else out.getvalue()


def test_a_new_connection_is_paused_and_a_cycle_in_the_foreground_runs_all_the_same(
    emulator: Emulated,
) -> None:
    emulator.create(LastName="L", Company="C", Email="l@example.com")
    told = manage("connect", "--instance-url", emulator.url, "--client-id", "demo", "--client-secret", "demo")
    assert "/sync/preview/" in told
    assert Connection.objects.get().awaits_start
    assert manage("sync", "--json")["status"] == "done"
    assert Person.objects.count() == 1
    assert Connection.objects.get().awaits_start


def test_connect_can_start_the_background_sync_at_once(emulator: Emulated) -> None:
    manage(
        "connect", "--instance-url", emulator.url, "--client-id", "demo", "--client-secret", "demo", "--start"
    )
    assert not Connection.objects.get().is_paused


def test_single_people_sync_before_the_sync_was_started(desk: Desk) -> None:
    person = desk.person(last_name="L", company="C", email="l@example.com")
    (outcome,) = sync_people([person.pk], "rules", now=NOW, source="test")
    assert outcome.action == "created"


def test_a_dry_run_says_what_a_run_would_do(desk: Desk, emulator: Emulated) -> None:
    emulator.create(LastName="L", Company="C", Email="l@example.com")
    told = manage("sync", "--dry-run", "--json")
    assert (told["status"], told["dry_run"], told["kinds"]) == ("done", True, {"new": 1})
    assert not Person.objects.exists()
    assert "New person – L" in manage("sync", "--dry-run")
    assert manage("sync", "--json")["api_calls"] == told["api_calls_to_come"]


def test_a_cycle_that_the_guard_stopped_has_an_exit_code_of_its_own_and_can_be_run_anyway(
    desk: Desk, emulator: Emulated
) -> None:
    ids = [
        emulator.create(LastName=f"L{n}", Company="C", Email=f"p{n}@example.com", City="London")
        for n in range(3)
    ]
    desk.done()
    Connection.objects.update(guard_share=20, guard_least=2)
    for sfdc_id in ids:
        emulator.edit("Lead", sfdc_id, City="Nowhere")
    out = StringIO()
    with pytest.raises(CommandError) as stopped:
        call_command("sync", "--json", stdout=out)
    assert (stopped.value.returncode, json.loads(out.getvalue())["status"]) == (3, "stopped")
    assert manage("sync", "--run-anyway", "--json")["status"] == "done"
    assert Person.objects.filter(city="Nowhere").count() == 3
