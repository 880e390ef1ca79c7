"""What pulls and pushes remember of fields that bounce: in the link, which they write anyway."""

from __future__ import annotations

from django.db.models import QuerySet

from people.models import Person
from syncadmin.models import FlipFlop, SyncState
from syncadmin.store.batch import Batch
from syncadmin.store.flips import Flip
from syncadmin.store.pushed import Pushed
from syncadmin.sync import flipflop
from syncadmin.sync.fields import ObjectRules
from syncadmin.sync.records import PullIntent


def note_push(batch: Batch, item: Pushed, state: SyncState, rules: ObjectRules, *, edited: bool) -> None:
    """What was pushed, what is to be stopped, and what ended.

    ``edited``: the person was edited while the request was under way; what bounces is decided by the next push.
    """
    plan, origin, raw = item.plan, batch.origin, item.remote or {}
    memory = state.rounds or {}
    if item.pushed:
        memory = flipflop.remember(memory, item.pushed, origin.now)
    if plan.stops:
        new = {} if edited else plan.stops.new
        memory = flipflop.stop(flipflop.go_on(memory, plan.stops.ended), new)
        by_id = str(raw.get("LastModifiedById") or "")
        by = origin.salesforce_source(by_id)
        person_id = plan.person.person_id
        for name, stop in new.items():
            label = rules.by_name[name].label
            batch.flips.append(
                Flip(person_id, name, label, rules.object, stop.theirs, stop, by=by, by_id=by_id)
            )
        batch.flips += [Flip(person_id, name, ended=True) for name in plan.stops.ended]
        batch.flips += [Flip(person_id, name, theirs=value) for name, value in plan.stops.standing.items()]
    state.rounds = memory or None


def note_pull(batch: Batch, intent: PullIntent, state: SyncState) -> bool:
    """Which stopped fields are equal by now, and what Salesforce holds of the others; whether the link changed."""
    stops = intent.stops
    if not stops:
        return False
    by = batch.origin.salesforce_source(intent.raw.get("LastModifiedById"))
    batch.flips += [Flip(state.person_id, name, ended=True) for name in stops.ended]
    batch.flips += [Flip(state.person_id, name, theirs=v, by=by) for name, v in stops.standing.items()]
    if stops.ended:
        state.rounds = flipflop.go_on(state.rounds or {}, stops.ended)
    return bool(stops.ended)


def forget(state: SyncState) -> None:
    """The record is gone, and with it what was stopped. No statement where nothing was."""
    if any(entry.get("stopped") for entry in (state.rounds or {}).values()):
        open_of(state.person_id).update(
            state=FlipFlop.State.ENDED, decision=FlipFlop.Decision.GONE, decided_at=state.synced_at
        )
        state.rounds = None
        state.save(update_fields=["rounds"])


def open_of(person_id: int) -> QuerySet[FlipFlop]:
    """The stopped fields of a person."""
    return FlipFlop.objects.filter(person_id=person_id, state=FlipFlop.State.STOPPED)


def follow_merge(sender: type[Person], *, winner_id: int, loser_id: int, **_: object) -> None:
    """Two people became one: what is stopped goes along with the record; the rest is history."""
    living = SyncState.objects.filter(person=winner_id, is_deleted=False, is_duplicate=False).first()
    memory = (living.rounds if living else None) or {}
    there = set(open_of(winner_id).values_list("field", flat=True))
    for row in open_of(loser_id):
        if row.field in there or not memory.get(row.field, {}).get("stopped"):
            row.state, row.decision = FlipFlop.State.ENDED, FlipFlop.Decision.GONE
            row.save(update_fields=["state", "decision"])
    FlipFlop.objects.filter(person=loser_id).update(person=winner_id)
