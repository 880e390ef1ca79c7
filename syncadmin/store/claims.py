"""Notes of the creates under way: written before a request, so that a lost answer never makes a second Lead."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import transaction

from people.models import Person
from syncadmin.models import PendingCreate
from syncadmin.store.linked import load_people
from syncadmin.sync.records import LinkedPerson


def claim_creates(
    people: Sequence[LinkedPerson], now: datetime, *, duplicates: Collection[int] = ()
) -> set[int]:
    """Note, before anything is sent, that these people are being created; those nobody else is creating or, since it
    was decided about them, has created. ``duplicates``: Contacts who get a duplicate Lead, for a queue.
    """
    ids = [person.person_id for person in people]
    with transaction.atomic():
        list(Person.objects.select_for_update().filter(pk__in=ids).order_by("pk").values_list("pk"))
        busy = set(PendingCreate.objects.filter(person_id__in=ids).values_list("person_id", flat=True))
        here = load_people(ids)
        free = [
            p.person_id for p in people if p.person_id not in busy and _as_decided(p, here.get(p.person_id))
        ]
        PendingCreate.objects.bulk_create(
            PendingCreate(person_id=pk, started_at=now, is_duplicate=pk in duplicates) for pk in free
        )
    return set(free)


def _as_decided(decided: LinkedPerson, here: LinkedPerson | None) -> bool:
    return (
        here is not None
        and here.sfdc_id in ("", decided.sfdc_id)
        and here.duplicate_lead_id == decided.duplicate_lead_id
    )


def mark_lost(person_ids: Sequence[int]) -> None:
    """The request for these creates ended without an answer: look before creating again."""
    PendingCreate.objects.filter(person_id__in=person_ids).update(is_lost=True)
