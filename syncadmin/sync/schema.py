"""What changed between two describes of one object. Pure.

The product that we model ignores other labels, forks a field whose API name changed, drops the values of one whose type
changed, and says none of it; here each is told, and nothing is thrown away.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    NEW = "new"
    GONE = "gone"
    BACK = "back"
    LABEL = "label"
    TYPE = "type"
    CHOICES = "choices"
    LIMITS = "limits"
    ACCESS = "access"


@dataclass(frozen=True, slots=True)
class Facts:
    """A field as one describe tells it. ``is_present``: False for one that an earlier describe told of."""

    name: str
    label: str
    type: str
    length: int = 0
    precision: int = 0
    scale: int = 0
    choices: tuple[str, ...] = ()
    is_writable: bool = True
    is_present: bool = True


@dataclass(frozen=True, slots=True)
class Change:
    """One thing about one field that is other than before."""

    kind: Kind
    name: str
    label: str
    details: dict[str, Any] = field(default_factory=dict)


def changes(before: Mapping[str, Facts], after: Mapping[str, Facts]) -> list[Change]:
    """By API name, in the order of the new describe, those that are gone last. Nothing before: nothing is news."""
    if not before:
        return []
    found = [change for name, new in after.items() for change in _of_field(before.get(name), new)]
    gone = [old for name, old in before.items() if old.is_present and name not in after]
    return found + [Change(Kind.GONE, old.name, old.label, {"type": old.type}) for old in gone]


def _of_field(old: Facts | None, new: Facts) -> Iterable[Change]:
    if old is None:
        yield Change(Kind.NEW, new.name, new.label, {"type": new.type})
        return
    if not old.is_present:
        yield Change(Kind.BACK, new.name, new.label)
    if old.label != new.label:
        yield Change(Kind.LABEL, new.name, new.label, {"before": old.label, "after": new.label})
    if old.type != new.type:
        yield Change(Kind.TYPE, new.name, new.label, {"before": old.type, "after": new.type})
    elif (limits := limits_of(old)) != (now := limits_of(new)):
        yield Change(Kind.LIMITS, new.name, new.label, {"before": limits, "after": now})
    if old.type == new.type and set(old.choices) != set(new.choices):
        yield Change(Kind.CHOICES, new.name, new.label, _choices(old.choices, new.choices))
    if old.is_writable != new.is_writable:
        yield Change(Kind.ACCESS, new.name, new.label, {"writable": new.is_writable})


def _choices(old: Sequence[str], new: Sequence[str]) -> dict[str, list[str]]:
    return {"added": [v for v in new if v not in old], "removed": [v for v in old if v not in new]}


def limits_of(facts: Facts) -> str:
    """How much a field holds, in short: ``255`` characters, or ``16.2`` digits before and behind the point."""
    if facts.precision:
        return f"{facts.precision - facts.scale}.{facts.scale}"
    return str(facts.length or "")


def common_choices(lists: Sequence[tuple[Sequence[str], bool]]) -> list[str]:
    """The values that all of these picklists take, in the order of the first: (values, restricted) of each.

    One that isn't restricted takes any value, so what another one offers is offered as well.
    """
    offered = dict.fromkeys(value for values, _ in lists for value in values)
    return [v for v in offered if all(v in values or not restricted for values, restricted in lists)]
