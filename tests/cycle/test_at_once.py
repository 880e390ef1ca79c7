"""Two at the same moment: whatever one does between any two requests of the other, nothing is done twice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from people.models import Person
from syncadmin.services import sync_people
from tests.cycle.agreement import Agreement, silence
from tests.cycle.conftest import Desk
from tests.cycle.wire import Clock, Wire, no_waiting

pytestmark = pytest.mark.django_db
MOMENTS = [(at, is_after) for at in range(1, 5) for is_after in (False, True)]


def click(*people: Person, assign_to: str = "rules") -> None:
    sync_people([person.pk for person in people], assign_to, now=timezone.now(), source="test")


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Any:
    with no_waiting(monkeypatch):
        yield Wire(monkeypatch)


@pytest.mark.parametrize(("at", "is_after"), MOMENTS)
@pytest.mark.parametrize("email", ["ada@example.com", ""])
def test_two_clicks_at_once_make_one_lead(
    desk: Desk, emulator: Any, wire: Wire, at: int, is_after: bool, email: str
) -> None:
    desk.done()
    person = desk.person(last_name="Byron", company="Engines", email=email)
    with wire.at(at, is_after=is_after, act=lambda: click(person)):
        click(person)
    click(person)
    desk.done()
    (lead,) = emulator.query("SELECT Id FROM Lead")
    assert Person.objects.get().sfdc_id == lead["Id"]
    Agreement(emulator).check()
    silence(desk, emulator)


@pytest.mark.parametrize(("at", "is_after"), MOMENTS)
def test_a_contact_that_is_given_to_a_queue_twice_at_once_has_one_duplicate(
    desk: Desk, emulator: Any, wire: Wire, at: int, is_after: bool
) -> None:
    emulator.create("Contact", LastName="Byron", Email="ada@example.com")
    desk.done()
    person = desk.by_email("ada@example.com")
    desk.edit(person, company="Engines")
    (queue,) = emulator.query("SELECT Id FROM Group WHERE Type = 'Queue' LIMIT 1")
    with wire.at(at, is_after=is_after, act=lambda: click(person, assign_to=f"queue:{queue['Id']}")):
        click(person, assign_to=f"queue:{queue['Id']}")
    assert len(emulator.query("SELECT Id FROM Lead")) == 1


@pytest.mark.parametrize(("at", "is_after"), MOMENTS)
def test_an_edit_while_a_cycle_pushes_the_same_field_is_not_lost(
    desk: Desk, emulator: Any, wire: Wire, at: int, is_after: bool
) -> None:
    lead = emulator.create(LastName="Byron", Company="Engines", Email="ada@example.com")
    desk.done()
    person = desk.by_email("ada@example.com")
    desk.edit(person, job_title="first")
    with wire.at(at, is_after=is_after, act=lambda: desk.edit(person, job_title="second", city="Rome")):
        desk.done()
    desk.done()
    desk.done()
    assert emulator.read("Lead", lead)["Title"] == desk.by_email("ada@example.com").job_title
    Agreement(emulator).check()
    silence(desk, emulator)


# --- Clocks that differ ---------------------------------------------------------------------------------
@pytest.mark.parametrize("minutes", [-90, 90])
def test_a_create_whose_answer_was_lost_is_found_however_far_our_clock_is_off(
    desk: Desk, emulator: Any, wire: Wire, monkeypatch: pytest.MonkeyPatch, minutes: int
) -> None:
    Clock(monkeypatch).ahead = timedelta(minutes=minutes)
    desk.done()
    person = desk.person(last_name="Byron", company="Engines")
    emulator.fault(drop="after", match="*composite*", times=1)
    click(person)
    click(person)
    desk.done()
    (lead,) = emulator.query("SELECT Id FROM Lead")
    assert Person.objects.get().sfdc_id == lead["Id"]
