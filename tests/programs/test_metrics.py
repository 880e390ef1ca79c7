"""/metrics/: what Prometheus reads, who may, and what it costs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import OperationalError, connections
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from prometheus_client.parser import text_string_to_metric_families

from people.models import Activity, Person
from syncadmin.metrics import rendered
from syncadmin.models import Connection, SyncFailure, SyncRun, Worker
from syncadmin.services import enqueue, requeue_lost, workers
from syncadmin.services.tokens import create_token
from tests.conftest import NOW

Read = dict[tuple[str, tuple[tuple[str, str], ...]], float]


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    cache.clear()
    workers._told.clear()
    yield
    cache.clear()


def read(text: str) -> Read:
    """As the library's own parser reads it: {(name, labels): value}."""
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def now() -> Read:
    return read(rendered(NOW).decode())


def value(found: Read, name: str, **labels: str) -> float:
    return found[(f"syncadmin_{name}", tuple(sorted(labels.items())))]


def test_they_tell_of_an_installation_with_nothing_in_it(db: None) -> None:
    found = now()
    assert value(found, "sync_state", syncadmin_sync_state="unconnected") == 1
    assert value(found, "workers") == 0
    assert value(found, "people", state="in_step") == 0
    assert not any(name == "syncadmin_last_cycle_age_seconds" for name, _ in found)


def test_they_tell_of_cycles(org: Connection, make_run: Callable[..., SyncRun]) -> None:
    make_run("failed", at=NOW - timedelta(hours=30))
    make_run("failed", at=NOW - timedelta(hours=2))
    make_run(at=NOW - timedelta(minutes=10))
    found = now()
    assert value(found, "cycles_last_day", state="failed") == 1
    assert value(found, "cycles_last_day", state="done") == 1
    assert value(found, "cycles_last_day", state="stopped") == 0
    assert value(found, "last_cycle_age_seconds") == value(found, "last_good_cycle_age_seconds") == 597
    assert value(found, "last_cycle_duration_seconds") == 3
    assert value(found, "cycle_api_calls_last_day") == 4
    labels = {"object": "Lead", "operation": "push", "outcome": "updated"}
    assert value(found, "cycle_records_last_day", **labels) == 10
    assert value(found, "sync_state", syncadmin_sync_state="fresh") == 1
    assert value(found, "sync_fresh") == 1


def test_they_tell_of_people_failures_and_conflicts(
    org: Connection, make_person: Callable[..., Person], make_failure: Callable[..., SyncFailure],
    make_activity: Callable[..., Activity],
) -> None:  # fmt: skip
    there = {"sfdc_type": "Lead", "sfdc_id": "00Q1"}
    make_person(**there)
    make_person(**there, changed_at=NOW - timedelta(minutes=2))
    refused = make_person(failed_at=NOW, changed_at=NOW)
    make_failure(person=refused)
    make_failure("resolved", person=refused)
    make_activity("conflict", person=refused, at=NOW - timedelta(hours=1))
    make_activity("conflict", person=refused, at=NOW - timedelta(days=2))
    found = now()
    assert value(found, "people", state="in_step") == 1
    assert value(found, "people", state="waiting") == 1
    assert value(found, "people", state="failing") == 1
    assert value(found, "people_waiting") == 2
    assert value(found, "longest_wait_seconds") == 120
    assert value(found, "open_failures", code="REQUIRED_FIELD_MISSING", direction="push") == 1
    assert value(found, "conflicts_last_day") == 1
    assert value(found, "api_calls_used") == 900
    assert value(found, "api_calls_limit") == 1000


def test_they_tell_of_queues(db: None, django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        enqueue("syncadmin.tasks.start_due_cycle", queue="background")
    found = now()
    assert value(found, "queue_jobs", queue="background") == 1
    assert value(found, "queue_jobs", queue="now") == 0


def test_a_worker_tells_of_itself_now_and_then(db: None) -> None:
    requeue_lost(NOW)
    with CaptureQueriesContext(database) as captured:
        workers.tell(NOW + timedelta(seconds=14))
    assert len(captured) == 0
    workers.tell(NOW + timedelta(seconds=15))
    worker = Worker.objects.get()
    assert (worker.started_at, worker.seen_at) == (NOW, NOW + timedelta(seconds=15))
    found = read(rendered(NOW + timedelta(seconds=45)).decode())
    assert (value(found, "workers"), value(found, "worker_heartbeat_age_seconds")) == (1, 30)
    later = read(rendered(NOW + timedelta(seconds=120)).decode())
    assert (value(later, "workers"), value(later, "worker_heartbeat_age_seconds")) == (0, 105)


def test_workers_of_long_ago_are_forgotten(db: None) -> None:
    Worker.objects.create(name="gone:1", started_at=NOW - timedelta(days=9), seen_at=NOW - timedelta(days=2))
    workers.tell(NOW)
    assert not Worker.objects.filter(name="gone:1").exists()


def test_the_number_of_statements_does_not_grow(
    org: Connection, make_run: Callable[..., SyncRun], make_failure: Callable[..., SyncFailure],
    make_activity: Callable[..., Activity],
) -> None:  # fmt: skip
    def statements() -> int:
        cache.clear()
        with CaptureQueriesContext(database) as captured:
            rendered(NOW)
        return len(captured)

    make_run()
    few = statements()
    for number in range(10):
        make_run()
        make_failure(code=f"CODE_{number}")
        make_activity("conflict")
    assert statements() == few
    assert few <= 15


def test_everybody_is_counted_once_a_minute(org: Connection, make_person: Callable[..., Person]) -> None:
    now()
    make_person()
    assert value(now(), "people", state="not_in_sfdc") == 0
    cache.clear()
    assert value(now(), "people", state="not_in_sfdc") == 1


# --- Who may ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("scope", ["read", "metrics"])
def test_a_token_of_either_scope_may_read_them(scope: str, db: None) -> None:
    _, text = create_token("Prometheus", scope, None, None, NOW)
    answer = Client().get("/metrics/", headers={"Authorization": f"Bearer {text}"})
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/plain; version=")
    assert read(answer.content.decode())


def test_without_one_nothing_is_told(db: None) -> None:
    answer = Client().get("/metrics/")
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "token_missing")


@pytest.mark.parametrize(
    ("allowed", "address", "headers", "status"),
    [
        (["10.0.0.0/8"], "10.1.2.3", {}, 200),
        (["10.1.2.3"], "10.1.2.3", {}, 200),
        (["fd00::/8"], "fd12::1", {}, 200),
        (["10.0.0.0/8"], "11.1.2.3", {}, 401),
        (["127.0.0.1"], "127.0.0.1", {"X-Forwarded-For": "1.2.3.4"}, 401),
        (["127.0.0.1"], "127.0.0.1", {"Forwarded": "for=1.2.3.4"}, 401),
        (["10.0.0.0/8"], "", {}, 401),
        ([], "127.0.0.1", {}, 401),
    ],
)
def test_an_address_that_the_settings_allow_needs_none(
    allowed: list[str], address: str, headers: dict[str, str], status: int, db: None, settings: Any
) -> None:
    settings.METRICS_ALLOW = allowed
    assert Client(REMOTE_ADDR=address).get("/metrics/", headers=headers).status_code == status


def test_503_without_the_database(db: None, settings: Any) -> None:
    def refuse(*_: Any) -> None:
        raise OperationalError("no database")

    settings.METRICS_ALLOW = ["127.0.0.1"]
    with connections["default"].execute_wrapper(refuse):
        assert Client().get("/metrics/").status_code == 503


def test_they_are_only_read(db: None) -> None:
    assert Client().post("/metrics/").status_code == 405
