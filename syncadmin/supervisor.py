"""Keeps the background jobs going: starts the queues' clusters, replaces those that died or are stuck, sets the pace.

django-q2 alone doesn't recover from everything: a worker killed while it waits for work blocks its cluster for good,
and a main process killed leaves its workers running without it. So each cluster is a child in a session of its own,
which can be killed whole; what it had taken from the queue is put back. Lost with it is time, no work: jobs take ids
and can be repeated.
"""

from __future__ import annotations

import logging
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import close_old_connections
from django.utils import timezone
from django_q.conf import Conf
from django_q.models import OrmQ, Task

from syncadmin.cluster import NOTES, SUPERVISOR, Notes

logger = logging.getLogger(__name__)
QUEUES = ("now", "background")
TICK = 1.0
HEALTHY_AFTER = 5.0  # a cluster that lived this long is started again at once, others after a growing pause
LONGEST_PAUSE = 30.0
SHORT_GRACE = 2.0
SAMPLE_EVERY = 60.0  # how often is looked whether the backlog is to be measured
KEEP_RESULTS = timedelta(days=14)
_told: dict[str, float] = {}  # when each kind of failure was last logged: once a minute is enough


class ClusterProcess:
    """The cluster of one queue. It is replaced by a new process as often as needed."""

    def __init__(self, queue: str) -> None:
        self.queue = queue
        self.process: subprocess.Popen[bytes] | None = None
        self.notes = Notes(Path(os.devnull))
        self.started = self.start_at = 0.0
        self.short_lives = 0
        self.waiting: dict[int, float] = {}

    def start(self) -> None:
        """Start it, in a session of its own: what ends the supervisor's group must not end a job half-way."""
        self.notes = Notes(Path(tempfile.mkdtemp(prefix=f"syncadmin-{self.queue}-")))
        ours = {"Q_CLUSTER_NAME": self.queue, NOTES: str(self.notes.folder), SUPERVISOR: str(os.getpid())}
        command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "worker", "--queue", self.queue]
        self.process = subprocess.Popen(  # noqa: S603
            command, env=os.environ | ours, stdin=subprocess.DEVNULL, start_new_session=True
        )
        self.started, self.waiting = time.monotonic(), {}

    def start_when_due(self) -> None:
        if self.process is None and time.monotonic() >= self.start_at:
            self.start()

    def trouble(self, patience: float) -> str:
        """Why it must be replaced; blank if it needn't be."""
        if self.process is None:
            return ""
        if self.process.poll() is not None:
            return f"it ended with code {self.process.returncode}"
        if any(not _lives(pid) for pid in self.notes.numbers("idle")):
            return "a worker was killed while it waited for work"
        if self._has_free_worker(patience) and (job := self._overdue(patience)):
            return f"job {job} has waited for {patience:.0f} s"
        return ""

    def _has_free_worker(self, patience: float) -> bool:
        """A worker that had nothing to do all the time, or none has ever come up."""
        if any(self.notes.numbers("idle", patience)):
            return True
        never_up = not any(self.notes.numbers("idle")) and not any(self.notes.numbers("busy"))
        return never_up and time.monotonic() - self.started > 2 * patience

    def _overdue(self, patience: float) -> int | None:
        taken = next(self.notes.numbers("taken", patience), None)
        latest = time.monotonic() - patience
        return taken or next((job for job, since in self.waiting.items() if since <= latest), None)

    def look_at_queue(self, now: datetime) -> None:
        """Remember since when each job that nobody has taken is seen waiting (Redis doesn't show them)."""
        before, self.waiting = self.waiting, {}
        if Conf.ORM:
            rows = OrmQ.objects.using(Conf.ORM).filter(key=self.queue, lock__lte=now)
            seen = time.monotonic()
            self.waiting = {job: before.get(job, seen) for job in rows.values_list("pk", flat=True)[:100]}

    def terminate(self) -> None:
        """Ask it to finish its jobs. Only the main process may get the signal: the others would break off."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def end(self, grace: float) -> None:
        """Wait for it that long, kill what is left of its session, and put back the jobs it hadn't finished."""
        if self.process is None:
            return
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(max(grace, 0))
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process = None
        self._put_back()
        shutil.rmtree(self.notes.folder, ignore_errors=True)

    def _put_back(self) -> None:
        if Conf.ORM and (jobs := self.notes.jobs()):
            now = timezone.now()
            with surviving(f"putting back jobs of {self.queue}"):
                OrmQ.objects.using(Conf.ORM).filter(pk__in=jobs, lock__gt=now).update(lock=now)

    def replace(self) -> None:
        """End it and start anew: at once, but with growing pauses if it keeps failing."""
        lived = time.monotonic() - self.started
        self.short_lives = 0 if lived >= HEALTHY_AFTER else self.short_lives + 1
        pause = min(2.0 ** (self.short_lives - 2), LONGEST_PAUSE) if self.short_lives > 1 else 0
        self.terminate()
        self.end(SHORT_GRACE if any(self.notes.numbers("busy")) else 0)
        self.start_at = time.monotonic() + pause
        self.start_when_due()


