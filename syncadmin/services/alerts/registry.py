"""What is watched: a register of small pure functions from a snapshot to the conditions that are bad in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.utils.functional import Promise

from syncadmin.models import AlertKind, Severity
from syncadmin.services.alerts.changes import AT_ONCE
from syncadmin.services.alerts.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that is bad. ``key``: which thing, within its kind; ``page``: the name of the page to go to;
    ``hold``: for how long it must be so before it is told."""

    key: str
    severity: Severity
    title: str
    text: str = ""
    advice: str = ""
    page: str = "alerts"
    hold: timedelta = AT_ONCE


Look = Callable[[Snapshot], Iterable[Condition]]


@dataclass(frozen=True, slots=True)
class Watcher:
    """``ends``: the title of its end; "%s" in it is the title it had. Blank: nobody is told of its end."""

    kind: AlertKind
    look: Look
    ends: str | Promise = ""


WATCHERS: dict[AlertKind, Watcher] = {}


def watcher(kind: str, *, ends: str | Promise = "") -> Callable[[Look], Look]:
    """Register the watcher of a kind. ValueError for a kind that there isn't, or that has one already."""
    known = AlertKind(kind)

    def register(look: Look) -> Look:
        if known in WATCHERS:
            raise ValueError(f"{kind} has a watcher already")
        WATCHERS[known] = Watcher(known, look, ends)
        return look

    return register


def check() -> None:
    """Called at the start: a kind that nobody watches would be a promise that nobody keeps."""
    from syncadmin.services.alerts import watchers, watchers_data  # noqa: F401 - they register themselves

    if missing := [kind.value for kind in AlertKind if kind not in WATCHERS]:
        raise ValueError(f"nobody watches {', '.join(missing)}")
