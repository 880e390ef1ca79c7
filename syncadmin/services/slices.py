"""Long jobs, done in slices that take turns with the cycles on their queue. The truth about a job is its row.

The row has: state (queued, running, done, cancelled, failed), heartbeat_at, ended_at, attempts, error_code and
error_message. Whoever takes it out of the queue works on it; each of its pages stores how far the job is, so that
one that was killed goes on where it was.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from django.db.models import F, Model, QuerySet

from syncadmin.services.queue import Queue, enqueue

#: A job that hasn't told of itself for so long has lost its place in the queue, or its worker.
PATIENCE = timedelta(minutes=10)
#: Begun so often without moving on: it kills its worker, or Salesforce goes on refusing.
MAX_ATTEMPTS = 5
QUEUED, RUNNING, DONE, CANCELLED, FAILED = "queued", "running", "done", "cancelled", "failed"
WORKER_GONE = "The worker stopped in the middle several times. What was done is kept; start it again."
Row = TypeVar("Row", bound=Model)


class CancelledError(Exception):
    """Somebody cancelled it, or took it over."""


@dataclass(frozen=True)
class Slices(Generic[Row]):
    """Jobs of one kind. ``task``: the entry point in tasks.py, which takes the row's id."""

    model: type[Row]
    task: str
    queue: Queue = "background"

    def open(self) -> QuerySet[Row]:
        """Those that are queued or under way, oldest first."""
        return self._rows().filter(state__in=[QUEUED, RUNNING]).order_by("pk")

    def enqueue(self, pk: int) -> None:
        """Queue the next slice, behind whatever waits already."""
        enqueue(self.task, pk, queue=self.queue)

    def begin(self, pk: int, now: datetime) -> Row | None:
        """Claim it; None if it isn't queued."""
        queued = self._rows().filter(pk=pk, state=QUEUED)
        if not queued.update(state=RUNNING, heartbeat_at=now, attempts=F("attempts") + 1):
            return None
        return self._rows().get(pk=pk)

    def save(self, pk: int, now: datetime, **values: object) -> None:
        """Store how far it is; CancelledError if it isn't ours any more."""
        if not self._rows().filter(pk=pk, state=RUNNING).update(heartbeat_at=now, **values):
            raise CancelledError

    def yield_turn(self, pk: int) -> None:
        """The slice is over; the others first."""
        if self._rows().filter(pk=pk, state=RUNNING).update(state=QUEUED):
            self.enqueue(pk)

    def rest(self, pk: int, code: str, message: str) -> None:
        """It can't go on now: under way and silent, it is queued again after a while."""
        self._rows().filter(pk=pk).update(error_code=code, error_message=message)

    def postpone(self, pk: int, until: datetime, code: str, message: str) -> None:
        """It has to wait until then, which is no failed attempt: seen as silent by that time, it is queued again."""
        self._rows().filter(pk=pk, state=RUNNING).update(
            state=QUEUED, heartbeat_at=until - PATIENCE, attempts=0, error_code=code, error_message=message
        )

    def fail(self, pk: int, code: str, message: str, now: datetime) -> None:
        """It ends here."""
        self._rows().filter(pk=pk).update(state=FAILED, error_code=code, error_message=message, ended_at=now)

    def cancel(self, pk: int, now: datetime, unless: QuerySet[Row] | None = None) -> bool:
        """Stop it after the page it is at. False if it has ended already, or is one of those that can't be stopped."""
        mine = self.open().filter(pk=pk)
        if unless is not None:
            mine = mine.exclude(pk__in=unless.values("pk"))
        return bool(mine.update(state=CANCELLED, ended_at=now))

    def requeue_lost(self, now: datetime) -> None:
        """Queue again what is silent; what was begun too often without moving on is ended, and says so."""
        for row in self.open().filter(heartbeat_at__lt=now - PATIENCE).values():
            if row["attempts"] >= MAX_ATTEMPTS:
                code, message = row["error_code"] or "WORKER_GONE", row["error_message"] or WORKER_GONE
                self.fail(row["id"], code, message, now)
                continue
            same = self._rows().filter(pk=row["id"], state=row["state"], heartbeat_at=row["heartbeat_at"])
            if same.update(state=QUEUED, heartbeat_at=now):
                self.enqueue(row["id"])

    def _rows(self) -> QuerySet[Row]:
        return self.model._default_manager.all()
