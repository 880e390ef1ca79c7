"""People deleted here whose records Salesforce keeps: who they were, and letting them come back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser

from syncadmin.models import Tombstone
from syncadmin.services.people import NotConnectedError
from syncadmin.services.review.held import AT_ONCE, HeldError, open_desk
from syncadmin.store import tombstones

SOURCE = "Deleted here page"


def remember(
    sender: Any, *, ids: Sequence[int], actor: AbstractBaseUser | None, source: str, now: datetime, **_: Any
) -> None:
    """Receiver of ``people.signals.people_deleting``: note which records these people leave in Salesforce."""
    tombstones.bury(ids, now, actor_id=actor.pk if actor else None, source=source)


def bring_back(sfdc_ids: Collection[str], now: datetime, *, actor_id: int | None = None) -> int:
    """Let these records have people again, at once: they are read and stored. How many came back.

    HeldError, in words, if Salesforce can't be asked; they come back at their next change then.
    """
    found: dict[str, list[str]] = defaultdict(list)
    for stone in Tombstone.objects.filter(pk__in=list(sfdc_ids)[:AT_ONCE]):
        found[stone.object].append(stone.sfdc_id)
    tombstones.lift(sfdc_ids)
    came = 0
    if not found:
        return came
    try:
        with open_desk(now, actor_id, SOURCE) as desk:
            for object, ids in found.items():
                there = [raw for raw in desk.fetch(object, ids).values() if not desk.is_gone(raw)]
                came += desk.store(object, there).new
    except NotConnectedError as error:
        raise HeldError(str(error)) from error
    return came
