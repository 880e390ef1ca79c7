"""``manage.py reconcile``: a full check in the foreground."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from syncadmin.models import ReconcileFinding, ReconcileRun
from syncadmin.services import NotConnectedError
from syncadmin.services.reconcile import checks as reconciling

Reason = ReconcileFinding.Reason


class Command(BaseCommand):
    help = (
        "Compare every Lead and Contact with the people here, and say why they differ. Changes nothing. Exit code 1 if "
        "the check failed; differences are no failure."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            run = reconciling.check_now(timezone.now)
        except NotConnectedError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(json.dumps(report(run)) if options["json"] else words(run))
        if run.state != ReconcileRun.State.DONE:
            raise CommandError(f"{run.error_code or run.state}: {run.error_message}")


def report(run: ReconcileRun) -> dict[str, Any]:
    """The check as the JSON that scripts read."""
    seconds = (run.ended_at - run.started_at).total_seconds() if run.ended_at and run.started_at else None
    return {
        "check": run.pk, "status": run.state, "error_code": run.error_code, "error_message": run.error_message,
        "compared": run.done, "differences": run.differences, "counts": run.counts, "reasons": run.reasons,
        "api_calls": run.api_calls, "seconds": seconds,
    }  # fmt: skip


def words(run: ReconcileRun) -> str:
    """The check in words, a line per reason."""
    lines = [f"{run}: {run.done} records compared, {run.differences} differences, {run.api_calls} API calls"]
    lines += [f"  {Reason(reason).label}: {number}" for reason, number in run.reasons.items()]
    return "\n".join(lines)
