"""/health/live/, /health/ready/ and /health/sync/: what load balancers and monitors decide by."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connections
from django.db import connection as database
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.test.utils import CaptureQueriesContext

from syncadmin.models import Connection, SyncRun
from tests.conftest import NOW

PAGES = ("/health/live/", "/health/ready/", "/health/sync/")


def refuse(*_: Any) -> None:
    raise OperationalError("no database at secret-host")


def test_a_process_lives_whatever_the_database_does(db: None) -> None:
    with connections["default"].execute_wrapper(refuse):
        answer = Client().get("/health/live/")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


@pytest.mark.parametrize("page", PAGES[1:])
def test_503_without_the_database_and_no_word_about_it(page: str, db: None) -> None:
    with connections["default"].execute_wrapper(refuse):
        answer = Client().get(page)
    assert (answer.status_code, answer.json()) == (503, {"status": "error", "database": "error"})


def test_it_is_ready_when_the_database_has_what_the_code_needs(db: None) -> None:
    with CaptureQueriesContext(database) as captured:
        answer = Client().get("/health/ready/")
    assert (answer.status_code, answer.json()["migrations"]) == (200, "applied")
    assert len(captured) <= 2


def test_it_is_not_ready_while_a_migration_is_missing(db: None) -> None:
    MigrationRecorder.Migration.objects.filter(app="people", name="0001_initial").delete()
    answer = Client().get("/health/ready/")
    assert answer.status_code == 503
    assert answer.json() == {"status": "error", "database": "ok", "migrations": "missing"}


STATES = [
    # org, cycle, minutes ago, told, status, strictly
    (None, None, 0, "unconnected", 200, 503),
    ({"started_at": None, "is_paused": True}, None, 0, "unstarted", 200, 503),
    ({"is_paused": True}, "done", 60, "paused", 200, 503),
    ({}, "done", 1, "fresh", 200, 200),
    ({}, "done", 60, "stale", 503, 503),
    ({"started_at": NOW - timedelta(minutes=1)}, None, 0, "fresh", 200, 200),
    ({"started_at": NOW - timedelta(hours=9)}, None, 0, "stale", 503, 503),
    ({"health": "failed"}, "failed", 60, "failed", 503, 503),
    ({"health": "stopped"}, "stopped", 1, "stopped", 503, 503),
    ({"pause_minutes": 120}, "done", 130, "fresh", 200, 200),
]


@pytest.mark.parametrize(("values", "cycle", "minutes", "told", "status", "strictly"), STATES)
def test_the_sync_keeps_up_or_is_not_meant_to_or_does_not(
    values: Any, cycle: str | None, minutes: int, told: str, status: int, strictly: int, org: Connection,
    make_run: Callable[..., SyncRun], time_machine: Any,
) -> None:  # fmt: skip
    time_machine.move_to(NOW, tick=False)
    if values is None:
        org.delete()
    else:
        Connection.objects.update(**{"started_at": NOW - timedelta(days=1), **values})
    if cycle:
        make_run(cycle, at=NOW - timedelta(minutes=minutes))
    answer = Client().get("/health/sync/")
    assert (answer.json()["sync"], answer.status_code) == (told, status)
    assert Client().get("/health/sync/?strict=1").status_code == strictly
    assert answer.json()["fresh"] is (strictly == 200)


def test_one_failed_cycle_is_no_alarm(
    org: Connection, make_run: Callable[..., SyncRun], time_machine: Any
) -> None:
    time_machine.move_to(NOW, tick=False)
    make_run(at=NOW - timedelta(minutes=6))
    make_run("failed", at=NOW - timedelta(minutes=1))
    Connection.objects.update(health="failed")
    answer = Client().get("/health/sync/")
    assert (answer.status_code, answer.json()["sync"]) == (200, "fresh")
    assert (
        answer.json()["last_good_cycle_at"] == (NOW - timedelta(minutes=6) + timedelta(seconds=3)).isoformat()
    )


@pytest.mark.parametrize(("silent", "told", "status"), [(1, "running", 200), (11, "stalled", 503)])
def test_a_long_cycle_is_well_as_long_as_it_tells_of_itself(
    silent: int, told: str, status: int, org: Connection, make_run: Callable[..., SyncRun], time_machine: Any
) -> None:
    time_machine.move_to(NOW, tick=False)
    make_run("running", at=NOW - timedelta(hours=5), heartbeat_at=NOW - timedelta(minutes=silent))
    answer = Client().get("/health/sync/")
    assert (answer.json()["sync"], answer.status_code) == (told, status)


def test_how_old_it_may_be_is_a_setting(
    org: Connection, make_run: Callable[..., SyncRun], settings: Any, time_machine: Any
) -> None:
    time_machine.move_to(NOW, tick=False)
    make_run(at=NOW - timedelta(minutes=60))
    settings.SYNC_FRESH_MINUTES = 60
    answer = Client().get("/health/sync/")
    assert (answer.status_code, answer.json()["within_minutes"]) == (200, 65)


@pytest.mark.parametrize("page", PAGES)
def test_they_are_open_and_tell_no_details(page: str, org: Connection, settings: Any) -> None:
    Connection.objects.update(
        org_name="Acme", client_secret="hush", health="failed", health_message="no such user"
    )
    settings.SECURE_SSL_REDIRECT = True
    answer = Client().get(page)
    assert answer.status_code in (200, 503)
    assert "no-store" in answer["Cache-Control"]
    for word in ("Acme", "acme", "00D", "hush", "no such user", "0001"):
        assert word not in answer.content.decode()
    assert Client().post(page).status_code == 405
