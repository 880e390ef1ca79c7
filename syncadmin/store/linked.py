"""People with their links to records, as they are at this moment."""

from __future__ import annotations

from collections.abc import Iterable

from syncadmin.models import SyncState
from syncadmin.store.rows import linked, load_rows
from syncadmin.sync.records import LinkedPerson


def load_people(ids: Iterable[int]) -> dict[int, LinkedPerson]:
    """People with their current link and their duplicate Lead, as they are at this moment."""
    rows = load_rows(ids, lock=False)
    states: dict[int, SyncState] = {}
    duplicates: dict[int, SyncState] = {}
    for state in SyncState.objects.filter(person_id__in=rows, is_deleted=False):
        (duplicates if state.is_duplicate else states)[state.person_id] = state
    return {pk: linked(row, states.get(pk), duplicates.get(pk)) for pk, row in rows.items()}


def people_of_records(sfdc_ids: Iterable[str]) -> dict[str, int]:
    """Which person has, or had, each of these records."""
    return dict(SyncState.objects.filter(pk__in=list(sfdc_ids)).values_list("sfdc_id", "person_id"))
