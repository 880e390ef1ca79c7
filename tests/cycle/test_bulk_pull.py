"""Very many records are read by a bulk job: the same people come of it, and nothing is missed when it breaks off."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from people.models import Activity, Person
from people.services import create_person
from syncadmin.models import BulkJob, PullCursor, SyncState
from syncadmin.salesforce.bulk import SalesforceBulk
from syncadmin.services import preview_now, sync_people
from syncadmin.services.bulk import pull as bulk_pull
from syncadmin.services.bulk.reading import read_all
from syncadmin.services.org import close_org, open_org
from syncadmin.services.rereading import read_all_again
from syncadmin.sync import bulk as limits
from syncadmin.sync.ports import Poll, RawRecord
from tests.cycle.conftest import Desk
from tests.emulated import Emulated

pytestmark = pytest.mark.django_db
NUMBER = 6


@pytest.fixture(autouse=True)
def few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bulk jobs from five records on, in parts of two, and no long pauses."""
    monkeypatch.setattr(limits, "READ_FROM", 5)
    monkeypatch.setattr(limits, "PAUSES", (0.02,))
    monkeypatch.setattr(limits, "PART", 2)


@pytest.fixture
def leads(emulator: Emulated) -> list[str]:
    return [
        emulator.create(
            LastName=f"L{n}", Company="C", Email=f"P{n}@example.com", DoNotCall=n == 1, NumberOfEmployees=n
        )
        for n in range(NUMBER)
    ]


def asked(emulator: Emulated, path: str) -> int:
    return len([request for request in emulator.requests() if path in request["path"]])


def cursor() -> PullCursor:
    return PullCursor.objects.get(object="Lead")


def snapshot() -> list[Any]:
    """Everything that a pull stores, but for ids and times."""
    people = Person.objects.order_by("email").values(
        "email", "last_name", "company", "do_not_call", "num_employees", "custom", "sfdc_id", "sfdc_type",
        "owner_id", "sfdc_created_at",
    )  # fmt: skip
    states = SyncState.objects.order_by("pk").values("sfdc_id", "base", "system_modstamp", "is_deleted")
    log = Activity.objects.order_by("person__email", "pk").values_list("type", "source")
    return [list(people), list(states), list(log)]


