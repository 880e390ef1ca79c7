"""A page that can't be stored is stored record by record, so that one bad record never stops the others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import structlog
from django.db import DataError, IntegrityError

from syncadmin.models import Connection, SyncFailure
from syncadmin.store.batch import Origin
from syncadmin.store.failure_groups import put_into_groups
from syncadmin.store.pulls import store_page
from syncadmin.sync.fields import ObjectRules
from syncadmin.sync.ports import RawRecord
from syncadmin.sync.records import Tally

log = structlog.get_logger(__name__)
#: What a record's own values can cause; anything else is the cycle's affair.
RECORD_ERRORS = (DataError, IntegrityError, ValueError, TypeError, ArithmeticError, LookupError)


def store_page_safely(
    connection: Connection, rules: ObjectRules, raws: Sequence[RawRecord], origin: Origin,
    *, move_cursor: bool = True,
) -> Tally:  # fmt: skip
    """Store a page; whatever can't be stored becomes a failure, and the cursor passes it."""
    try:
        return store_page(connection, rules, raws, origin, move_cursor=move_cursor)
    except RECORD_ERRORS:
        log.warning("page stored record by record", exc_info=True)
    tally = Tally()
    for raw in raws:
        try:
            tally.add(store_page(connection, rules, [raw], origin, move_cursor=move_cursor))
        except RECORD_ERRORS as error:
            keep(raw, rules.object, error, origin)
            tally.failed += 1
    return tally


def keep(raw: RawRecord, object: str, error: Exception, origin: Origin) -> None:
    """Make a failure of a record that can't be stored."""
    name = f"{raw.get('FirstName') or ''} {raw.get('LastName') or ''}".strip()
    known: dict[str, Any] = {
        "object": object,
        "code": "NOT_STORED",
        "run_id": origin.run_id,
        "last_at": origin.now,
        "message": f"{object} {name} can't be stored here: {type(error).__name__}: {error}"[:1000],
        "values": {"name": name},
    }
    failure = SyncFailure(direction=SyncFailure.Direction.PULL, sfdc_id=raw["Id"], **known)
    put_into_groups([failure], origin.now)
    known["group"] = failure.group
    SyncFailure.objects.update_or_create(
        direction=SyncFailure.Direction.PULL,
        state__in=[SyncFailure.State.OPEN, SyncFailure.State.IGNORED],
        sfdc_id=raw["Id"],
        defaults=known,
        create_defaults={**known, "first_at": origin.now, "direction": "pull", "sfdc_id": raw["Id"]},
    )
