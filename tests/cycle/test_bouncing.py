"""A machine that tries to make the sync bounce for ever: flows there, campaigns here, faults, and people who decide.

Whatever they do: once the faults stop, a few rounds later the cycles cost one call each, although flows and campaigns
go on, and both sides agree but for the fields that are stopped, which are listed.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule, run_state_machine_as_test

from people.models import Person
from people.services import edit_person
from syncadmin.models import FlipFlop, PendingCreate, SyncFailure, SyncState
from syncadmin.services import sync_people
from syncadmin.services.review import resolving
from syncadmin.sync.flipflop import ROUNDS
from tests.cycle.test_machine import FIELDS, SOAK, BothSides
from tests.emulated import Emulated

#: What a flow there, and a campaign here, set a field to.
WISHES: dict[str, tuple[str, Any]] = {
    "job_title": ('"Mx"', "Dr"),
    "city": ("UPPER(City)", "Ulm"),
    "num_employees": ("7", 5),
    "do_not_call": ("FALSE", True),
}
NAMES = st.sampled_from(sorted(WISHES))


class Bouncing(BothSides):
    campaigns: set[str] = set()

    @initialize()
    def begin_with_nothing_automated(self) -> None:
        self.campaigns: set[str] = set()
        for name in WISHES:
            self._flow(name, is_on=False)

    def _flow(self, name: str, *, is_on: bool) -> None:
        flow = {
            "name": name,
            "object": "Lead",
            "field": FIELDS[name],
            "formula": WISHES[name][0],
            "active": is_on,
        }
        self.emulated.rules(automation=flow)

    @rule(name=NAMES, is_on=st.sampled_from([True, True, False]))
    def somebody_switches_a_flow(self, name: str, is_on: bool) -> None:
        self._flow(name, is_on=is_on)

    @rule(name=NAMES, is_on=st.sampled_from([True, True, False]))
    def somebody_switches_a_campaign(self, name: str, is_on: bool) -> None:
        (self.campaigns.add if is_on else self.campaigns.discard)(name)

    @rule(name=NAMES, times=st.integers(1, 5))
    def they_fight(self, name: str, times: int) -> None:
        self.somebody_switches_a_flow(name, True)
        self.campaigns.add(name)
        for _ in range(times):
            self._campaigns_run()
            self.desk.cycle()

    @rule()
    def cycle(self) -> None:
        self._campaigns_run()
        self.desk.cycle()

    @rule(lead=BothSides.leads)
    def marketer_clicks(self, lead: str) -> None:
        self._campaigns_run()
        for person in Person.objects.filter(sfdc_id=lead):
            sync_people([person.pk], "rules", now=timezone.now(), source="test")

    @rule(how=st.sampled_from(["ours", "theirs", "again"]))
    def somebody_decides(self, how: str) -> None:
        stopped = FlipFlop.objects.filter(state="stopped")
        job = resolving.request(stopped, how, timezone.now(), None)
        assert job is None or job.state == "done"

    def _campaigns_run(self) -> None:
        wishes = {name: WISHES[name][1] for name in self.campaigns}
        for pk in Person.objects.values_list("pk", flat=True):
            edit_person(pk, wishes, source="Campaign", now=timezone.now())

    def teardown(self) -> None:
        if not hasattr(self, "desk"):
            return
        self.emulated.clear_faults()
        SyncFailure.objects.update(retry_at=None, person_version=0)
        PendingCreate.objects.update(is_lost=True)
        # A round takes two cycles: one pushes, one sees it rewritten. Then the one that stops, and what faults left.
        for _ in range(2 * ROUNDS + 4):
            self._campaigns_run()
            self.desk.done()
        self._both_sides_agree()
        self._stopped_are_told()
        for _ in range(3):
            self._campaigns_run()
            self._silence()

    def _stopped_are_told(self) -> None:
        for row in FlipFlop.objects.filter(state="stopped"):
            assert row.rounds == ROUNDS
            assert row.person.activities.filter(type="field_stopped").exists()
            link = SyncState.objects.get(person=row.person_id, is_deleted=False, is_duplicate=False)
            assert link.rounds[row.field]["stopped"]


@pytest.mark.timeout(0 if SOAK else 300)
@pytest.mark.django_db
def test_whatever_bounces_is_stopped_and_the_rest_agrees(emulator: Emulated) -> None:
    Bouncing.emulated = emulator
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        Bouncing,
        settings=settings(
            max_examples=settings().max_examples if SOAK else 5,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_the_machine_does_make_fields_bounce(emulator: Emulated, db: None) -> None:
    machine = Bouncing()
    machine.emulated = emulator
    machine.begin()
    machine.begin_with_nothing_automated()
    for name in WISHES:
        machine.rep_creates()
        machine.they_fight(name, 2 * ROUNDS + 1)
    assert set(FlipFlop.objects.filter(state="stopped").values_list("field", flat=True)) == {
        "job_title", "city", "num_employees", "do_not_call",
    }  # fmt: skip
    machine.teardown()
