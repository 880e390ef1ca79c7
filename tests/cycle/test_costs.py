"""The model of what the sync costs, held against what the emulator counts."""

from __future__ import annotations

from typing import Any

import pytest
from django.db.models import F
from django.utils import timezone

from people.models import Person
from syncadmin.models import Connection, SyncRule
from syncadmin.services import sync_people
from syncadmin.services.reconcile import checks
from syncadmin.sync import bulk, costs
from syncadmin.sync.costs import Plan
from tests.cycle.conftest import Desk

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def without_guard(desk: Desk) -> None:
    Connection.objects.update(guard_share=0)


def filled(emulator: Any, desk: Desk, number: int) -> None:
    """So many Leads, read; nothing of them waits or is read again."""
    emulator.reset(number)
    desk.done()
    emulator.control("clock", {"advance_seconds": 3600})
    emulator.login()
    desk.done()


def edit(number: int, city: str = "Paris") -> None:
    """So many people changed here, in one statement."""
    ids = list(Person.objects.order_by("pk").values_list("pk", flat=True)[:number])
    changed = Person.objects.filter(pk__gte=ids[0], pk__lte=ids[-1])
    changed.update(city=city, changed_at=timezone.now(), version=F("version") + 1)


def calls(emulator: Any, work: Any) -> int:
    before = emulator.api_calls()
    work()
    return int(emulator.api_calls()) - before


def test_an_idle_cycle_is_one_call(desk: Desk, emulator: Any) -> None:
    filled(emulator, desk, 10)
    assert calls(emulator, desk.done) == 1


@pytest.mark.parametrize("number", [0, 1, 2_000, 2_001, 4_500])
def test_a_pull_is_half_a_call_for_a_thousand_records(desk: Desk, emulator: Any, number: int) -> None:
    emulator.reset(number)
    assert calls(emulator, desk.done) == 1 + costs.to_pull(number)


@pytest.mark.parametrize("number", [1, 1_000, 1_001, 2_500])
def test_a_push_is_two_calls_for_a_thousand_people_and_its_echo_half_a_call(
    desk: Desk, emulator: Any, number: int
) -> None:
    filled(emulator, desk, 2_500)
    edit(number)
    assert calls(emulator, desk.done) == 1 + costs.to_push(number)
    assert calls(emulator, desk.done) == 1 + costs.to_pull(number)


def test_a_bulk_push_costs_no_more_than_is_said_and_a_fraction_of_rest(
    desk: Desk, emulator: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(emulator, desk, 2_500)
    edit(2_500)
    monkeypatch.setattr(bulk, "PUSH_FROM", 2_000)
    spent = calls(emulator, desk.done) - 1
    assert costs.to_push(2_500) - costs.BULK_WRITE < spent <= costs.to_push(2_500)
    assert costs.to_push(50_000) < costs.to_push(50_000, by_bulk=False) // 4


@pytest.mark.parametrize("number", [1, 1_000, 1_001])
def test_creating_is_two_calls_for_a_thousand_leads(desk: Desk, emulator: Any, number: int) -> None:
    desk.done()
    now = timezone.now()
    Person.objects.bulk_create(
        Person(last_name=f"L{n}", company="C", email=f"p{n}@example.com", created_at=now, updated_at=now)
        for n in range(number)
    )
    SyncRule.objects.create(kind="inclusion", is_on=True, conditions=[], changed_at=now)
    assert calls(emulator, desk.done) == 1 + costs.to_create(number)


def test_a_click_costs_no_more_than_is_said(desk: Desk, emulator: Any) -> None:
    person = desk.person(last_name="Hopper", company="Navy", email="g@example.com")

    def click() -> None:
        sync_people([person.pk], "rules", now=timezone.now(), source="test")

    assert calls(emulator, click) == costs.CALLS_A_CLICK
    desk.edit(person, city="London")
    assert calls(emulator, click) <= costs.CALLS_A_CLICK


@pytest.mark.parametrize("number", [0, 1, 1_999, 2_000, 4_500])
def test_a_full_check_is_half_a_call_for_a_thousand_records(desk: Desk, emulator: Any, number: int) -> None:
    filled(emulator, desk, number)
    spent = calls(emulator, lambda: checks.check_now(timezone.now))
    assert spent == costs.to_check(number) + costs.to_check(0)


@pytest.mark.parametrize(("here", "there"), [(0, 0), (3, 0), (8, 8), (900, 0)])
def test_a_day_of_six_cycles_costs_what_the_calculator_says(
    desk: Desk, emulator: Any, here: int, there: int
) -> None:
    filled(emulator, desk, 900)
    plan = Plan(pause=240, here=here, there=there)
    told = costs.costs(plan)
    assert told.cycles == 6
    people = list(Person.objects.order_by("pk"))

    def day() -> None:
        for cycle in range(6):
            for person in people[cycle:here:6]:
                desk.edit(person, city=f"C{cycle}")
            for person in people[cycle:there:6]:
                emulator.edit("Lead", person.sfdc_id, Phone=f"{cycle}")
            desk.done()

    assert calls(emulator, day) == told.total
