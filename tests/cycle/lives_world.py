"""Both sides at once: what the lives begin with, and what has to hold at their end."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import timedelta
from typing import ClassVar

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone
from hypothesis.stateful import RuleBasedStateMachine

from people.models import Activity, Person, PersonField
from people.values import clean_value
from syncadmin import services
from syncadmin.models import Backfill, SyncFailure, SyncRule, SyncState
from syncadmin.services import Choice, run_sync_cycle
from syncadmin.services.fields.backfills import SLICES
from tests.cycle.agreement import Agreement, no_lead_is_doubled, silence
from tests.cycle.lives_fields import TRACED, Record
from tests.cycle.wire import Clock, Wire
from tests.emulated import Emulated


class World(RuleBasedStateMachine):
    """See the module. ``emulated``, ``wire`` and ``clock`` are given by the test."""

    emulated: ClassVar[Emulated]
    wire: ClassVar[Wire]
    clock: ClassVar[Clock]

    def __init__(self) -> None:
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.wire.depth = len(connection.savepoint_ids)
        self.clock.ahead = timedelta()
        self.number = 0
        self.records: list[Record] = []
        self.people: list[int] = []
        self.opted_out: set[int] = set()
        self.by_reps: set[str] = set()
        self.undeleted: set[str] = set()
        self.buried: set[str] = set()
        self.written_here: dict[tuple[int, str], str] = {}
        self.written_there: dict[tuple[str, str], str] = {}
        self.late: set[tuple[str, str]] = set()
        self.entries: set[int] = set()
        self.deleted: set[int] = set()
        self.is_hidden = self.is_schema_changed = False
        self.hat, self.hat_type = "Hat__c", "text"

    # -- helpers ------------------------------------------------------------------------------------------
    def _sync_fields(self, directions: dict[str, str]) -> None:
        keys = {row.label: row.key for row in services.field_rows() if row.is_custom}
        choices = {keys[label]: Choice(direction) for label, direction in directions.items() if label in keys}
        with suppress(ValueError):  # what can't be chosen just now
            services.save_changes(services.plan_changes(choices), fill=True, now=timezone.now())

    def _next(self) -> int:
        self.number += 1
        return self.number

    def _living(self, chosen: int, object: str = "") -> Record | None:
        """One of the records that are there, by any number."""
        self._meet_what_the_product_made()
        known = [record for record in self.records if record[0] == object or not object]
        if not known:
            return None
        sobject, sfdc_id = known[chosen % len(known)]
        only = "AND IsConverted = false" if sobject == "Lead" else ""
        return (sobject, sfdc_id) if self.emulated.query(
            f"SELECT Id FROM {sobject} WHERE Id = '{sfdc_id}' {only}"
        ) else None  # fmt: skip

    def _meet_what_the_product_made(self) -> None:
        known = set(self.records)
        states = SyncState.objects.order_by("pk").values_list("object", "sfdc_id")
        self.records += [record for record in states if record not in known]

    def _person(self, chosen: int) -> Person | None:
        people = Person.objects.order_by("pk")
        number = people.count()
        return people[chosen % number] if number else None

    def _forget_record(self, sfdc_id: str) -> None:
        """What a rep does to a record as a whole may lose what was written there a moment ago."""
        self.written_there = {key: v for key, v in self.written_there.items() if key[0] != sfdc_id}

    def _forget_person(self, pk: int) -> None:
        self.entries -= set(Activity.objects.filter(person=pk).values_list("pk", flat=True))
        # Whoever was merged into it is gone with it.
        merges = Activity.objects.filter(person=pk, type="merge_people")
        self.deleted |= {entry.attributes.get("loser_id") for entry in merges}
        self.buried |= set(SyncState.objects.filter(person=pk).values_list("sfdc_id", flat=True))
        self.written_here = {key: v for key, v in self.written_here.items() if key[0] != pk}
        self.deleted.add(pk)
        self.opted_out.discard(pk)

    def _edit_person(self, person: Person, name: str, typed: str) -> None:
        field = PersonField.objects.get(name=name)
        if field.is_read_only:
            return
        text = typed.replace("?", f"h{self._next()}.")
        try:
            value = clean_value(field, text)
        except (ValueError, ValidationError):  # the field may have another type by now
            return
        self.desk.edit(person, **{name: value})
        if name in TRACED:
            self.written_here[person.pk, name] = text.strip()

    # -- what always holds -----------------------------------------------------------------------------------
    def _nothing_is_forgotten(self) -> None:
        """No entry of an activity log is ever lost, but with a person whom somebody deleted."""
        now = set(Activity.objects.values_list("pk", flat=True))
        assert self.entries <= now, f"activities are lost: {self.entries - now}"
        self.entries = now

    def teardown(self) -> None:
        try:
            if hasattr(self, "desk"):
                self.finish()
        finally:
            self.leave()

    def leave(self) -> None:
        """Leave no trace in the database."""
        self.wire.depth = None
        self.emulated.clear_faults()
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)

    def finish(self) -> None:
        """The faults stop; after two cycles all has to be well."""
        self._faults_stop()
        for _ in range(2):
            run = run_sync_cycle("command", timezone.now, unguarded_by="test")
            assert run is not None
            assert run.state == "done", (run.error_code, run.error_message)
        self._nothing_is_forgotten()
        Agreement(self.emulated).check()
        no_lead_is_doubled(self.emulated, "P", by_others=self.by_reps | self.buried, undeleted=self.undeleted)
        self._nobody_is_lost()
        self._who_opted_out_stays_out()
        self._whatever_was_overwritten_is_told()
        silence(self.desk, self.emulated)

    def _faults_stop(self) -> None:
        self.emulated.clear_faults()
        if self.is_hidden:
            self.the_shoe_is_hidden_or_shown()
        self.administrator_of_the_org_makes_a_rule(is_on=False)
        SyncRule.objects.update(is_on=False)
        for seconds in (3_600, 600):
            self.time_passes(seconds)
        SyncFailure.objects.filter(state="open", direction="push").update(retry_at=None, person_version=0)
        if self.is_schema_changed:  # learned by one cycle, which begins a backfill; the worker does that
            run_sync_cycle("command", timezone.now, unguarded_by="test")
            self.administrator_decides_about_the_fields()
        self._work_off_backfills()

    def _work_off_backfills(self) -> None:
        """What the worker does beside the cycles; a job that can't go on now rests until time has passed."""
        SLICES.requeue_lost(timezone.now())
        for job in Backfill.objects.filter(state="queued"):
            while services.work_on_backfill(job.pk, timezone.now):
                pass

    def _successor(self, pk: int) -> int | None:
        """The person as which this one goes on."""
        while pk in self.merged:
            pk = self.merged[pk]
        return pk if Person.objects.filter(pk=pk).exists() else None

    def _nobody_is_lost(self) -> None:
        merges = Activity.objects.filter(type="merge_people").order_by("pk")
        self.merged = {
            entry.attributes["loser_id"]: entry.person_id
            for entry in merges
            if "loser_id" in entry.attributes
        }
        for pk in self.people:
            assert pk in self.deleted or self._successor(pk), f"person {pk} is lost"

    def _who_opted_out_stays_out(self) -> None:
        for pk in self.opted_out:
            if (person := self._successor(pk)) is not None:
                assert Person.objects.get(pk=person).unsubscribed, f"{person} had opted out"

    def _whatever_was_overwritten_is_told(self) -> None:
        told = [json.dumps(e.attributes, ensure_ascii=False) for e in Activity.objects.all()]
        for (pk, name), text in self.written_here.items():
            person = self._successor(pk)
            if text and person is not None and Person.objects.get(pk=person).value(name) != text:
                words = json.dumps(text, ensure_ascii=False)
                assert sum(words in entry for entry in told) > 1, (
                    f"{text} of {person} was overwritten without a word"
                )
        for (sfdc_id, name), text in self.written_there.items():
            state = SyncState.objects.filter(pk=sfdc_id, is_deleted=False, is_duplicate=False).first()
            if text and state is not None and state.person.value(name) != text:
                words = json.dumps(text, ensure_ascii=False)
                assert any(words in entry for entry in told), (
                    f"{text} of {sfdc_id} was overwritten without a word"
                )
