"""The worker recovers from whatever kills or blocks a part of it, and leaves nothing behind."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone
from django_q.signing import SignedPackage

from syncadmin.cluster import Notes
from syncadmin.supervisor import ClusterProcess, Supervisor, surviving
from tests.processes import LINUX, children_of, eventually, session_of, title

processes = pytest.mark.xdist_group("processes")
linux = pytest.mark.skipif(not LINUX, reason="reads /proc")
EXIT_SECONDS = 45


@dataclass
class Worker:
    """``manage.py worker`` with a database of its own."""

    process: subprocess.Popen[bytes]
    database: Path

    def cluster(self, queue: str) -> int:
        """The main process of the queue's cluster, once it is up."""
        ready: dict[str, int] = {}

        def is_up() -> bool:
            ready.update(self._clusters())  # a worker of it may be at work again a moment later
            return queue in ready

        eventually(is_up)
        return ready[queue]

    def _clusters(self) -> dict[str, int]:
        ready: dict[str, int] = {}
        for pid in children_of(self.process.pid):
            if self.idle_workers(pid):
                queue = (
                    Path(f"/proc/{pid}/environ")
                    .read_text()
                    .partition("Q_CLUSTER_NAME=")[2]
                    .partition("\0")[0]
                )
                ready[queue] = pid
        return ready

    def idle_workers(self, cluster: int) -> list[int]:
        return [pid for pid in session_of(cluster) if title(pid).strip().endswith(" idle")]

    def queue(self, function: str, *arguments: float, queue: str = "now") -> str:
        """Put a job into the database, as django-q2 does."""
        task = {"id": uuid.uuid4().hex, "name": "a job", "func": function, "args": arguments, "kwargs": {}}
        payload = SignedPackage.dumps(task | {"started": timezone.now(), "ack_failure": True})
        moment = timezone.now().strftime("%Y-%m-%d %H:%M:%S.%f")
        with sqlite3.connect(self.database, timeout=20) as database:
            database.execute(
                "INSERT INTO django_q_ormq (key, payload, lock) VALUES (?, ?, ?)", (queue, payload, moment)
            )
        return str(task["id"])

    def is_done(self, job: str) -> bool:
        with sqlite3.connect(self.database, timeout=20) as database:
            return bool(
                database.execute("SELECT 1 FROM django_q_task WHERE id = ? AND success", (job,)).fetchone()
            )


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("worker") / "migrated.sqlite3"
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "-v0"], check=True, cwd=settings.BASE_DIR, env=_env(path)
    )
    return path


@pytest.fixture
def worker(migrated: Path, tmp_path: Path) -> Iterator[Worker]:
    database = shutil.copy(migrated, tmp_path / "worker.sqlite3")
    process = subprocess.Popen(
        [sys.executable, "manage.py", "worker", "--patience", "3"],
        cwd=settings.BASE_DIR, env=_env(database) | {"TMPDIR": str(tmp_path)},
    )  # fmt: skip
    yield Worker(process, database)
    process.terminate()
    process.wait(EXIT_SECONDS)


def _env(database: Path) -> dict[str, str]:
    own = {
        "DATABASE_URL": f"sqlite:///{database}",
        "REDIS_URL": "",
        "SECRET_KEY": settings.SECRET_KEY,
        "LOG_LEVEL": "ERROR",
        "DJANGO_SETTINGS_MODULE": "syncadmin.settings",
    }
    return os.environ | own


@linux
@processes
@pytest.mark.parametrize("queue", ["now", "background"])
def test_a_cluster_whose_main_process_is_killed_is_replaced(worker: Worker, queue: str) -> None:
    cluster = worker.cluster(queue)
    os.kill(cluster, signal.SIGKILL)
    eventually(lambda: not session_of(cluster))
    job = worker.queue("math.floor", 1.5, queue=queue)
    eventually(lambda: worker.is_done(job))
    assert worker.cluster(queue) != cluster


@linux
@processes
def test_a_cluster_whose_waiting_workers_are_killed_works_again(worker: Worker) -> None:
    cluster = worker.cluster("now")
    for pid in worker.idle_workers(cluster):
        os.kill(pid, signal.SIGKILL)
    job = worker.queue("math.floor", 1.5)
    eventually(lambda: worker.is_done(job))


@linux
@processes
def test_a_stopped_worker_process_does_not_hold_up_jobs(worker: Worker) -> None:
    cluster = worker.cluster("background")
    os.kill(worker.idle_workers(cluster)[0], signal.SIGSTOP)
    job = worker.queue("math.floor", 1.5, queue="background")
    eventually(lambda: worker.is_done(job))


