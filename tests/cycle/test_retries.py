"""Retries end: what passes by itself is tried again a few times, what doesn't waits until something has changed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from people.models import LeadOwner, Person
from syncadmin import services
from syncadmin.models import Connection, FailureGroup, SyncFailure
from syncadmin.services import Choice, failures, sync_people
from syncadmin.services.sync_settings import save_settings
from syncadmin.store import pushes
from tests.cycle.conftest import Ada, Desk
from tests.cycle.wire import Clock, no_waiting
from tests.emulated import Emulated

pytestmark = pytest.mark.django_db
NO_LONDON = {
    "object": "Lead", "name": "No_London", "formula": 'City = "London"', "message": "London is closed.",
    "field": "City",
}  # fmt: skip


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Any:
    with no_waiting(monkeypatch):
        yield Clock(monkeypatch)


@pytest.fixture
def refused(desk: Desk, emulator: Emulated, ada: Ada) -> SyncFailure:
    """Ada's city, refused by a validation rule; and no cycle reads her record once more."""
    calm(desk, emulator)
    emulator.rules(validation=[NO_LONDON])
    desk.edit(ada[0], city="London")
    desk.done()
    return the_failure()


def calm(desk: Desk, emulator: Emulated) -> None:
    """Until no poll reads a record once more because it is fresh."""
    for _ in range(2):
        emulator.control("clock", {"advance_seconds": 3600})
        desk.done()


def the_failure() -> SyncFailure:
    return SyncFailure.objects.get()


def sends(desk: Desk) -> bool:
    """Whether a cycle sends somebody."""
    return desk.done().steps.filter(operation="push").exists()


# --- For good -----------------------------------------------------------------------------------------------
def test_a_hopeless_retry_costs_nothing(desk: Desk, emulator: Emulated, refused: SyncFailure) -> None:
    before = emulator.api_calls()
    for _ in range(4):
        assert desk.done().api_calls == 1
    assert emulator.api_calls() - before == 4
    assert (the_failure().attempts, the_failure().retry_at) == (1, None)


def test_a_rule_that_is_gone_from_salesforce_is_found_out_by_a_retry_by_hand(
    desk: Desk, emulator: Emulated, refused: SyncFailure
) -> None:
    emulator.rules(validation=[NO_LONDON | {"remove": True}])
    assert not sends(desk)  # nobody told us
    assert refused.person_id is not None
    sync_people([refused.person_id], "rules", now=timezone.now(), source="test")
    failure = the_failure()
    assert failure.state == "resolved"
    assert failure.resolved_at is not None


def test_it_is_sent_again_once_the_record_has_changed_in_salesforce(
    desk: Desk, emulator: Emulated, refused: SyncFailure
) -> None:
    emulator.edit("Lead", refused.sfdc_id, Website="https://ada.example")
    assert sends(desk)
    assert (the_failure().attempts, the_failure().record_changed) == (2, False)
    calm(desk, emulator)
    assert (the_failure().attempts, desk.done().api_calls) == (2, 1)


def test_it_is_sent_again_once_the_field_settings_have_changed(desk: Desk, refused: SyncFailure) -> None:
    row = next(row for row in services.field_rows() if row.label == "Fax Number")
    services.save_changes(services.plan_changes({row.key: Choice("off")}), fill=False, now=timezone.now())
    assert sends(desk)
    assert not sends(desk)
    row = next(row for row in services.field_rows() if row.label == "City")
    services.save_changes(services.plan_changes({row.key: Choice("off")}), fill=False, now=timezone.now())
    desk.done()
    assert the_failure().state == "resolved"


def test_it_is_sent_again_once_salesforces_schema_has_changed(
    desk: Desk, emulator: Emulated, ada: Ada
) -> None:
    emulator.control("schema", {"add": {
        "object": "Lead", "name": "Size__c", "label": "Size", "type": "picklist", "values": ["S", "M"],
        "restricted": True,
    }})  # fmt: skip
    desk.done()
    row = next(row for row in services.field_rows() if row.label == "Size")
    services.save_changes(services.plan_changes({row.key: Choice("both")}), fill=False, now=timezone.now())
    desk.done()
    desk.edit(ada[0], size="XXL")
    desk.done()
    assert the_failure().code == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
    calm(desk, emulator)
    assert the_failure().attempts == 1
    emulator.control("schema", {"retype": {
        "object": "Lead", "field": "Size__c", "type": "picklist", "values": ["S", "M", "XXL"],
    }})  # fmt: skip
    desk.done()
    assert the_failure().state == "resolved"


@pytest.mark.parametrize(("values", "again"), [
    ({"pause_minutes": 7}, False), ({"default_company": "Unknown"}, True), ({"default_company": ""}, False),
])  # fmt: skip
def test_only_settings_that_decide_what_is_sent_let_it_be_sent_again(
    values: dict[str, Any], again: bool, desk: Desk, refused: SyncFailure
) -> None:
    save_settings(values)
    assert sends(desk) is again


