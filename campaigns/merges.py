"""What becomes of the flow steps' entries of somebody who is merged into another person."""

from __future__ import annotations

from typing import Any

from campaigns.models import FlowStepItem


def follow(sender: Any, *, winner_id: int, loser_id: int, **_: Any) -> None:
    """Receiver of ``people.signals.people_merging``: they are the winner's, where it wasn't in the same run itself."""
    theirs = FlowStepItem.objects.filter(person=loser_id)
    runs = FlowStepItem.objects.filter(person=winner_id, run__in=theirs.values("run")).values("run")
    theirs.exclude(run__in=list(runs.values_list("run", flat=True))).update(person=winner_id)
