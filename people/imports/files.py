"""An import from the upload to its result; also without a stored file, for the command line."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import PurePath

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from people import batches
from people.imports.plans import Checked, Plan, check, plan
from people.imports.reading import decoded
from people.models import ImportFile

KEPT = timedelta(days=1)


class NotImported(Exception):
    """There are bad rows, or the columns are not clear; ``plan`` has the reasons. Nothing was imported."""

    def __init__(self, plan: Plan) -> None:
        super().__init__("nothing was imported")
        self.plan = plan


@dataclass(frozen=True, slots=True)
class Result:
    """What an import did."""

    new: int
    updated: int
    unchanged: int
    left_out: int


def keep_file(name: str, data: bytes, *, user: AbstractBaseUser, now: datetime) -> ImportFile:
    """Keep an upload for its preview. Raises UnreadableFile. Old files that nobody imported go."""
    text = decoded(data)
    check(text, {})
    with transaction.atomic():
        ImportFile.objects.filter(state=ImportFile.State.PREVIEW, created_at__lt=now - KEPT).delete()
        return ImportFile.objects.create(
            name=PurePath(name).name[:255] or "CSV", data=text, created_by=user, created_at=now
        )


def choose_columns(file: ImportFile, mapping: dict[str, str]) -> None:
    """Remember which column holds which field."""
    file.mapping = mapping
    file.save(update_fields=["mapping"])


def import_stored(file_id: int, *, leave_out_bad: bool, actor: AbstractBaseUser, now: datetime) -> ImportFile:
    """Import a stored file, once: a second click finds it done. Raises NotImported, UnreadableFile."""
    with transaction.atomic():
        file = ImportFile.objects.select_for_update().get(pk=file_id)
        if file.state == ImportFile.State.PREVIEW:
            checked = check(file.data, file.mapping)
            result = _run(checked, file.name, leave_out_bad=leave_out_bad, actor=actor, now=now)
            file.state, file.result, file.data = ImportFile.State.DONE, asdict(result), ""
            file.save(update_fields=["state", "result", "data"])
    return file


def import_bytes(
    data: bytes,
    name: str,
    *,
    leave_out_bad: bool = False,
    actor: AbstractBaseUser | None = None,
    now: datetime,
) -> tuple[Plan, Result]:
    """Import a file at once. Raises NotImported, UnreadableFile."""
    checked = check(decoded(data), {})
    with transaction.atomic():
        made = plan(checked, lock=True)
        return made, _apply(made, name, leave_out_bad=leave_out_bad, actor=actor, now=now)


def _run(
    checked: Checked, name: str, *, leave_out_bad: bool, actor: AbstractBaseUser | None, now: datetime
) -> Result:
    return _apply(plan(checked, lock=True), name, leave_out_bad=leave_out_bad, actor=actor, now=now)


def _apply(
    made: Plan, name: str, *, leave_out_bad: bool, actor: AbstractBaseUser | None, now: datetime
) -> Result:
    if made.problems or (made.bad and not leave_out_bad):
        raise NotImported(made)
    source = f"CSV import {PurePath(name).name}"
    new = batches.create_people(made.creates, actor=actor, source=source, now=now)
    updated = batches.edit_people(made.edits, actor=actor, source=source, now=now)
    return Result(new, updated, made.unchanged, len(made.bad))
