"""Backfills: what was there before a field was switched on arrives, once, and the job may be killed at any time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from people.models import Person, PersonField
from syncadmin import services
from syncadmin.models import Backfill, Connection, FieldSync, SyncFailure, SyncState
from syncadmin.salesforce.org import SalesforceOrg
from syncadmin.services import Choice
from syncadmin.services.fields import backfill_stages, backfills
from syncadmin.services.fields.backfills import (
    AlreadyOpenError,
    calls_to_backfill,
    cancel_backfill,
    start_backfill,
)
from syncadmin.services.slices import MAX_ATTEMPTS, PATIENCE
from tests.cycle.conftest import Desk

pytestmark = pytest.mark.django_db


class Filler:
    """Leads with a value in a field that doesn't sync yet, and the job that brings it."""

    def __init__(self, desk: Desk, emulator: Any) -> None:
        self.desk, self.emulator = desk, emulator

    def add(
        self, name: str = "Shoe", type: str = "text", objects: tuple[str, ...] = ("Lead",), **spec: Any
    ) -> None:
        for object in objects:
            added = {"object": object, "name": f"{name}__c", "label": name, "type": type, **spec}
            self.emulator.control("schema", {"add": added})
        self.desk.done()

    def leads(self, number: int, **values: Any) -> list[str]:
        made = [
            self.emulator.create(LastName=f"L{n}", Company="C", Email=f"p{n}@example.com", **values)
            for n in range(number)
        ]
        self.desk.done()
        return made

    def switch_on(
        self, label: str = "Shoe", direction: str = "both", *, fill: bool = True
    ) -> Backfill | None:
        row = next(row for row in services.field_rows() if row.label == label)
        changes = services.plan_changes({row.key: Choice(direction)})
        return services.save_changes(changes, fill=fill, now=timezone.now())

    def work(self, job: Backfill | None) -> Backfill:
        assert job is not None
        while job.is_open:
            services.work_on_backfill(job.pk, timezone.now)
            job.refresh_from_db()
        return job

    def values(self, label: str = "Shoe") -> list[Any]:
        name = PersonField.objects.get(label=label).name
        return [person.value(name) for person in Person.objects.order_by("pk")]


@pytest.fixture
def filler(desk: Desk, emulator: Any) -> Filler:
    return Filler(desk, emulator)


def test_values_that_were_there_before_arrive_and_then_there_is_silence(
    filler: Filler, emulator: Any
) -> None:
    filler.add()
    ids = filler.leads(3, Shoe__c="43")
    job = filler.switch_on()
    assert filler.values() == [None, None, None]
    done = filler.work(job)
    assert filler.values() == ["43", "43", "43"]
    assert (done.state, done.done, done.updated, done.api_calls) == ("done", 3, 3, 1)
    assert all(state.base["shoe"] == "43" for state in SyncState.objects.all())
    stamps = [emulator.read("Lead", sfdc_id)["SystemModstamp"] for sfdc_id in ids]
    entries = len(filler.desk.log(Person.objects.all()[0]))
    assert filler.desk.done().api_calls == 1
    assert stamps == [emulator.read("Lead", sfdc_id)["SystemModstamp"] for sfdc_id in ids]
    assert len(filler.desk.log(Person.objects.all()[0])) == entries


def test_each_value_is_on_the_log_with_where_it_came_from(filler: Filler) -> None:
    filler.add()
    filler.leads(1, Shoe__c="43")
    job = filler.work(filler.switch_on())
    (entry,) = filler.desk.log(Person.objects.get(), "change_data_value")
    assert (entry.attributes["new"], entry.attributes["reason"], entry.source) == (
        "43",
        "Read from Salesforce",
        str(job),
    )


def test_without_a_backfill_a_value_comes_when_its_record_changes(filler: Filler, emulator: Any) -> None:
    filler.add()
    (lead,) = filler.leads(1, Shoe__c="43")
    emulator.control("clock", {"advance_seconds": 3600})
    filler.desk.done()
    assert filler.switch_on(fill=False) is None
    filler.desk.done()
    assert filler.values() == [None]
    emulator.edit("Lead", lead, City="Paris")
    filler.desk.done()
    assert filler.values() == ["43"]


def test_only_the_fields_of_the_backfill_are_touched(filler: Filler, emulator: Any) -> None:
    """A change of another field is the cycle's: it isn't passed over because the record was read meanwhile."""
    filler.add()
    (lead,) = filler.leads(1, Shoe__c="43")
    emulator.edit("Lead", lead, City="Paris")
    filler.work(filler.switch_on())
    person = Person.objects.get()
    assert (person.value("shoe"), person.city) == ("43", "")
    filler.desk.done()
    person.refresh_from_db()
    assert person.city == "Paris"


