"""Let many fields sync again that were stopped: a portion at a time, in a constant number of statements. Repeatable."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from people.batches import edit_people, log_people
from people.models import ActivityType, PersonField
from people.values import Stored
from syncadmin.models import FlipFlop, Resolution
from syncadmin.services.review.conflicts import as_stored
from syncadmin.store.releases import release

SOURCE = "Flip-flops page"
KEPT = "Kept Salesforce’s value of a field that bounced"


def release_portion(job: Resolution, size: int, now: datetime) -> Counter[str]:
    """The next ones of the job, inside the caller's transaction; what became of how many."""
    stopped = FlipFlop.objects.filter(resolution=job, state=FlipFlop.State.STOPPED).order_by("pk")
    rows = list(stopped.select_for_update()[:size])
    if not rows:
        return Counter()
    if job.kind == Resolution.Kind.THEIRS:
        _take_theirs(rows, job, now)
    release(rows, job.kind, job.requested_by_id, now)
    _tell(rows, job, now)
    return Counter({"changed": len(rows)})


def _take_theirs(rows: Sequence[FlipFlop], job: Resolution, now: datetime) -> None:
    fields = {field.name: field for field in PersonField.objects.filter(name__in={row.field for row in rows})}
    changes: dict[int, dict[str, Stored]] = {}
    for row in rows:
        if row.field in fields:
            changes.setdefault(row.person_id, {})[row.field] = as_stored(fields[row.field], row.theirs)
    edit_people(changes, actor=job.requested_by, source=SOURCE, reason=KEPT, now=now)


def _tell(rows: Sequence[FlipFlop], job: Resolution, now: datetime) -> None:
    kind = ActivityType.FIELD_RELEASED
    log = [
        (row.person_id, kind, {"field": row.field, "label": row.label, "decision": str(job.kind)})
        for row in rows
    ]
    log_people(log, actor=job.requested_by, source=SOURCE, now=now)
