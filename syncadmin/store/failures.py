"""What was refused, kept until it works. One open failure per person and direction, or per held record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from people import sfdc
from syncadmin.models import Connection, SyncFailure
from syncadmin.store.batch import Origin
from syncadmin.store.failure_groups import put_into_groups
from syncadmin.sync.records import PullIntent
from syncadmin.sync.retries import Stopped, Tried, after_refusal

_OPEN, _RESOLVED = SyncFailure.State.OPEN, SyncFailure.State.RESOLVED
_PUSH, _PULL = SyncFailure.Direction.PUSH, SyncFailure.Direction.PULL
_UPDATED = [
    "object", "sfdc_id", "code", "message", "advice", "fields", "values", "assign_to", "is_permanent", "group",
    "person_version", "settings_version", "record_changed", "attempts", "tries", "retry_at", "stopped", "stopped_by",
    "run", "step_run_id", "first_at", "last_at",
]  # fmt: skip


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
    put_into_groups(new, origin.now)
    _give_to_assignees(new)
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
    """These people are in step again; what was ignored about them is over, too."""
    SyncFailure.objects.filter(
        direction=_PUSH, state__in=[_OPEN, SyncFailure.State.IGNORED], person_id__in=person_ids
    ).update(state=_RESOLVED, resolved_at=now, retry_at=None)
    sfdc.mark_working(person_ids)


def resolve_hidden(person_ids: Sequence[int], now: datetime) -> None:
    """The records of these people are seen again: what waits for them is pushed once more."""
    hidden = SyncFailure.objects.filter(direction=_PUSH, state=_OPEN, code="NOT_VISIBLE")
    if hidden.exists():
        seen = list(hidden.filter(person_id__in=person_ids).values_list("person_id", flat=True))
        resolve_pushes(seen, now)


def note_changed_records(person_ids: Sequence[int]) -> None:
    """The records of these people have changed in Salesforce: what was refused may be accepted by now."""
    SyncFailure.objects.filter(
        direction=_PUSH, state=_OPEN, record_changed=False, person_id__in=person_ids
    ).update(record_changed=True)


def record_pushes(found: Mapping[int, SyncFailure], origin: Origin, connection: Connection) -> None:
    """Open a failure for each person, or bring the one that is open up to date. By person id."""
    if not found:
        return
    put_into_groups(found.values(), origin.now)
    # Locked: somebody may cancel the retries of one of them at this moment.
    opened = SyncFailure.objects.filter(direction=_PUSH, state=_OPEN, person_id__in=found).order_by("pk")
    known = {failure.person_id: failure for failure in opened.select_for_update()}
    for person_id, failure in found.items():
        failure.direction, failure.state = _PUSH, _OPEN
        failure.run_id, failure.step_run_id = origin.run_id, origin.step_run_id
        failure.settings_version = connection.settings_version
        failure.first_at = failure.last_at = origin.now
        before = known.get(person_id)
        _set_retry(failure, before, origin, connection)
        if before is not None:
            _go_on(failure, before)
    fresh = [failure for failure in found.values() if failure.pk is None]
    again = [failure for failure in found.values() if failure.pk is not None]
    _give_to_assignees(fresh)
    _hold_no_more(fresh)
    SyncFailure.objects.bulk_create(fresh, batch_size=500)
    SyncFailure.objects.bulk_update(again, _UPDATED, batch_size=200)
    sfdc.mark_failing(found, origin.now)


def _set_retry(
    failure: SyncFailure, before: SyncFailure | None, origin: Origin, connection: Connection
) -> None:
    tried = Tried() if before is None else Tried(
        before.tries, before.attempts, before.person_version, before.settings_version, before.record_changed,
        Stopped(before.stopped),
    )  # fmt: skip
    retry = after_refusal(
        tried, version=failure.person_version, settings=failure.settings_version, now=origin.now,
        is_permanent=failure.is_permanent, by_hand=origin.run_id is None, most=connection.max_tries,
    )  # fmt: skip
    failure.tries, failure.attempts, failure.retry_at = retry.tries, retry.attempts, retry.at
    failure.stopped, failure.record_changed = retry.stopped.value, False


def _go_on(failure: SyncFailure, before: SyncFailure) -> None:
    """The same person was refused once more: for the same cause since then, for another one since now."""
    failure.pk, failure.assignee_id = before.pk, before.assignee_id
    failure.stopped_by_id = before.stopped_by_id if failure.stopped == Stopped.CANCELLED else None
    if before.group_id == failure.group_id:
        failure.first_at = before.first_at


def _hold_no_more(fresh: Sequence[SyncFailure]) -> None:
    """Somebody synced, or edited, people about whom something is ignored: that holds them back no longer."""
    ids = [failure.person_id for failure in fresh]
    ignored = SyncFailure.objects.filter(direction=_PUSH, state=SyncFailure.State.IGNORED, person_id__in=ids)
    ignored.update(person_version=0)


def _give_to_assignees(fresh: Sequence[SyncFailure]) -> None:
    """A new failure of a cause that somebody looks after is theirs."""
    for failure in fresh:
        assert failure.group is not None  # noqa: S101 - put_into_groups gave it one
        failure.assignee_id = failure.group.assignee_id
