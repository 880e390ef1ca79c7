"""A machine that tries to break the sync: random edits on both sides, clicks, cycles, faults.

When the faults stop: within two cycles both sides agree field by field; then a cycle writes nothing on either side
and costs one API call; no Lead and no person is lost or doubled.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from people.models import Activity, LeadOwner, Person
from syncadmin.models import (
    Connection,
    FieldSync,
    ObjectField,
    PendingCreate,
    PullCursor,
    SyncFailure,
    SyncRun,
)
from syncadmin.services import connect, sync_people
from syncadmin.store.rules import load_rules
from syncadmin.sync.fields import Direction
from syncadmin.sync.values import normalise
from tests.cycle.agreement import stopped_fields
from tests.cycle.conftest import Desk
from tests.emulated import Emulated

#: person field → Lead field, of three types.
FIELDS = {
    "job_title": "Title",
    "city": "City",
    "num_employees": "NumberOfEmployees",
    "do_not_call": "DoNotCall",
}
TEXTS = st.sampled_from(["", "a", "b", " a "])
EDITS = st.one_of(
    st.tuples(st.sampled_from(["job_title", "city"]), TEXTS),
    st.tuples(st.just("num_employees"), st.sampled_from([None, 1, 2])),
    st.tuples(st.just("do_not_call"), st.booleans()),
)
FAULTS = st.sampled_from(
    [
        {"drop": "before", "match": "*composite*"},
        {"drop": "after", "match": "*composite*"},
        {"status": 503, "match": "*composite*"},
        {"error_code": "UNABLE_TO_LOCK_ROW", "match": "*composite*"},
        {"truncate": 120, "match": "*composite*"},
    ]
)


class BothSides(RuleBasedStateMachine):
    emulated: Emulated
    leads = Bundle("leads")
    people = Bundle("people")

    @initialize()
    def begin(self) -> None:
        for model in (SyncFailure, PendingCreate, Activity, Person, SyncRun, PullCursor, FieldSync, ObjectField,
                      LeadOwner, Connection):  # fmt: skip
            model.objects.all().delete()
        self.emulated.reset("empty")
        made = Connection(instance_url=self.emulated.url, client_id="demo", client_secret="demo")
        assert connect(made, timezone.now()).ok
        self.desk = Desk(made)
        self.number = 0

    def _email(self) -> str:
        self.number += 1
        return f"p{self.number}@example.com"

    @rule(target=leads)
    def rep_creates(self) -> str:
        return self.emulated.create(LastName=f"L{self.number}", Company="C", Email=self._email())

    @rule(target=people)
    def marketer_creates(self) -> Person:
        email = self._email()
        return self.desk.person(last_name=f"P{self.number}", company="C", email=email)

    @rule(lead=leads, edit=EDITS)
    def rep_edits(self, lead: str, edit: tuple[str, Any]) -> None:
        name, value = edit
        self.emulated.edit("Lead", lead, **{FIELDS[name]: value})

    @rule(lead=leads, edit=EDITS)
    def marketer_edits_who_came_from_salesforce(self, lead: str, edit: tuple[str, Any]) -> None:
        person = Person.objects.filter(sfdc_id=lead).first()
        if person is not None:
            self.desk.edit(person, **self._clean(edit))

    @rule(person=people, edit=EDITS)
    def marketer_edits(self, person: Person, edit: tuple[str, Any]) -> None:
        self.desk.edit(person, **self._clean(edit))

    @staticmethod
    def _clean(edit: tuple[str, Any]) -> dict[str, Any]:
        name, value = edit
        return {name: value.strip() if isinstance(value, str) else value}

    @rule(person=people)
    def marketer_syncs(self, person: Person) -> None:
        sync_people([person.pk], "rules", now=timezone.now(), source="test")

    @rule()
    def cycle(self) -> None:
        self.desk.cycle()

    @rule(fault=FAULTS, after=st.integers(0, 2), times=st.integers(1, 3))
    def something_breaks(self, fault: dict[str, Any], after: int, times: int) -> None:
        self.emulated.fault(**fault, after=after, times=times)

    @rule()
    def the_session_expires(self) -> None:
        self.emulated.expire_sessions()
        self.emulated.login()

    def teardown(self) -> None:
        if not hasattr(self, "desk"):
            return
        self.emulated.clear_faults()
        SyncFailure.objects.update(retry_at=None, person_version=0)
        PendingCreate.objects.update(is_lost=True)
        for _ in range(2):
            self.desk.done()
        self._both_sides_agree()
        self._silence()

    def _both_sides_agree(self) -> None:
        raws = {raw["Id"]: raw for raw in self.emulated.query(
            "SELECT Id, Email, LastName, Company, Title, City, NumberOfEmployees, DoNotCall FROM Lead"
        )}  # fmt: skip
        emails = [raw["Email"] for raw in raws.values()]
        assert len(emails) == len(set(emails)), "a Lead was doubled"
        here = list(Person.objects.values_list("email", flat=True))
        assert len(here) == len(set(here)), "a person was doubled"
        assert set(emails) <= set(here), "a Lead was lost"
        assert {p.sfdc_id for p in Person.objects.exclude(sfdc_id="")} == raws.keys()
        stopped = stopped_fields()
        lead = load_rules(Connection.objects.get())["Lead"]
        for person in Person.objects.exclude(sfdc_id=""):
            theirs = lead.read(raws[person.sfdc_id])
            for name in (*FIELDS, "email", "last_name", "company"):
                field = lead.by_name[name]
                assert field.direction is Direction.BOTH
                if (person.pk, name) in stopped:
                    continue
                assert normalise(field.type, getattr(person, name)) == theirs[name], (name, person.pk)

    def _silence(self) -> None:
        stamps = {
            raw["Id"]: raw["SystemModstamp"]
            for raw in self.emulated.query("SELECT Id, SystemModstamp FROM Lead")
        }
        activities = Activity.objects.count()
        assert self.desk.done().api_calls == 1
        assert Activity.objects.count() == activities
        assert stamps == {
            raw["Id"]: raw["SystemModstamp"]
            for raw in self.emulated.query("SELECT Id, SystemModstamp FROM Lead")
        }


SOAK = settings().max_examples >= 1_000


@pytest.mark.timeout(0 if SOAK else 300)
@pytest.mark.django_db
def test_the_two_sides_end_equal_whatever_happens(emulator: Emulated) -> None:
    BothSides.emulated = emulator
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        BothSides,
        settings=settings(
            max_examples=settings().max_examples if SOAK else 5,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
