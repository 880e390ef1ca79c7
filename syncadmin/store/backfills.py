"""Pages of a backfill: values of some fields, read or converted, for people who are linked. Set-based."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from people.models import ActivityType, Person
from syncadmin.models import Backfill, KeptValue, SyncState
from syncadmin.store import pages
from syncadmin.store.batch import Batch, Origin
from syncadmin.store.causes import note_backfilled
from syncadmin.store.known import load_known
from syncadmin.store.linked import load_people
from syncadmin.store.names import learn_names
from syncadmin.store.pulls import is_older_than_we_know, log_changes
from syncadmin.store.rows import PersonRow, load_rows
from syncadmin.sync.conversions import DoesNotFitError, convert
from syncadmin.sync.fields import Direction, ObjectRules
from syncadmin.sync.ports import RawRecord
from syncadmin.sync.pulls import decide_pull
from syncadmin.sync.reconcile import reconcile
from syncadmin.sync.records import PullIntent
from syncadmin.sync.values import Value

READ_REASON = "Read from Salesforce"


@dataclass(slots=True)
class Filled:
    """What a page came to, in the columns of a backfill."""

    done: int = 0
    updated: int = 0
    to_push: int = 0
    conflicts: int = 0
    kept: int = 0
    failed: int = 0

    def add(self, other: Filled) -> None:
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


def links(object: str) -> QuerySet[SyncState]:
    """The records of this object that people are linked to and sync with, by id."""
    current = SyncState.objects.filter(object=object, is_duplicate=False, is_deleted=False)
    return current.filter(outside_since=None).order_by("pk")


# --- Reading --------------------------------------------------------------------------------------
def fill_safely(rules: ObjectRules, raws: Sequence[RawRecord], origin: Origin) -> Filled:
    """Store the values of a page; if that fails, record by record, so that one bad record never stops the others."""
    try:
        return fill(rules, raws, origin)
    except pages.RECORD_ERRORS:
        pages.log.warning("page of a backfill stored record by record", exc_info=True)
    filled = Filled()
    for raw in raws:
        try:
            filled.add(fill(rules, [raw], origin))
        except pages.RECORD_ERRORS as error:
            pages.keep(raw, rules.object, error, origin)
            filled.failed += 1
    return filled


def fill(rules: ObjectRules, raws: Sequence[RawRecord], origin: Origin) -> Filled:
    """Decide these fields as a pull would, and store what comes of it.

    Of a record that was deleted, converted or unlinked meanwhile nothing is taken: that is the cycle's to follow. How
    far the record as a whole is synced (``synced_at``) stays as it is, for only some of its fields were read.
    """
    filled = Filled()
    with transaction.atomic():
        known = load_known(raws)
        batch = Batch(origin)
        for raw in raws:
            person = known.linked.get(raw["Id"])
            gone = raw.get("IsDeleted") or raw.get("IsConverted")
            if person is None or person.is_deleted or gone or is_older_than_we_know(raw, known, origin):
                continue
            intent = decide_pull(raw, rules, person)
            row, state = known.rows[person.person_id], known.states[raw["Id"]]
            _take(batch, intent, row, state, rules)
            filled.updated += bool(intent.values)
            filled.to_push += intent.to_push
            filled.conflicts += len(intent.conflicts)
        batch.flush()
        note_backfilled({rules.object: filled.to_push}, rules.by_name, origin.now)
        learn_names(rules, raws)
    return filled


def _take(batch: Batch, intent: PullIntent, row: PersonRow, state: SyncState, rules: ObjectRules) -> None:
    log_changes(batch, row, intent, rules, batch.origin.source, reason=READ_REASON)
    if intent.values:
        row.put(intent.values)
        row.columns["updated_at"] = batch.origin.now
    if intent.to_push:
        row.columns["changed_at"] = row.columns["changed_at"] or batch.origin.now
    if intent.values or intent.to_push:
        batch.change_person(row)
    if intent.agreed:
        state.base = {**state.base, **intent.agreed}
        batch.change_state(state)


# --- Pushing --------------------------------------------------------------------------------------
def mark_for_push(rules: Mapping[str, ObjectRules], person_ids: Sequence[int], now: datetime) -> Filled:
    """Mark those who have a value that Salesforce hasn't been given, in fields that only go there."""
    ids, objects = [], []
    for person in load_people(person_ids).values():
        if person.object and not person.is_deleted:
            going = [r for r in rules[person.object].fields if r.direction is Direction.TO_SALESFORCE]
            if reconcile(person.base, person.values, {}, going).to_remote:
                ids.append(person.person_id)
                objects.append(person.object)
    with transaction.atomic():
        Person.objects.filter(pk__in=ids, changed_at=None).update(changed_at=now)
        note_backfilled(Counter(objects), (), now)
    return Filled(to_push=len(ids))


# --- Converting -----------------------------------------------------------------------------------
def with_value(names: Sequence[str]) -> QuerySet[Person]:
    """People who have a value in one of these custom fields, by id."""
    condition = Q()
    for name in names:
        condition |= Q(custom__has_key=name)
    return Person.objects.filter(condition).order_by("pk")


def convert_page(
    job: Backfill, types: Mapping[str, str], person_ids: Sequence[int], origin: Origin
) -> Filled:
    """Give these people's values, and their bases, the new types; what doesn't fit is kept apart."""
    filled = Filled()
    with transaction.atomic():
        rows = load_rows(person_ids, lock=True)
        batch = Batch(origin)
        kept: list[KeptValue] = []
        labels = dict(zip(job.fields, job.labels, strict=True))
        for row in rows.values():
            here = {name: row.columns["custom"][name] for name in types if name in row.columns["custom"]}
            found, unfit = _converted(here, types)
            kept += [KeptValue(backfill=job, person_id=row.id, field=n, value=v, kept_at=origin.now)
                     for n, v in unfit.items()]  # fmt: skip
            for name, value in unfit.items():
                attributes = {
                    "field": name,
                    "label": labels[name],
                    "old": value,
                    "new": None,
                    "reason": UNFIT,
                }
                batch.log(row.id, ActivityType.CHANGE_DATA_VALUE, attributes)
            row.put(found | dict.fromkeys(unfit))
            batch.change_person(row)
            filled.updated += bool(found)
        _convert_bases(batch, rows, types)
        batch.flush()
        KeptValue.objects.bulk_create(kept, batch_size=500, ignore_conflicts=True)
    filled.kept = len(kept)
    return filled


UNFIT = "It doesn't fit the field's new type; the value is kept apart"


def _converted(
    values: Mapping[str, Value], types: Mapping[str, str]
) -> tuple[dict[str, Value], dict[str, Any]]:
    """What fits, converted; and what doesn't, as it is."""
    found: dict[str, Value] = {}
    unfit: dict[str, Value] = {}
    for name, value in values.items():
        try:
            found[name] = convert(value, types[name])
        except DoesNotFitError:
            unfit[name] = value
    return found, unfit


def _convert_bases(batch: Batch, rows: Mapping[int, PersonRow], types: Mapping[str, str]) -> None:
    for state in SyncState.objects.filter(person_id__in=rows):
        here = {name: state.base[name] for name in types if name in state.base}
        if here:
            found, _ = _converted(here, types)
            rest = {name: value for name, value in state.base.items() if name not in here}
            state.base = rest | found
            batch.change_state(state)
