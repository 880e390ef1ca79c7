"""Story: much waits; an administrator sees how much, whether it grows, and who or what caused it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from campaigns.services import start_sync_to_sfdc
from people.batches import edit_people
from people.models import Person
from syncadmin.models import (
    BacklogSample,
    BulkJob,
    BulkRow,
    ChangeCause,
    Connection,
    PullCursor,
    SyncRule,
    SyncStep,
)
from syncadmin.services.backlog import samples
from syncadmin.services.backlog.now import backlog_now, is_growing
from syncadmin.store import causes
from syncadmin.store.backlog import oldest, to_create, to_push, to_read
from syncadmin.store.pages import store_page_safely
from syncadmin.sync.backlog import Until, Waiting
from tests.cycle.conftest import Ada, Desk
from tests.emulated import Emulated
from tests.reps import Rep

pytestmark = pytest.mark.django_db
SARAH = "005Fe0000000002IAA"
IMPORT = "CSV import fair.csv"
LEADS = 50


@pytest.fixture(autouse=True)
def a_fast_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """However busy this one is, pages count anew."""
    monkeypatch.setattr(samples, "SLOW_MS", 10**9)


@pytest.fixture
def sarah(emulator: Emulated) -> Rep:
    rep = Rep(emulator.url)
    rep.login()
    return rep


@pytest.fixture
def leads(desk: Desk, emulator: Emulated, sarah: Rep) -> list[str]:
    """Leads in step on both sides, all read before."""
    made = sarah.create_all(
        [{"LastName": f"L{n}", "Company": "C", "Email": f"l{n}@example.com"} for n in range(LEADS)]
    )
    desk.done()
    emulator.control("clock", {"advance_seconds": 60})  # stamps have whole seconds
    return made


def told(direction: str = "pull") -> dict[tuple[str, str, str], int]:
    """{(who, kind, field): records} of everything that was noted."""
    found: dict[tuple[str, str, str], int] = {}
    for cause in ChangeCause.objects.filter(direction=direction):
        key = (cause.who, cause.kind, cause.field)
        found[key] = found.get(key, 0) + cause.records
    return found


# --- What caused it: from Salesforce ----------------------------------------------------------------
def test_a_first_reading_has_no_cause_to_tell(leads: list[str]) -> None:
    assert Person.objects.count() == LEADS
    assert told() == {}


def test_a_user_who_changes_fields_that_dont_sync_is_named_with_the_number_of_records(
    desk: Desk, sarah: Rep, leads: list[str]
) -> None:
    sarah.edit_all(leads, HasOptedOutOfFax=True)
    sarah.edit_all(leads[:3], Title="Chief", City="Bonn")
    for _ in range(3):  # the overlap reads them again each time
        desk.done()
    assert told() == {
        (SARAH, "unsynced", ""): LEADS - 3,
        (SARAH, "changed", ""): 3,
        (SARAH, "changed", "job_title"): 3,
        (SARAH, "changed", "city"): 3,
    }


def test_new_and_deleted_records_are_told_as_such(
    desk: Desk, emulator: Emulated, sarah: Rep, leads: list[str]
) -> None:
    sarah.create(LastName="New", Company="C", Email="new@example.com")
    emulator.delete("Lead", leads[0])
    desk.done()
    desk.done()
    numbers = {kind: number for (_who, kind, _field), number in told().items()}
    assert numbers == {"new": 1, "gone": 1}


def test_our_own_pushes_are_told_apart_when_they_are_read_back(desk: Desk, leads: list[str]) -> None:
    for person in Person.objects.order_by("pk")[:4]:
        desk.edit(person, job_title="Ours")
    desk.done()
    desk.done()
    assert told() == {(desk.connection.user_id, "echo", ""): 4}


def test_an_account_that_is_renamed_is_not_laid_on_who_changed_the_contact(
    desk: Desk, emulator: Emulated
) -> None:
    account = emulator.create("Account", Name="Old")
    emulator.create("Contact", LastName="Lee", Email="lee@example.com", AccountId=account)
    emulator.create(LastName="Else", Company="C", Email="else@example.com")
    emulator.control("clock", {"advance_seconds": 3600})
    desk.done()
    emulator.control("clock", {"advance_seconds": 3600})
    emulator.edit("Account", account, Name="New")
    desk.done()
    assert Person.objects.get(email="lee@example.com").company == "New"
    assert told() == {("", "changed", ""): 1, ("", "changed", "company"): 1}


def test_a_page_and_its_causes_are_stored_together_and_once(
    desk: Desk, sarah: Rep, leads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed before the sample, or before the commit of a page: nothing is counted twice, and nothing is lost."""
    sarah.edit_all(leads, HasOptedOutOfFax=True)

    def die(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("syncadmin.services.cycle.steps.Cycle.beat", die)  # the page is stored
        with pytest.raises(KeyboardInterrupt):
            desk.cycle()
    stored = told()
    assert stored == {(SARAH, "unsynced", ""): LEADS}
    with monkeypatch.context() as patched:
        patched.setattr("syncadmin.services.cycle.run.take_after_cycle", die)
        with pytest.raises(KeyboardInterrupt):
            desk.cycle()
    desk.done()
    assert told() == stored


def test_a_page_that_isnt_committed_leaves_no_cause(
    desk: Desk, sarah: Rep, leads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    sarah.edit_all(leads[:5], Title="Chief")

    def die(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("syncadmin.store.batch.Batch.flush", die)
        with pytest.raises(KeyboardInterrupt):
            desk.cycle()
    assert told() == {}
    desk.done()
    assert told()[SARAH, "changed", "job_title"] == 5


def test_a_page_notes_its_causes_in_two_statements_whatever_its_size(
    desk: Desk, sarah: Rep, leads: list[str], connection: Connection
) -> None:
    from dataclasses import replace

    from syncadmin.services.org import open_org
    from syncadmin.store.batch import Origin
    from syncadmin.store.rules import load_rules

    run = desk.done()
    rules = load_rules(connection)["Lead"]
    counts = []
    for ids in (leads[:5], leads[5:45]):
        sarah.edit_all(ids, Title="Chief", City="Bonn", HasOptedOutOfFax=True)
        raws = list(open_org(connection).fetch("Lead", ids, rules.api_names).values())
        origin = Origin(timezone.now(), "test", read_at=timezone.now())
        told_origin = replace(origin, run_id=run.pk)
        for each in (told_origin,):
            with CaptureQueriesContext(database) as queries:
                store_page_safely(connection, rules, raws, each)
        counts.append(len([q for q in queries if "changecause" in q["sql"] or "polled_at" in q["sql"]]))
    assert counts[0] == counts[1] <= 2 + 6 * (database.vendor == "sqlite")  # executemany is told row by row


# --- What caused it: to Salesforce ------------------------------------------------------------------
def test_an_import_here_is_named_with_its_fields_and_its_user(
    desk: Desk, leads: list[str], marketer: User
) -> None:
    ids = list(Person.objects.order_by("pk").values_list("pk", flat=True)[:20])
    edit_people({pk: {"city": "Bonn"} for pk in ids}, actor=marketer, source=IMPORT, now=timezone.now())
    desk.edit(Person.objects.get(pk=ids[0]), phone="1")
    assert told("push") == {
        (IMPORT, "changed", ""): 20,
        (IMPORT, "changed", "city"): 20,
        ("test", "changed", ""): 1,
        ("test", "changed", "phone"): 1,
    }
    assert ChangeCause.objects.filter(who=IMPORT).first().actor == "marketer"  # type: ignore[union-attr]


def test_an_edit_of_a_field_that_doesnt_go_to_salesforce_is_told_as_such(desk: Desk, ada: Ada) -> None:
    from syncadmin.models import FieldSync

    FieldSync.objects.filter(field__name="notes").update(direction="from_salesforce")
    desk.edit(ada[0], notes="Met at the fair")
    assert told("push") == {("test", "unsynced", ""): 1, ("test", "unsynced", "notes"): 1}


def test_people_made_here_are_told_as_new(desk: Desk) -> None:
    desk.person(last_name="Lee", company="C")
    assert told("push") == {("test", "new", ""): 1}


def test_an_edit_costs_two_statements_more_for_one_person_as_for_many(desk: Desk, leads: list[str]) -> None:
    ids = list(Person.objects.order_by("pk").values_list("pk", flat=True))
    counts = []
    for some in (ids[:1], ids[1:]):
        with CaptureQueriesContext(database) as queries:
            edit_people({pk: {"city": "Bonn"} for pk in some}, source=IMPORT, now=timezone.now())
        counts.append(len([q for q in queries if "changecause" in q["sql"] or "fieldsync" in q["sql"]]))
    assert counts[0] == counts[1]


def test_rows_of_full_hours_are_folded_without_changing_a_sum(desk: Desk, leads: list[str]) -> None:
    now = timezone.now()
    for number in range(40):
        people = [("Lead", ["city"])] * (number + 1)
        causes.note_edited(
            None,
            people=people,
            is_new=False,
            actor=None,
            source="s",
            now=now - timedelta(minutes=10 * number),
        )
    before = told("push")
    causes.fold(now)
    assert told("push") == before
    folded = ChangeCause.objects.filter(is_folded=True)
    assert folded.values("at", "field").distinct().count() == folded.count() <= 2 * 6
    causes.fold(now)
    assert told("push") == before
    causes.fold(now + causes.KEPT + timedelta(days=1))
    assert told("push") == {}


# --- How much ---------------------------------------------------------------------------------------
def test_what_waits_to_be_pushed_is_split_by_what_it_waits_for(
    desk: Desk, leads: list[str], make_refusal: Callable[..., None]
) -> None:
    people = list(Person.objects.order_by("pk")[:7])
    for person in people:
        desk.edit(person, city="Bonn")
        person.refresh_from_db()
    now = timezone.now()
    make_refusal(people[0])
    make_refusal(people[1], retry_at=now + timedelta(hours=1))
    make_refusal(people[2], retry_at=now - timedelta(minutes=1))  # may be tried by now
    job = BulkJob.objects.create(kind="ingest", object="Lead", started_at=now)
    BulkRow.objects.create(person=people[3], job=job, sfdc_id=people[3].sfdc_id, version=1)
    SyncRule.objects.create(
        kind="exclusion", is_on=True, changed_at=now,
        conditions=[{"field": "last_name", "operator": "is", "values": [people[4].last_name]}],
    )  # fmt: skip
    people[5].sync_states.update(outside_since=now)
    assert to_push(now) == {
        "Lead": Waiting(due=2, held=1, retrying=1, in_bulk=1, excluded=1, outside=1),
        "Contact": Waiting(),
    }
    assert [person.why for person in oldest(now, 3)] == ["held", "retrying", "due"]  # type: ignore[attr-defined]
    assert oldest(now, 1)[0].pk == people[0].pk


@pytest.fixture
def make_refusal() -> Callable[..., None]:
    from syncadmin.models import SyncFailure

    def make(person: Person, **values: Any) -> None:
        now, version = timezone.now(), Connection.objects.get().settings_version
        SyncFailure.objects.create(
            **{"settings_version": version, "person": person,
               "direction": "push", "object": "Lead", "code": "X", "message": "No",
               "person_version": person.version, "first_at": now, "last_at": now, **values}
        )  # fmt: skip

    return make


def test_people_who_are_to_be_created_wait_too(desk: Desk, make_refusal: Callable[..., None]) -> None:
    _rome, _bonn, asked = (desk.person(last_name=n, company="C", city=n) for n in ("Rome", "Bonn", "Kyiv"))
    assert to_create(timezone.now()) == Waiting()
    SyncRule.objects.create(
        kind="inclusion", is_on=True, changed_at=timezone.now(),
        conditions=[{"field": "city", "operator": "is", "values": ["Rome"]}],
    )  # fmt: skip
    assert to_create(timezone.now()) == Waiting(due=1)
    make_refusal(asked, assign_to="rules")
    assert to_create(timezone.now()) == Waiting(due=1, held=1)
    desk.edit(asked, company="D")
    assert to_create(timezone.now()) == Waiting(due=2)


def test_while_much_is_read_what_is_left_of_it_is_known_even_after_a_kill(
    desk: Desk, sarah: Rep, leads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert [reading.left for reading in to_read().values()] == [0, 0]
    sarah.edit_all(leads, Title="Chief")
    seen = []
    store = store_page_safely

    def look(*args: Any, **kwargs: Any) -> Any:
        seen.append({object: reading.left for object, reading in to_read().items()})
        tally = store(*args, **kwargs)
        raise KeyboardInterrupt if len(seen) == 1 else AssertionError(tally)

    with monkeypatch.context() as patched:
        patched.setattr("syncadmin.services.cycle.steps.store_page_safely", look)
        with pytest.raises(KeyboardInterrupt):
            desk.cycle()
    assert seen == [{"Lead": LEADS, "Contact": 0}]
    assert to_read()["Lead"].left == LEADS  # its step says nothing of the page; the next poll finds out
    desk.done()
    assert [reading.left for reading in to_read().values()] == [0, 0]


def test_the_step_that_reads_says_how_many_are_left(desk: Desk, leads: list[str]) -> None:
    now = timezone.now()
    PullCursor.objects.filter(object="Lead").update(to_read=10_000, to_read_at=now)
    run = desk.connection and SyncStep.objects.latest("pk").run
    SyncStep.objects.create(run=run, object="Lead", operation="pull", started_at=now, done=4_000)
    SyncStep.objects.create(
        run=run, object="Contact", operation="pull", started_at=now - timedelta(hours=1), done=77
    )
    reading = to_read()["Lead"]
    assert (reading.left, reading.total, reading.is_first) == (6_000, 10_000, False)


def test_what_a_cycle_found_that_the_guard_stopped_waits_to_be_read(
    desk: Desk, sarah: Rep, leads: list[str]
) -> None:
    Connection.objects.update(guard_share=10, guard_least=5)
    sarah.edit_all(leads, Company="Else")
    assert desk.cycle().state == "stopped"
    assert backlog_now(timezone.now()).of("pull:Lead").number == LEADS


def test_flow_steps_and_clicks_that_wait_count_too(desk: Desk, leads: list[str], marketer: User) -> None:
    ids = list(Person.objects.values_list("pk", flat=True)[:6])
    start_sync_to_sfdc(ids, "rules", user=marketer, now=timezone.now())
    backlog = backlog_now(timezone.now())
    assert backlog.of("steps").number == backlog.total == 6


# --- Trend ------------------------------------------------------------------------------------------
@pytest.fixture
def history() -> Callable[[dict[int, int]], None]:
    """Samples of earlier hours: {hours ago: people to be pushed as Leads}."""

    def make(numbers: dict[int, int]) -> None:
        BacklogSample.objects.all().delete()
        for hours, number in numbers.items():
            figures = {
                "push": {"Lead": {"due": number}, "Contact": {}, "": {}},
                "pull": {"Lead": 0},
                "steps": 0,
            }
            at = timezone.now() - timedelta(hours=hours, minutes=1)
            BacklogSample.objects.create(at=at, figures=figures)

    return make


def test_a_backlog_grows_if_it_is_larger_than_six_hours_ago(
    desk: Desk, leads: list[str], history: Callable[[dict[int, int]], None]
) -> None:
    history({6: 10, 1: 120, 0: 150})
    assert is_growing(timezone.now())
    history({6: 10, 1: 400, 0: 150})
    assert not is_growing(timezone.now())
    history({1: 120, 0: 150})
    assert not is_growing(timezone.now())
    history({6: 10, 3: 150})  # nothing was measured lately: nothing is known
    assert not is_growing(timezone.now())


def due_of(sample: BacklogSample | None) -> int:
    assert sample is not None
    return int(sample.figures["push"]["Lead"]["due"])


def test_a_cycle_leaves_a_sample(desk: Desk, ada: Ada) -> None:
    BacklogSample.objects.all().delete()
    desk.edit(ada[0], phone="2")
    desk.done()
    assert due_of(BacklogSample.objects.get()) == 0
    desk.done()
    assert BacklogSample.objects.count() == 1  # seconds later


def test_the_supervisor_takes_a_sample_when_there_was_none_for_minutes(desk: Desk, ada: Ada) -> None:
    BacklogSample.objects.all().delete()
    desk.edit(ada[0], phone="2")
    now = timezone.now()
    assert samples.take_when_due(now)
    assert due_of(BacklogSample.objects.get()) == 1
    assert not samples.take_when_due(now + timedelta(minutes=2))
    assert samples.take_when_due(now + timedelta(minutes=6))


def test_once_an_hour_old_samples_are_thinned_and_causes_folded(desk: Desk, ada: Ada) -> None:
    BacklogSample.objects.all().delete()
    desk.edit(ada[0], phone="2")
    now, figures = timezone.now(), {"push": {}, "pull": {}, "steps": 0}
    for number in range(30):
        at = now - timedelta(days=3, minutes=number)
        BacklogSample.objects.create(at=at, figures=figures)
    BacklogSample.objects.create(at=now, figures=figures)
    assert samples.take_when_due(now + timedelta(hours=4))
    assert BacklogSample.objects.count() <= 2 + 2
    assert not ChangeCause.objects.filter(is_folded=False).exists()


def test_a_count_that_takes_long_is_not_repeated_for_a_page(desk: Desk, ada: Ada) -> None:
    desk.edit(ada[0], phone="2")
    now = timezone.now()
    assert backlog_now(now).total == 1
    sample = samples.take(now)
    BacklogSample.objects.filter(pk=sample.pk).update(took_ms=samples.SLOW_MS + 1)
    Person.objects.update(changed_at=None)
    assert (backlog_now(now + timedelta(minutes=1)).total, backlog_now(now).at) == (1, now)
    assert backlog_now(now + samples.FRESH + timedelta(minutes=1)).total == 0


def test_a_page_that_had_to_count_long_spares_the_next_one_that(
    desk: Desk, ada: Ada, monkeypatch: pytest.MonkeyPatch
) -> None:
    BacklogSample.objects.all().delete()
    backlog_now(timezone.now())
    assert not BacklogSample.objects.exists()
    monkeypatch.setattr(samples, "SLOW_MS", -1)
    backlog_now(timezone.now())
    with CaptureQueriesContext(database) as queries:
        backlog_now(timezone.now())
    assert BacklogSample.objects.count() == 1
    assert not [q for q in queries if "people_person" in q["sql"]]


def test_a_few_go_with_the_next_cycle_and_none_while_paused(desk: Desk, ada: Ada) -> None:
    desk.edit(ada[0], phone="2")
    Connection.objects.update(is_paused=False)
    assert backlog_now(timezone.now()).of("push:Lead").drain.until is Until.NEXT_CYCLE
    Connection.objects.update(is_paused=True)
    assert backlog_now(timezone.now()).of("push:Lead").drain.until is Until.PAUSED


def test_a_sample_that_fails_fails_no_cycle(desk: Desk, ada: Ada, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import OperationalError

    def broken(*_: Any) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr(samples, "take", broken)
    assert desk.cycle().state == "done"


def test_steps_say_how_many_calls_they_took(desk: Desk, ada: Ada) -> None:
    desk.edit(ada[0], phone="2")
    run = desk.done()
    assert run.steps.get(operation="push").api_calls == run.api_calls - 1 > 0
