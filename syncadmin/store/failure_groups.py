"""Failures by their cause: each is put into the group of its kind, which is made with the first one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from syncadmin.models import FailureGroup, SyncFailure
from syncadmin.sync.failure_causes import cause_of
from syncadmin.sync.values import Value

#: What messages may say of a person, besides the values that were refused.
_TELLING = ("email", "company", "phone", "mobile_phone", "first_name", "last_name")


def group_of(failure: SyncFailure, values: Mapping[str, Value] | None = None) -> FailureGroup:
    """The group that a failure belongs to (not saved). ``values``: all of the person's, where they are known."""
    fields = sorted(set(failure.fields))
    cause = cause_of(
        failure.direction or SyncFailure.Direction.PUSH, failure.code, failure.message, fields,
        _own(failure, values or {}),
    )  # fmt: skip
    return FailureGroup(
        key=cause.key, direction=failure.direction or SyncFailure.Direction.PUSH, code=failure.code,
        text=cause.text, fields=fields, searched="".join(f"|{name}" for name in fields) + "|",
    )  # fmt: skip


def _own(failure: SyncFailure, values: Mapping[str, Value]) -> Iterable[str]:
    """What the message may say of this person, or this record, alone."""
    yield f"{values.get('first_name') or ''} {values.get('last_name') or ''}"
    yield f"{failure.object} {failure.values.get('name') or ''}"
    for value in (*failure.values.values(), *(values.get(name) for name in _TELLING)):
        if isinstance(value, str):
            yield value


def put_into_groups(failures: Collection[SyncFailure], now: datetime) -> None:
    """Give each of these its group, in at most three statements; they themselves are not saved."""
    wanted = {id(failure): failure.group or group_of(failure) for failure in failures}
    keys = {group.key: group for group in wanted.values()}
    known = _known(keys)
    if missing := sorted(keys.keys() - known.keys()):  # in order, or two workers might wait for each other
        for key in missing:
            keys[key].pk, keys[key].first_at = None, now
        FailureGroup.objects.bulk_create(
            [keys[key] for key in missing], batch_size=500, ignore_conflicts=True
        )
        known |= _known(missing)
    for failure in failures:
        failure.group = known[wanted[id(failure)].key]


def _known(keys: Collection[str]) -> dict[str, FailureGroup]:
    return {group.key: group for group in FailureGroup.objects.filter(key__in=list(keys))}