@linux
@processes
def test_a_job_that_was_under_way_in_a_killed_cluster_is_done_again(worker: Worker) -> None:
    cluster = worker.cluster("now")
    job = worker.queue("time.sleep", 3)
    eventually(lambda: len(worker.idle_workers(cluster)) == 1)
    os.kill(cluster, signal.SIGKILL)
    eventually(lambda: worker.is_done(job))


@linux
@processes
def test_no_process_outlives_a_killed_supervisor(worker: Worker) -> None:
    clusters = [worker.cluster("now"), worker.cluster("background")]
    worker.process.kill()
    eventually(lambda: not any(session_of(cluster) for cluster in clusters), seconds=20)


@linux
@processes
def test_sigterm_lets_a_running_job_finish_and_leaves_no_process(worker: Worker) -> None:
    clusters = [worker.cluster("now"), worker.cluster("background")]
    job = worker.queue("time.sleep", 3)
    eventually(lambda: len(worker.idle_workers(clusters[0])) == 1)
    worker.process.terminate()
    assert worker.process.wait(EXIT_SECONDS) == 0
    assert worker.is_done(job)
    assert not any(session_of(cluster) for cluster in clusters)


# --- How trouble is told from work: without processes ------------------------------------------------------


@pytest.fixture
def cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ClusterProcess:
    """A cluster that is up and has one worker, which has been idle for a minute."""

    class Running:
        returncode = None

        def poll(self) -> None:
            return None

    made = ClusterProcess("now")
    made.process, made.notes = Running(), Notes(tmp_path)  # type: ignore[assignment]
    made.started = time.monotonic() - 60
    note(made, "idle", os.getpid(), 60)
    return made


def note(cluster: ClusterProcess, kind: str, number: int, age: float) -> None:
    cluster.notes.add(kind, number)
    then = time.time() - age
    os.utime(cluster.notes.folder / f"{kind}-{number}", (then, then))


def test_an_idle_cluster_is_in_no_trouble(cluster: ClusterProcess) -> None:
    assert not cluster.trouble(15)


def test_a_job_that_was_taken_and_not_begun_by_a_free_worker_is_trouble(cluster: ClusterProcess) -> None:
    note(cluster, "taken", 7, 20)
    assert "job 7" in cluster.trouble(15)


def test_a_job_that_was_just_taken_is_no_trouble(cluster: ClusterProcess) -> None:
    note(cluster, "taken", 7, 5)
    assert not cluster.trouble(15)


def test_jobs_may_wait_while_all_workers_are_busy(cluster: ClusterProcess) -> None:
    cluster.notes.remove("idle", os.getpid())
    note(cluster, "busy", os.getpid(), 50)
    note(cluster, "begun", 6, 50)
    note(cluster, "taken", 7, 50)
    cluster.waiting = {8: time.monotonic() - 50}
    assert not cluster.trouble(15)


def test_a_job_that_nobody_takes_is_trouble(cluster: ClusterProcess) -> None:
    cluster.waiting = {8: time.monotonic() - 16}
    assert "job 8" in cluster.trouble(15)


def test_a_worker_that_died_waiting_is_trouble_at_once(cluster: ClusterProcess) -> None:
    note(cluster, "idle", 2**22 + 1, 0)  # above the highest process id there is
    assert "killed while it waited" in cluster.trouble(15)


def test_a_cluster_that_never_came_up_is_trouble_only_with_work_to_do(cluster: ClusterProcess) -> None:
    cluster.notes.remove("idle", os.getpid())
    assert not cluster.trouble(15)
    cluster.waiting = {8: time.monotonic() - 16}
    assert cluster.trouble(15)


@pytest.mark.django_db
def test_a_database_that_is_away_does_not_end_the_supervisor(caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(2):
        with surviving("this test"):
            raise ConnectionError("gone")
    assert [record.message for record in caplog.records] == [
        "this test failed, and is tried again: ConnectionError: gone"
    ]


@pytest.mark.django_db
def test_each_look_starts_what_is_due(monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[str] = []
    monkeypatch.setattr("syncadmin.services.start_due_cycle", lambda now: called.append("cycle"))
    monkeypatch.setattr("syncadmin.services.requeue_lost", lambda now: called.append("lost"))
    supervisor = Supervisor()
    supervisor.clusters = []
    supervisor.tick()
    assert called == ["cycle", "lost"]