def test_both_objects_are_read_and_deleted_records_are_left_to_the_cycle(
    filler: Filler, emulator: Any
) -> None:
    filler.add(objects=("Lead", "Contact"))
    gone, _ = filler.leads(2, Shoe__c="43")
    emulator.create("Contact", LastName="C", Email="c@example.com", Shoe__c="44")
    filler.desk.done()
    emulator.delete("Lead", gone)
    done = filler.work(filler.switch_on())
    assert filler.values() == [None, "43", "44"]
    assert (done.done, done.updated, done.api_calls) == (3, 2, 2)
    filler.desk.done()
    assert Person.objects.get(sfdc_id=gone).sfdc_is_deleted


def test_nobody_is_created_by_a_backfill(filler: Filler, emulator: Any) -> None:
    filler.add()
    filler.leads(1, Shoe__c="43")
    emulator.create(LastName="New", Company="C", Shoe__c="1")
    filler.work(filler.switch_on())
    assert Person.objects.count() == 1


def test_a_value_of_ours_goes_there_where_salesforce_has_none(filler: Filler, emulator: Any) -> None:
    filler.add()
    (lead,) = filler.leads(1)
    filler.switch_on(fill=False)
    filler.desk.edit(Person.objects.get(), shoe="43")
    Person.objects.update(changed_at=None)
    job = start_backfill(["shoe"], Backfill.Kind.FILL, timezone.now())
    assert filler.work(job).to_push == 1
    filler.desk.done()
    assert emulator.read("Lead", lead)["Shoe__c"] == "43"


def test_two_values_are_a_conflict_as_always(filler: Filler, emulator: Any) -> None:
    filler.add()
    (lead,) = filler.leads(1, Shoe__c="43")
    emulator.control("clock", {"advance_seconds": 3600})
    filler.switch_on(fill=False)
    filler.desk.edit(Person.objects.get(), shoe="44")
    done = filler.work(start_backfill(["shoe"], Backfill.Kind.FILL, timezone.now()))
    assert done.conflicts == 1
    filler.desk.done()
    assert emulator.read("Lead", lead)["Shoe__c"] == "44"
    assert len(filler.desk.log(Person.objects.get(), "conflict")) == 1


def test_a_field_that_goes_to_salesforce_alone_is_pushed_for_all_who_have_a_value(
    filler: Filler, emulator: Any
) -> None:
    filler.leads(2)
    FieldSync.objects.filter(field__name="website").update(direction="off")
    filler.desk.edit(filler.desk.by_email("p0@example.com"), website="https://example.com")
    filler.desk.done()
    done = filler.work(filler.switch_on("Website", "to_salesforce"))
    assert (done.to_push, done.updated, done.api_calls) == (1, 0, 0)
    filler.desk.done()
    lead = Person.objects.get(email="p0@example.com").sfdc_id
    assert emulator.read("Lead", lead)["Website"] == "https://example.com"
    assert filler.desk.done().api_calls == 1


def test_a_formula_is_read_again_on_demand_for_its_changes_move_no_stamp(
    filler: Filler, emulator: Any
) -> None:
    filler.add("Grade", "formula", formula='IF(NumberOfEmployees >= 10, "A", "B")')
    filler.leads(2, NumberOfEmployees=20)
    filler.work(filler.switch_on("Grade", "from_salesforce"))
    assert filler.values("Grade") == ["A", "A"]
    for _ in range(2):  # until no poll reads the records once more
        emulator.control("clock", {"advance_seconds": 3600})
        filler.desk.done()
    better = {"type": "formula", "formula": 'IF(NumberOfEmployees >= 10, "C", "B")'}
    emulator.control("schema", {"retype": {"object": "Lead", "field": "Grade__c", **better}})
    filler.desk.done()
    assert filler.values("Grade") == ["A", "A"]
    assert "grade" in backfills.formula_fields()
    filler.work(start_backfill(backfills.formula_fields(), Backfill.Kind.REFRESH, timezone.now()))
    assert filler.values("Grade") == ["C", "C"]


# --- The job ------------------------------------------------------------------------------------------------
@pytest.fixture
def small_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backfill_stages, "FETCH", 2)
    monkeypatch.setattr(backfill_stages, "PAGE", 1)
    monkeypatch.setattr(backfills, "STEPS", 1)


def test_it_takes_turns_and_goes_on_where_it_was(filler: Filler, small_portions: None) -> None:
    filler.add()
    filler.leads(5, Shoe__c="43")
    job = filler.switch_on()
    assert job is not None
    services.work_on_backfill(job.pk, timezone.now)  # the stage of conversions: nothing to do
    services.work_on_backfill(job.pk, timezone.now)
    job.refresh_from_db()
    assert (job.state, job.done, job.total) == ("queued", 2, 5)
    assert filler.values().count("43") == 2
    assert filler.work(job).done == 5
    assert filler.values() == ["43"] * 5


