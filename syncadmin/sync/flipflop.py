"""Fields that bounce: we push a value, Salesforce holds another one again, and here somebody sets ours once more.

Neither side's change is wrong by itself, so the three-way decision would go on for ever, at two API calls a round. What
tells a bounce from an edit is that the *same* value of ours is pushed again and again, each time over another one, and
that the rounds follow each other closely: a push of any other value in between begins anew, and so does a pause. Pure.

What is remembered, per field and link: ``{"value": mark, "at": [moments of its last pushes], "stopped": true}``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from syncadmin.sync.fields import Direction, FieldRule, Winner
from syncadmin.sync.values import Value

#: So often the same value is pushed; the next time the field is stopped.
ROUNDS = 3
#: Rounds further apart than this are no bounce, however slow the cycles are: people change their minds over days.
CLOSE = timedelta(hours=1)
#: With slow cycles: a round takes a cycle each way, and one may fail.
CYCLES = 3
Memory = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Stop:
    """A field that is to be stopped: what bounces, and since when (seconds)."""

    ours: Value
    theirs: Value
    since: int


@dataclass(frozen=True, slots=True)
class Stops:
    """What one look at a pair says of its stopped fields, by name.

    ``new``: to be stopped now. ``standing``: stopped, with the value that Salesforce holds at this moment. ``ended``:
    stopped so far, and equal by now.
    """

    new: Mapping[str, Stop] = field(default_factory=dict)
    standing: Mapping[str, Value] = field(default_factory=dict)
    ended: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.new or self.standing or self.ended)


NONE = Stops()


def close_in_time(pause: timedelta) -> timedelta:
    """How far apart two rounds may be, given the pause between cycles."""
    return max(CLOSE, CYCLES * pause)


def mark(value: Value) -> str:
    """A value, short enough to be remembered."""
    return hashlib.blake2b(json.dumps(value).encode(), digest_size=6).hexdigest()


# --- Before the decision: what is stopped takes no part in it ---------------------------------------------
def in_play(
    memory: Memory, ours: Mapping[str, Value], theirs: Mapping[str, Value], rules: Sequence[FieldRule]
) -> tuple[Sequence[FieldRule], Stops]:
    """The rules of the fields that sync, and what became of those that are stopped.

    A stopped field that is equal by now goes on. A tick is never lost: of a stopped checkbox for which opting out wins,
    Salesforce's tick comes here, and nothing goes there.
    """
    stopped = {name for name, each in memory.items() if each.get("stopped")} if memory else ()
    if not stopped:
        return rules, NONE
    playing: list[FieldRule] = []
    standing: dict[str, Value] = {}
    ended: list[str] = []
    for rule in rules:
        name = rule.name
        if name not in stopped:
            playing.append(rule)
        elif _equal(rule, ours.get(name), theirs.get(name)):
            playing.append(rule)
            ended.append(name)
        else:
            standing[name] = theirs.get(name)
            if _ticked_there(rule, theirs.get(name)):
                playing.append(replace(rule, direction=Direction.FROM_SALESFORCE))
    return playing, Stops(standing=standing, ended=tuple(ended))


def _equal(rule: FieldRule, ours: Value, theirs: Value) -> bool:
    return bool(ours) == bool(theirs) if rule.type == "boolean" else ours == theirs


def _ticked_there(rule: FieldRule, theirs: Value) -> bool:
    return rule.winner is Winner.OPTED_OUT and theirs is True


# --- After the decision: what would be pushed once too often ----------------------------------------------
def to_stop(
    memory: Memory,
    to_remote: Mapping[str, Value],
    theirs: Mapping[str, Value],
    now: datetime,
    close: timedelta,
) -> dict[str, Stop]:
    """Those of the values to be pushed that bounce."""
    return {
        name: Stop(value, theirs.get(name), memory[name]["at"][0])
        for name, value in to_remote.items()
        if name in memory and is_bouncing(memory[name], value, now, close)
    }


def is_bouncing(entry: Mapping[str, Any], value: Value, now: datetime, close: timedelta) -> bool:
    """Whether this very value was pushed in each of the last rounds, the last of them a moment ago."""
    moments = [*entry["at"], int(now.timestamp())]
    if len(moments) <= ROUNDS or entry["value"] != mark(value):
        return False
    return all(0 <= later - earlier <= close.total_seconds() for earlier, later in pairwise(moments))


def ticks_that_stay(stops: Mapping[str, Stop], rules: Mapping[str, FieldRule]) -> dict[str, Value]:
    """Of the fields to be stopped, Salesforce's ticks that come here all the same."""
    return {
        name: True
        for name, stop in stops.items()
        if _ticked_there(rules[name], stop.theirs) and not stop.ours
    }


# --- Remembering --------------------------------------------------------------------------------------------
def remember(memory: Memory, pushed: Mapping[str, Value], now: datetime) -> dict[str, Any]:
    """The memory after Salesforce has taken these values."""
    kept = {name: dict(entry) for name, entry in memory.items()}
    moment = int(now.timestamp())
    for name, value in pushed.items():
        known, new = kept.get(name), mark(value)
        before = known["at"] if known and known["value"] == new else []
        kept[name] = {"value": new, "at": [*before, moment][-ROUNDS:]}
    return kept


def stop(memory: Memory, names: Iterable[str]) -> dict[str, Any]:
    """The memory with these fields stopped."""
    chosen = set(names)
    return {
        name: {**each, "stopped": True} if name in chosen else dict(each) for name, each in memory.items()
    }


def go_on(memory: Memory, names: Iterable[str]) -> dict[str, Any]:
    """The memory with these fields going on; what they pushed stays known, so that they are stopped again at once."""
    kept = {name: dict(each) for name, each in memory.items()}
    for name in names:
        kept.get(name, {}).pop("stopped", None)
    return kept


def let_push(memory: Memory, name: str, value: Value, times: int, now: datetime) -> dict[str, Any]:
    """The memory with a field going on: this value may be pushed so many times before it is stopped again."""
    moments = [int(now.timestamp())] * (ROUNDS - times)
    rest = {other: dict(each) for other, each in memory.items() if other != name}
    return rest | ({name: {"value": mark(value), "at": moments}} if moments else {})
