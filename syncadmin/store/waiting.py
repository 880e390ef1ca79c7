"""People who wait to be pushed."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from people.models import Person
from syncadmin.models import Connection, SyncFailure
from syncadmin.store import who
from syncadmin.sync.retries import Stopped

_PUSH = Q(direction=SyncFailure.Direction.PUSH)
_ASKS_FOR_OWNER = Q(
    Q(assign_to__startswith="user:") | Q(assign_to__startswith="queue:"), state=SyncFailure.State.OPEN
)


def pending(now: datetime) -> QuerySet[Person]:
    """Linked people with changes to push.

    Who was refused for good, or is ignored, waits until something changes; who is excluded, or outside the record
    filter, until that changes. Who was refused an owner that somebody asked for goes with that owner again
    (``newcomers.asked_again``), or the wish would be forgotten.
    """
    mine = Q(_holds(now), person_version=OuterRef("version")) | _ASKS_FOR_OWNER
    return Person.objects.filter(
        ~Exists(SyncFailure.objects.filter(mine, _PUSH, person=OuterRef("pk"))),
        who.not_excluded(now),
        who.not_outside(),
        changed_at__isnull=False,
        sfdc_is_deleted=False,
    ).exclude(sfdc_id="")


def held(now: datetime) -> QuerySet[SyncFailure]:
    """Refusals that hold back the version of the person they were told for."""
    return SyncFailure.objects.filter(_holds(now), _PUSH)


def asking_for_owner() -> QuerySet[SyncFailure]:
    """Open refusals of people who were to be given an owner."""
    return SyncFailure.objects.filter(_ASKS_FOR_OWNER, _PUSH)


def _holds(now: datetime) -> Q:
    """Ignored; waiting for its next try; cancelled; or refused for good, and nothing has changed since."""
    settings = Connection.objects.order_by("pk").values("settings_version")[:1]
    unchanged = Q(retry_at=None, record_changed=False, settings_version=Subquery(settings))
    return Q(state=SyncFailure.State.IGNORED) | Q(
        Q(retry_at__gt=now) | Q(stopped=Stopped.CANCELLED.value) | unchanged, state=SyncFailure.State.OPEN
    )
