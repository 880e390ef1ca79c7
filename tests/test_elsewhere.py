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


@pytest.mark.timeout(400)
def test_the_sync_and_its_store_behave_on_postgresql_as_on_sqlite() -> None:
    require_service("PostgreSQL", 5432)
    environment = {**os.environ, "DATABASE_URL": f"{POSTGRES}/syncadmin_{uuid.uuid4().hex[:8]}"}
    environment.pop("PYTEST_XDIST_WORKER", None)
    tests = ["tests/cycle", "tests/store", "tests/campaigns"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *tests, "-n", "0", "-q", "-p", "no:cacheprovider", "--create-db"],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=380, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-4000:]


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
