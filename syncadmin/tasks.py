"""The jobs of the queues: they take ids, call one service and return a short text."""

from __future__ import annotations

from django.utils import timezone

from syncadmin import services


def run_cycle(trigger: str) -> str:
    """One sync cycle, unless one is under way."""
    run = services.run_sync_cycle(trigger, timezone.now)
    return f"cycle {run.pk}: {run.state}" if run else "nothing to do"


def start_due_cycle() -> str:
    """Queue a cycle if one is due (the scheduler's tick, beside the supervisor's)."""
    return "queued" if services.start_due_cycle(timezone.now()) else "not due"
