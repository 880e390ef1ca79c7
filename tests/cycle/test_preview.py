"""A preview says what the cycle then does, to the value; and does nothing itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis.stateful import rule, run_state_machine_as_test

from people.models import Activity, Person
from syncadmin.models import Connection, PendingCreate, PullCursor, SyncFailure, SyncPreview, SyncState
from syncadmin.services import preview_now
from syncadmin.services.preview.previews import COUNTS
from syncadmin.store.rows import load_rows
from syncadmin.store.rules import load_rules
from tests.cycle.conftest import Ada, Desk
from tests.cycle.test_machine import EDITS, FIELDS, SOAK, BothSides
from tests.emulated import Emulated

pytestmark = pytest.mark.django_db


def preview() -> SyncPreview:
    found = preview_now(timezone.now)
    found.refresh_from_db()
    assert found.state == "done", (found.error_code, found.error_message)
    return found


def told(found: SyncPreview) -> list[tuple[Any, ...]]:
    return [(item.kind, item.field, item.old, item.new) for item in found.items.all()]


def test_nothing_is_written_on_either_side_and_the_cursor_stays(
    desk: Desk, emulator: Emulated, ada: Ada
) -> None:
    person, lead = ada
    emulator.edit("Lead", lead, Title="Analyst")
    emulator.create(LastName="New", Company="C", Email="new@example.com")
    desk.edit(person, city="London")

    def everything() -> list[Any]:
        models = (Person, SyncState, Activity, SyncFailure)
        cursors = PullCursor.objects.values_list(
            "object", "polled_at", "began_at", "position_stamp", "position_id"
        )
        return [list(cursors), *(list(model.objects.order_by("pk").values()) for model in models)]

    before, records = everything(), emulator.query("SELECT Id, SystemModstamp, City FROM Lead ORDER BY Id")
    preview()
    assert everything() == before
    assert emulator.query("SELECT Id, SystemModstamp, City FROM Lead ORDER BY Id") == records


def test_each_value_is_told_with_its_direction(desk: Desk, emulator: Emulated, ada: Ada) -> None:
    person, lead = ada
    emulator.edit("Lead", lead, Title="Analyst")
    desk.edit(person, city="London")
    assert told(preview()) == [
        ("change", "job_title", "Countess", "Analyst"),
        ("push", "city", None, "London"),
    ]


def test_a_conflict_is_told_once_with_who_wins(desk: Desk, emulator: Emulated, ada: Ada) -> None:
    person, lead = ada
    emulator.edit("Lead", lead, Title="Theirs")
    desk.edit(person, job_title="Ours")
    (item,) = preview().items.all()
    assert (item.kind, item.old, item.new) == ("push", "Theirs", "Ours")
    assert (item.winner, item.reason) == ("ours", "both_changed")


# --- Announced and done -----------------------------------------------------------------------------------
class Announced(BothSides):
    """Random states of both sides; each cycle does what its preview said."""

    something_breaks = None
    the_session_expires = None

    def teardown(self) -> None:
        pass

    @rule(lead=BothSides.leads)
    def rep_deletes(self, lead: str) -> None:
        self._if_live(lead, lambda: self.emulated.delete("Lead", lead))

    @rule(lead=BothSides.leads)
    def rep_undeletes(self, lead: str) -> None:
        self.emulated.control("undelete", {"ids": [lead]})

    @rule(lead=BothSides.leads)
    def rep_converts(self, lead: str) -> None:
        self._if_live(lead, lambda: self.emulated.convert(lead))

    @rule(master=BothSides.leads, other=BothSides.leads)
    def rep_merges(self, master: str, other: str) -> None:
        if master != other:
            self._if_live(master, lambda: self._if_live(other, lambda: self._merge(master, other)))

    @rule(lead=BothSides.leads, person=BothSides.people)
    def the_same_e_mail_on_both_sides(self, lead: str, person: Person) -> None:
        self._if_live(lead, lambda: self.emulated.edit("Lead", lead, Email=person.email))

    @rule(lead=BothSides.leads, edit=EDITS)
    def rep_edits(self, lead: str, edit: tuple[str, Any]) -> None:
        self._if_live(lead, lambda: self.emulated.edit("Lead", lead, **{FIELDS[edit[0]]: edit[1]}))

    @rule(lead=BothSides.leads)
    def a_create_is_lost(self, lead: str) -> None:
        person = Person.objects.filter(sfdc_id="").first()
        if person is not None:
            PendingCreate.objects.get_or_create(
                person=person, defaults={"started_at": timezone.now(), "is_lost": True}
            )

    def _merge(self, master: str, other: str) -> None:
        self.emulated.control("merge", {"object": "Lead", "master": master, "losers": [other]})

    def _if_live(self, lead: str, act: Callable[[], Any]) -> None:
        live = self.emulated.query(f"SELECT Id FROM Lead WHERE Id = '{lead}' AND IsConverted = false")
        if live:
            act()

    @rule()
    def cycle(self) -> None:
        said = preview()
        before = Sides(self.emulated)
        run = self.desk.done()
        after = Sides(self.emulated)
        assert said.calls_to_come == run.api_calls
        assert said.counts["steps"] == [
            {"object": s.object, "operation": s.operation, **{name: getattr(s, name) for name in COUNTS}}
            for s in run.steps.filter(operation__in=["recover", "pull", "push"])
        ]
        items = list(said.items.all())
        assert before.changed_there(after) == {(i.sfdc_id, i.field, i.new) for i in items if i.kind == "push"}
        gone = {i.person_id for i in items if i.kind in ("merge", "convert") and i.reason == "merged"}
        assert before.people.keys() - after.people.keys() == gone
        if not gone:  # a merge changes more than it tells
            assert before.changed_here(after) == {
                (i.person_id, i.field, i.new) for i in items if i.kind == "change"
            }
        assert len(after.people.keys() - before.people.keys()) == sum(i.kind == "new" for i in items)


class Sides:
    """What both sides hold at one moment, in normal form."""

    def __init__(self, emulated: Emulated) -> None:
        rules = load_rules(Connection.objects.get())
        names = {name for object_rules in rules.values() for name in object_rules.by_name}
        rows = load_rows(Person.objects.values_list("pk", flat=True), lock=False)
        self.people = {
            pk: {name: value for name, value in row.values().items() if name in names}
            for pk, row in rows.items()
        }
        self.records = {
            raw["Id"]: object_rules.read(raw)
            for object, object_rules in rules.items()
            for raw in emulated.query(f"SELECT Id, {', '.join(object_rules.api_names)} FROM {object}")
        }

    def changed_here(self, after: Sides) -> set[tuple[int, str, Any]]:
        return _differences(self.people, after.people)

    def changed_there(self, after: Sides) -> set[tuple[str, str, Any]]:
        return _differences(self.records, after.records)


def _differences(
    before: dict[Any, dict[str, Any]], after: dict[Any, dict[str, Any]]
) -> set[tuple[Any, str, Any]]:
    return {
        (key, name, value)
        for key in before.keys() & after.keys()
        for name, value in after[key].items()
        if before[key].get(name) != value
    }


@pytest.mark.timeout(0 if SOAK else 300)
def test_the_cycle_does_exactly_what_its_preview_said(emulator: Emulated) -> None:
    Announced.emulated = emulator
    run_state_machine_as_test(
        Announced,
        settings=settings(
            max_examples=settings().max_examples if SOAK else 4,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )  # type: ignore[no-untyped-call]
