"""What is bad in which snapshot: a table for each watcher, without a database."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from syncadmin.models import AlertKind, Connection, Severity, SyncRun
from syncadmin.services.alerts import registry
from syncadmin.services.alerts.snapshot import Snapshot
from syncadmin.services.alerts.sources import ApiUse, Backlog, FailureGroup, FieldNews, LostField
from tests.conftest import NOW

MINUTES = [NOW - timedelta(minutes=minute) for minute in range(120, -1, -5)]


def connection(**values: Any) -> Connection:
    return Connection(
        **{
            "instance_url": "https://acme.my.salesforce.com", "org_id": "00D", "started_at": NOW - timedelta(days=9),
            "health": Connection.Health.OK, "pause_minutes": 5, **values,
        }
    )  # fmt: skip


def run(state: str = "done", code: str = "", minutes: int = 3) -> SyncRun:
    at = NOW - timedelta(minutes=minutes)
    return SyncRun(state=state, error_code=code, started_at=at, heartbeat_at=at, ended_at=at)


GOOD = Snapshot(NOW, connection=connection(), ended=(run(), run()), worker_at=NOW)
FAILED = connection(health=Connection.Health.FAILED)


def bad(snap: Snapshot, kind: str) -> list[str]:
    return [condition.key for condition in registry.WATCHERS[AlertKind(kind)].look(snap)]


def test_nothing_is_bad_where_all_is_well_or_nothing_is_connected() -> None:
    for snap in (GOOD, Snapshot(NOW)):
        assert {kind.value: bad(snap, kind) for kind in AlertKind} == {kind.value: [] for kind in AlertKind}


@pytest.mark.parametrize(
    ("changes", "is_down"),
    [
        ({"ended": (run("failed", "UNREACHABLE"), run())}, False),
        ({"ended": (run("failed", "UNREACHABLE"), run("failed", "UNREACHABLE"))}, True),
        ({"ended": (run("incomplete", "WORKER_GONE"), run("incomplete"))}, True),
        ({"ended": (run(), run("failed", "UNREACHABLE"))}, False),
        ({"ended": (run("failed", "UNREACHABLE"),)}, False),
        ({"ended": (run("failed", "UNREACHABLE"), run()), "bad": frozenset({"sync"})}, True),
        ({"ended": (run("failed", "INVALID_LOGIN"), run("failed", "INVALID_LOGIN"))}, False),
        ({"ended": (run("stopped", "GUARD"), run("stopped", "GUARD"))}, False),
        ({"ended": (run(minutes=19), run(minutes=25))}, False),
        ({"ended": (run(minutes=21), run(minutes=26))}, True),
        ({"ended": (run(minutes=21),), "connection": connection(is_paused=True)}, False),
        ({"ended": (run(minutes=40),), "running": run("running", minutes=9)}, False),
        ({"ended": (run(minutes=40),), "running": run("running", minutes=11)}, True),
        ({"ended": ()}, True),
        ({"ended": (), "connection": connection(started_at=NOW - timedelta(minutes=9))}, False),
        ({"worker_at": NOW - timedelta(minutes=6)}, True),
        ({"worker_at": NOW - timedelta(minutes=4)}, False),
        ({"worker_at": None}, False),
        ({"worker_at": NOW - timedelta(minutes=6), "connection": None}, False),
    ],
)
def test_the_sync_is_down_if_no_worker_no_cycle_or_none_that_succeeds(
    changes: dict[str, Any], is_down: bool
) -> None:
    assert bad(replace(GOOD, **changes), "sync_down") == (["sync"] if is_down else [])


@pytest.mark.parametrize(
    ("connected", "last", "was", "is_refused"),
    [
        (FAILED, run("failed", "INVALID_LOGIN"), False, True),
        (FAILED, run("failed", "INVALID_CLIENT"), False, True),
        (FAILED, run("failed", "UNREACHABLE"), False, False),
        (FAILED, run("failed", "UNREACHABLE"), True, True),
        (connection(), run("failed", "INVALID_LOGIN"), True, False),
        (connection(), run(), True, False),
    ],
)
def test_credentials_are_refused_until_somebody_gets_in(
    connected: Connection, last: SyncRun, was: bool, is_refused: bool
) -> None:
    snap = replace(
        GOOD, connection=connected, ended=(last, run()), bad=frozenset({"credentials"} if was else ())
    )
    assert bad(snap, "credentials") == (["credentials"] if is_refused else [])


@pytest.mark.parametrize(
    ("used", "was", "is_bad"),
    [(749, False, False), (750, False, True), (720, True, True), (699, True, False), (0, False, False)],
)
def test_the_allowance_is_told_at_three_quarters_and_is_over_a_little_below(
    used: int, was: bool, is_bad: bool
) -> None:
    snap = replace(GOOD, api=ApiUse(used, 1000), bad=frozenset({"api.allowance"} if was else ()))
    assert bad(snap, "api_use") == (["api.allowance"] if is_bad else [])
    assert bad(replace(snap, api=ApiUse(used, 0)), "api_use") == []


def test_the_limit_of_the_org_is_an_alert_of_its_own_and_stops_the_sync() -> None:
    snap = replace(GOOD, ended=(run("failed", "REQUEST_LIMIT_EXCEEDED"), run()))
    (condition,) = registry.WATCHERS[AlertKind.API_USE].look(snap)
    assert (condition.key, condition.severity) == ("api.limit", Severity.ERROR)
    assert bad(snap, "sync_down") == []


def test_lost_permissions_name_the_field_or_the_object() -> None:
    lost = (LostField("Lead", "Phone", "Phone"), LostField("Lead", "City", "City", can_be_read=True))
    snap = replace(GOOD, lost_fields=lost, ended=(run("failed", "MISSING_PERMISSION"), run()))
    assert bad(snap, "permissions") == [
        "permissions.access", "permissions.field.Lead.Phone", "permissions.write.Lead.City",
    ]  # fmt: skip


def test_each_cause_of_failures_is_an_alert() -> None:
    groups = (
        FailureGroup(7, "STRING_TOO_LONG", "push", 3, "Title is too long"),
        FailureGroup(9, "STRING_TOO_LONG", "push", 1, "City is too long"),
    )
    assert bad(replace(GOOD, failures=groups), "failures") == [
        "failures.7", "failures.9",
    ]  # fmt: skip


def test_the_guard_and_changes_of_fields_are_told() -> None:
    news = (FieldNews(7, "new", "Region", "Lead", syncs=False),)
    snap = replace(GOOD, guard_people=1200, field_news=news)
    assert bad(snap, "guard") == ["guard"]
    assert bad(snap, "schema") == ["schema.7"]


def test_a_pause_is_told_when_it_has_been_long_and_not_before_the_sync_was_started() -> None:
    (condition,) = registry.WATCHERS[AlertKind.PAUSED].look(
        replace(GOOD, connection=connection(is_paused=True))
    )
    assert condition.hold == timedelta(hours=4)
    assert bad(replace(GOOD, connection=connection(is_paused=True, started_at=None)), "paused") == []


def test_the_backlog_is_told_as_its_page_has_it() -> None:
    snap = replace(
        GOOD, backlog=Backlog(grows=True, title="The backlog grows.", text="900 more than before.")
    )
    (condition,) = registry.WATCHERS[AlertKind.BACKLOG].look(snap)
    assert (condition.key, condition.title, condition.text) == (
        "backlog",
        snap.backlog.title,
        snap.backlog.text,
    )
    assert bad(GOOD, "backlog") == []


def test_a_cycle_that_waits_for_calls_is_told_and_is_no_fault() -> None:
    snap = replace(GOOD, ended=(run("waiting", "API_ALLOWANCE"), run()))
    (condition,) = registry.WATCHERS[AlertKind.API_USE].look(snap)
    assert (condition.key, condition.severity) == ("api.limit", Severity.WARNING)
    assert bad(snap, "sync_down") == []


def test_every_condition_has_a_page_and_says_what_to_do() -> None:
    from django.urls import reverse

    snap = replace(
        GOOD, connection=replace_health(), ended=(run("failed", "INVALID_LOGIN"), run()), guard_people=3,
        api=ApiUse(990, 1000), failures=(FailureGroup(1, "NEW_CODE_2031", "push", 1),),
        backlog=Backlog(grows=True, title="The backlog grows."), lost_fields=(LostField("Lead", "Phone", "Phone"),),
        field_news=(FieldNews(1, "type", "Score", "Lead", syncs=True),),
    )  # fmt: skip
    found = [condition for watcher in registry.WATCHERS.values() for condition in watcher.look(snap)]
    assert len(found) == 8
    for condition in found:
        assert reverse(condition.page)
        assert condition.title
        assert condition.advice, condition.key


def replace_health() -> Connection:
    return connection(health=Connection.Health.FAILED, is_paused=True)


def test_a_kind_that_there_is_not_fails_at_the_start() -> None:
    with pytest.raises(ValueError, match="nonsense"):
        registry.watcher("nonsense")(lambda snap: [])
    with pytest.raises(ValueError, match="already"):
        registry.watcher("guard")(lambda snap: [])


def test_a_kind_that_nobody_watches_fails_at_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(registry.WATCHERS, AlertKind.GUARD)
    with pytest.raises(ValueError, match="guard"):
        registry.check()
