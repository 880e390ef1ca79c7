"""The same rules on the other services the product may run on: PostgreSQL and Redis."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from pathlib import Path

import pytest

from tests.conftest import require_service

ROOT = Path(__file__).resolve().parent.parent
POSTGRES = os.environ.get("TEST_POSTGRES", "postgres://postgres@127.0.0.1:5432")


HANDS = 3
KILLED = [ROOT / "tests/cycle/test_killed.py", ROOT / "tests/programs/test_pruning_killed.py"]
FOLDERS = ("alerts", "cycle", "store", "campaigns", "programs")
AGAIN = sorted(
    (
        path
        for folder in FOLDERS
        for path in (ROOT / "tests" / folder).glob("test_*.py")
        if path not in KILLED
    ),
    key=lambda path: (-path.stat().st_size, path),
)


def dealt() -> list[list[Path]]:
    """The files that run again, in hands of about the same size: as many tests take about as long."""
    hands: list[list[Path]] = [[] for _ in range(HANDS)]
    for path in AGAIN:
        min(hands, key=lambda hand: sum(each.stat().st_size for each in hand)).append(path)
    return hands


def run_tests(paths: list[Path], database_url: str = "") -> None:
    """Run tests in a process and a database of their own."""
    environment = {**os.environ, **({"DATABASE_URL": database_url} if database_url else {})}
    environment.pop("PYTEST_XDIST_WORKER", None)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *map(str, paths), "-n", "0", "-q", "-p", "no:cacheprovider", "--create-db"],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=380, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-4000:]


def postgres() -> str:
    """The address of a database that isn't there yet."""
    require_service("PostgreSQL", 5432)
    # Nobody needs these rows after a breakdown of the machine: no commit waits for the disk.
    return f"{POSTGRES}/syncadmin_{uuid.uuid4().hex[:8]}?options=-c%20synchronous_commit%3Doff"


@pytest.mark.timeout(400)
@pytest.mark.parametrize("hand", range(HANDS))
def test_the_sync_and_its_store_behave_on_postgresql_as_on_sqlite(hand: int) -> None:
    """The files of these folders, dealt out so that several workers have something of them."""
    run_tests(dealt()[hand], postgres())


@pytest.mark.timeout(400)
@pytest.mark.parametrize("database", ["SQLite", "PostgreSQL"])
def test_a_killed_worker_leaves_nothing_lost_doubled_or_half_done(database: str) -> None:
    """Forks of a process that neither drives a browser nor shares its database with other tests."""
    run_tests(KILLED, postgres() if database == "PostgreSQL" else "")


JOB = """
import os, django
django.setup()
from django_q.conf import Conf
from django_q.brokers import get_broker
from django_q.tasks import async_task
assert type(get_broker()).__name__ == "Redis", type(get_broker())
for queue in ("now", "background"):
    async_task("campaigns.tasks.run_flow_step", 0, cluster=queue)
    broker = get_broker(queue)
    assert broker.queue_size() == 1, queue
    broker.delete_queue()
"""


def test_jobs_go_through_redis_where_that_is_set() -> None:
    require_service("Redis", 6379)
    environment = {
        **os.environ,
        "REDIS_URL": "redis://127.0.0.1:6379/9",
        "DJANGO_SETTINGS_MODULE": "tests.settings",
    }
    done = subprocess.run(
        [sys.executable, "-c", JOB],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
