"""One django-q2 cluster, as the supervisor's child. It leaves notes from which the supervisor sees what it does.

Two things can't be seen from outside: which jobs a cluster has taken from the queue without beginning them, and
whether a worker that died was waiting for work. The latter still holds the lock of the queue between the processes:
no other worker ever gets a job again, and the cluster doesn't notice.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from multiprocessing.util import Finalize
from pathlib import Path
from typing import Any

NOTES = "SYNCADMIN_CLUSTER_NOTES"
SUPERVISOR = "SYNCADMIN_SUPERVISOR"


class Notes:
    """Empty files in a folder: ``idle-PID`` and ``busy-PID`` of workers, ``taken-JOB`` and ``begun-JOB`` of jobs.

    What can't be written (a cleaned up temporary folder) is left out: notes help to recover, no job depends on them.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def add(self, kind: str, number: int) -> None:
        with suppress(OSError):
            (self.folder / f"{kind}-{number}").touch()

    def remove(self, kind: str, number: int) -> None:
        with suppress(OSError):
            (self.folder / f"{kind}-{number}").unlink()

    def numbers(self, kind: str, older_than: float = 0) -> Iterator[int]:
        """The process or job ids with such a note, of at least that many seconds ago."""
        latest = time.time() - older_than
        for path in self.folder.glob(f"{kind}-*"):
            with suppress(OSError):
                if path.stat().st_mtime <= latest:
                    yield int(path.name.rpartition("-")[2])

    def jobs(self) -> list[int]:
        """All that the cluster took and hasn't finished."""
        return [*self.numbers("taken"), *self.numbers("begun")]


def run(queue: str) -> None:
    """Be the cluster of this queue until told to end. ``Q_CLUSTER_NAME`` was set before this process began."""
    from django.db import connections
    from django_q.cluster import Cluster
    from django_q.conf import Conf

    from syncadmin.lifeline import die_with_parent, forks_die_with_us
    from syncadmin.salesforce import preload

    if queue != Conf.CLUSTER_NAME:
        raise RuntimeError(f"Q_CLUSTER_NAME is {Conf.CLUSTER_NAME!r}, not {queue!r}")
    if SUPERVISOR in os.environ:
        die_with_parent(int(os.environ[SUPERVISOR]))
    forks_die_with_us()
    preload()  # once here, and not in each forked worker at its first click
    notes = Notes(Path(os.environ[NOTES]))
    _note_workers(notes)
    cluster = Cluster(_noting_broker(notes) if Conf.ORM else None)
    connections.close_all()  # none may be shared with the processes that are forked now
    cluster.start()


def _note_workers(notes: Notes) -> None:
    from django_q.signals import post_execute_in_worker, post_spawn, pre_execute

    def spawned(**kwargs: Any) -> None:
        pid = os.getpid()
        notes.add("idle", pid)
        # Runs when the worker ends by itself (recycled, told to stop), never when it is killed.
        Finalize(None, notes.remove, args=("idle", pid), exitpriority=1)

    def begins(task: dict[str, Any], **kwargs: Any) -> None:
        notes.add("busy", os.getpid())
        notes.remove("idle", os.getpid())
        if job := task.get("ack_id"):
            notes.add("begun", job)
            notes.remove("taken", job)

    def ended(**kwargs: Any) -> None:
        notes.add("idle", os.getpid())
        notes.remove("busy", os.getpid())

    post_spawn.connect(spawned, weak=False)
    pre_execute.connect(begins, weak=False)
    post_execute_in_worker.connect(ended, weak=False)


def _noting_broker(notes: Notes) -> Any:
    from django_q.brokers.orm import ORM

    class NotingBroker(ORM):
        """The database broker, with a note of each job that it handed out and that isn't finished."""

        def dequeue(self) -> list[tuple[int, str]] | None:
            jobs: list[tuple[int, str]] | None = super().dequeue()
            for job, _ in jobs or ():
                notes.add("taken", job)
            return jobs

        def delete(self, task_id: int) -> None:
            super().delete(task_id)
            notes.remove("begun", task_id)
            notes.remove("taken", task_id)

    return NotingBroker()
