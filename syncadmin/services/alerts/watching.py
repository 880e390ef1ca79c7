"""Looking: compare what is with what is remembered, and tell what has changed.

Anybody may look at any time, several at once, and be killed anywhere. A change belongs to whoever moves the
remembered state; memory, alert and messages are written in one transaction. So there is one alert for one change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import Count, Q

from syncadmin.models import Alert, AlertState
from syncadmin.services.alerts import registry, snapshot
from syncadmin.services.alerts.changes import WITHIN, Memory, Step, decide
from syncadmin.services.alerts.registry import Condition
from syncadmin.services.alerts.snapshot import Snapshot
from syncadmin.services.alerts.telling import News, tell

log = structlog.get_logger(__name__)
#: What is good, and told so, is forgotten after a day: by then nobody is that slow.
FORGET = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Sight:
    """What somebody saw: all that is bad, by key; of the kinds that could be looked at."""

    at: datetime
    bad: dict[str, tuple[str, Condition]] = field(default_factory=dict)
    kinds: frozenset[str] = frozenset()


def watch(now: datetime, take: Callable[[datetime], Snapshot] = snapshot.take) -> int:
    """Look once; how many changes this call has told."""
    return settle(look(take(now)))


def look(snap: Snapshot) -> Sight:
    """Ask every watcher. One that fails says nothing of its kind, and keeps none of the others from speaking."""
    bad: dict[str, tuple[str, Condition]] = {}
    kinds = set()
    for watcher in registry.WATCHERS.values():
        try:
            found = list(watcher.look(snap))
        except Exception:
            log.exception("a watcher of alerts has failed", kind=watcher.kind.value)
            continue
        kinds.add(watcher.kind.value)
        bad |= {condition.key[:200]: (watcher.kind.value, condition) for condition in found}
    return Sight(snap.now, bad, frozenset(kinds))


def settle(sight: Sight) -> int:
    """Remember what was seen, and tell what is news of it."""
    known = _remembered(sight)
    steps = _steps(sight, known, _recent(sight, known))
    if not steps:
        return 0
    with transaction.atomic():
        mine = [(state, step) for state, step in steps if _claim(state, step)]
        news = [
            News(state.key, state.kind, _condition(sight, state), step)
            for state, step in mine
            if step.is_news
        ]
        tell(news, sight.at)
    return len(news)


def _condition(sight: Sight, state: AlertState) -> Condition | None:
    return sight.bad[state.key][1] if state.key in sight.bad else None


def _remembered(sight: Sight) -> list[AlertState]:
    """Every state that is bad, was bad, or is bad now; of kinds that were looked at."""
    keys = set(sight.bad)
    wanted = Q(is_bad=True) | Q(is_seen_bad=True) | Q(key__in=keys)
    states = list(AlertState.objects.filter(wanted))
    if missing := keys - {state.key for state in states}:
        AlertState.objects.bulk_create(
            [AlertState(key=key, kind=sight.bad[key][0], seen_since=sight.at) for key in sorted(missing)],
            ignore_conflicts=True,
        )
        states += AlertState.objects.filter(key__in=missing)
    return [state for state in states if state.kind in sight.kinds]


def _recent(sight: Sight, known: Iterable[AlertState]) -> dict[str, int]:
    """How often each of those that may be over was told within the hour."""
    keys = [state.key for state in known if state.is_bad and state.key not in sight.bad]
    if not keys:
        return {}
    rows = Alert.objects.filter(key__in=keys, opened_at__gt=sight.at - WITHIN).order_by()
    return dict(rows.values("key").annotate(number=Count("pk")).values_list("key", "number"))


def _steps(
    sight: Sight, known: Iterable[AlertState], recent: dict[str, int]
) -> list[tuple[AlertState, Step]]:
    found = []
    for state in known:
        memory = Memory(state.is_bad, state.is_seen_bad, state.seen_since)
        condition = _condition(sight, state)
        hold = condition.hold if condition else timedelta()
        step = decide(memory, condition is not None, sight.at, hold=hold, recent=recent.get(state.key, 0))
        if step:
            found.append((state, step))
    return found


def _claim(state: AlertState, step: Step) -> bool:
    """Whoever moves it has it; nobody else has seen the same change then."""
    before, after = step.before, step.after
    same = AlertState.objects.filter(
        pk=state.pk, is_bad=before.is_bad, is_seen_bad=before.is_seen_bad, seen_since=before.seen_since
    )
    return bool(same.update(is_bad=after.is_bad, is_seen_bad=after.is_seen_bad, seen_since=after.seen_since))


def forget(now: datetime) -> None:
    """Remove what is remembered of things that have been good for long."""
    AlertState.objects.filter(is_bad=False, is_seen_bad=False, seen_since__lt=now - FORGET).delete()
