"""What other apps may want to know before it is done, within the same transaction."""

from __future__ import annotations

from django.dispatch import Signal

#: ``ids``: people who are about to be deleted, by whom (``actor``, ``source``) and when (``now``).
people_deleting = Signal()
#: ``loser_id`` is about to be deleted, for it was merged into ``winner_id``: rows that point at it may move.
people_merging = Signal()
