"""The guard: a cycle that would change an unusual share of the people stops before it writes anything.

The one poll tells how many records changed. Only if they are as many as the guard allows to be changed is the cycle
rehearsed; a usual one costs nothing more. While it is stopped, a cycle that finds the same pages isn't rehearsed
again: it stops after its one API call.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.db.models import Count, Max

from people.models import Person
from syncadmin.models import GuardStop, PullCursor, SyncRun
from syncadmin.services.cycle.lease import beat
from syncadmin.services.cycle.steps import Cycle
from syncadmin.services.preview.rehearsal import Rehearsal
from syncadmin.store.newcomers import newcomers
from syncadmin.store.waiting import pending
from syncadmin.sync.findings import Findings
from syncadmin.sync.guards import Guard, Impact, top
from syncadmin.sync.ports import Page, PollAnswer

CODE = "GUARD"


class StoppedByGuardError(Exception):
    """The cycle would change too many people; the message says whom, and where that comes from."""

    def __init__(self, stop: GuardStop) -> None:
        super().__init__(words(stop))
        self.stop = stop


def check(cycle: Cycle, answer: PollAnswer, unguarded_by: str = "") -> None:
    """StoppedByGuardError if this cycle would change too many people and nobody allowed it.

    ``unguarded_by``: who lets this run go on in any case; that, or an earlier *Run anyway*, is noted in the run.
    """
    stop = open_stop()
    by = unguarded_by or (stop.allowed_by if stop and stop.is_allowed else "")
    if by:
        SyncRun.objects.filter(pk=cycle.run.pk).update(unguarded_by=by[:150])
        _close(stop, cycle.clock())
        return
    guard = Guard(cycle.connection.guard_share, cycle.connection.guard_least)
    seen = _look(cycle, answer)
    if not _may_trip(guard, seen):
        _close(stop, cycle.clock())
    elif stop is not None and _is_same(stop, seen, guard):
        GuardStop.objects.filter(pk=stop.pk).update(last_at=cycle.clock())
        raise StoppedByGuardError(stop)
    else:
        _rehearse(cycle, answer, guard, seen, stop)


def open_stop() -> GuardStop | None:
    """The stop that isn't settled, if there is one."""
    return GuardStop.objects.filter(closed_at=None).first()


def allow(stop_id: int, *, by: str, now: datetime) -> bool:
    """*Run anyway*: the next cycle, and that one only, runs unguarded. False if it is settled already."""
    return bool(
        GuardStop.objects.filter(pk=stop_id, closed_at=None).update(allowed_by=by[:150], allowed_at=now)
    )


def check_again(stop_id: int) -> bool:
    """Forget what was seen: the next cycle looks at every record again."""
    return bool(GuardStop.objects.filter(pk=stop_id, closed_at=None).update(reading={}))


# --- What is to come, from the one poll -----------------------------------------------------------
@dataclass(slots=True)
class _Seen:
    """``at_risk``: at most so many people can be changed by this cycle."""

    people: int = 0
    at_risk: int = 0
    reading: dict[str, Any] = field(default_factory=dict)


def _look(cycle: Cycle, answer: PollAnswer) -> _Seen:
    waiting = pending(cycle.clock())
    seen = _Seen(reading={object: _mark(page) for object, page in answer.pages.items()})
    # Both at once: asked for the newest alone, SQLite walks through everybody by the time of their last change.
    push = waiting.aggregate(total=Count("pk"), newest=Max("updated_at"))
    seen.reading["push"] = {
        "total": push["total"],
        "newest": push["newest"].isoformat() if push["newest"] else "",
    }
    seen.at_risk = _records_at_risk(answer) + push["total"] + newcomers(cycle.clock()).count()
    return seen


def _may_trip(guard: Guard, seen: _Seen) -> bool:
    """Whether so many are an unusual share. No more people are counted than tell: all of them only if they are few."""
    enough = guard.harmless_from(seen.at_risk)
    if enough:
        seen.people = Person.objects.order_by()[:enough].count()
    return seen.people < enough


