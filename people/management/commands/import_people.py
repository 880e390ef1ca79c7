"""``manage.py import_people FILE.csv``: all of its people, or, if a row is bad, none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from people import imports


class Command(BaseCommand):
    help = (
        "Import people from a CSV file. Columns are matched by label, field name, or Salesforce label or API name; "
        "a person with the same e-mail is updated; an empty cell changes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--leave-out-bad-rows",
            action="store_true",
            help="Import the other rows. Without it, one bad row means that nothing is imported.",
        )

    def handle(self, *args: Any, file: Path, leave_out_bad_rows: bool, **options: Any) -> None:
        try:
            plan, result = imports.import_bytes(
                _content(file), file.name, leave_out_bad=leave_out_bad_rows, now=timezone.now()
            )
        except OSError as error:
            raise CommandError(f"{file} can't be read: {error.strerror}") from error
        except imports.UnreadableFile as error:
            raise CommandError(str(error)) from error
        except imports.NotImported as error:
            self._report(error.plan)
            raise CommandError("Nothing was imported.") from error
        self._report(plan)
        self.stdout.write(
            f"{result.new} new, {result.updated} updated, {result.unchanged} unchanged, "
            f"{result.left_out} rows left out."
        )

    def _report(self, plan: imports.Plan) -> None:
        """What is wrong goes to standard error, line by line; what is worth knowing as well."""
        for problem in plan.problems:
            self.stderr.write(problem)
        for column in plan.columns:
            if not column.field and column.header:
                self.stderr.write(f"Column “{column.header}” is not imported. {column.note}")
        for note in plan.notes:
            self.stderr.write(note)
        for bad in plan.bad:
            self.stderr.write(f"Line {bad.line}: {bad.reason}")


def _content(file: Path) -> bytes:
    with file.open("rb") as stream:
        return stream.read(imports.MAX_BYTES + 1)
