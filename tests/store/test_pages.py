"""Storing pages: set-based, resumable, and no bad record stops the others."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from people.models import Activity, Person
from syncadmin.models import Connection, PullCursor, SyncFailure, SyncState
from syncadmin.services.cycle.steps import Cycle
from syncadmin.services.org import open_org
from syncadmin.store.batch import Origin
from syncadmin.store.pages import store_page_safely
from syncadmin.store.pulls import store_page
from syncadmin.store.rules import load_rules

pytestmark = pytest.mark.django_db
ORIGIN = Origin(datetime(2026, 11, 22, 12, tzinfo=UTC), "test")


def lead(number: int, **fields: Any) -> dict[str, Any]:
    return {
        "Id": f"00QFe{number:010d}MAA", "SystemModstamp": f"2026-01-01T00:00:{number % 60:02d}.000+0000",
        "CreatedDate": "2026-01-01T00:00:00.000+0000", "IsDeleted": False, "IsConverted": False,
        "OwnerId": "005Fe0000000001IAA", "LastName": f"L{number}", "Company": "C",
        "Email": f"l{number}@example.com", **fields,
    }  # fmt: skip


def test_a_page_costs_as_many_statements_whatever_its_size(connection: Connection) -> None:
    rules = load_rules(connection)["Lead"]
    counts = {}
    for size in (10, 300):
        Person.objects.all().delete()
        for name in ("first", "again"):
            raws = [lead(number, Title=name) for number in range(size)]
            with CaptureQueriesContext(database) as queries:
                store_page(connection, rules, raws, ORIGIN)
            counts[size, name] = len(queries)
        assert Person.objects.filter(job_title="again").count() == size
    assert counts[10, "first"] == counts[300, "first"]
    assert counts[10, "again"] == counts[300, "again"]


def test_a_page_stored_twice_changes_nothing(connection: Connection) -> None:
    rules = load_rules(connection)["Lead"]
    raws = [lead(number) for number in range(20)]
    store_page(connection, rules, raws, ORIGIN)
    before = list(Activity.objects.values_list("pk"))
    tally = store_page(connection, rules, raws, ORIGIN)
    assert (tally.skipped, tally.new, tally.updated) == (20, 0, 0)
    assert list(Activity.objects.values_list("pk")) == before
    assert SyncState.objects.count() == Person.objects.count() == 20


def test_the_cursor_moves_with_the_page_or_not_at_all(connection: Connection) -> None:
    rules = load_rules(connection)["Lead"]
    store_page(connection, rules, [lead(1), lead(2)], ORIGIN)
    cursor = PullCursor.objects.get(object="Lead")
    assert (cursor.position_stamp, cursor.position_id) == (lead(2)["SystemModstamp"], lead(2)["Id"])
    with pytest.raises(ValueError, match="isoformat"):
        store_page(connection, _with_birthday(rules), [lead(3), lead(4, Birth="nonsense")], ORIGIN)
    cursor.refresh_from_db()
    assert cursor.position_id == lead(2)["Id"]
    assert not Person.objects.filter(last_name="L3").exists()


def test_one_bad_record_never_stops_the_others(connection: Connection) -> None:
    rules = _with_birthday(load_rules(connection)["Lead"])
    raws = [lead(1), lead(2, Birth="nonsense"), lead(3)]
    tally = store_page_safely(connection, rules, raws, ORIGIN)
    assert (tally.new, tally.failed) == (2, 1)
    failure = SyncFailure.objects.get()
    assert (failure.code, failure.sfdc_id) == ("NOT_STORED", raws[1]["Id"])
    raws[1]["Birth"] = None
    store_page_safely(connection, rules, raws, ORIGIN)
    failure.refresh_from_db()
    assert failure.state == "resolved"


def _with_birthday(rules: Any) -> Any:
    from syncadmin.sync.fields import FieldRule, ObjectRules

    return ObjectRules(
        rules.object, (*rules.fields, FieldRule("born_at", "Birth", "datetime")), rules.required
    )


def test_an_unfinished_pull_goes_on_where_its_last_page_ended(connection: Connection, emulator: Any) -> None:
    ids = [emulator.create(LastName=f"L{n}", Company="C", Email=f"l{n}@example.com") for n in range(3)]
    emulator.control("clock", {"advance_seconds": 7200})
    raws = emulator.query("SELECT Id, SystemModstamp FROM Lead ORDER BY SystemModstamp, Id")
    PullCursor.objects.filter(object="Lead").update(
        began_at="2999-01-01T00:00:00.000+0000",
        position_stamp=raws[1]["SystemModstamp"],
        position_id=raws[1]["Id"],
    )
    org = open_org(connection)
    cycle = Cycle(None, connection, org, lambda: ORIGIN.now, load_rules(connection), ORIGIN)  # type: ignore[arg-type]
    read = [raw["Id"] for raw in cycle.poll().pages["Lead"].records]
    assert read == [raws[2]["Id"]]
    assert set(ids) == {raw["Id"] for raw in raws}


def test_records_that_appear_late_with_an_earlier_stamp_are_not_missed(
    connection: Connection, emulator: Any
) -> None:
    from tests.cycle.conftest import Desk

    desk = Desk(connection)
    emulator.create(LastName="early", Company="C", Email="early@example.com")
    desk.done()
    emulator.control("late_commit", {"seconds": 120})
    emulator.create(LastName="late", Company="C", Email="late@example.com")
    emulator.control("late_commit", {"seconds": 0})
    emulator.control("clock", {"advance_seconds": 60})
    emulator.create(LastName="between", Company="C", Email="between@example.com")
    desk.done()
    assert not Person.objects.filter(email="late@example.com").exists()
    emulator.control("clock", {"advance_seconds": 120})
    desk.done()
    assert Person.objects.filter(email="late@example.com").exists()
    assert Person.objects.count() == 3
