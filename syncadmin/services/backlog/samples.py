"""Counting what waits, and remembering it: samples for the trend, and for whether the backlog grows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timedelta
from time import perf_counter
from typing import Any

import structlog
from django.db import DatabaseError

from syncadmin.models import BacklogSample
from syncadmin.store import backlog as store
from syncadmin.store import causes
from syncadmin.sync.backlog import BEFORE, RECENTLY, Figures, Waiting, bucket, to_drop

#: Between two samples that no cycle takes; and before one at the end of a cycle.
EVERY, AFTER_CYCLE, HOUR = timedelta(minutes=3), timedelta(seconds=30), timedelta(hours=1)
#: A sample from so long before the moment asked for still stands for it.
TOLERANCE = timedelta(hours=2)
#: Counting that took longer isn't done for a page, while a sample is not older than a while.
SLOW_MS, FRESH = 100, timedelta(minutes=15)

log = structlog.get_logger(__name__)
_steps: list[Callable[[], int]] = []


def on_backlog(count: Callable[[], int]) -> None:
    """Register a function that counts people in steps of its own that wait; apps do so when they are ready."""
    if count not in _steps:
        _steps.append(count)


# --- Counting -------------------------------------------------------------------------------------
def count(now: datetime) -> tuple[Figures, int]:
    """How much waits at this moment, and how many milliseconds it took to count."""
    began = perf_counter()
    push = {**store.to_push(now), "": store.to_create(now)}
    pull = {object: reading.left for object, reading in store.to_read().items()}
    figures = Figures(push, pull, sum(each() for each in _steps))
    return figures, round((perf_counter() - began) * 1000)


def current(now: datetime) -> tuple[Figures, datetime]:
    """How much waits, and when that was counted: now, unless counting is slow and somebody has done so lately."""
    last = BacklogSample.objects.first()
    if last is not None and last.took_ms > SLOW_MS and last.at > now - FRESH:
        return figures_of(last), last.at
    figures, took_ms = count(now)
    if took_ms > SLOW_MS:  # the next page needn't wait as long as this one
        _keep(figures, took_ms, now)
    return figures, now


# --- Samples --------------------------------------------------------------------------------------
def take(now: datetime) -> BacklogSample:
    """Count, and remember."""
    return _keep(*count(now), now)


def _keep(figures: Figures, took_ms: int, now: datetime) -> BacklogSample:
    return BacklogSample.objects.create(at=now, figures=_as_json(figures), took_ms=took_ms)


def take_after_cycle(now: datetime) -> None:
    """The sample at the end of a cycle. The cycle is done, whatever becomes of it."""
    try:
        take_when_due(now, every=AFTER_CYCLE)
    except DatabaseError:
        log.warning("backlog not measured", exc_info=True)


def take_when_due(now: datetime, every: timedelta = EVERY) -> bool:
    """A sample, if the last one is older; one statement if not. Called by every supervisor; tidies up once an hour."""
    last = BacklogSample.objects.values_list("at", flat=True).first()
    if last is not None and last > now - every:
        return False
    take(now)
    if last is not None and bucket(last, HOUR) != bucket(now, HOUR):
        _tidy_up(now)
    return True


def _tidy_up(now: datetime) -> None:
    old = to_drop(list(BacklogSample.objects.order_by("at", "pk").values_list("pk", "at")), now)
    BacklogSample.objects.filter(pk__in=old).delete()
    causes.fold(now)


def _as_json(figures: Figures) -> dict[str, Any]:
    push = {object: asdict(waiting) for object, waiting in figures.push.items()}
    return {"push": push, "pull": dict(figures.pull), "steps": figures.steps}


def figures_of(sample: BacklogSample) -> Figures:
    """What a sample has counted."""
    kept = sample.figures
    push = {object: Waiting(**numbers) for object, numbers in kept["push"].items()}
    return Figures(push, kept["pull"], kept["steps"])


def earlier(now: datetime) -> tuple[Figures | None, Figures | None]:
    """How much waited six hours and one hour before; None where it wasn't measured."""
    before, recently = (_at(now - age) for age in (BEFORE, RECENTLY))
    return before, recently


def _at(moment: datetime) -> Figures | None:
    found = BacklogSample.objects.filter(at__lte=moment, at__gt=moment - TOLERANCE).first()
    return figures_of(found) if found else None
