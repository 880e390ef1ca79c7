"""Let fields that were stopped sync again, as somebody decided. Set-based, inside the caller's transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from people import bulk, sfdc
from syncadmin.models import FlipFlop, SyncState
from syncadmin.store.rows import load_rows, to_json
from syncadmin.sync import flipflop

#: How often our value may be pushed after the decision before it is stopped again.
TIMES = {"ours": 1, "theirs": 0, "again": flipflop.ROUNDS, "settings": flipflop.ROUNDS}


def release(rows: Sequence[FlipFlop], how: str, user_id: int | None, now: datetime) -> None:
    """Their fields take part again, and the next cycle looks at them.

    ``how``: a FlipFlop.Decision. For ``ours`` and ``theirs`` the base becomes what Salesforce holds, so that ours is an
    ordinary change, or none.
    """
    stopped: dict[int, list[FlipFlop]] = defaultdict(list)
    for row in rows:
        stopped[row.person_id].append(row)
    people = load_rows(stopped, lock=True)
    states = list(SyncState.objects.filter(person_id__in=people, is_deleted=False, is_duplicate=False))
    for state in states:
        here = people[state.person_id].values()
        for row in stopped[state.person_id]:
            ours = row.ours if how == "theirs" else here.get(row.field)
            state.rounds = flipflop.let_push(state.rounds or {}, row.field, ours, TIMES[how], now)
            if how in ("ours", "theirs"):
                state.base = {**state.base, row.field: row.theirs}
    bulk.update_rows(
        SyncState, "sfdc_id", ("base", "rounds"),
        [(to_json(s.base), to_json(s.rounds) if s.rounds else None, s.pk) for s in states],
    )  # fmt: skip
    sfdc.mark_decided([state.person_id for state in states], now)
    FlipFlop.objects.filter(pk__in=[row.pk for row in rows]).update(
        state=FlipFlop.State.RELEASED, decision=how, decided_at=now, decided_by=user_id
    )
