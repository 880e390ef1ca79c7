"""/health/: open to everybody, truthful, and without details."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError, connections
from django.test import Client

from syncadmin.models import Connection, SyncRun


def test_it_answers_without_a_login(db: None) -> None:
    answer = Client().get("/health/")
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ok", "database": "ok", "sync": "unconnected", "running": False,
        "last_cycle_at": None, "next_cycle_at": None,
    }  # fmt: skip
    assert "no-store" in answer["Cache-Control"]


def test_it_tells_whether_cycles_go_on(acme: Connection, make_run: Callable[..., SyncRun]) -> None:
    run = make_run("running")
    answer = Client().get("/health/").json()
    assert answer["running"] is True
    assert answer["sync"] == "running"
    assert answer["last_cycle_at"] == run.started_at.isoformat()


def test_it_names_neither_the_org_nor_a_secret(acme: Connection) -> None:
    text = Client().get("/health/").content.decode()
    for word in ("hush", "Acme", "acme", "00D", "Sync User"):
        assert word not in text


def test_503_without_the_database(db: None) -> None:
    def refuse(*_: Any) -> None:
        raise OperationalError("no database")

    with connections["default"].execute_wrapper(refuse):
        answer = Client().get("/health/")
    assert answer.status_code == 503
    assert answer.json()["status"] == "error"


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_it_only_answers(method: str, db: None) -> None:
    assert getattr(Client(), method)("/health/").status_code == 405
