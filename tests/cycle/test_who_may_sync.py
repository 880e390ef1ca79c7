"""Who may sync: the inclusion rule, the exclusion rule and the record filter, over HTTP."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from people.models import Person
from syncadmin.models import Connection, PendingCreate, PullCursor, SyncFailure, SyncRule, SyncState
from syncadmin.services import sync_people
from tests.cycle.conftest import Ada, Desk

pytestmark = pytest.mark.django_db


def rule(kind: str, *conditions: tuple[str, str, list[Any]], any: bool = False, is_on: bool = True) -> None:
    """Save one of the four rules."""
    SyncRule.objects.update_or_create(
        kind=kind,
        defaults={
            "is_on": is_on, "match_any": any, "changed_at": timezone.now(),
            "conditions": [{"field": f, "operator": o, "values": v} for f, o, v in conditions],
        },
    )  # fmt: skip


def germans(kind: str) -> None:
    rule(kind, ("country", "is", ["Germany"]))


def leads(emulator: Any) -> list[str]:
    return sorted(lead["LastName"] for lead in emulator.query("SELECT LastName FROM Lead"))


# --- Inclusion ------------------------------------------------------------------------------------------


def test_new_people_are_not_pushed_by_themselves(desk: Desk, emulator: Any) -> None:
    desk.person(last_name="Noether", company="Göttingen")
    rule("inclusion", is_on=False)
    desk.done()
    assert leads(emulator) == []


def test_who_meets_the_inclusion_rule_becomes_a_lead_and_nobody_else(desk: Desk, emulator: Any) -> None:
    germans("inclusion")
    noether = desk.person(last_name="Noether", company="Göttingen", country="GERMANY", email="n@example.com")
    desk.person(last_name="Curie", company="Sorbonne", country="France")
    run = desk.done()
    noether.refresh_from_db()
    assert leads(emulator) == ["Noether"]
    assert (noether.sfdc_type, noether.sfdc_state) == ("Lead", "in_step")
    assert desk.counts(run, "push", "Lead") == {"new": 1}
    (entry,) = desk.log(noether, "sync_to_sfdc")
    assert (entry.attributes["note"], entry.source) == ("created", f"Sync cycle #{run.pk}")
    desk.done()  # reads the Lead that was made
    noether.refresh_from_db()
    assert str(noether.owner) == "Integration User"
    assert desk.done().api_calls == 1
    assert leads(emulator) == ["Noether"]


def test_a_rule_without_conditions_includes_everybody(desk: Desk, emulator: Any) -> None:
    rule("inclusion")
    desk.person(last_name="A", company="C")
    desk.done()
    assert leads(emulator) == ["A"]


def test_somebody_deleted_in_salesforce_is_not_created_again_by_the_rule(
    desk: Desk, emulator: Any, ada: Ada
) -> None:
    rule("inclusion")
    emulator.delete("Lead", ada[1])
    desk.done()
    desk.done()
    assert leads(emulator) == []


def test_an_included_person_is_linked_to_the_record_with_the_same_email(desk: Desk, emulator: Any) -> None:
    desk.done()
    rule("inclusion")
    rule("Lead", ("Industry", "is", ["Banking"]))  # keeps the record from coming down by itself
    desk.done()
    sfdc_id = emulator.create(LastName="Hopper", Company="Navy", Email="g@example.com")
    person = desk.person(last_name="Hopper", company="Navy", email="g@example.com")
    run = desk.done()
    person.refresh_from_db()
    assert (person.sfdc_id, leads(emulator)) == (sfdc_id, ["Hopper"])
    assert desk.counts(run, "push", "Lead") == {"updated": 1}


def test_creating_costs_two_calls_per_thousand(desk: Desk, emulator: Any) -> None:
    emulator.control("clock", {"advance_seconds": 3600})
    desk.done()
    assert desk.done().api_calls == 1
    Connection.objects.update(guard_share=0)  # which would look everybody up before
    now = timezone.now()
    Person.objects.bulk_create(
        Person(
            last_name=f"P{number}", company="C", email=f"p{number}@example.com", created_at=now, updated_at=now
        )
        for number in range(1_000)
    )  # fmt: skip
    rule("inclusion")
    run = desk.done()
    assert desk.counts(run, "push", "Lead") == {"new": 1_000}
    assert run.api_calls == 1 + 2


def test_a_permanent_refusal_waits_for_a_change(desk: Desk, emulator: Any) -> None:
    rule("inclusion")
    person = desk.person(last_name="Noether")  # a Lead needs a company
    desk.done()
    assert SyncFailure.objects.get().code == "MISSING_REQUIRED"
    calls = desk.done().api_calls
    assert (calls, SyncFailure.objects.get().attempts) == (1, 1)
    desk.edit(person, company="Göttingen")
    desk.done()
    person.refresh_from_db()
    assert (leads(emulator), person.sfdc_state) == (["Noether"], "in_step")


def test_a_transient_refusal_is_tried_again_when_its_time_has_come(desk: Desk, emulator: Any) -> None:
    person = desk.person(last_name="Noether", company="Göttingen")
    desk.done()
    emulator.fault(error_code="UNABLE_TO_LOCK_ROW", match="composite", times=50)
    sync_people([person.pk], "rules", now=timezone.now(), source="click")
    emulator.clear_faults()
    failure = SyncFailure.objects.get()
    assert (failure.code, failure.is_permanent) == ("UNABLE_TO_LOCK_ROW", False)
    assert desk.done().api_calls == 1  # not yet
    SyncFailure.objects.update(retry_at=timezone.now())
    desk.done()  # nobody is included: somebody asked for it
    person.refresh_from_db()
    assert (leads(emulator), person.sfdc_state) == (["Noether"], "in_step")


def test_a_lost_answer_of_an_included_create_makes_no_second_lead(desk: Desk, emulator: Any) -> None:
    desk.done()
    rule("inclusion")
    person = desk.person(last_name="Noether", company="Göttingen", email="n@example.com")
    emulator.fault(drop="after", match="composite", after=2, times=50)  # behind the poll and the look-up
    desk.cycle()
    emulator.clear_faults()
    person.refresh_from_db()
    assert (leads(emulator), person.sfdc_id) == (["Noether"], "")
    assert PendingCreate.objects.exists()
    SyncFailure.objects.update(retry_at=timezone.now())
    PendingCreate.objects.update(is_lost=True)
    desk.done()
    desk.done()
    person.refresh_from_db()
    assert leads(emulator) == ["Noether"]
    assert person.sfdc_id


# --- Exclusion ------------------------------------------------------------------------------------------


def test_exclusion_wins_over_inclusion(desk: Desk, emulator: Any) -> None:
    rule("inclusion")
    germans("exclusion")
    desk.person(last_name="Noether", company="Göttingen", country="Germany")
    desk.person(last_name="Curie", company="Sorbonne", country="France")
    desk.done()
    assert leads(emulator) == ["Curie"]


def test_an_excluded_person_still_hears_from_salesforce_and_is_not_pushed(
    desk: Desk, emulator: Any, ada: Ada
) -> None:
    person, sfdc_id = ada
    rule("exclusion", ("city", "is", ["London"]))
    desk.edit(person, city="London")
    emulator.edit("Lead", sfdc_id, Phone="2")
    desk.done()
    person.refresh_from_db()
    assert (person.phone, person.sfdc_state) == ("2", "waiting")
    assert emulator.read("Lead", sfdc_id)["City"] is None
    assert desk.done().api_calls == 1
    rule("exclusion", is_on=False)
    desk.done()
    assert emulator.read("Lead", sfdc_id)["City"] == "London"


def test_a_click_says_by_which_rule_a_person_is_excluded(desk: Desk, emulator: Any) -> None:
    germans("exclusion")
    noether = desk.person(last_name="Noether", company="Göttingen", country="germany")
    curie = desk.person(last_name="Curie", company="Sorbonne", country="France")
    outcomes = sync_people([noether.pk, curie.pk], "rules", now=timezone.now(), source="click")
    assert [(o.status, o.action, o.code) for o in outcomes] == [
        ("skipped", "not_sent", "EXCLUDED"), ("done", "created", ""),
    ]  # fmt: skip
    assert outcomes[0].message == "Country is Germany"
    (entry,) = desk.log(noether, "sync_to_sfdc")
    assert entry.attributes == {"note": "excluded", "reason": "Country is Germany"}
    assert leads(emulator) == ["Curie"]
    assert not SyncFailure.objects.exists()


def test_a_rule_that_can_not_be_read_any_more_excludes_everybody(desk: Desk, emulator: Any) -> None:
    rule("exclusion", ("gone", "is", ["x"]))
    rule("inclusion")
    desk.person(last_name="A", company="C")
    desk.done()
    assert leads(emulator) == []


# --- Record filter --------------------------------------------------------------------------------------


def banks() -> None:
    rule("Lead", ("Industry", "is", ["Banking"]))


def test_only_records_that_meet_the_filter_become_people(desk: Desk, emulator: Any) -> None:
    banks()
    emulator.create(LastName="In", Company="C", Industry="Banking")
    emulator.create(LastName="Out", Company="C", Industry="Energy")
    emulator.create("Contact", LastName="Contact")
    desk.done()
    assert set(Person.objects.values_list("last_name", flat=True)) == {"In", "Contact"}
    emulator.create(LastName="Later out", Company="C")
    emulator.create(LastName="Later in", Company="C", Industry="banking")
    desk.done()
    assert set(Person.objects.values_list("last_name", flat=True)) == {"In", "Contact", "Later in"}
    emulator.control("clock", {"advance_seconds": 3600})
    desk.done()
    assert desk.done().api_calls == 1


@pytest.fixture
def banker(desk: Desk, emulator: Any) -> Ada:
    banks()
    sfdc_id = emulator.create(LastName="Banker", Company="C", Industry="Banking", Email="b@example.com")
    desk.done()
    return desk.by_email("b@example.com"), sfdc_id


def outside(sfdc_id: str) -> bool:
    return SyncState.objects.get(pk=sfdc_id).outside_since is not None


def test_who_leaves_the_filter_is_kept_and_stops_syncing_both_ways(
    desk: Desk, emulator: Any, banker: Ada
) -> None:
    person, sfdc_id = banker
    emulator.edit("Lead", sfdc_id, Industry="Energy", Phone="1")
    desk.done()
    assert outside(sfdc_id)
    desk.edit(person, city="Paris")
    emulator.edit("Lead", sfdc_id, Phone="2")
    desk.done()
    person.refresh_from_db()
    assert (person.industry, person.phone, person.sfdc_is_deleted) == ("Banking", "", False)
    assert emulator.read("Lead", sfdc_id)["City"] is None


def test_who_meets_the_filter_again_goes_on_from_the_base(desk: Desk, emulator: Any, banker: Ada) -> None:
    person, sfdc_id = banker
    emulator.edit("Lead", sfdc_id, Industry="Energy", Phone="1")
    desk.done()
    desk.edit(person, city="Paris", job_title="Ours")
    emulator.edit("Lead", sfdc_id, Title="Theirs")
    desk.done()
    emulator.edit("Lead", sfdc_id, Industry="Banking")
    desk.done()
    person.refresh_from_db()
    lead = emulator.read("Lead", sfdc_id)
    assert not outside(sfdc_id)
    assert (person.phone, lead["City"], lead["Title"]) == ("1", "Paris", "Ours")
    (conflict,) = desk.log(person, "conflict")
    assert (conflict.attributes["ours"], conflict.attributes["theirs"]) == ("Ours", "Theirs")


def test_deleted_and_restored_is_told_although_outside_the_filter(
    desk: Desk, emulator: Any, banker: Ada
) -> None:
    person, sfdc_id = banker
    emulator.edit("Lead", sfdc_id, Industry="Energy")
    emulator.delete("Lead", sfdc_id)
    desk.done()
    person.refresh_from_db()
    assert person.sfdc_is_deleted
    emulator.control("undelete", {"ids": [sfdc_id]})
    desk.done()
    person.refresh_from_db()
    assert (person.sfdc_is_deleted, outside(sfdc_id)) == (False, True)


def test_a_conversion_is_followed_whatever_the_filters_say(desk: Desk, emulator: Any, banker: Ada) -> None:
    person, sfdc_id = banker
    rule("Contact", ("Title", "is", ["Somebody else"]))
    desk.done()
    emulator.edit("Lead", sfdc_id, Industry="Energy")
    contact = emulator.convert(sfdc_id)
    desk.done()
    person.refresh_from_db()
    assert (person.sfdc_type, person.sfdc_id) == ("Contact", contact)
    assert outside(contact)


def test_another_filter_reads_from_the_beginning_and_finds_who_left(desk: Desk, emulator: Any) -> None:
    ids = {
        industry: emulator.create(LastName=industry, Company="C", Industry=industry)
        for industry in ("Banking", "Energy", "Retail")
    }
    desk.done()
    rule("Lead", ("Industry", "one_of", ["Banking", "Energy"]))
    desk.done()
    assert [outside(sfdc_id) for sfdc_id in ids.values()] == [False, False, True]
    emulator.edit("Lead", ids["Retail"], Phone="7")
    desk.done()
    rule("Lead", ("Industry", "is", ["Retail"]))
    emulator.delete("Lead", ids["Energy"])
    emulator.control("clock", {"advance_seconds": 3600})
    desk.done()
    assert [outside(ids[name]) for name in ("Banking", "Retail")] == [True, False]
    assert Person.objects.get(last_name="Retail").phone == "7"
    assert Person.objects.get(last_name="Energy").sfdc_is_deleted
    rule("Lead", is_on=False)
    desk.done()
    assert not SyncState.objects.filter(outside_since__isnull=False).exists()


def test_a_filter_that_is_made_while_a_cycle_reads_is_not_missed(desk: Desk, emulator: Any) -> None:
    rule("Lead", ("Industry", "is", ["Banking"]))
    emulator.create(LastName="Energy", Company="C", Industry="Energy")
    desk.done()
    # Whatever happened to the cursor meanwhile, it knows that it was read under another filter.
    rule("Lead", ("Industry", "is", ["Energy"]))
    PullCursor.objects.update(polled_at="2030-01-01T00:00:00.000+0000")
    desk.done()
    assert Person.objects.get().last_name == "Energy"


def test_a_click_finds_and_syncs_a_record_outside_the_filter(desk: Desk, emulator: Any) -> None:
    banks()
    sfdc_id = emulator.create(LastName="Hopper", Company="Navy", Email="g@example.com", Phone="7")
    desk.done()
    person = desk.person(last_name="Hopper", company="Navy", email="g@example.com", city="Arlington")
    (outcome,) = sync_people([person.pk], "rules", now=timezone.now(), source="click")
    person.refresh_from_db()
    assert (outcome.action, outcome.sfdc_id, person.phone) == ("linked", sfdc_id, "7")
    assert emulator.read("Lead", sfdc_id)["City"] == "Arlington"
    assert outside(sfdc_id)
    desk.edit(person, city="Bern")
    desk.done()
    assert emulator.read("Lead", sfdc_id)["City"] == "Arlington"


def test_a_filter_on_a_field_that_is_gone_stops_the_cycle_and_says_so(desk: Desk, emulator: Any) -> None:
    emulator.create(LastName="Banker", Company="C", Industry="Banking")
    banks()
    desk.done()
    hidden = {"object": "Lead", "field": "Industry", "visible": False}
    emulator.rules(field_level_security=[hidden])
    run = desk.cycle()
    assert (run.state, run.error_code) == ("failed", "RECORD_FILTER")
    assert "Industry" in run.error_message
    emulator.rules(field_level_security=[{**hidden, "visible": True}])
    desk.done()
