"""What was refused, kept until it works. One open failure per person and direction, or per held record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from people import sfdc
from syncadmin.models import SyncFailure
from syncadmin.store.batch import Origin
from syncadmin.sync.records import PullIntent

_OPEN, _RESOLVED = SyncFailure.State.OPEN, SyncFailure.State.RESOLVED
_PUSH, _PULL = SyncFailure.Direction.PUSH, SyncFailure.Direction.PULL
#: Minutes until the next try of a transient refusal, by the number of tries so far.
BACK_OFF = (1, 2, 5, 10, 20, 40, 60)


def next_try(attempts: int, now: datetime) -> datetime:
    """When a transient refusal is tried again."""
    return now + timedelta(minutes=BACK_OFF[min(attempts, len(BACK_OFF)) - 1])


def hold(intents: Sequence[PullIntent], object: str, origin: Origin) -> None:
    """Records that match several people, or one who is linked already: kept for somebody to decide."""
    if not intents:
        return
    known = {
        failure.sfdc_id: failure
        for failure in SyncFailure.objects.filter(
            direction=_PULL, state__in=[_OPEN, SyncFailure.State.IGNORED],
            sfdc_id__in=[intent.raw["Id"] for intent in intents],
        )
    }  # fmt: skip
    new = [_held(intent, object, origin) for intent in intents if intent.raw["Id"] not in known]
    SyncFailure.objects.bulk_create(new, batch_size=500)
    SyncFailure.objects.filter(pk__in=[failure.pk for failure in known.values()]).update(last_at=origin.now)


def _held(intent: PullIntent, object: str, origin: Origin) -> SyncFailure:
    raw = intent.raw
    name = f"{raw.get('FirstName') or ''} {raw.get('LastName') or ''}".strip()
    return SyncFailure(
        direction=_PULL, object=object, sfdc_id=raw["Id"], code="SEVERAL_MATCHES", run_id=origin.run_id,
        message=f"{object} {name} ({raw.get('Email')}) has the e-mail address of somebody who is here already.",
        fields=["email"],
        values={"email": raw.get("Email"), "name": name, "candidates": list(intent.candidates)},
        first_at=origin.now, last_at=origin.now,
    )  # fmt: skip


def resolve_pulls(sfdc_ids: Sequence[str], now: datetime) -> None:
    """These records were stored: nothing is held of them any more."""
    held = SyncFailure.objects.filter(direction=_PULL, state=_OPEN)
    if held.exists():
        held.filter(sfdc_id__in=sfdc_ids).update(state=_RESOLVED, resolved_at=now)


def resolve_pushes(person_ids: Sequence[int], now: datetime) -> None:
    """These people are in step again."""
    SyncFailure.objects.filter(direction=_PUSH, state=_OPEN, person_id__in=person_ids).update(
        state=_RESOLVED, resolved_at=now
    )
    sfdc.mark_working(person_ids)


def resolve_hidden(person_ids: Sequence[int], now: datetime) -> None:
    """The records of these people are seen again: what waits for them is pushed once more."""
    hidden = SyncFailure.objects.filter(direction=_PUSH, state=_OPEN, code="NOT_VISIBLE")
    if hidden.exists():
        seen = list(hidden.filter(person_id__in=person_ids).values_list("person_id", flat=True))
        resolve_pushes(seen, now)


def record_pushes(found: Mapping[int, SyncFailure], origin: Origin) -> None:
    """Open a failure for each person, or bring the one that is open up to date. By person id."""
    known = {
        failure.person_id: failure
        for failure in SyncFailure.objects.filter(direction=_PUSH, state=_OPEN, person_id__in=found)
    }
    for person_id, failure in found.items():
        failure.direction, failure.state, failure.run_id = _PUSH, _OPEN, origin.run_id
        failure.first_at = failure.last_at = origin.now
        if before := known.get(person_id):
            failure.pk, failure.first_at, failure.attempts = before.pk, before.first_at, before.attempts + 1
        failure.retry_at = None if failure.is_permanent else next_try(failure.attempts, origin.now)
    fresh = [failure for failure in found.values() if failure.pk is None]
    again = [failure for failure in found.values() if failure.pk is not None]
    SyncFailure.objects.bulk_create(fresh, batch_size=500)
    SyncFailure.objects.bulk_update(
        again,
        ["object", "sfdc_id", "code", "message", "advice", "fields", "values", "assign_to", "is_permanent",
         "person_version", "attempts", "retry_at", "run", "last_at"],
        batch_size=200,
    )  # fmt: skip
    sfdc.mark_failing(found, origin.now)
