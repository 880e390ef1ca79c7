"""Full checks: every difference is found, with its reason; a repair goes the sync's own way; a check may be killed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from people.models import Person
from people.services import delete_people
from syncadmin import services
from syncadmin.models import (
    Connection,
    FieldSync,
    ReconcileFinding,
    ReconcileRun,
    ReconcileSeen,
    SyncRun,
    SyncState,
)
from syncadmin.services import Choice
from syncadmin.services.reconcile import checks as reconciling
from syncadmin.services.reconcile import reading as reconcile_reading
from syncadmin.services.reconcile import repairs
from syncadmin.services.reconcile import stages as reconcile_stages
from syncadmin.services.slices import MAX_ATTEMPTS, PATIENCE
from syncadmin.store import findings as findings_store
from tests.cycle.conftest import Ada, Desk
from tests.cycle.test_who_may_sync import germans, rule

pytestmark = pytest.mark.django_db
SYNC, THEIRS, OURS = (
    ReconcileFinding.Action.SYNC,
    ReconcileFinding.Action.THEIRS,
    ReconcileFinding.Action.OURS,
)


class Checker:
    """Somebody who runs full checks, and repairs."""

    def __init__(self, desk: Desk, emulator: Any) -> None:
        self.desk, self.emulator = desk, emulator

    def later(self) -> None:
        """So much later that the next cycle reads nothing again that was read before."""
        for _ in range(2):
            self.emulator.control("clock", {"advance_seconds": 3600})
            self.desk.done()

    def check(self) -> ReconcileRun:
        return self.work(reconciling.start_check(timezone.now()))

    def work(self, run: ReconcileRun) -> ReconcileRun:
        while run.is_open:
            assert reconciling.work_on_check(run.pk, timezone.now) is not None
            run.refresh_from_db()
        return run

    def findings(self) -> list[tuple[str, str]]:
        run = self.check()
        assert run.state == "done", (run.error_code, run.error_message)
        return [(finding.kind, finding.reason) for finding in run.findings.all()]

    def only(self) -> ReconcileFinding:
        """The one finding of a check."""
        return self.check().findings.get()

    def repair(
        self, finding: ReconcileFinding, action: str = SYNC, user: User | None = None
    ) -> ReconcileFinding:
        chosen = ReconcileFinding.objects.filter(pk=finding.pk)
        assert repairs.request_repair(chosen, finding.run, action, timezone.now(), user) == 1
        assert repairs.work_on_repairs(finding.run_id, timezone.now) == 1
        finding.refresh_from_db()
        return finding


@pytest.fixture
def checker(desk: Desk, emulator: Any) -> Checker:
    return Checker(desk, emulator)


def counts(run: ReconcileRun, object: str = "Lead") -> dict[str, int]:
    return {name: number for name, number in run.counts[object].items() if number and name != "expected"}


# --- What is found ------------------------------------------------------------------------------------------
def test_after_everything_has_come_together_nothing_is_found(
    checker: Checker, emulator: Any, ada: Ada
) -> None:
    emulator.create("Contact", LastName="Contact", Email="c@example.com")
    checker.desk.done()
    run = checker.check()
    assert (run.state, run.differences, run.done, run.total) == ("done", 0, 2, 2)
    assert counts(run) == counts(run, "Contact") == {"there": 1, "here": 1, "linked": 1, "equal": 1}


def test_a_check_writes_nothing_but_its_findings(checker: Checker, emulator: Any, ada: Ada) -> None:
    person, lead = ada
    emulator.edit("Lead", lead, City="Paris")
    checker.desk.edit(person, phone="2")
    before = (list(Person.objects.values()), list(SyncState.objects.values()), len(checker.desk.log(person)))
    assert checker.check().differences == 1
    assert before == (
        list(Person.objects.values()),
        list(SyncState.objects.values()),
        len(checker.desk.log(person)),
    )
    assert emulator.read("Lead", lead)["Phone"] == "1"
    assert not ReconcileSeen.objects.exists()


def test_a_finding_shows_base_and_both_values_of_each_field(
    checker: Checker, emulator: Any, ada: Ada
) -> None:
    person, lead = ada
    checker.desk.edit(person, phone="2")
    finding = checker.only()
    assert (finding.kind, finding.reason, finding.object, finding.sfdc_id, finding.person) == (
        "differs", "waiting", "Lead", lead, person,
    )  # fmt: skip
    assert finding.name == "Ada Byron"
    (field,) = finding.fields
    assert (field["label"], field["base"], field["here"], field["there"]) == ("Phone Number", "1", "2", "1")
    assert finding.field_names == "|phone|"


def test_waiting(checker: Checker, ada: Ada) -> None:
    checker.desk.edit(ada[0], phone="2")
    assert checker.findings() == [("differs", "waiting")]


def test_on_its_way(checker: Checker, emulator: Any, ada: Ada) -> None:
    checker.later()
    emulator.edit("Lead", ada[1], City="Paris")
    emulator.create(LastName="New", Company="C")
    assert sorted(checker.findings()) == [("differs", "on_its_way"), ("missing_here", "on_its_way")]


def test_conflict_that_is_not_decided_yet(checker: Checker, emulator: Any, ada: Ada) -> None:
    emulator.edit("Lead", ada[1], Phone="3")
    checker.desk.edit(ada[0], phone="2")
    assert checker.findings() == [("differs", "conflict")]


def test_failed(checker: Checker, emulator: Any, ada: Ada) -> None:
    emulator.rules(validation={"object": "Lead", "name": "V", "formula": 'Phone = "2"', "message": "No."})
    checker.desk.edit(ada[0], phone="2")
    checker.desk.done()
    finding = checker.only()
    assert (finding.reason, finding.detail) == ("failed", "FIELD_CUSTOM_VALIDATION_EXCEPTION")


def test_a_record_that_is_held_for_review_has_failed(checker: Checker, emulator: Any, ada: Ada) -> None:
    emulator.create(LastName="Twin", Company="C", Email="ada@example.com")
    checker.desk.done()
    finding = checker.only()
    assert (finding.kind, finding.reason, finding.detail) == ("missing_here", "failed", "SEVERAL_MATCHES")


def test_excluded(checker: Checker, emulator: Any, ada: Ada) -> None:
    germans("exclusion")
    checker.desk.edit(ada[0], country="Germany", phone="2")
    checker.desk.done()
    assert checker.findings() == [("differs", "excluded")]


def test_outside_the_record_filter(checker: Checker, emulator: Any, ada: Ada) -> None:
    rule("Lead", ("Industry", "one_of", ["Banking"]))
    emulator.create(LastName="Miner", Company="C", Industry="Mining")
    checker.desk.done()
    emulator.edit("Lead", ada[1], City="Paris")
    assert sorted(checker.findings()) == [("differs", "outside"), ("missing_here", "outside")]


def test_a_field_that_syncs_one_way(checker: Checker, emulator: Any, ada: Ada) -> None:
    FieldSync.objects.filter(field__name="phone").update(direction="to_salesforce")
    emulator.edit("Lead", ada[1], Phone="3")
    checker.desk.done()
    assert checker.findings() == [("differs", "one_way")]


def test_never_seen_for_sharing_a_record_moves_no_stamp(checker: Checker, emulator: Any) -> None:
    lead = _somebody_elses(emulator)
    emulator.rules(sharing=[{"object": "Lead", "access": "private"}])
    checker.later()
    emulator.rules(sharing=[{"object": "Lead", "access": "public"}])
    checker.desk.done()
    finding = checker.only()
    assert (finding.kind, finding.reason, finding.sfdc_id) == ("missing_here", "never_seen", lead)
    assert checker.repair(finding).state == "repaired"
    assert Person.objects.get().sfdc_id == lead


def _somebody_elses(emulator: Any) -> str:
    owner = next(
        user["Id"]
        for user in emulator.query("SELECT Id, FirstName FROM User")
        if user["FirstName"] == "Sarah"
    )
    return str(emulator.create(LastName="Hidden", Company="C", Email="h@example.com", OwnerId=owner))


def test_deleted_for_good(checker: Checker, emulator: Any, ada: Ada) -> None:
    emulator.control("hard_delete", {"ids": [ada[1]]})
    emulator.control("clock", {"advance_seconds": 2})
    finding = checker.only()
    assert (finding.kind, finding.reason, finding.detail) == ("missing_there", "gone", "deleted")
    assert checker.repair(finding).state == "repaired"
    assert Person.objects.get().sfdc_is_deleted


def test_hidden_by_sharing_is_not_deleted(checker: Checker, emulator: Any) -> None:
    _somebody_elses(emulator)
    checker.desk.done()
    emulator.rules(sharing=[{"object": "Lead", "access": "private"}])
    finding = checker.only()
    assert (finding.kind, finding.reason, finding.detail, finding.name) == (
        "missing_there", "gone", "hidden", "Hidden",
    )  # fmt: skip
    repaired = checker.repair(finding)
    assert (repaired.state, "Share it" in repaired.outcome) == ("failed", True)
    assert not Person.objects.get().sfdc_is_deleted


def test_a_deletion_that_a_cycle_will_read_is_on_its_way(checker: Checker, emulator: Any, ada: Ada) -> None:
    emulator.delete("Lead", ada[1])
    finding = checker.only()
    assert (finding.kind, finding.reason, finding.detail) == ("missing_there", "on_its_way", "deleted")
    assert checker.repair(finding).state == "repaired"
    assert Person.objects.get().sfdc_is_deleted


def test_a_deletion_that_no_cycle_was_told_of_is_gone(checker: Checker, emulator: Any, ada: Ada) -> None:
    emulator.delete("Lead", ada[1])
    _pretend_everything_was_read()
    assert checker.findings() == [("missing_there", "gone")]


def _pretend_everything_was_read() -> None:
    from syncadmin.models import PullCursor

    PullCursor.objects.update(
        polled_at=datetime(2040, 1, 1, tzinfo=UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")
    )


def test_a_conversion_that_no_cycle_was_told_of(checker: Checker, emulator: Any, ada: Ada) -> None:
    contact = emulator.convert(ada[1])
    _pretend_everything_was_read()
    run = checker.check()
    found = {(f.kind, f.reason, f.detail) for f in run.findings.all()}
    assert found == {("missing_there", "gone", "converted"), ("missing_here", "never_seen", "")}
    lead = run.findings.get(kind="missing_there")
    assert checker.repair(lead).outcome == "The person has followed its record."
    person = Person.objects.get()
    assert (person.sfdc_type, person.sfdc_id) == ("Contact", contact)


def test_written_past_the_sync_is_unexplained(checker: Checker, ada: Ada) -> None:
    Person.objects.update(phone="2")
    assert checker.findings() == [("differs", "unexplained")]


def test_missed_by_the_cycles_is_unexplained(checker: Checker, emulator: Any, ada: Ada) -> None:
    emulator.edit("Lead", ada[1], Phone="3")
    _pretend_everything_was_read()
    assert checker.findings() == [("differs", "unexplained")]


def test_never_agreed_on(checker: Checker, emulator: Any, ada: Ada) -> None:
    checker.later()
    SyncState.objects.update(base={"last_name": "Byron"})
    Person.objects.update(phone="2")
    assert checker.findings() == [("differs", "never_agreed")]


def test_a_formula(checker: Checker, emulator: Any, ada: Ada) -> None:
    grade = {"object": "Lead", "name": "Grade__c", "label": "Grade", "type": "formula"}
    emulator.control("schema", {"add": {**grade, "formula": '"A"'}})
    checker.desk.done()
    row = next(row for row in services.field_rows() if row.label == "Grade")
    services.save_changes(
        services.plan_changes({row.key: Choice("from_salesforce")}), fill=False, now=timezone.now()
    )
    emulator.edit("Lead", ada[1], City="Paris")
    checker.later()
    emulator.control(
        "schema", {"retype": {"object": "Lead", "field": "Grade__c", "type": "formula", "formula": '"B"'}}
    )
    checker.desk.done()
    finding = checker.only()
    assert (finding.reason, [field["label"] for field in finding.fields]) == ("formula", ["Grade"])
    assert checker.repair(finding).state == "repaired"
    assert checker.findings() == []


def test_a_record_whose_person_was_deleted_here(checker: Checker, emulator: Any, ada: Ada) -> None:
    Connection.objects.update(deleted_here="stays_away")
    delete_people([ada[0].pk], source="test", now=timezone.now())
    checker.desk.done()
    finding = checker.only()
    assert (finding.kind, finding.reason) == ("missing_here", "deleted_here")
    assert checker.repair(finding).state == "repaired"
    assert Person.objects.get().email == "ada@example.com"


def test_a_link_that_was_lost_is_made_again(checker: Checker, emulator: Any, ada: Ada) -> None:
    checker.later()
    SyncState.objects.all().delete()
    finding = checker.only()
    assert (finding.kind, finding.reason, finding.person) == ("missing_here", "unlinked", ada[0])
    assert checker.repair(finding).state == "repaired"
    assert SyncState.objects.get().person == ada[0]
    assert checker.findings() == []


def test_a_second_lead_for_a_queue_is_no_difference(checker: Checker, ada: Ada) -> None:
    SyncState.objects.update(is_duplicate=True)
    run = checker.check()
    assert (run.differences, counts(run)) == (0, {"there": 1, "duplicates": 1})


def test_fields_with_different_reasons_are_listed_by_the_gravest(
    checker: Checker, emulator: Any, ada: Ada
) -> None:
    emulator.edit("Lead", ada[1], City="Paris")
    Person.objects.update(phone="2")
    finding = checker.only()
    assert finding.reason == "unexplained"
    assert {field["name"]: field["reason"] for field in finding.fields} == {
        "city": "on_its_way", "phone": "unexplained",
    }  # fmt: skip


def test_what_a_click_synced_while_the_page_was_read_is_no_difference(checker: Checker, ada: Ada) -> None:
    Person.objects.update(phone="2")
    SyncState.objects.update(synced_at=timezone.now() + timedelta(minutes=1))
    assert checker.findings() == []


# --- Repairs ------------------------------------------------------------------------------------------------
def test_repair_pushes_what_waits_and_reads_what_is_on_its_way(
    checker: Checker, emulator: Any, ada: Ada, marketer: User
) -> None:
    person, lead = ada
    checker.desk.edit(person, phone="2")
    emulator.edit("Lead", lead, City="Paris")
    repaired = checker.repair(checker.only(), user=marketer)
    assert (repaired.state, repaired.outcome, repaired.acted_by) == ("repaired", "In step now.", marketer)
    assert emulator.read("Lead", lead)["Phone"] == "2"
    assert checker.desk.by_email("ada@example.com").city == "Paris"
    (entry,) = checker.desk.log(person, "sync_updates_to_sfdc")
    assert (entry.source, entry.actor) == (f"Full check #{repaired.run_id}", marketer)


def test_taking_theirs_changes_the_person_and_says_so_on_the_log(
    checker: Checker, emulator: Any, ada: Ada, marketer: User
) -> None:
    Person.objects.update(phone="2")
    repaired = checker.repair(checker.only(), THEIRS, marketer)
    person = Person.objects.get()
    assert (repaired.state, person.phone) == ("repaired", "1")
    entry = checker.desk.log(person, "change_data_value")[0]
    assert (entry.attributes["old"], entry.attributes["new"], entry.actor) == ("2", "1", marketer)
    assert entry.source == f"Full check #{repaired.run_id}"
    assert checker.desk.done().api_calls == 1
    assert emulator.read("Lead", ada[1])["Phone"] == "1"


@pytest.mark.parametrize("winner", ["ours", "salesforce"])
def test_pushing_ours_wins_whoever_would_win(checker: Checker, emulator: Any, ada: Ada, winner: str) -> None:
    Connection.objects.update(lead_winner=winner)
    emulator.edit("Lead", ada[1], Phone="3")
    checker.desk.edit(ada[0], phone="2")
    repaired = checker.repair(checker.only(), OURS)
    assert (repaired.state, emulator.read("Lead", ada[1])["Phone"]) == ("repaired", "2")
    assert checker.findings() == []


def test_only_the_fields_of_the_finding_are_settled(checker: Checker, emulator: Any, ada: Ada) -> None:
    Person.objects.update(phone="2")
    finding = checker.only()
    checker.desk.edit(Person.objects.get(), city="Rome")
    checker.repair(finding, THEIRS)
    person = Person.objects.get()
    assert (person.phone, person.city) == ("1", "Rome")


def test_a_repair_that_is_refused_says_why(checker: Checker, emulator: Any, ada: Ada) -> None:
    emulator.rules(
        validation={"object": "Lead", "name": "V", "formula": 'Phone = "2"', "message": "Not that."}
    )
    checker.desk.edit(ada[0], phone="2")
    repaired = checker.repair(checker.only())
    assert (repaired.state, "Not that." in repaired.outcome) == ("failed", True)
    emulator.rules(validation={"object": "Lead", "name": "V", "formula": "FALSE", "message": "-"})
    assert checker.repair(repaired).state == "repaired"


def test_what_is_set_so_stays_and_the_repair_says_so(checker: Checker, emulator: Any, ada: Ada) -> None:
    FieldSync.objects.filter(field__name="phone").update(direction="from_salesforce")
    checker.desk.edit(ada[0], phone="2")
    repaired = checker.repair(checker.only(), OURS)
    assert (repaired.state, "as it was set" in repaired.outcome) == ("failed", True)


def test_without_salesforce_a_repair_says_so(checker: Checker, emulator: Any, ada: Ada) -> None:
    Person.objects.update(phone="2")
    finding = checker.only()
    emulator.fault(error_code="REQUEST_LIMIT_EXCEEDED", match="*composite*", times=50)
    assert "REQUEST_LIMIT_EXCEEDED" in checker.repair(finding).outcome


def test_all_of_a_reason_in_one_go(checker: Checker, emulator: Any) -> None:
    for n in range(3):
        emulator.create(LastName=f"L{n}", Company="C", Email=f"p{n}@example.com", Phone="1")
    checker.desk.done()
    Person.objects.update(phone="2")
    run = checker.check()
    chosen = repairs.repairable(run).filter(reason="unexplained")
    calls = emulator.api_calls()
    assert repairs.request_repair(chosen, run, THEIRS, timezone.now(), None) == 3
    assert repairs.work_on_repairs(run.pk, timezone.now) == 3
    assert set(run.findings.values_list("state", flat=True)) == {"repaired"}
    assert emulator.api_calls() - calls == 2


def test_a_repair_whose_job_was_lost_is_done_later(checker: Checker, ada: Ada) -> None:
    Person.objects.update(phone="2")
    finding = checker.only()
    repairs.request_repair(ReconcileFinding.objects.all(), finding.run, THEIRS, timezone.now(), None)
    ReconcileFinding.objects.update(state="working")
    assert repairs.work_on_repairs(finding.run_id, timezone.now) == 0
    repairs.requeue_lost(timezone.now() + 2 * repairs.PATIENCE)
    assert repairs.work_on_repairs(finding.run_id, timezone.now) == 1
    finding.refresh_from_db()
    assert finding.state == "repaired"


# --- The job ------------------------------------------------------------------------------------------------
@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconcile_reading, "PAGE", 2)
    monkeypatch.setattr(reconcile_stages, "PAGE", 2)
    monkeypatch.setattr(reconciling, "STEPS", 1)


@pytest.fixture
def crowd(checker: Checker, emulator: Any) -> list[str]:
    """Five Leads, of which one was edited past the sync and two are gone."""
    ids = [
        emulator.create(LastName=f"L{n}", Company="C", Email=f"p{n}@example.com", Phone="1") for n in range(7)
    ]
    checker.desk.done()
    Person.objects.filter(sfdc_id=ids[0]).update(phone="2")
    emulator.control("hard_delete", {"ids": [ids[2], ids[5]]})
    return ids


def test_it_takes_turns_and_finds_the_same(checker: Checker, crowd: list[str], small_pages: None) -> None:
    run = reconciling.start_check(timezone.now())
    assert reconciling.work_on_check(run.pk, timezone.now, steps=1) is not None
    run.refresh_from_db()
    assert (run.state, run.stage, run.done, run.total) == ("queued", "Lead", 2, 5)
    done = checker.work(run)
    assert (done.state, done.differences) == ("done", 3)
    assert counts(done) == {
        "there": 5, "here": 7, "linked": 5, "equal": 4, "differing": 1, "missing_there": 2,
    }  # fmt: skip
    assert done.reasons == {"unexplained": 1, "gone": 2}


def test_killed_in_the_middle_it_is_found_and_finds_the_same(
    checker: Checker, crowd: list[str], small_pages: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = reconciling.start_check(timezone.now())
    keep, kept = findings_store.keep, []

    def die_at_the_second(*args: Any) -> Any:
        columns = keep(*args)
        kept.append(args)
        if len(kept) == 2:
            raise KeyboardInterrupt
        return columns

    monkeypatch.setattr(reconcile_stages.findings, "keep", die_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        checker.work(run)
    run.refresh_from_db()
    assert (run.state, run.done) == ("running", 2)
    assert reconciling.work_on_check(run.pk, timezone.now) is None  # it may still be somebody's
    reconciling.look_after(timezone.now() + PATIENCE + timedelta(seconds=1))
    run.refresh_from_db()
    done = checker.work(run)
    assert (done.differences, done.findings.count(), done.reasons) == (3, 3, {"unexplained": 1, "gone": 2})


def test_a_check_that_kills_its_worker_again_and_again_is_ended_and_says_so(checker: Checker) -> None:
    run = reconciling.start_check(timezone.now())
    ReconcileRun.objects.update(state="running", attempts=MAX_ATTEMPTS)
    reconciling.look_after(timezone.now() + 2 * PATIENCE)
    run.refresh_from_db()
    assert (run.state, run.error_code) == ("failed", "WORKER_GONE")


def test_cancelled_it_stops_and_keeps_what_it_found(
    checker: Checker, crowd: list[str], small_pages: None
) -> None:
    run = reconciling.start_check(timezone.now())
    reconciling.work_on_check(run.pk, timezone.now, steps=1)
    assert reconciling.cancel_check(run.pk, timezone.now())
    assert reconciling.work_on_check(run.pk, timezone.now) is None
    run.refresh_from_db()
    assert (run.state, run.done, run.findings.count()) == ("cancelled", 2, 1)
    assert not reconciling.cancel_check(run.pk, timezone.now())


def test_one_at_a_time(checker: Checker, administrator: User) -> None:
    first = reconciling.start_check(timezone.now(), administrator)
    assert reconciling.start_check(timezone.now()) == first


def test_a_cycle_between_two_slices_does_no_harm(
    checker: Checker, crowd: list[str], small_pages: None, emulator: Any
) -> None:
    run = reconciling.start_check(timezone.now())
    reconciling.work_on_check(run.pk, timezone.now, steps=1)
    emulator.edit("Lead", crowd[6], City="Paris")
    emulator.create(LastName="New", Company="C")
    checker.desk.done()
    assert checker.work(run).differences == 3


def test_salesforce_out_of_reach_for_a_while_costs_time_and_nothing_else(
    checker: Checker, crowd: list[str], emulator: Any
) -> None:
    run = reconciling.start_check(timezone.now())
    emulator.fault(status=503, match="*composite*", times=50)
    reconciling.work_on_check(run.pk, timezone.now)
    run.refresh_from_db()
    assert (run.state, bool(run.error_message)) == ("running", True)
    emulator.clear_faults()
    reconciling.look_after(timezone.now() + 2 * PATIENCE)
    run.refresh_from_db()
    assert checker.work(run).differences == 3


def test_very_many_records_are_read_by_a_bulk_job(
    checker: Checker, crowd: list[str], emulator: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("syncadmin.sync.bulk.READ_FROM", 2)
    emulator.delete("Lead", crowd[1])
    run = reconciling.start_check(timezone.now())
    while run.is_open:
        reconciling.work_on_check(run.pk, timezone.now)
        reconciling.wake(timezone.now() + timedelta(minutes=1))
        run.refresh_from_db()
    assert (run.state, run.reasons) == ("done", {"unexplained": 1, "gone": 2, "on_its_way": 1})
    assert counts(run)["there"] == 4
    assert any("/jobs/query" in request["path"] for request in emulator.requests())


def test_findings_are_capped_and_counts_are_not(
    checker: Checker, crowd: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(findings_store, "KEPT", 2)
    run = checker.check()
    assert (run.differences, run.kept, run.findings.count()) == (3, 2, 2)


def test_old_checks_are_forgotten(checker: Checker, ada: Ada, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconcile_stages, "RUNS_KEPT", 2)
    runs = [checker.check() for _ in range(4)]
    assert list(ReconcileRun.objects.values_list("pk", flat=True)) == [runs[3].pk, runs[2].pk]


def test_a_page_costs_as_many_statements_for_many_people(checker: Checker, emulator: Any, ada: Ada) -> None:
    Person.objects.update(phone="2")
    few = _statements(checker)
    for n in range(30):
        emulator.create(LastName=f"L{n}", Company="C", Email=f"p{n}@example.com")
    checker.desk.done()
    Person.objects.update(phone="2")
    assert _statements(checker) == few


def _statements(checker: Checker) -> int:
    from django.db import connection

    run = reconciling.start_check(timezone.now())
    with CaptureQueriesContext(connection) as queries:
        checker.work(run)
    return len(queries)


def test_the_price_is_known_beforehand(checker: Checker, emulator: Any, crowd: list[str]) -> None:
    expected = reconciling.calls_to_check()
    calls = emulator.api_calls()
    run = checker.check()
    # The two that are gone were looked up, and asked for whether they were deleted for good.
    assert run.api_calls == emulator.api_calls() - calls == expected + 2


# --- Every night --------------------------------------------------------------------------------------------
def test_it_runs_every_night_at_its_hour_and_only_if_asked(checker: Checker) -> None:
    now = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
    assert not reconciling.start_nightly(now)
    Connection.objects.update(reconcile_hour=3)
    assert not reconciling.start_nightly(now)  # the hour has been noted
    assert not reconciling.start_nightly(now + timedelta(hours=14))
    assert reconciling.start_nightly(now + timedelta(hours=15, minutes=1))
    assert not reconciling.start_nightly(now + timedelta(hours=15, minutes=2))
    assert ReconcileRun.objects.get().trigger == "schedule"
    ReconcileRun.objects.update(state="done")
    assert reconciling.start_nightly(now + timedelta(hours=39, minutes=1))


def test_a_check_never_stops_a_cycle(checker: Checker, crowd: list[str], small_pages: None) -> None:
    run = reconciling.start_check(timezone.now())
    reconciling.work_on_check(run.pk, timezone.now, steps=1)
    assert checker.desk.cycle().state == SyncRun.State.DONE
