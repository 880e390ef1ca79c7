"""Whatever reps, marketers, administrators, networks and clocks do, the two sides end equal."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

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