def test_the_same_people_come_of_it_as_by_rest(
    desk: Desk, emulator: Emulated, leads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    emulator.delete("Lead", leads[5])
    run = desk.done()
    by_bulk = snapshot()
    assert desk.counts(run) == {"new": NUMBER - 1, "skipped": 1}
    assert "By the Bulk API" in run.steps.get(operation="pull", object="Lead").note
    assert asked(emulator, "/jobs/query") >= 5  # made, looked at, and three parts
    Person.objects.all().delete()
    assert read_all_again(timezone.now())
    monkeypatch.setattr(limits, "READ_FROM", 50)
    desk.done()
    assert snapshot() == by_bulk


def test_nothing_is_read_twice_after_it(desk: Desk, emulator: Emulated, leads: list[str]) -> None:
    emulator.control("clock", {"advance_seconds": 3600})
    desk.done()
    assert (cursor().began_at, cursor().position_stamp) == ("", "")
    emulator.control("clock", {"advance_seconds": 3600})
    desk.done()
    calls = emulator.api_calls()
    assert desk.done().api_calls == 1
    assert emulator.api_calls() - calls == 1


def test_few_records_are_read_by_rest(desk: Desk, emulator: Emulated) -> None:
    emulator.create(LastName="L", Company="C")
    desk.done()
    assert asked(emulator, "/jobs/query") == 0


def test_what_changes_while_the_job_reads_comes_with_the_next_cycle(
    desk: Desk, emulator: Emulated, leads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    done = SalesforceBulk.rows

    def rows(self: SalesforceBulk, object: str, job: str, locator: str) -> Any:
        if not locator:
            emulator.edit("Lead", leads[0], City="Rome")
        return done(self, object, job, locator)

    monkeypatch.setattr(SalesforceBulk, "rows", rows)
    desk.done()
    assert desk.by_email("p0@example.com").city == ""
    desk.done()
    assert desk.by_email("p0@example.com").city == "Rome"


def test_a_click_while_the_job_reads_is_not_set_back(
    desk: Desk, emulator: Emulated, leads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.done()
    done = SalesforceBulk.rows

    def rows(self: SalesforceBulk, object: str, job: str, locator: str) -> Any:
        if not locator:
            person = desk.by_email("p0@example.com")
            desk.edit(person, city="Rome")
            sync_people([person.pk], "rules", now=timezone.now(), source="click")
        return done(self, object, job, locator)

    monkeypatch.setattr(SalesforceBulk, "rows", rows)
    assert read_all_again(timezone.now())
    desk.done()
    desk.done()
    assert desk.by_email("p0@example.com").city == emulator.read("Lead", leads[0])["City"] == "Rome"


def test_people_who_are_here_already_are_linked(desk: Desk, leads: list[str]) -> None:
    create_person({"email": "p2@example.com", "last_name": "L2"}, source="test", now=timezone.now())
    desk.done()
    assert Person.objects.count() == NUMBER
    assert desk.by_email("p2@example.com").sfdc_id == leads[2]


# -- what breaks ------------------------------------------------------------------------------------------


def killed_after(desk: Desk, monkeypatch: pytest.MonkeyPatch, pages: int) -> None:
    """The worker dies when so many pages are stored."""
    done, left = bulk_pull.store_page_safely, [None] * pages

    def store(*args: Any, **kwargs: Any) -> Any:
        if not left:
            raise KeyboardInterrupt
        left.pop()
        return done(*args, **kwargs)

    with monkeypatch.context() as patched:
        patched.setattr(bulk_pull, "store_page_safely", store)
        with pytest.raises(KeyboardInterrupt):
            desk.cycle()


def test_a_killed_reading_goes_on_with_the_same_job_where_it_stopped(
    desk: Desk, emulator: Emulated, leads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    killed_after(desk, monkeypatch, 2)
    job = BulkJob.objects.get()
    assert (job.state, job.people, Person.objects.count()) == ("open", 4, 4)
    emulator.edit("Lead", leads[0], City="Rome")  # after the job had read it
    run = desk.done()
    assert desk.counts(run) == {"new": 2}
    assert BulkJob.objects.get().state == "done"
    assert cursor().polled_at == job.began_at  # or the change would never be read
    desk.done()
    assert desk.by_email("p0@example.com").city == "Rome"
    assert Person.objects.count() == NUMBER


def test_a_reading_that_asks_for_something_else_begins_anew(
    desk: Desk, emulator: Emulated, leads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    killed_after(desk, monkeypatch, 1)
    BulkJob.objects.update(query="[]")
    desk.done()
    assert list(BulkJob.objects.order_by("pk").values_list("state", flat=True)) == ["failed", "done"]
    assert Person.objects.count() == NUMBER


def test_a_job_that_salesforce_has_forgotten_is_made_again(
    desk: Desk, emulator: Emulated, leads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    killed_after(desk, monkeypatch, 1)
    BulkJob.objects.update(sfdc_job_id="750000000000001AAA")
    desk.done()
    assert Person.objects.count() == NUMBER


def test_a_short_breakdown_does_not_begin_the_reading_anew(
    desk: Desk, emulator: Emulated, leads: list[str]
) -> None:
    emulator.fault(status=503, match="*results*", after=1, times=6)
    assert desk.cycle().state == "failed"
    desk.done()
    assert BulkJob.objects.count() == 1
    assert Person.objects.count() == NUMBER


def test_a_job_that_fails_is_read_by_rest_instead_and_the_run_says_so(
    desk: Desk, emulator: Emulated, leads: list[str]
) -> None:
    emulator.fault(error_code="QUERY_TIMEOUT", method="BULK", match="*query*", times=1)
    run = desk.done()
    assert Person.objects.count() == NUMBER
    assert "By REST instead of the Bulk API" in run.steps.get(operation="pull", object="Lead").note
    assert BulkJob.objects.get().state == "failed"


def test_without_any_job_left_it_is_read_by_rest_and_the_run_says_so(
    desk: Desk, emulator: Emulated, leads: list[str]
) -> None:
    emulator.control("limits", {"DailyBulkV2QueryJobs": {"Max": 10, "Remaining": 0}}, method="PUT")
    run = desk.done()
    assert Person.objects.count() == NUMBER
    note = run.steps.get(operation="pull", object="Lead").note
    assert "Max bulk v2 query jobs" in note
    assert not BulkJob.objects.exists()


# -- others who read --------------------------------------------------------------------------------------


@pytest.mark.parametrize("least", [1, 50])
def test_everything_is_read_the_same_by_both_ways(
    desk: Desk, emulator: Emulated, leads: list[str], monkeypatch: pytest.MonkeyPatch, least: int
) -> None:
    monkeypatch.setattr(limits, "READ_FROM", least)
    org = open_org(desk.connection)
    pages: list[list[RawRecord]] = list(read_all(org, Poll("Lead", ("Email", "NumberOfEmployees"))))
    close_org(desk.connection, org)
    found = {raw["Id"]: (raw["Email"], raw["NumberOfEmployees"]) for page in pages for raw in page}
    assert found == {id: (f"p{n}@example.com", n) for n, id in enumerate(leads)}
    assert bool(asked(emulator, "/jobs/query")) == (least == 1)


def test_a_preview_reads_by_a_job_of_its_own_and_says_the_same(
    desk: Desk, emulator: Emulated, leads: list[str]
) -> None:
    said = preview_now(timezone.now)
    assert asked(emulator, "/jobs/query") > 0
    assert not Person.objects.exists()
    assert not BulkJob.objects.exists()
    (step,) = [step for step in said.counts["steps"] if step["object"] == "Lead"]
    assert desk.counts(desk.done())["new"] == step["new"] == NUMBER
