"""Who or what made records be read and people wait: added up per page and per edit, in its own transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from people import bulk
from syncadmin.models import ChangeCause, Connection, FieldSync, PullCursor, SObject, SyncFailure
from syncadmin.store.batch import Origin
from syncadmin.store.known import Known
from syncadmin.store.rows import to_db
from syncadmin.sync.backlog import bucket
from syncadmin.sync.causes import Cause, CauseKind, Seen, cause_of, edited, is_new_since, kept_ours
from syncadmin.sync.fields import Direction, ObjectRules
from syncadmin.sync.ports import RawRecord
from syncadmin.sync.records import PullIntent

SLOT, FOLDED = timedelta(minutes=10), timedelta(hours=1)
#: Rows of the last hours stay apart, for the chart of the last hour.
APART = timedelta(hours=2)
KEPT = timedelta(days=30)
#: Rows that are folded in one transaction.
PORTION = 5_000
#: What made people wait if it was the sync itself, in the place of what the activity log calls the source.
OURS_WON, BACKFILL = "sync:ours_won", "sync:backfill"

PULL, PUSH = SyncFailure.Direction.PULL.value, SyncFailure.Direction.PUSH.value
_KEY = ("direction", "object", "kind", "who", "actor", "field")
_COLUMNS = ("at", *_KEY, "records", "is_folded")
Counts = Counter[tuple[str, ...]]


# --- From Salesforce ------------------------------------------------------------------------------
def note_pulled(
    connection: Connection, rules: ObjectRules, intents: Sequence[PullIntent], known: Known, origin: Origin
) -> None:
    """Count why these records were read. Called before their states are changed, in the page's transaction."""
    polled_at = _polled_at(rules.object, origin)
    if not polled_at:
        return
    counts: Counts = Counter()
    through = {rule.name for rule in rules.fields if "." in rule.api_name}
    for intent in intents:
        state = known.states.get(intent.raw["Id"])
        seen = Seen(state.system_modstamp, state.synced_at) if state else None
        cause = cause_of(
            intent, seen, polled_at=polled_at, ours=connection.user_id, left_out=rules.keeps_back(intent.raw),
            through=through,
        )  # fmt: skip
        if cause is not None:
            _add(counts, PULL, rules.object, cause)
        row = known.rows.get(intent.person.person_id) if intent.to_push and intent.person else None
        if row is not None and row.columns["changed_at"] is None:
            ours = Cause(CauseKind.CHANGED, OURS_WON, kept_ours(intent.conflicts))
            _add(counts, PUSH, rules.object, ours)
    _write(counts, origin.now)


def note_departed(object: str, raws: Iterable[RawRecord], origin: Origin) -> None:
    """Count records that were deleted, converted or merged."""
    polled_at = _polled_at(object, origin)
    counts: Counts = Counter()
    for raw in raws if polled_at else ():
        if is_new_since(raw, polled_at):
            _add(counts, PULL, object, Cause(CauseKind.GONE, raw.get("LastModifiedById") or ""))
    _write(counts, origin.now)


def _polled_at(object: str, origin: Origin) -> str:
    """When a cycle last read everything; "" if nothing is to be told: it is no cycle that reads, or it reads from the
    beginning, and then nobody has changed anything."""
    if origin.run_id is None or origin.read_at is None:
        return ""
    return PullCursor.objects.filter(object=object).values_list("polled_at", flat=True).first() or ""


# --- To Salesforce --------------------------------------------------------------------------------
def note_edited(
    sender: Any,
    *,
    people: Sequence[tuple[str, Sequence[str]]],
    is_new: bool,
    actor: AbstractBaseUser | None,
    source: str,
    now: datetime,
    **_: Any,
) -> None:
    """Receiver of ``people.signals.people_edited``."""
    syncing: dict[str, set[str]] = {} if is_new else _syncing()
    name = actor.get_username() if actor else ""
    counts: Counts = Counter()
    for object, names in people:
        kind = CauseKind.NEW if is_new else edited(names, syncing[object or SObject.LEAD])
        _add(counts, PUSH, object, Cause(kind, source[:120], tuple(names)), name)
    _write(counts, now)


def _syncing() -> dict[str, set[str]]:
    """The fields that go to Salesforce, by object."""
    going = FieldSync.objects.filter(direction__in=[Direction.BOTH, Direction.TO_SALESFORCE])
    found: dict[str, set[str]] = {object: set() for object in SObject.values}
    for name, lead, contact in going.values_list("field__name", "lead_field", "contact_field"):
        for object, api_name in ((SObject.LEAD.value, lead), (SObject.CONTACT.value, contact)):
            if api_name and "." not in api_name:
                found[object].add(name)
    return found


def note_backfilled(numbers: Mapping[str, int], fields: Iterable[str], now: datetime) -> None:
    """So many people of each object wait because a backfill found that Salesforce lacks what they have."""
    counts: Counts = Counter()
    for object, number in numbers.items():
        _add(counts, PUSH, object, Cause(CauseKind.CHANGED, BACKFILL, tuple(fields)), number=number)
    _write(counts, now)


# --- Rows -----------------------------------------------------------------------------------------
def _add(
    counts: Counts, direction: str, object: str, cause: Cause, actor: str = "", *, number: int = 1
) -> None:
    key = (direction, object, cause.kind.value, cause.who, actor)
    counts[*key, ""] += number
    for field in cause.fields:
        counts[*key, field[:80]] += number


def _write(counts: Counts, now: datetime) -> None:
    at = to_db(bucket(now, SLOT))
    rows = [(at, *key, number, False) for key, number in sorted(counts.items()) if number]
    bulk.insert_rows(ChangeCause, _COLUMNS, rows)


def fold(now: datetime) -> None:
    """Make one row of the rows of each full hour, and forget what is too old. Any number may do it at once."""
    ChangeCause.objects.filter(at__lt=now - KEPT).delete()
    while _fold_some(bucket(now - APART, FOLDED)) == PORTION:
        pass


def _fold_some(before: datetime) -> int:
    """Fold a portion, in a transaction of its own; of how many rows."""
    with transaction.atomic():
        loose = ChangeCause.objects.filter(is_folded=False, at__lt=before).order_by("at", "pk")
        rows = list(
            loose.select_for_update(skip_locked=True).values_list("pk", "at", *_KEY, "records")[:PORTION]
        )
        sums: Counter[tuple[Any, ...]] = Counter()
        for _pk, at, *key, number in rows:
            sums[bucket(at, FOLDED), *key] += number
        folded = [(to_db(at), *key, number, True) for (at, *key), number in sums.items()]
        bulk.insert_rows(ChangeCause, _COLUMNS, folded)
        ChangeCause.objects.filter(pk__in=[row[0] for row in rows]).delete()
    return len(rows)
