"""What django-q2's scheduler does: a tick a minute, for installations that run qcluster without our supervisor."""

from __future__ import annotations

from typing import Any


def ensure_schedules(**_: Any) -> None:
    """Create or correct the schedules (their names are not unique in django-q2). Called after each migration."""
    from django_q.models import Schedule

    name = "start a sync cycle that is due"
    Schedule.objects.update_or_create(
        name=name,
        defaults={
            "func": "syncadmin.tasks.start_due_cycle", "schedule_type": Schedule.MINUTES, "minutes": 1,
            "repeats": -1, "cluster": "now",
        },
    )  # fmt: skip
