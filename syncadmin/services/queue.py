"""Jobs go onto two queues, so that a click never waits behind a cycle. A job takes ids and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Literal

from django.db import transaction
from django_q.tasks import async_task

Queue = Literal["now", "background"]


def enqueue(function: str, *ids: int | str, queue: Queue = "now") -> None:
    """Queue a job once the transaction around this call is committed (at once if there is none).

    With the database broker the job could be part of the transaction; Redis knows no transactions.
    """
    transaction.on_commit(partial(async_task, function, *ids, cluster=queue))


_recoveries: list[Callable[[datetime], None]] = []


def on_requeue(recover: Callable[[datetime], None]) -> None:
    """Register a function that queues again the jobs it finds lost; apps do so when they are ready."""
    if recover not in _recoveries:
        _recoveries.append(recover)


def requeue_lost(now: datetime) -> None:
    """Queue again whatever a queue has lost. Called often, by every supervisor."""
    for recover in _recoveries:
        recover(now)
