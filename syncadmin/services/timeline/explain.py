"""*Explain now*: what would the next cycle do with this person, and why? Nothing is written on either side.

The standing of the person costs no API call. If a cycle would do something at all, its own code is rehearsed for the
one person, with one or two calls.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from people.models import Person
from syncadmin.models import Connection, FieldSync, PullCursor, Purpose, SyncState
from syncadmin.salesforce.explanation import Explanation as Words
from syncadmin.services.cycle.polling import cursors, poll_of
from syncadmin.services.explaining import explain
from syncadmin.services.gone import gone_for_good
from syncadmin.services.org import close_org, open_org
from syncadmin.services.owners import owner_names
from syncadmin.services.preview.rehearsal import Rehearsal
from syncadmin.services.timeline.facts import Facts, facts_of
from syncadmin.services.timeline.standing import Said, say
from syncadmin.store.batch import Origin
from syncadmin.store.comparing import compare_page, desk
from syncadmin.store.rules import load_rules
from syncadmin.sync.comparing import Cause, Difference, fate_of, reads_next
from syncadmin.sync.fields import ObjectRules
from syncadmin.sync.findings import Findings, Item
from syncadmin.sync.overlap import Start
from syncadmin.sync.ports import Org, RawRecord, SyncError

Clock = Callable[[], datetime]
#: Things told of one person.
MOST = 200
#: Differences that the next cycle settles by itself: they are among the things that it would do.
_SETTLED = frozenset({Cause.WAITING, Cause.ON_ITS_WAY, Cause.CONFLICT})


@dataclass(slots=True)
class Explained:
    """What would happen, and why. ``reads``: whether the next cycle reads the record; None if there is none to read.

    ``stays``: values that differ, and stay so; ``off``: labels of fields that don't sync; ``problem``: why Salesforce
    could not be asked.
    """

    said: list[Said]
    asked_at: datetime
    items: list[Item] = field(default_factory=list)
    stays: list[Difference] = field(default_factory=list)
    off: list[str] = field(default_factory=list)
    reads: bool | None = None
    api_calls: int = 0
    problem: Words | None = None


def explain_now(person: Person, clock: Clock) -> Explained:
    """What the next cycle would do with the person at this moment."""
    now = clock()
    connection = Connection.objects.first()
    facts = facts_of(person, connection, now)
    found = Explained(say(facts), now, off=fields_off(person))
    if connection is None or not connection.is_ready or not _is_worth_asking(facts):
        return found
    org = open_org(connection, Purpose.PREVIEW)
    try:
        _ask(found, person, connection, org, clock)
    except SyncError as error:
        found.problem = explain(error.code, error.message)
    finally:
        found.api_calls = org.api_calls
        close_org(connection, org)
    return found


def _is_worth_asking(facts: Facts) -> bool:
    """Of somebody whom no cycle would look up or create nothing is asked."""
    is_held = facts.excluded or facts.is_held_back or facts.is_being_created
    return facts.is_linked or (facts.is_tried and not is_held)


def fields_off(person: Person) -> list[str]:
    """The labels of fields that are matched with one of Salesforce, and don't sync."""
    named = FieldSync.objects.filter(direction=FieldSync.Direction.OFF).exclude(
        lead_field="", contact_field=""
    )
    return list(named.order_by("field__position", "field__label").values_list("field__label", flat=True))


# --- Asking --------------------------------------------------------------------------------------------------
def _ask(found: Explained, person: Person, connection: Connection, org: Any, clock: Clock) -> None:
    rules, once = load_rules(connection), _Once(org)
    findings = Findings(keep=MOST)
    origin = Origin(clock(), "Explain now", owners=owner_names())
    rehearsal = Rehearsal(once, connection, clock, rules, origin, findings, _tell_nobody, polled_at=clock())
    state = SyncState.objects.filter(person=person, is_deleted=False, is_duplicate=False).first()
    raw = _record(once, state, rules, clock()) if state else None
    if state:
        found.reads = raw is not None and _is_read_next(raw, rules[state.object])
    object = state.object if state else ""
    rehearsal.go_through_one(person.pk, object, raw if found.reads else None)
    found.items = findings.items
    if raw is not None and fate_of(raw) is None:
        found.stays = _staying(connection, rules[object], raw, clock(), {item.field for item in found.items})


def _record(org: Org, state: SyncState, rules: dict[str, ObjectRules], now: datetime) -> RawRecord | None:
    found = org.fetch(state.object, [state.sfdc_id], rules[state.object].api_names)
    found = found or gone_for_good(org, state.object, [state.sfdc_id], now)
    return found.get(state.sfdc_id)


def _is_read_next(raw: RawRecord, rules: ObjectRules) -> bool:
    cursor = next(cursor for cursor in cursors() if cursor.object == rules.object)
    return reads_next(_start(cursor, rules), raw)


def _start(cursor: PullCursor, rules: ObjectRules) -> Start:
    poll = poll_of(cursor, rules)
    return Start(poll.since, poll.after)


def _staying(
    connection: Connection, rules: ObjectRules, raw: RawRecord, now: datetime, told: set[str]
) -> list[Difference]:
    compared = compare_page(desk(connection, rules, now), [raw])
    differences: Sequence[Difference] = compared.found[0].differences if compared.found else ()
    return [each for each in differences if each.cause not in _SETTLED and each.rule.name not in told]


def _tell_nobody(done: int, total: int) -> None:
    """There is no progress to tell of one person."""


class _Once:
    """An org that is asked for the same records once: the pull and the push of a rehearsal look at the same moment."""

    def __init__(self, org: Any) -> None:
        self._org = org
        self._answers: dict[tuple[Any, ...], Any] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._org, name)

    def fetch(self, object: str, ids: Sequence[str], fields: Sequence[str]) -> dict[str, RawRecord]:
        key = ("fetch", object, *ids)
        if key not in self._answers:
            self._answers[key] = self._org.fetch(object, ids, fields)
        answer: dict[str, RawRecord] = self._answers[key]
        return answer

    def find_deleted(self, object: str, ids: Sequence[str], now: datetime) -> dict[str, str]:
        key = ("deleted", object, *ids)
        if key not in self._answers:
            self._answers[key] = self._org.find_deleted(object, ids, now)
        answer: dict[str, str] = self._answers[key]
        return answer
