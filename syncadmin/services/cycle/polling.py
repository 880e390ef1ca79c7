"""Ask Salesforce what is new: everything in one API call, then page after page."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Protocol

from syncadmin.models import PullCursor, SObject
from syncadmin.services.connecting import read_schema
from syncadmin.services.fields.schema import forget_lookups
from syncadmin.sync.fields import ObjectRules
from syncadmin.sync.overlap import resume
from syncadmin.sync.ports import Org, Page, Poll, PollAnswer, SyncError


class Asking(Protocol):
    """Who polls: a cycle, or a preview of one."""

    rules: dict[str, ObjectRules]

    @property
    def org(self) -> Org:
        """The org that is asked."""

    @property
    def clock(self) -> Callable[[], datetime]:
        """Ours, not Salesforce's."""

    def poll(self) -> PollAnswer:
        """Ask by the rules as they are."""

    def refresh(self, answer: PollAnswer) -> None:
        """Store users and queues, and the schema if it changed."""

    def reload_rules(self) -> None:
        """Take the rules as they are stored by now."""


def poll_and_refresh(asking: Asking) -> PollAnswer:
    """Poll, learn what changed in the org itself, and poll again if that changes what is to be read."""
    answer = _first_poll(asking)
    asking.refresh(answer)
    if answer.schemas:
        asked = {object: rules.api_names for object, rules in asking.rules.items()}
        asking.reload_rules()
        if any(asked[object] != rules.api_names for object, rules in asking.rules.items()):
            # The fields to read have changed with the schema: what came was read by the old ones.
            return asking.poll()
    return answer


def poll(org: Org, rules: Mapping[str, ObjectRules]) -> PollAnswer:
    """Users, queues, changed describes and the first page of each object, from where the cursors stand."""
    for each in rules.values():
        if each.filter and each.filter.problem:
            raise SyncError("RECORD_FILTER", each.filter.problem, permanent=True)
    known = {cursor.object: cursor for cursor in cursors()}
    return org.poll([poll_of(known[object], rules[object]) for object in SObject.values])


def _first_poll(asking: Asking) -> PollAnswer:
    """Ask; if Salesforce doesn't know a field any more, learn which, and ask without it."""
    with contextlib.suppress(FieldGoneError):
        return _poll(asking)
    # A field is gone or hidden, and its query took the describe that would have told with it.
    read_schema(asking.org, asking.clock())
    asking.reload_rules()
    with contextlib.suppress(FieldGoneError):
        return _poll(asking)
    # Describe doesn't tell what may be read through a relationship. The names of lookups' records go first, until
    # somebody asks for the schema to be read; what else there is is left out this time.
    if forget_lookups():
        asking.reload_rules()
        with contextlib.suppress(FieldGoneError):
            return _poll(asking)
    asking.rules = {object: rules.without_followed() for object, rules in asking.rules.items()}
    return asking.poll()


class FieldGoneError(Exception):
    """Salesforce knows a field no more that we asked for."""


def _poll(asking: Asking) -> PollAnswer:
    try:
        return asking.poll()
    except SyncError as error:
        if error.code in ("INVALID_FIELD", "RECORD_FILTER"):
            raise FieldGoneError from error
        raise


def poll_of(cursor: PullCursor, rules: ObjectRules) -> Poll:
    """What is to be read of an object, from where its cursor stands."""
    position = (cursor.position_stamp, cursor.position_id) if cursor.position_stamp else None
    start = resume(cursor.polled_at, cursor.began_at, position)
    if cursor.filter_key != filter_key(rules):
        start = resume("", "", None)  # it was read under another record filter: from the beginning
    # What changes later is read whether it meets the filter or not, or nobody would see that a record left it.
    only = None if start.since else rules.filter
    return Poll(
        cursor.object,
        rules.api_names,
        since=start.since,
        after=start.after,
        known_schema=cursor.schema_stamp,
        only=only,
        parents=rules.parents if start.since else (),
    )


def filter_key(rules: ObjectRules) -> str:
    """What a cursor notes of the record filter under which it reads; blank without one."""
    return rules.filter.key if rules.filter else ""


def cursors() -> list[PullCursor]:
    """How far each object has been read."""
    PullCursor.objects.bulk_create(
        [PullCursor(object=object) for object in SObject.values], ignore_conflicts=True
    )
    return list(PullCursor.objects.all())


def read_ahead(org: Org, first: Page) -> Iterator[Page]:
    """Every page of one object; the next one is read while the caller works on this one."""
    with ThreadPoolExecutor(max_workers=1) as reader:
        page: Page | None = first
        while page is not None:
            coming = reader.submit(org.read_on, page) if page.next else None
            yield page
            page = coming.result() if coming else None
