"""Many changes at once go by a bulk job: with the same decisions, and nothing lost, doubled or bounced if it breaks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from people.models import Person
from syncadmin.models import BulkJob, BulkRow, SyncFailure, SyncRun, SyncState
from syncadmin.salesforce.bulk import SalesforceBulk
from syncadmin.services import sync_people
from syncadmin.services.bulk import push as bulk_push
from syncadmin.services.cycle.steps import Cycle
from syncadmin.sync import bulk as limits
from tests.cycle.conftest import Desk
from tests.emulated import Emulated

pytestmark = pytest.mark.django_db
NUMBER = 6


@pytest.fixture(autouse=True)
def few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bulk jobs from four people on, and no long pauses."""
    monkeypatch.setattr(limits, "PUSH_FROM", 4)
    monkeypatch.setattr(limits, "PAUSES", (0.02,))
    monkeypatch.setattr(bulk_push, "ROUND", 4)


@pytest.fixture
def crowd(desk: Desk, emulator: Emulated) -> list[Person]:
    """Six people in step."""
    for number in range(NUMBER):
        emulator.create(LastName=f"L{number}", Company="C", Email=f"p{number}@example.com", City="London")
    desk.done()
    return list(Person.objects.order_by("email"))


def edit(desk: Desk, people: list[Person], **values: Any) -> None:
    for person in people:
        desk.edit(person, **(values or {"city": "Paris"}))


def cities(emulator: Emulated) -> list[str]:
    return [lead["City"] for lead in emulator.query("SELECT City FROM Lead ORDER BY Email")]


def uploads(emulator: Emulated) -> int:
    return len([request for request in emulator.requests() if request["path"].endswith("/batches")])


def push_step(run: SyncRun) -> Any:
    return run.steps.get(operation="push", object="Person")


def is_quiet(desk: Desk, emulator: Emulated) -> bool:
    """Nobody waits, and the two sides have nothing more to say to each other."""
    stamps = emulator.query("SELECT Id, SystemModstamp FROM Lead ORDER BY Id")
    run = desk.done()
    after = emulator.query("SELECT Id, SystemModstamp FROM Lead ORDER BY Id")
    waiting = Person.objects.filter(changed_at__isnull=False).exists() or BulkRow.objects.exists()
    return run.api_calls == 1 and stamps == after and not waiting


# -- the ordinary way -------------------------------------------------------------------------------------


def test_many_changes_travel_in_one_file(desk: Desk, emulator: Emulated, crowd: list[Person]) -> None:
    edit(desk, crowd)
    desk.edit(crowd[0], job_title='Countess, "first"\nof all', num_employees=3, phone="")
    run = desk.done()
    assert uploads(emulator) == 1
    assert cities(emulator) == ["Paris"] * NUMBER
    lead = emulator.read("Lead", crowd[0].sfdc_id)
    assert (lead["Title"], lead["NumberOfEmployees"]) == ('Countess, "first"\nof all', 3)
    assert desk.counts(run, "push", "Person") == {"updated": NUMBER}
    assert f"{NUMBER} people" in push_step(run).note
    assert [len(desk.log(person, "sync_updates_to_sfdc")) for person in crowd] == [1] * NUMBER
    job = BulkJob.objects.get()
    assert (job.state, job.people, job.object) == ("done", NUMBER, "Lead")
    assert is_quiet(desk, emulator)


def test_a_cleared_value_is_cleared_and_other_fields_are_left_alone(
    desk: Desk, emulator: Emulated, crowd: list[Person]
) -> None:
    edit(desk, crowd[:3], city="")
    edit(desk, crowd[3:], job_title="New")
    desk.done()
    assert uploads(emulator) == 1
    assert cities(emulator) == [None, None, None, "London", "London", "London"]
    assert is_quiet(desk, emulator)


def test_fewer_changes_go_by_rest(desk: Desk, emulator: Emulated, crowd: list[Person]) -> None:
    edit(desk, crowd[:3])
    desk.done()
    assert uploads(emulator) == 0
    assert cities(emulator)[:3] == ["Paris"] * 3


