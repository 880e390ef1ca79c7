"""People who wait to be pushed."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from people.models import Person
from syncadmin.models import SyncFailure
from syncadmin.store import who


def pending(now: datetime) -> QuerySet[Person]:
    """Linked people with changes to push.

    Who was refused for good, or is ignored, waits until somebody edits it; who is excluded, or outside the record
    filter, until that changes.
    """
    mine = held(now).filter(person=OuterRef("pk"), person_version=OuterRef("version"))
    return Person.objects.filter(
        ~Exists(mine),
        who.not_excluded(now),
        who.not_outside(),
        changed_at__isnull=False,
        sfdc_is_deleted=False,
    ).exclude(sfdc_id="")


def held(now: datetime) -> QuerySet[SyncFailure]:
    """Refusals that hold back the version of the person they were told for."""
    return SyncFailure.objects.filter(
        Q(retry_at=None) | Q(retry_at__gt=now),
        state__in=[SyncFailure.State.OPEN, SyncFailure.State.IGNORED],
        direction=SyncFailure.Direction.PUSH,
    )
