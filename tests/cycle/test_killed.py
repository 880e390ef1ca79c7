"""A worker may be killed at any statement and around any request: a delay, and nothing else."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from people.models import Person
from syncadmin.models import Connection, SyncRule, SyncRun
from syncadmin.services import connect, run_sync_cycle, sync_people
from tests.cycle import killing
from tests.cycle.agreement import Agreement, no_lead_is_doubled, silence
from tests.cycle.conftest import Desk
from tests.cycle.wire import Clock, no_waiting
from tests.emulated import Emulated

pytestmark = [
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
    pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork"),
]
SOAK = os.environ.get("HYPOTHESIS_PROFILE") == "soak"
FOREVER = 10**9


class World:
    """Both sides, with something of everything to do in each round."""

    def __init__(self, emulated: Emulated, clock: Clock) -> None:
        self.emulated, self.clock, self.round = emulated, clock, 0
        made = Connection(instance_url=emulated.url, client_id="demo", client_secret="demo")
        assert connect(made, timezone.now()).ok
        SyncRule.objects.create(
            kind="inclusion", is_on=True, changed_at=timezone.now(),
            conditions=[{"field": "city", "operator": "is", "values": ["Rome"]}],
        )  # fmt: skip
        self.desk = Desk(made)
        self.asked: list[int] = []

    def lead(self, name: str) -> str:
        number = f"{name}{self.round}"
        return self.emulated.create(LastName=number, Company="C", Email=f"{number}@example.com", Title="Old")

    def begin_round(self) -> None:
        """Linked records, in step; then on both sides a change of every kind."""
        self.round += 1
        there = {name: self.lead(name) for name in ("a", "b", "c", "d", "e", "f", "g")}
        self.desk.done()
        here = {name: self.desk.by_email(f"{name}{self.round}@example.com") for name in there}
        self.desk.edit(here["a"], job_title="Ours", phone="1")
        self.emulated.edit("Lead", there["b"], Title="Theirs", City="Bonn")
        self.desk.edit(here["c"], job_title="Ours")
        self.emulated.edit("Lead", there["c"], Title="Theirs")
        self.emulated.delete("Lead", there["d"])
        self.desk.edit(here["e"], phone="2")
        self.emulated.convert(there["e"])
        self.desk.edit(here["f"], website="https://f.example")
        self.emulated.control("merge", {"object": "Lead", "master": there["g"], "losers": [there["f"]]})
        self.lead("new")
        self.asked = []
        for number in range(3):
            name = f"P{self.round}-{number}"
            person = self.desk.person(last_name=name, company="C", email=f"{name}@example.com", city="Rome")
            self.asked.append(person.pk)

    def cycle(self) -> None:
        run_sync_cycle("command", timezone.now)

    def click(self) -> None:
        sync_people(self.asked, "rules", now=timezone.now(), source="test")

    def calm_down(self) -> None:
        """A while later two cycles have run, and everything is as if nothing had happened."""
        self.clock.ahead += timedelta(minutes=7)
        self.emulated.control("clock", {"advance_seconds": 7 * 60})
        for _ in range(2):
            self.desk.done()
        Agreement(self.emulated).check()
        no_lead_is_doubled(self.emulated, "P")
        people = Person.objects.filter(pk__in=self.asked).values_list("sfdc_id", flat=True)
        made = self.emulated.query(f"SELECT Id FROM Lead WHERE LastName LIKE 'P{self.round}-%'")
        assert sorted(people) == sorted(raw["Id"] for raw in made)
        assert len(made) == 3, "created once, each of them"
        silence(self.desk, self.emulated)


@pytest.fixture
def world(emulator: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[World]:
    with killing.shared_database(tmp_path), no_waiting(monkeypatch):
        yield World(emulator, Clock(monkeypatch))


def moments(number: int, few: int) -> list[int]:
    """All moments of a work, or a few of them, others each time."""
    everything = range(1, number + 1)
    return list(everything) if SOAK else sorted(random.sample(everything, min(few, number)))


@pytest.mark.timeout(0 if SOAK else 200)
@pytest.mark.parametrize(("work", "few"), [("cycle", 8), ("click", 4)])
def test_killed_at_any_moment_a_worker_leaves_nothing_lost_doubled_or_half_done(
    world: World, work: str, few: int
) -> None:
    world.begin_round()
    number = killing.end(killing.start(getattr(world, work), FOREVER))
    assert number > 20
    world.calm_down()
    for moment in moments(number, few):
        world.begin_round()
        killing.end(killing.start(getattr(world, work), moment))
        try:
            world.calm_down()
        except AssertionError as error:
            raise AssertionError(f"killed at moment {moment} of {number}: {error}") from error


@pytest.mark.timeout(200)
def test_a_cycle_and_two_clicks_in_three_processes_at_once_create_everybody_once(world: World) -> None:
    world.begin_round()
    processes = [killing.start(work, FOREVER) for work in (world.cycle, world.click, world.click)]
    for process in processes:
        killing.end(process)
    world.calm_down()


@pytest.mark.timeout(200)
def test_two_workers_at_once_run_one_cycle(world: World) -> None:
    world.begin_round()
    before = SyncRun.objects.count()
    processes = [killing.start(world.cycle, FOREVER) for _ in range(2)]
    for process in processes:
        killing.end(process)
    assert not SyncRun.objects.filter(state="running").exists()
    assert SyncRun.objects.count() - before in (1, 2)
    world.calm_down()