def _records_at_risk(answer: PollAnswer) -> int:
    """Records that may belong to somebody here. The first reading of all brings people, and changes only those
    who were here before; when it goes on after an interruption, it was looked at when it began."""
    cursors = {cursor.object: cursor for cursor in PullCursor.objects.all()}
    linked = Person.objects.exclude(sfdc_id="")
    number = 0
    for object, page in answer.pages.items():
        cursor = cursors[object]
        if cursor.polled_at or not page.total:
            number += page.total
        elif cursor.position_stamp:
            continue
        elif linked.filter(sfdc_type=object).exists():
            number += page.total
        else:
            number += min(page.total, Person.objects.filter(sfdc_id="").exclude(email="").count())
    return number + sum(page.total for page in answer.parents.values())


def _mark(page: Page) -> dict[str, Any]:
    """What tells this reading from another: the records of the first page, and how many there are in all."""
    text = json.dumps(page.records, sort_keys=True, default=str).encode()
    return {"total": page.total, "page": sha256(text).hexdigest()}


def _is_same(stop: GuardStop, seen: _Seen, guard: Guard) -> bool:
    """Nothing has changed that could settle it: the same records wait, at most with more behind them."""
    if (stop.share, stop.least) != (guard.share, guard.least) or not stop.reading:
        return False
    before, now = stop.reading, seen.reading
    if any(
        before[object]["page"] != now[object]["page"] or now[object]["total"] < before[object]["total"]
        for object in now
        if object != "push" and before.get(object, {}).get("total")
    ):
        return False
    return not stop.overwritten_there or before.get("push") == now["push"]


# --- Looking at every record ----------------------------------------------------------------------
def _rehearse(cycle: Cycle, answer: PollAnswer, guard: Guard, seen: _Seen, stop: GuardStop | None) -> None:
    def progress(done: int, total: int) -> None:
        beat(cycle.run, cycle.clock(), cycle.org.api_calls)

    rehearsal = Rehearsal(
        cycle.org,
        cycle.connection,
        cycle.clock,
        cycle.rules,
        cycle.origin,
        Findings(),
        progress,
        cycle.polled_at,
    )
    rehearsal.go_through(answer)
    impact = rehearsal.findings.impact
    if not guard.trips(impact, seen.people):
        _close(stop, cycle.clock())
        return
    raise StoppedByGuardError(_keep(cycle, guard, seen, impact, stop))


def _keep(cycle: Cycle, guard: Guard, seen: _Seen, impact: Impact, stop: GuardStop | None) -> GuardStop:
    now = cycle.clock()
    stop = stop or GuardStop(run=cycle.run, at=now)
    stop.last_at, stop.share, stop.least, stop.people = now, guard.share, guard.least, seen.people
    stop.deleted, stop.unlinked = len(impact.deleted), len(impact.unlinked)
    stop.overwritten_here, stop.overwritten_there = len(impact.overwritten_here), impact.there
    stop.reading = seen.reading
    (name, changes), (author, _) = top(impact.fields), top(impact.authors)
    stop.told = {
        "field": name,
        "changes": changes,
        "author": author.removeprefix("Salesforce: "),
        "here": impact.here,
    }
    stop.save()
    return stop


def _close(stop: GuardStop | None, now: datetime) -> None:
    if stop is not None:
        GuardStop.objects.filter(pk=stop.pk).update(closed_at=now)


# --- In words -------------------------------------------------------------------------------------
def words(stop: GuardStop) -> str:
    """Why it stopped, in a sentence or two."""
    parts = [
        text.format(f"{number:,}")
        for number, text in (
            (stop.deleted, "{} would be marked as deleted"),
            (stop.unlinked, "{} would be merged into others"),
            (stop.overwritten_here, "{} would be overwritten here"),
            (stop.overwritten_there, "{} would be overwritten in Salesforce"),
        )
        if number
    ]
    said = f"Of {stop.people:,} people, {', '.join(parts)}"
    if stop.told.get("field"):
        said += f", most in the field {stop.told['field']}"
    if stop.told.get("author") and stop.told["author"] != "Salesforce":
        said += f", changed by {stop.told['author']}"
    return f"{said}. Nothing was written."
