"""Whatever reps, marketers, administrators, networks and clocks do, the two sides end equal."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from people.models import Person
from tests.cycle.agreement import Agreement, silence
from tests.cycle.conftest import Desk
from tests.cycle.lives import Lives
from tests.cycle.walks import Walk
from tests.cycle.wire import Clock, Wire, no_waiting
from tests.emulated import Emulated

pytestmark = pytest.mark.django_db
SOAK = settings().max_examples >= 1_000
FIRST = int(os.environ.get("FIRST_SEED", "1"))


@pytest.fixture
def lives(emulator: Emulated, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Lives]]:
    Lives.emulated, Lives.wire, Lives.clock = emulator, Wire(monkeypatch), Clock(monkeypatch)
    with no_waiting(monkeypatch):
        yield Lives


@pytest.mark.timeout(0 if SOAK else 300)
def test_the_two_sides_end_equal_whatever_lives_records_lead(lives: type[Lives]) -> None:
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        lives,
        settings=settings(
            max_examples=settings().max_examples if SOAK else 5,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.timeout(200)
@pytest.mark.parametrize("seed", range(FIRST, FIRST + (1_000 if SOAK else 3)))
def test_so_they_do_after_a_long_walk(lives: type[Lives], seed: int) -> None:
    machine = lives()
    walk = Walk(machine, seed)
    try:
        walk.go(60)
        machine.finish()
    except Exception as error:
        raise AssertionError("\n".join([f"{type(error).__name__}: {error}", *walk.path])) from error
    finally:
        machine.leave()


# --- What the machines have found ---------------------------------------------------------------------------
def test_merged_into_a_record_that_was_deleted_before_anybody_looked(desk: Desk, emulator: Emulated) -> None:
    """Seed 469. The person that remains said that it was the merged record, which is no more."""
    master, loser = (
        emulator.create(LastName=name, Company="C", Email=f"{name}@example.com") for name in ("a", "b")
    )
    desk.done()
    emulator.control("merge", {"object": "Lead", "master": master, "losers": [loser]})
    emulator.delete("Lead", master)
    desk.done()
    person = Person.objects.get()
    assert (person.sfdc_id, person.sfdc_state) == (master, "deleted")
    desk.done()
    Agreement(emulator).check()
    silence(desk, emulator)
