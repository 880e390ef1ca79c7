"""What the sync decides without changing anything is noted: once, set-based, and never by a first pull."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from people.models import Person
from people.services import merge_people
from syncadmin.models import Connection, Decision, SyncState
from syncadmin.services import sync_people
from tests.cycle.conftest import Ada, Desk
from tests.cycle.test_who_may_sync import rule

pytestmark = pytest.mark.django_db


def noted(person: Person) -> list[tuple[str, int]]:
    return [(note.kind, note.times) for note in person.decisions.order_by("at", "pk")]


def test_a_first_pull_notes_nothing_nor_does_reading_it_again(desk: Desk, emulator: Any) -> None:
    for number in range(5):
        emulator.create(LastName=f"L{number}", Company="C", Email=f"l{number}@example.com")
    desk.done()
    desk.done()
    assert not Decision.objects.exists()


def test_a_change_of_no_synced_field_is_noted_with_who_made_it_and_folded(
    desk: Desk, emulator: Any, ada: Ada
) -> None:
    person, sfdc_id = ada
    for text in ("a", "b"):
        emulator.control("clock", {"advance_seconds": 60})
        emulator.edit("Lead", sfdc_id, Jigsaw=text)
        desk.done()
        desk.done()  # the overlap reads it again
    (note,) = person.decisions.all()
    assert (note.kind, note.times, note.sfdc_id, note.object) == ("echo", 2, sfdc_id, "Lead")
    Connection.objects.update(user_id="005000000000000AAA")
    emulator.control("clock", {"advance_seconds": 60})
    emulator.edit("Lead", sfdc_id, Jigsaw="c")
    run = desk.done()
    note = person.decisions.get(kind="unchanged")
    assert (note.by, note.run_id, note.times) == ("Salesforce: Integration User", run.pk, 1)


def test_what_happens_in_between_begins_a_new_row(desk: Desk, emulator: Any, ada: Ada) -> None:
    person, _sfdc_id = ada
    for title in ("Baroness", "Duchess"):
        emulator.control("clock", {"advance_seconds": 60})
        desk.edit(person, job_title=title)
        desk.done()
        desk.done()
    assert noted(person) == [("echo", 1), ("echo", 1)]
    (pushed, _) = desk.log(person, "sync_updates_to_sfdc")
    assert pushed.attributes["way"] == "rest"


def test_a_click_for_somebody_in_step_says_that_there_was_nothing_to_push(ada: Ada, marketer: Any) -> None:
    person, sfdc_id = ada
    sync_people([person.pk], "rules", now=timezone.now(), source="Sync to Salesforce", actor_id=marketer.pk)
    (note,) = person.decisions.all()
    assert (note.kind, note.by, note.actor, note.sfdc_id) == (
        "nothing",
        "Sync to Salesforce",
        marketer,
        sfdc_id,
    )


def test_a_change_of_a_field_that_is_not_pushed_is_looked_at_and_said_so(desk: Desk, ada: Ada) -> None:
    from syncadmin.models import FieldSync

    FieldSync.objects.filter(field__name="job_title").update(direction="off")
    desk.edit(ada[0], job_title="Baroness")
    run = desk.done()
    (note,) = ada[0].decisions.all()
    assert (note.kind, note.by, note.run_id) == ("nothing", f"Sync cycle #{run.pk}", run.pk)


def test_a_record_outside_the_filter_is_noted_once_per_change(desk: Desk, emulator: Any, ada: Ada) -> None:
    person, sfdc_id = ada
    rule("Lead", ("Industry", "is", ["Banking"]))
    desk.done()
    before = noted(person)
    emulator.control("clock", {"advance_seconds": 60})
    emulator.edit("Lead", sfdc_id, Title="Baroness")
    desk.done()
    desk.done()
    assert before == [("outside", 1)]
    assert noted(person) == [("outside", 2)]


def test_a_record_that_can_not_be_told_is_noted_on_those_it_may_be(desk: Desk, emulator: Any) -> None:
    twins = [desk.person(last_name=name, email="same@example.com") for name in ("A", "B")]
    sfdc_id = emulator.create(LastName="C", Company="C", Email="same@example.com")
    desk.done()
    desk.done()
    for twin in twins:
        assert noted(twin) == [("held", 1)]
        assert twin.decisions.get().sfdc_id == sfdc_id


def test_a_page_read_before_a_click_is_older_than_what_is_known(desk: Desk, emulator: Any, ada: Ada) -> None:
    from syncadmin.store.batch import Origin
    from syncadmin.store.pulls import store_page
    from syncadmin.store.rules import load_rules

    person, sfdc_id = ada
    read_at = timezone.now()
    raw = emulator.read("Lead", sfdc_id) | {"SystemModstamp": "2020-01-01T00:00:00.000+0000"}
    SyncState.objects.update(synced_at=timezone.now())
    rules = load_rules(desk.connection)["Lead"]
    store_page(desk.connection, rules, [raw], Origin(timezone.now(), "test", read_at=read_at))
    assert noted(person) == [("stale", 1)]


def test_who_is_passed_over_by_a_rule_is_told_once_per_edit_with_the_rule(desk: Desk, ada: Ada) -> None:
    person, sfdc_id = ada
    rule("exclusion", ("country", "is", ["Germany"]))
    desk.edit(person, country="Germany")
    run = desk.done()
    desk.done()
    (note,) = person.decisions.all()
    assert (note.kind, note.times, note.run_id, note.sfdc_id) == ("excluded", 1, run.pk, sfdc_id)
    assert note.details["reason"] == "Country is Germany"
    desk.edit(person, city="Bonn")
    desk.done()
    assert noted(person) == [("excluded", 1), ("excluded", 1)]


def test_a_rule_made_later_is_told_to_those_who_waited_already(desk: Desk, emulator: Any, ada: Ada) -> None:
    person, _ = ada
    emulator.rules(validation={"object": "Lead", "formula": "Country = 'Germany'", "message": "No."})
    desk.edit(person, country="Germany")
    desk.done()
    desk.done()
    rule("exclusion", ("country", "is", ["Germany"]))
    desk.done()
    assert noted(person) == [("excluded", 1)]


def test_who_waits_outside_the_record_filter_is_told_so(desk: Desk, ada: Ada) -> None:
    rule("Lead", ("Industry", "is", ["Banking"]))
    desk.done()
    desk.edit(ada[0], city="Bonn")
    desk.done()
    assert noted(ada[0]) == [("outside", 1), ("kept", 1)]


def test_notes_go_along_when_people_become_one(desk: Desk, ada: Ada) -> None:
    person, _ = ada
    other = desk.person(last_name="Lovelace")
    sync_people([person.pk], "rules", now=timezone.now(), source="click")
    merge_people(other.pk, person.pk, source="test", now=timezone.now())
    assert noted(other) == [("nothing", 1)]


def test_notes_cost_as_many_statements_for_a_page_of_many(desk: Desk, emulator: Any) -> None:
    counts = []
    for size in (3, 30):
        ids = [
            emulator.create(LastName=f"L{size}-{n}", Company="C", Email=f"l{size}-{n}@e.com")
            for n in range(size)
        ]
        desk.done()
        emulator.control("clock", {"advance_seconds": 700})
        desk.done()
        for sfdc_id in ids:
            emulator.edit("Lead", sfdc_id, Jigsaw="x")
        with CaptureQueriesContext(database) as queries:
            desk.done()
        counts.append(len(queries))
        assert Decision.objects.filter(sfdc_id__in=ids).count() == size
    assert counts[0] == counts[1]