def test_killed_in_the_middle_it_is_found_and_done_to_its_end(
    filler: Filler, small_portions: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    filler.add()
    filler.leads(4, Shoe__c="43")
    job = filler.switch_on()
    assert job is not None
    fill, seen = backfill_stages.store.fill_safely, []

    def die_at_the_third(*args: Any) -> Any:
        seen.append(args)
        if len(seen) == 3:
            raise KeyboardInterrupt
        return fill(*args)

    monkeypatch.setattr(backfill_stages.store, "fill_safely", die_at_the_third)
    with pytest.raises(KeyboardInterrupt):
        filler.work(job)
    job.refresh_from_db()
    assert (job.state, job.done) == ("running", 2)
    assert services.work_on_backfill(job.pk, timezone.now) is None  # it may still be somebody's
    backfills.SLICES.requeue_lost(timezone.now() + PATIENCE + timedelta(seconds=1))
    job.refresh_from_db()
    assert filler.work(job).done == 4
    assert filler.values() == ["43"] * 4


def test_a_job_that_kills_its_worker_again_and_again_is_ended_and_says_so(filler: Filler) -> None:
    job = start_backfill(["city"], Backfill.Kind.FILL, timezone.now())
    Backfill.objects.update(state="running", attempts=MAX_ATTEMPTS)
    backfills.SLICES.requeue_lost(timezone.now() + 2 * PATIENCE)
    job.refresh_from_db()
    assert (job.state, job.error_code) == ("failed", "WORKER_GONE")


def test_cancelled_it_stops_after_its_page_and_keeps_what_it_did(
    filler: Filler, small_portions: None
) -> None:
    filler.add()
    filler.leads(4, Shoe__c="43")
    job = filler.switch_on()
    assert job is not None
    for _ in range(2):
        services.work_on_backfill(job.pk, timezone.now)
    assert cancel_backfill(job.pk, timezone.now())
    assert services.work_on_backfill(job.pk, timezone.now) is None
    job.refresh_from_db()
    assert (job.state, job.done) == ("cancelled", 2)
    assert filler.values().count("43") == 2
    assert not cancel_backfill(job.pk, timezone.now())


def test_cancelled_in_the_middle_of_a_turn_nothing_more_is_stored(
    filler: Filler, monkeypatch: pytest.MonkeyPatch
) -> None:
    filler.add()
    filler.leads(2, Shoe__c="43")
    job = filler.switch_on()
    assert job is not None
    monkeypatch.setattr(backfill_stages, "PAGE", 1)
    fetch = SalesforceOrg.fetch

    def cancel_meanwhile(*args: Any) -> Any:
        cancel_backfill(job.pk, timezone.now())
        return fetch(*args)

    monkeypatch.setattr(SalesforceOrg, "fetch", cancel_meanwhile)
    services.work_on_backfill(job.pk, timezone.now)
    job.refresh_from_db()
    assert (job.state, job.done, filler.values()) == ("cancelled", 0, [None, None])


def test_one_at_a_time_per_field(filler: Filler, administrator: User) -> None:
    start_backfill(["city", "phone"], Backfill.Kind.FILL, timezone.now(), administrator)
    with pytest.raises(AlreadyOpenError, match="City"):
        start_backfill(["city"], Backfill.Kind.REFRESH, timezone.now())
    assert start_backfill(["website"], Backfill.Kind.FILL, timezone.now())


def test_salesforce_out_of_reach_for_a_while_costs_time_and_nothing_else(
    filler: Filler, emulator: Any
) -> None:
    filler.add()
    filler.leads(1, Shoe__c="43")
    job = filler.switch_on()
    assert job is not None
    emulator.fault(status=503, match="*composite*", times=50)
    services.work_on_backfill(job.pk, timezone.now)
    job.refresh_from_db()
    assert (job.state, bool(job.error_message)) == ("running", True)
    emulator.clear_faults()
    backfills.SLICES.requeue_lost(timezone.now() + 2 * PATIENCE)
    job.refresh_from_db()
    assert (filler.work(job).state, filler.values()) == ("done", ["43"])


def test_a_value_that_cant_be_stored_stops_nobody_else(
    filler: Filler, emulator: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    filler.add()
    ids = filler.leads(3, Shoe__c="43")
    emulator.edit("Lead", ids[1], Shoe__c="bad")
    from syncadmin.store import backfills as store

    take = store.decide_pull

    def refuse(raw: Any, *args: Any) -> Any:
        if raw["Shoe__c"] == "bad":
            raise ValueError("bad")
        return take(raw, *args)

    monkeypatch.setattr(store, "decide_pull", refuse)
    done = filler.work(filler.switch_on())
    assert (done.updated, done.failed) == (2, 1)
    assert SyncFailure.objects.get().sfdc_id == ids[1]


def test_a_page_costs_as_many_statements_for_many_people(
    filler: Filler, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    filler.add()
    filler.leads(30, Shoe__c="43")
    job = filler.switch_on()
    with django_assert_max_num_queries(70):
        filler.work(job)
    assert filler.values() == ["43"] * 30


def test_the_price_is_known_beforehand(filler: Filler, connection: Connection) -> None:
    filler.add()
    filler.leads(3)
    assert calls_to_backfill() == 1
    assert calls_to_backfill(reads=False, pushes=True) == 2
    assert calls_to_backfill(reads=False) == 0
