"""Calls by the hour, and the log of requests: written a batch at a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Sum

from people import bulk
from syncadmin.models import ApiHour, ApiRequest, ApiRequestPerson, SyncState
from syncadmin.store.rows import to_db
from syncadmin.sync.allowance import WINDOW, Hour, hour_of

_COUNTS = ("calls", "requests", "refused")
_TOLD = ("told_at", "org_used", "org_limit")


def add_calls(rows: Iterable[ApiHour]) -> None:
    """Add counts to those of the same hour and purpose; one statement. What the org told replaces what it told."""
    names = ("hour", "purpose", *_COUNTS, *_TOLD)
    # In one order, or two processes would wait for each other's rows.
    values = [
        [to_db(getattr(row, name)) for name in names]
        for row in sorted(rows, key=lambda row: (row.hour, row.purpose))
    ]
    if not values:
        return
    table = ApiHour._meta.db_table
    marks = ", ".join(["(" + ", ".join(["%s"] * len(names)) + ")"] * len(values))
    sums = [f'"{name}" = "{table}"."{name}" + excluded."{name}"' for name in _COUNTS]
    told = [f'"{name}" = COALESCE(excluded."{name}", "{table}"."{name}")' for name in _TOLD]
    columns = ", ".join(f'"{name}"' for name in names)
    with connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO "{table}" ({columns}) VALUES {marks} ON CONFLICT ("hour", "purpose") '  # noqa: S608
            f"DO UPDATE SET {', '.join([*sums, *told])}",
            [value for row in values for value in row],
        )


def hours_in_window(now: datetime) -> list[Hour]:
    """What was counted in the last 24 hours, oldest first; one statement."""
    rows = ApiHour.objects.filter(hour__gte=hour_of(now - WINDOW)).order_by("hour").values_list("hour")
    return [Hour(hour, calls) for hour, calls in rows.annotate(Sum("calls"))]


def log_requests(
    requests: Sequence[ApiRequest], people: Sequence[Sequence[int]], ids: Sequence[Sequence[str]]
) -> None:
    """Store requests with whom they were about: by person, or else by the SFDC Ids of ``ids``."""
    created = ApiRequest.objects.bulk_create(requests)
    persons = _persons_of({id for some in ids for id in some})
    links: list[tuple[Any, Any]] = []
    for request, known, sfdc_ids in zip(created, people, ids, strict=True):
        about = known or {persons[id] for id in sfdc_ids if id in persons}
        links += [(request.pk, person_id) for person_id in about]
    bulk.insert_rows(ApiRequestPerson, ("request_id", "person_id"), links)


def _persons_of(sfdc_ids: set[str]) -> dict[str, int]:
    if not sfdc_ids:
        return {}
    return dict(bulk.select_in(SyncState, ("sfdc_id", "person_id"), "sfdc_id", sfdc_ids))
