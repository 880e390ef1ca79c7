"""The jobs of the queues: they take ids, call one service and return a short text."""

from __future__ import annotations

from django.utils import timezone

from syncadmin import services
from syncadmin.services.alerts import deliveries, looking_after
from syncadmin.services.reconcile import checks as reconciling
from syncadmin.services.reconcile import repairs
from syncadmin.services.retention import pruning
from syncadmin.services.review import resolving


def run_cycle(trigger: str) -> str:
    """One sync cycle, unless one is under way."""
    run = services.run_sync_cycle(trigger, timezone.now)
    looking_after.watch_after_cycle(timezone.now())
    return f"cycle {run.pk}: {run.state}" if run else "nothing to do"


def start_due_cycle() -> str:
    """Queue a cycle if one is due (the scheduler's tick, beside the supervisor's)."""
    looking_after.look_after(timezone.now())
    return "queued" if services.start_due_cycle(timezone.now()) else "not due"


def deliver_alert(delivery_id: int, attempts: int) -> str:
    """Send one message, unless it was tried since this was queued."""
    delivery = deliveries.deliver(delivery_id, attempts, timezone.now())
    return f"delivery {delivery_id}: {delivery.state}" if delivery else "nothing to do"


def run_backfill(backfill_id: int) -> str:
    """A turn of a backfill; it queues itself again if there is more to do."""
    job = services.work_on_backfill(backfill_id, timezone.now)
    return f"{job}: {job.state}" if job else "nothing to do"


def run_preview(preview_id: int) -> str:
    """What the next cycle would do."""
    preview = services.run_preview(preview_id, timezone.now)
    return f"preview {preview.pk}: {preview.state}" if preview else "nothing to do"


def run_reconcile(run_id: int) -> str:
    """A slice of a full check; it queues itself again if there is more to do."""
    run = reconciling.work_on_check(run_id, timezone.now)
    return f"{run}: {run.state}" if run else "nothing to do"


def repair_findings(run_id: int) -> str:
    """Repair what somebody chose among the findings of a full check."""
    return f"{repairs.work_on_repairs(run_id, timezone.now)} findings"


def run_pruning(pruning_id: int) -> str:
    """A turn of the job that removes what is old; it queues itself again if there is more to do."""
    job = pruning.work_on(pruning_id, timezone.now)
    return f"{job}: {job.state}" if job else "nothing to do"


def resolve(resolution_id: int) -> str:
    """A slice of a decision about many conflicts or flip-flops; it queues itself again if there is more to do."""
    job = resolving.work_on(resolution_id, timezone.now)
    return f"{job}: {job.state}" if job else "nothing to do"
