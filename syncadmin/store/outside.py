"""Linked records and the record filter under which their object is read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from django.db import transaction

from syncadmin.models import PullCursor, SyncState

#: Records read by their id at once: one API call, one page to store.
PAGE = 2_000


def begin_under(filter_keys: Mapping[str, str]) -> None:
    """Read an object from the beginning if its record filter is another one by now."""
    known = dict(PullCursor.objects.values_list("object", "filter_key"))
    for object, key in filter_keys.items():
        if known.get(object, key) != key:
            _begin_anew(object, key)


def _begin_anew(object: str, filter_key: str) -> None:
    with transaction.atomic():
        PullCursor.objects.filter(object=object).update(
            filter_key=filter_key, polled_at="", began_at="", position_stamp="", position_id=""
        )
        if not filter_key:
            SyncState.objects.filter(object=object, outside_since__isnull=False).update(outside_since=None)


def linked_before(object: str, moment: datetime) -> Iterator[list[str]]:
    """The ids of the records that were linked, and not synced since this moment, a page at a time."""
    last = ""
    states = SyncState.objects.filter(object=object, is_deleted=False, synced_at__lt=moment).order_by("pk")
    while ids := list(states.filter(pk__gt=last).values_list("pk", flat=True)[:PAGE]):
        yield ids
        last = ids[-1]
