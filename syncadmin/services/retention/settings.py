"""How long each kind is kept: asked for, tried out, saved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import structlog
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from syncadmin.models import Retention
from syncadmin.services.retention.kinds import Kind, kinds

#: A hundred years: longer is "for ever".
LONGEST = 36_500
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Kept:
    """A kind, how long it is kept (None: for ever), and what is known of its rows."""

    kind: Kind
    days: int | None
    row: Retention


@dataclass(frozen=True, slots=True)
class Effect:
    """What another setting of a kind would remove at once."""

    kind: Kind
    before: int | None
    after: int | None
    rows: int


def kept() -> list[Kept]:
    """Every kind with its setting. One statement."""
    rows = {row.kind: row for row in Retention.objects.select_related("changed_by")}
    found = [(kind, rows.get(kind.name) or Retention(kind=kind.name)) for kind in kinds()]
    return [Kept(kind, row.days if row.is_set else kind.days, row) for kind, row in found]


def effects(wanted: Mapping[str, int | None], now: datetime) -> list[Effect]:
    """What these settings would remove, of those that are other than now."""
    return [
        Effect(
            each.kind, each.days, wanted[each.kind.name], each.kind.would_remove(wanted[each.kind.name], now)
        )
        for each in kept()
        if each.kind.name in wanted and wanted[each.kind.name] != each.days
    ]


def save(wanted: Mapping[str, int | None], user: AbstractBaseUser | None, now: datetime) -> int:
    """Keep them so from now on; how many settings changed. ValueError for what no kind can be kept for."""
    if any(days is not None and not 1 <= days <= LONGEST for days in wanted.values()):
        raise ValueError("out of range")
    changed = [each for each in kept() if each.kind.name in wanted and wanted[each.kind.name] != each.days]
    with transaction.atomic():
        for each in changed:
            days = wanted[each.kind.name]
            Retention.objects.update_or_create(
                kind=each.kind.name,
                defaults={"is_set": True, "days": days, "changed_by": user, "changed_at": now},
            )
            by = user.get_username() if user else ""
            log.info("retention changed", kind=each.kind.name, before=each.days, after=days, by=by)
    return len(changed)
