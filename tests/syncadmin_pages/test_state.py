"""The one sentence about the sync, for every state it may be in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from syncadmin.models import Connection, SyncRun
from syncadmin.views.state import sync_state

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


def org(**values: Any) -> Connection:
    soon = NOW + timedelta(minutes=3)
    return Connection(
        **{
            "org_id": "00D",
            "org_name": "Acme",
            "health": "ok",
            "next_cycle_at": soon,
            "started_at": NOW,
            **values,
        }
    )


def run(state: str = "done", **values: Any) -> SyncRun:
    return SyncRun(**{"pk": 7, "state": state, "started_at": NOW, "heartbeat_at": NOW, **values})


@pytest.mark.parametrize(
    ("connection", "last", "name"),
    [
        (None, None, "unconnected"),
        (org(org_id=""), None, "unconnected"),
        (org(), None, "first"),
        (org(), run(), "healthy"),
        (org(), run("running"), "running"),
        (org(is_paused=True), run("running"), "running"),
        (org(), run("running", heartbeat_at=NOW - timedelta(minutes=11)), "stalled"),
        (org(health="failed", health_message="x"), run(), "failed"),
        (org(health="failed", is_paused=True), run(), "failed"),
        (org(is_paused=True), run(), "paused"),
        (org(next_cycle_at=NOW - timedelta(minutes=4)), run(), "overdue"),
        (org(next_cycle_at=NOW - timedelta(minutes=1)), run(), "healthy"),
        (org(next_cycle_at=None, health_at=NOW - timedelta(hours=1)), None, "overdue"),
        (org(), run("incomplete"), "cut"),
        (org(), run("failed"), "healthy"),
        (org(is_paused=True, started_at=None), None, "unstarted"),
        (org(health="failed", is_paused=True, started_at=None), None, "failed"),
        (org(), run("stopped", error_message="x"), "stopped"),
        (org(is_paused=True), run("stopped", error_message="x"), "stopped"),
        (org(), run("waiting", error_code="API_ALLOWANCE", error_message="x"), "waiting"),
        (org(is_paused=True), run("waiting"), "paused"),
        (org(next_cycle_at=NOW - timedelta(minutes=4)), run("waiting"), "overdue"),
    ],
)
def test_what_stops_the_sync_is_said_first(
    connection: Connection | None, last: SyncRun | None, name: str
) -> None:
    assert sync_state(connection, last, NOW).name == name


def test_a_failed_cycle_says_why_and_what_to_do() -> None:
    words = "The password of the sync user has to be changed in Salesforce."
    last = run("failed", error_code="PASSWORD_EXPIRED", error_message=words)
    state = sync_state(org(health="failed", health_message=words), last, NOW)
    assert state.title == "The last sync cycle failed: the password has expired."
    assert "Set a new one" in state.advice


def test_a_test_that_failed_after_the_cycle_has_its_own_words() -> None:
    last = run("failed", error_code="PASSWORD_EXPIRED", error_message="old")
    state = sync_state(org(health="failed", health_message="Salesforce can't be reached."), last, NOW)
    assert state.text == "Salesforce can't be reached."
