"""With a Salesforce that answers: what stops a real cycle is told, once, by a real mail."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from people.models import Person
from people.services import edit_person
from syncadmin import services, tasks
from syncadmin.models import Alert, AlertChannel, Connection
from tests.alerts.conftest import send_all
from tests.alerts.receivers import Mailbox

pytestmark = pytest.mark.django_db
Subscribe = Callable[..., AlertChannel]


@pytest.fixture
def cycle(connection: Connection, marketer: User, subscribe: Subscribe, mailbox: Mailbox) -> Any:
    """A cycle as the queue runs it, and then what it has queued; the subjects that have arrived by then."""
    services.start_syncing(timezone.now())
    subscribe(marketer)

    def run() -> list[str]:
        tasks.run_cycle("schedule")
        send_all(timezone.now())
        return [subject.removeprefix("[Syncadmin] ") for subject in mailbox.subjects()]

    return run


def test_credentials_that_are_refused_and_accepted_again(cycle: Any, emulator: Any) -> None:
    assert cycle() == []
    emulator.fault(error_code="invalid_grant", match="*oauth2/token*")
    emulator.expire_sessions()
    refused = "Salesforce refuses the credentials: nothing syncs"
    assert cycle() == [refused]
    assert cycle() == [refused]
    emulator.clear_faults()
    first, second = cycle()
    assert first == refused
    assert second.startswith("Salesforce accepts the credentials again, after ")
    assert len(cycle()) == 2


def test_a_field_that_is_hidden_and_shown_again(cycle: Any, emulator: Any) -> None:
    cycle()
    security = {"object": "Lead", "field": "Title"}
    emulator.rules(field_level_security=security | {"visible": False})
    (hidden,) = cycle()
    assert hidden == "Title of Lead is gone, or hidden from the sync user"
    assert cycle() == [hidden]
    emulator.rules(field_level_security=security | {"visible": True})
    assert cycle()[1].startswith(f"Over: {hidden}, after ")


def test_an_object_that_is_closed_to_the_sync_user_and_opened_again(cycle: Any, emulator: Any) -> None:
    cycle()
    emulator.rules(object_permissions={"object": "Contact", "read": False})
    closed = "An object is closed to the sync user: nothing syncs"
    assert cycle() == [closed]
    assert cycle() == [closed]
    emulator.rules(object_permissions={"object": "Contact", "read": True, "create": True, "edit": True})
    assert cycle()[1].startswith(f"Over: {closed}, after ")


def test_the_calls_of_the_org_run_out_and_are_used_up(cycle: Any, emulator: Any) -> None:
    cycle()
    emulator.control("limits", {"DailyApiRequests": {"Max": 1000, "Remaining": 200}}, method="PUT")
    assert cycle()[0].startswith("API calls are running out: 80 % of the day’s are used")
    emulator.control("limits", {"DailyApiRequests": {"Max": 1000, "Remaining": 0}}, method="PUT")
    assert "The API calls of the day are used up: nothing syncs" in cycle()
    assert not Alert.objects.filter(kind="sync_down").exists()


def test_a_reason_for_which_nobody_failed_before(cycle: Any, emulator: Any) -> None:
    emulator.create(LastName="Byron", Company="Engines", Email="ada@example.com")
    cycle()
    person = Person.objects.get()
    rule = {"object": "Lead", "name": "V", "formula": 'Title = "Boss"', "message": "No bosses."}
    emulator.rules(validation=rule)
    edit_person(person.pk, {"job_title": "Boss"}, source="test", now=timezone.now())
    (failed,) = cycle()
    assert failed.startswith("New failures: ")
    assert cycle() == [failed]
    edit_person(person.pk, {"job_title": "Chief"}, source="test", now=timezone.now())
    assert cycle()[1].startswith(f"Over: {failed}, after ")