class Supervisor:
    """Runs until SIGTERM or SIGINT. Several may run, on as many machines as wanted."""

    def __init__(self, *, grace: float = 30, patience: float = 15) -> None:
        self.clusters = [ClusterProcess(queue) for queue in QUEUES]
        self.grace, self.patience = grace, patience
        self.stopping = threading.Event()
        self.prune_at = self.sample_at = 0.0

    def run(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, lambda *_: self.stopping.set())
        try:
            while not self.stopping.is_set():
                self.tick()
                self.stopping.wait(TICK)
        finally:
            self.stop()

    def tick(self) -> None:
        for cluster in self.clusters:
            cluster.start_when_due()
            if trouble := cluster.trouble(self.patience):
                logger.warning("The cluster %r is replaced: %s", cluster.queue, trouble)
                cluster.replace()
        now = timezone.now()
        for cluster in self.clusters:
            with surviving(f"looking at the queue {cluster.queue}"):
                cluster.look_at_queue(now)
        with surviving("looking after the jobs"):
            _look_after_jobs(now)
        if time.monotonic() >= self.sample_at:
            self.sample_at = time.monotonic() + SAMPLE_EVERY
            with surviving("measuring the backlog"):
                _measure(now)
        if time.monotonic() >= self.prune_at:
            self.prune_at = time.monotonic() + 24 * 3600
            with surviving("removing old job results"):
                Task.objects.filter(stopped__lt=now - KEEP_RESULTS).delete()

    def stop(self) -> None:
        """Let the running jobs finish, for a while; a cluster in trouble would only keep us waiting."""
        now = time.monotonic()
        deadlines = [
            now + (SHORT_GRACE if cluster.trouble(self.patience) else self.grace) for cluster in self.clusters
        ]
        for cluster in self.clusters:
            cluster.terminate()
        for cluster, deadline in zip(self.clusters, deadlines, strict=True):
            cluster.end(deadline - time.monotonic())


def _look_after_jobs(now: datetime) -> None:
    from syncadmin import services  # loaded late: the clusters start meanwhile

    services.start_due_cycle(now)
    services.requeue_lost(now)


def _measure(now: datetime) -> None:
    from syncadmin.services.backlog import samples  # loaded late, as above

    samples.take_when_due(now)


@contextmanager
def surviving(what: str) -> Iterator[None]:
    """A database that is away, full or locked must not end the supervisor: it tries again at its next look."""
    try:
        yield
    except Exception as error:
        if time.monotonic() - _told.get(what, -60) >= 60:
            _told[what] = time.monotonic()
            logger.warning("%s failed, and is tried again: %s: %s", what, type(error).__name__, error)
    finally:
        close_old_connections()


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
