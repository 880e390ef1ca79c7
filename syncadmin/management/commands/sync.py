"""``manage.py sync``: one cycle in the foreground."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from syncadmin import services
from syncadmin.models import SyncPreview, SyncRun
from syncadmin.services.preview.told import preview_report, preview_words

#: The exit code of a cycle that the guard stopped.
STOPPED = 3
_COUNTS = ("new", "updated", "deleted", "failed", "skipped", "conflicts")


class Command(BaseCommand):
    help = (
        "Run one sync cycle in the foreground. Exit code 1 if it failed, 3 if the guard stopped it. With --dry-run, "
        "say what it would do and write nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        parser.add_argument("--dry-run", action="store_true", help="only say what the cycle would do")
        parser.add_argument(
            "--run-anyway", action="store_true", help="let this one cycle run even if the guard would stop it"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        services.ready_connection()
        if options["dry_run"]:
            self._preview(as_json=options["json"])
            return
        by = "the command line" if options["run_anyway"] else ""
        run = services.run_sync_cycle(SyncRun.Trigger.COMMAND, timezone.now, unguarded_by=by)
        if run is None:
            raise CommandError("Another sync cycle is under way; wait for its end.")
        self.stdout.write(json.dumps(report(run)) if options["json"] else words(run))
        if run.state != SyncRun.State.DONE:
            code = STOPPED if run.state == SyncRun.State.STOPPED else 1
            raise CommandError(f"{run.error_code}: {run.error_message}", returncode=code)

    def _preview(self, *, as_json: bool) -> None:
        found = services.preview_now(timezone.now)
        self.stdout.write(json.dumps(preview_report(found)) if as_json else preview_words(found))
        if found.state != SyncPreview.State.DONE:
            raise CommandError(f"{found.error_code}: {found.error_message}")

    def execute(self, *args: Any, **options: Any) -> str | None:
        try:
            return super().execute(*args, **options)
        except services.NotConnectedError as error:
            raise CommandError(str(error)) from None


def report(run: SyncRun) -> dict[str, Any]:
    """The cycle as the JSON that scripts read."""
    seconds = (run.ended_at - run.started_at).total_seconds() if run.ended_at else None
    steps = [
        {
            "object": step.object, "operation": step.operation, "status": step.state,
            **{name: getattr(step, name) for name in _COUNTS},
        }
        for step in run.steps.all()
    ]  # fmt: skip
    return {
        "run": run.pk, "status": run.state, "error_code": run.error_code, "error_message": run.error_message,
        "steps": steps, "api_calls": run.api_calls, "seconds": seconds,
    }  # fmt: skip


def words(run: SyncRun) -> str:
    """The cycle in words, a line per step."""
    lines = [f"{run.get_state_display()}: {run.api_calls} API calls"]
    for step in run.steps.all():
        counts = ", ".join(f"{getattr(step, name)} {name}" for name in _COUNTS if getattr(step, name))
        lines.append(f"  {step.object} – {step.get_operation_display()}: {counts or 'nothing to do'}")
    return "\n".join(lines)
