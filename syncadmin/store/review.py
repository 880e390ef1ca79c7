"""A record that was held is decided upon by somebody: a new person, or one who is here already. Singly."""

from __future__ import annotations

from collections import defaultdict

from django.db import transaction

from people import bulk
from people.models import Person
from syncadmin.models import SyncState
from syncadmin.store import failures
from syncadmin.store.batch import Batch, Origin
from syncadmin.store.known import Known
from syncadmin.store.pulls import write_known, write_new
from syncadmin.store.rows import linked, load_rows
from syncadmin.sync.fields import ObjectRules
from syncadmin.sync.ports import RawRecord
from syncadmin.sync.pulls import decide_pull


class TakenError(Exception):
    """The record, or the person, was linked in the meantime."""


def store_as_new(rules: ObjectRules, raw: RawRecord, origin: Origin) -> int:
    """A new person for the record, whoever else has its e-mail address; the person's id."""
    with transaction.atomic():
        _free(raw["Id"])
        person_id = bulk.allocate_ids(Person, 1)[0]
        batch = Batch(origin)
        write_new(batch, decide_pull(raw, rules, None), person_id, rules)
        batch.flush()
        failures.resolve_pulls([raw["Id"]], origin.now)
    return person_id


def link(rules: ObjectRules, raw: RawRecord, person_id: int, origin: Origin) -> None:
    """The record is this person, who is not in Salesforce yet; values of both are put together as at any first link."""
    with transaction.atomic():
        rows = load_rows([person_id], lock=True)
        _free(raw["Id"])
        if person_id not in rows or _is_linked(person_id):
            raise TakenError
        person = linked(rows[person_id], None)
        batch = Batch(origin)
        intent = decide_pull(raw, rules, None, [person])
        write_known(batch, intent, Known(rows, {}, {}, defaultdict(list)), rules)
        batch.flush()
        failures.resolve_pulls([raw["Id"]], origin.now)
        failures.resolve_pushes([person_id], origin.now)


def _free(sfdc_id: str) -> None:
    """Nobody has the record; that somebody had it, before it was deleted, is forgotten."""
    SyncState.objects.filter(pk=sfdc_id, is_deleted=True).delete()
    if SyncState.objects.filter(pk=sfdc_id).exists():
        raise TakenError


def _is_linked(person_id: int) -> bool:
    return SyncState.objects.filter(person=person_id, is_duplicate=False, is_deleted=False).exists()