def test_a_change_of_the_settings_while_it_was_under_way_is_not_missed(
    desk: Desk, emulator: Emulated, ada: Ada, monkeypatch: pytest.MonkeyPatch
) -> None:
    emulator.rules(validation=[NO_LONDON])
    desk.edit(ada[0], city="London")
    remember = pushes.failures.record_pushes

    def changed_meanwhile(*args: Any) -> None:
        save_settings({"default_company": "Unknown"})
        remember(*args)

    with monkeypatch.context() as patch:
        patch.setattr(pushes.failures, "record_pushes", changed_meanwhile)
        desk.done()
    assert sends(desk)


def test_who_is_ignored_is_left_alone_whatever_changes_and_resolved_when_it_works(
    desk: Desk, emulator: Emulated, refused: SyncFailure
) -> None:
    failures.ignore(SyncFailure.objects.all(), "A test record", timezone.now())
    emulator.edit("Lead", refused.sfdc_id, Website="https://ada.example")
    save_settings({"default_company": "Unknown"})
    assert not sends(desk)
    failure = the_failure()
    assert (failure.state, failure.resolved_at, failure.ignored_because) == ("ignored", None, "A test record")
    desk.edit(Person.objects.get(), city="Paris")
    desk.done()
    assert the_failure().state == "resolved"


def test_who_is_ignored_and_synced_by_hand_is_tried_again_like_anybody(
    desk: Desk, emulator: Emulated, ada: Ada, clock: Clock
) -> None:
    emulator.rules(validation=[NO_LONDON])
    desk.edit(ada[0], city="London")
    desk.done()
    failures.ignore(SyncFailure.objects.all(), "A test record", timezone.now())
    emulator.rules(validation=[NO_LONDON | {"remove": True}])
    emulator.fault(error_code="UNABLE_TO_LOCK_ROW")
    sync_people([ada[0].pk], "rules", now=timezone.now(), source="test")
    assert set(SyncFailure.objects.values_list("state", flat=True)) == {"ignored", "open"}
    emulator.clear_faults()
    clock.ahead += timedelta(minutes=2)
    desk.done()
    assert set(SyncFailure.objects.values_list("state", flat=True)) == {"resolved"}
    assert not SyncFailure.objects.filter(resolved_at=None).exists()


# --- For the time being -----------------------------------------------------------------------------------------
@pytest.fixture
def locked(desk: Desk, emulator: Emulated, ada: Ada, clock: Clock) -> SyncFailure:
    """Ada's record is locked by somebody for ever."""
    calm(desk, emulator)
    Connection.objects.update(max_tries=3)
    emulator.fault(error_code="UNABLE_TO_LOCK_ROW")
    desk.edit(ada[0], city="London")
    desk.done()
    return the_failure()


def test_a_lock_is_tried_again_after_longer_and_longer_pauses_and_then_no_more(
    desk: Desk, emulator: Emulated, locked: SyncFailure, clock: Clock
) -> None:
    assert not sends(desk)
    for minutes, tries in ((1, 2), (2, 3)):
        clock.ahead += timedelta(minutes=minutes, seconds=1)
        assert sends(desk)
        assert the_failure().tries == tries
    assert (the_failure().stopped, the_failure().retry_at) == ("exhausted", None)
    clock.ahead += timedelta(days=1)
    before = emulator.api_calls()
    assert not any(sends(desk) for _ in range(3))
    assert emulator.api_calls() - before == 3


def test_whom_it_gave_up_is_retried_by_hand_and_begins_anew(
    desk: Desk, emulator: Emulated, locked: SyncFailure, clock: Clock
) -> None:
    SyncFailure.objects.update(stopped="exhausted", retry_at=None, tries=3)
    assert locked.person_id is not None
    sync_people([locked.person_id], "rules", now=timezone.now(), source="test")
    failure = the_failure()
    assert (failure.tries, failure.stopped, failure.retry_at is not None) == (1, "", True)
    emulator.clear_faults()
    clock.ahead += timedelta(minutes=2)
    assert sends(desk)
    assert the_failure().state == "resolved"


def test_retries_that_were_cancelled_stay_so_until_the_person_is_edited(
    desk: Desk, emulator: Emulated, locked: SyncFailure, clock: Clock
) -> None:
    assert failures.cancel(SyncFailure.objects.all(), None) == 1
    clock.ahead += timedelta(days=1)
    emulator.clear_faults()
    emulator.edit("Lead", locked.sfdc_id, Website="https://ada.example")
    save_settings({"default_company": "Unknown"})
    assert not sends(desk)
    desk.edit(Person.objects.get(), city="Paris")
    emulator.fault(error_code="UNABLE_TO_LOCK_ROW")
    assert sends(desk)
    assert (the_failure().stopped, the_failure().tries) == ("", 1)