def test_leads_and_contacts_travel_in_files_of_their_own(
    desk: Desk, emulator: Emulated, crowd: list[Person]
) -> None:
    for number in range(4):
        emulator.create("Contact", LastName=f"C{number}", Email=f"c{number}@example.com")
    desk.done()
    everybody = list(Person.objects.all())
    edit(desk, everybody, job_title="New")
    desk.done()
    assert sorted(BulkJob.objects.values_list("object", "people")) == [("Contact", 4), ("Lead", NUMBER)]
    assert {c["Title"] for c in emulator.query("SELECT Title FROM Contact")} == {"New"}
    assert is_quiet(desk, emulator)


def test_more_people_than_a_job_takes_go_in_several(
    desk: Desk, emulator: Emulated, crowd: list[Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "JOB_SIZE", 4)
    edit(desk, crowd)
    desk.done()
    assert list(BulkJob.objects.order_by("pk").values_list("people", flat=True)) == [4, 2]
    assert cities(emulator) == ["Paris"] * NUMBER


def test_what_a_file_can_not_say_goes_by_rest(desk: Desk, emulator: Emulated, crowd: list[Person]) -> None:
    edit(desk, crowd)
    desk.edit(crowd[0], city="#N/A")
    desk.done()
    assert cities(emulator) == ["#N/A", *["Paris"] * (NUMBER - 1)]
    assert BulkJob.objects.get().people == NUMBER - 1
    assert is_quiet(desk, emulator)


def test_what_sales_changed_a_moment_ago_is_no_victim(
    desk: Desk, emulator: Emulated, crowd: list[Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the pull and the push: another field comes down, the same field is a conflict with both values kept."""
    edit(desk, crowd)

    def first(object: str) -> None:
        emulator.edit("Lead", crowd[0].sfdc_id, Title="By sales")
        emulator.edit("Lead", crowd[1].sfdc_id, City="Rome")

    before(monkeypatch, bulk_push.Push, "decide", first)
    run = desk.done()
    crowd[0].refresh_from_db()
    assert (crowd[0].job_title, crowd[0].city) == ("By sales", "Paris")
    assert cities(emulator) == ["Paris"] * NUMBER
    (conflict,) = desk.log(crowd[1], "conflict")
    assert (conflict.attributes["ours"], conflict.attributes["theirs"]) == ("Paris", "Rome")
    assert desk.counts(run, "push", "Person") == {"updated": NUMBER, "conflicts": 1}
    assert desk.done().state == "done"
    assert is_quiet(desk, emulator)


# -- refusals ---------------------------------------------------------------------------------------------


def test_a_refused_record_is_a_failure_like_any_other(
    desk: Desk, emulator: Emulated, crowd: list[Person]
) -> None:
    emulator.rules(
        validation={"object": "Lead", "formula": "Title = 'Bad'", "message": "Not that.", "field": "Title"}
    )
    edit(desk, crowd)
    desk.edit(crowd[2], job_title="Bad")
    run = desk.done()
    assert desk.counts(run, "push", "Person") == {"updated": NUMBER - 1, "failed": 1}
    failure = SyncFailure.objects.get()
    assert (failure.person_id, failure.code, failure.message) == (
        crowd[2].pk, "FIELD_CUSTOM_VALIDATION_EXCEPTION", "Not that.",
    )  # fmt: skip
    assert (failure.fields, failure.values) == (["job_title"], {"job_title": "Bad"})
    assert desk.log(crowd[2], "sync_failed")
    assert cities(emulator) == ["Paris", "Paris", "London", "Paris", "Paris", "Paris"]
    desk.done()
    assert desk.done().api_calls == 1  # hopeless retries cost nothing
    desk.edit(crowd[2], job_title="Good")
    desk.done()
    assert cities(emulator) == ["Paris"] * NUMBER
    assert SyncFailure.objects.get().state == "resolved"


def test_an_open_failure_is_not_settled_before_there_is_an_answer(
    desk: Desk, emulator: Emulated, crowd: list[Person]
) -> None:
    emulator.rules(
        validation={"object": "Lead", "formula": "Title = 'Bad'", "message": "Not that.", "field": "Title"}
    )
    for number in range(3):
        edit(desk, crowd, city=f"Paris {number}", job_title="Bad")
        desk.done()
    assert SyncFailure.objects.count() == NUMBER
    assert set(SyncFailure.objects.values_list("state", "attempts")) == {("open", 3)}


@pytest.mark.parametrize("done", [0, 2])
def test_a_job_that_fails_keeps_what_it_did_the_rest_goes_by_rest_and_the_run_says_so(
    desk: Desk, emulator: Emulated, crowd: list[Person], monkeypatch: pytest.MonkeyPatch, done: int
) -> None:
    monkeypatch.setattr("syncadmin.emulator.bulk.runner.CHUNK", 2)
    edit(desk, crowd)
    emulator.fault(error_code="QUERY_TIMEOUT", method="BULK", match="*ingest*", after=done // 2, times=1)
    run = desk.done()
    assert [len(desk.log(person, "sync_updates_to_sfdc")) for person in crowd] == [1] * NUMBER
    assert cities(emulator) == ["Paris"] * NUMBER
    assert BulkJob.objects.get().state == "failed"
    assert "By REST instead of the Bulk API" in push_step(run).note
    assert is_quiet(desk, emulator)


def test_without_any_job_left_it_goes_by_rest_and_the_run_says_so(
    desk: Desk, emulator: Emulated, crowd: list[Person]
) -> None:
    edit(desk, crowd)
    emulator.control("limits", {"DailyBulkApiBatches": {"Max": 10, "Remaining": 0}}, method="PUT")
    run = desk.done()
    assert cities(emulator) == ["Paris"] * NUMBER
    assert "By REST instead of the Bulk API" in push_step(run).note
    assert (uploads(emulator), BulkRow.objects.count()) == (0, 0)
    assert is_quiet(desk, emulator)


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_a_lost_answer_on_the_way_in_neither_loses_nor_doubles(
    desk: Desk, emulator: Emulated, crowd: list[Person], method: str
) -> None:
    edit(desk, crowd)
    emulator.fault(drop="after", method=method, match="*jobs/ingest*", times=1)
    desk.done()
    assert cities(emulator) == ["Paris"] * NUMBER
    assert desk.done().state == "done"
    assert is_quiet(desk, emulator)
    assert [len(desk.log(person, "sync_updates_to_sfdc")) for person in crowd] == [1] * NUMBER


# -- what happens meanwhile -------------------------------------------------------------------------------


def before(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, act: Callable[..., Any]) -> None:
    """Have something happen once, just before a method is called."""
    done, todo = getattr(owner, name), [act]

    def wrapped(self: Any, *args: Any, **kwargs: Any) -> Any:
        if todo:
            todo.pop()(args[0])
        return done(self, *args, **kwargs)

    monkeypatch.setattr(owner, name, wrapped)


def test_an_edit_made_while_the_job_works_is_pushed_later(
    desk: Desk, emulator: Emulated, crowd: list[Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    edit(desk, crowd)
    before(monkeypatch, SalesforceBulk, "outcomes", lambda job: desk.edit(crowd[0], city="Rome"))
    desk.done()
    crowd[0].refresh_from_db()
    assert (crowd[0].city, cities(emulator)[0]) == ("Rome", "Rome")
    assert is_quiet(desk, emulator)


def test_a_click_while_the_job_works_sees_its_echo_and_no_conflict(
    desk: Desk, emulator: Emulated, crowd: list[Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The job has written Paris and hasn't told us; the marketer's Rome must not lose against our own Paris."""
    desk.connection.lead_winner = "salesforce"
    desk.connection.save()
    edit(desk, crowd)

    def click(job: str) -> None:
        desk.edit(crowd[0], city="Rome")
        sync_people([crowd[0].pk], "rules", now=timezone.now(), source="click")

    before(monkeypatch, SalesforceBulk, "outcomes", click)
    desk.done()
    crowd[0].refresh_from_db()
    assert (crowd[0].city, cities(emulator)[0]) == ("Rome", "Rome")
    assert not desk.log(crowd[0], "conflict")
    desk.done()
    assert is_quiet(desk, emulator)
    assert desk.by_email("p0@example.com").city == "Rome"


def test_a_click_that_the_job_overtakes_is_pushed_again(
    desk: Desk, emulator: Emulated, crowd: list[Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The click writes Rome, then the job its older Paris: Salesforce gets Rome back, and here nobody loses it."""
    edit(desk, crowd)

    def click(job: str) -> None:
        desk.edit(crowd[0], city="Rome")
        sync_people([crowd[0].pk], "rules", now=timezone.now(), source="click")
        assert cities(emulator)[0] == "Rome"

    before(monkeypatch, SalesforceBulk, "close", click)
    desk.done()
    desk.done()
    crowd[0].refresh_from_db()
    assert (crowd[0].city, cities(emulator)[0]) == ("Rome", "Rome")
    assert is_quiet(desk, emulator)


# -- kill and resume --------------------------------------------------------------------------------------


def killed(desk: Desk, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """The worker dies as it is about to ask the connector for something."""

    def die(*args: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(SalesforceBulk, name, die)
        with pytest.raises(KeyboardInterrupt):
            desk.cycle()


@pytest.mark.parametrize("moment", ["begin_update", "upload", "close", "state", "outcomes"])
def test_a_killed_cycle_is_done_again_without_repeating_what_succeeded(
    desk: Desk, emulator: Emulated, crowd: list[Person], monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    edit(desk, crowd)
    killed(desk, monkeypatch, moment)
    desk.done()
    assert cities(emulator) == ["Paris"] * NUMBER
    assert not BulkJob.objects.filter(state="open").exists()
    assert [len(desk.log(person, "sync_updates_to_sfdc")) for person in crowd] == [1] * NUMBER
    assert {state.base["city"] for state in SyncState.objects.all()} == {"Paris"}
    desk.done()
    assert is_quiet(desk, emulator)


@pytest.mark.parametrize("moment", ["state", "outcomes"])
def test_answers_that_a_dead_cycle_left_are_taken_before_anything_is_sent_again(
    desk: Desk, emulator: Emulated, crowd: list[Person], monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    edit(desk, crowd)
    killed(desk, monkeypatch, moment)
    desk.edit(crowd[0], city="Rome")
    run = desk.done()
    assert uploads(emulator) == 1
    step = run.steps.get(operation="recover")
    assert (step.updated, step.failed) == (NUMBER, 0)
    assert cities(emulator) == ["Rome", *["Paris"] * (NUMBER - 1)]
    assert not desk.log(crowd[0], "conflict")
    desk.done()
    assert is_quiet(desk, emulator)


def test_a_job_that_salesforce_has_forgotten_is_forgotten_here(
    desk: Desk, emulator: Emulated, crowd: list[Person]
) -> None:
    job = BulkJob.objects.create(
        kind="ingest", object="Lead", sfdc_job_id="750000000000001AAA", started_at=timezone.now()
    )
    BulkRow.objects.create(
        person=crowd[0], job=job, sfdc_id=crowd[0].sfdc_id, version=1, sent={"city": "Rome"}
    )
    desk.done()
    job.refresh_from_db()
    assert (job.state, BulkRow.objects.count()) == ("failed", 0)
    assert is_quiet(desk, emulator)


def test_a_job_that_takes_too_long_is_stopped_and_what_it_did_counts(
    desk: Desk, emulator: Emulated, crowd: list[Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "PATIENCE", 0.0)
    edit(desk, crowd)
    emulator.fault(delay_ms=300, method="BULK", match="*ingest*", times=1)
    run = desk.done()
    assert cities(emulator) == ["Paris"] * NUMBER
    assert "By REST instead of the Bulk API" in push_step(run).note
    desk.done()
    assert is_quiet(desk, emulator)


def test_statements_do_not_grow_with_people(
    desk: Desk, emulator: Emulated, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_push, "ROUND", 1000)
    monkeypatch.setattr(Cycle, "beat", lambda *args: None)  # one for each look at the job
    push, counts = Cycle.push, []

    def counted(self: Cycle) -> None:
        with CaptureQueriesContext(database) as queries:
            push(self)
        counts.append(len(queries))

    for number in range(40):
        emulator.create(LastName=f"L{number}", Company="C", Email=f"p{number}@example.com")
    desk.done()
    monkeypatch.setattr(Cycle, "push", counted)
    for size in (5, 40):
        edit(desk, list(Person.objects.all()[:size]), city=f"Paris {size}")
        desk.done()
    assert list(BulkJob.objects.order_by("pk").values_list("people", flat=True)) == [5, 40]
    assert counts[0] == counts[1]
