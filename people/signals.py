"""What other apps may want to know before it is done, within the same transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.dispatch import Signal

#: ``ids``: people who are about to be deleted, by whom (``actor``, ``source``) and when (``now``).
people_deleting = Signal()
#: ``loser_id`` is about to be deleted, for it was merged into ``winner_id``: rows that point at it may move.
people_merging = Signal()
#: People were made (``is_new``) or edited here, within the same transaction: ``people`` are (SFDC Type, "" for who
#: isn't in Salesforce; names of the fields that changed), by whom (``actor``, ``source``) and when (``now``).
people_edited = Signal()


def tell_edited(
    people: Sequence[tuple[str, Sequence[str]]],
    *,
    is_new: bool,
    actor: AbstractBaseUser | None,
    source: str,
    now: datetime,
) -> None:
    """Send ``people_edited``; nothing if it is nobody."""
    if people:
        people_edited.send(None, people=people, is_new=is_new, actor=actor, source=source, now=now)