def test_retries_cancelled_while_one_is_under_way_stay_cancelled(
    desk: Desk, locked: SyncFailure, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    remember = pushes.failures.record_pushes

    def cancelled_meanwhile(*args: Any) -> None:
        failures.cancel(SyncFailure.objects.all(), None)
        remember(*args)

    monkeypatch.setattr(pushes.failures, "record_pushes", cancelled_meanwhile)
    clock.ahead += timedelta(minutes=2)
    assert sends(desk)
    assert (the_failure().stopped, the_failure().retry_at) == ("cancelled", None)


def test_a_click_that_met_the_limit_of_the_day_is_made_up_for_by_a_cycle(
    desk: Desk, emulator: Emulated, ada: Ada, clock: Clock
) -> None:
    emulator.fault(error_code="REQUEST_LIMIT_EXCEEDED")
    sync_people([ada[0].pk], "rules", now=timezone.now(), source="test")
    assert (the_failure().code, the_failure().is_permanent) == ("REQUEST_LIMIT_EXCEEDED", False)
    clock.ahead += timedelta(minutes=2)
    assert desk.cycle().state == "waiting"
    assert the_failure().tries == 1
    emulator.clear_faults()
    desk.done()
    assert the_failure().state == "resolved"


def test_an_owner_that_was_asked_for_is_asked_for_again(
    desk: Desk, emulator: Emulated, ada: Ada, clock: Clock
) -> None:
    person, sfdc_id = ada
    owner = (
        LeadOwner.objects.filter(kind="user", is_active=True).exclude(pk=person.owner_id).order_by("name")[0]
    )
    LeadOwner.objects.update(is_offered=True)
    desk.edit(person, city="London")
    emulator.fault(error_code="UNABLE_TO_LOCK_ROW")
    sync_people([person.pk], f"user:{owner.pk}", now=timezone.now(), source="test")
    assert the_failure().retry_at is not None
    emulator.clear_faults()
    desk.done()
    assert the_failure().state == "open"
    clock.ahead += timedelta(minutes=2)
    run = desk.done()
    assert desk.counts(run, "push") == {"updated": 1}
    lead = emulator.read("Lead", sfdc_id)
    assert (lead["OwnerId"], lead["City"]) == (owner.pk, "London")
    assert the_failure().state == "resolved"


# --- Killed, and grouped -------------------------------------------------------------------------------------------
def test_a_worker_that_dies_between_the_refusal_and_its_storing_costs_one_more_try(
    desk: Desk, emulator: Emulated, ada: Ada, monkeypatch: pytest.MonkeyPatch
) -> None:
    emulator.rules(validation=[NO_LONDON])
    desk.edit(ada[0], city="London")

    def die(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(pushes.failures.SyncFailure.objects, "bulk_create", die)
        with pytest.raises(KeyboardInterrupt):
            desk.cycle()
    assert not SyncFailure.objects.exists()
    assert not FailureGroup.objects.exists()
    desk.done()
    assert the_failure().attempts == 1
    assert the_failure().group == FailureGroup.objects.get()


def test_whom_the_same_rule_refuses_is_of_one_group_and_another_cause_begins_anew(
    desk: Desk, emulator: Emulated
) -> None:
    for number in range(3):
        emulator.create(LastName=f"L{number}", Company="C", Email=f"p{number}@example.com")
    desk.done()
    for number, person in enumerate(Person.objects.all()):
        desk.edit(person, phone=f"{number}" * 60)
    desk.done()
    group = FailureGroup.objects.get()
    assert (group.code, group.fields, group.failures.count()) == ("STRING_TOO_LONG", ["phone"], 3)
    before = SyncFailure.objects.order_by("pk")[0]
    person = Person.objects.get(pk=before.person_id)
    desk.edit(person, phone="1", job_title="x" * 200)
    desk.done()
    after = SyncFailure.objects.get(pk=before.pk)
    assert after.group != group
    assert after.first_at > before.first_at


def test_further_failures_of_a_cause_go_to_whom_it_is_assigned(
    desk: Desk, emulator: Emulated, administrator: Any
) -> None:
    for number in range(2):
        emulator.create(LastName=f"L{number}", Company="C", Email=f"p{number}@example.com")
    desk.done()
    first, second = Person.objects.order_by("pk")
    desk.edit(first, phone="1" * 60)
    desk.done()
    FailureGroup.objects.update(assignee=administrator)
    desk.edit(second, phone="2" * 60)
    desk.done()
    assert SyncFailure.objects.get(person=second).assignee == administrator


def test_a_page_of_refusals_costs_a_constant_number_of_statements(
    desk: Desk, emulator: Emulated, django_assert_max_num_queries: Any
) -> None:
    for number in range(40):
        emulator.create(LastName=f"L{number}", Company="C", Email=f"p{number}@example.com")
    desk.done()
    for person in Person.objects.all():
        desk.edit(person, phone="1" * 60)
    ids = list(Person.objects.values_list("pk", flat=True))
    with django_assert_max_num_queries(45):
        sync_people(ids, "rules", now=timezone.now(), source="test")
    assert SyncFailure.objects.count() == 40
