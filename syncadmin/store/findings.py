"""What a full check has found: kept page by page, with how far the check is. Set-based."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from people import bulk
from syncadmin.models import ReconcileFinding, ReconcileRun, ReconcileSeen, SyncState
from syncadmin.store.comparing import Compared, Found
from syncadmin.store.rows import to_json
from syncadmin.sync.comparing import Difference

#: Findings kept in detail of one check; what is beyond is counted.
KEPT = 10_000
_COLUMNS = (
    "run_id", "kind", "reason", "detail", "object", "sfdc_id", "person_id", "name", "fields", "field_names", "state",
    "action", "outcome",
)  # fmt: skip


def links(object: str) -> QuerySet[SyncState]:
    """The records of an object that people are, by id: neither deleted ones nor second Leads."""
    return SyncState.objects.filter(object=object, is_duplicate=False, is_deleted=False).order_by("pk")


def unread(run: ReconcileRun, object: str, after: str, size: int) -> list[SyncState]:
    """Linked records that the reading didn't bring, with their people; a page of them."""
    seen = ReconcileSeen.objects.filter(run=run, sfdc_id=OuterRef("pk"))
    return list(links(object).filter(~Exists(seen), pk__gt=after).select_related("person")[:size])


def keep(run: ReconcileRun, object: str, compared: Compared) -> dict[str, Any]:
    """Store a page; the columns of the run as they are after it. Inside the caller's transaction."""
    bulk.insert_rows(ReconcileSeen, ("run_id", "sfdc_id"), [(run.pk, sfdc_id) for sfdc_id in compared.seen])
    room = compared.found[: max(0, KEPT - run.kept)]
    bulk.insert_rows(ReconcileFinding, _COLUMNS, [_row(run, object, found) for found in room])
    counts, reasons = {**run.counts}, {**run.reasons}
    mine = counts[object] = {**counts.get(object, {})}
    for name, number in compared.counts.items():
        mine[name] = mine.get(name, 0) + number
    for found in compared.found:
        reasons[found.cause.value] = reasons.get(found.cause.value, 0) + 1
    return {
        "counts": counts,
        "reasons": reasons,
        "differences": run.differences + len(compared.found),
        "kept": run.kept + len(room),
        "done": run.done + compared.counts["there"],
    }


def _row(run: ReconcileRun, object: str, found: Found) -> tuple[Any, ...]:
    names = "".join(f"|{each.rule.name}" for each in found.differences)
    return (
        run.pk, found.kind, found.cause.value, str(found.detail)[:80], object, found.sfdc_id, found.person_id,
        found.name[:200], to_json(as_fields(found.differences)), names + "|" if names else "",
        ReconcileFinding.State.OPEN.value, "", "",
    )  # fmt: skip


def as_fields(differences: Sequence[Difference]) -> list[dict[str, Any]]:
    """Differences as a finding keeps them."""
    return [
        {
            "name": each.rule.name, "label": each.rule.label, "type": each.rule.type, "base": each.base,
            "here": each.ours, "there": each.theirs, "reason": each.cause.value,
        }
        for each in differences
    ]  # fmt: skip


def forget_seen() -> None:
    """No check is under way."""
    ReconcileSeen.objects.all().delete()


def prune(kept: int) -> None:
    """Older checks go, with their findings."""
    newest = ReconcileRun.objects.order_by("-pk").values_list("pk", flat=True)[:kept]
    ReconcileRun.objects.exclude(pk__in=list(newest)).filter(ended_at__isnull=False).delete()
