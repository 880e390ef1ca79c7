"""Whom a change of the field sync would change: from what both sides last agreed on, without asking Salesforce."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from syncadmin.models import Connection, FieldSync, SyncState
from syncadmin.services.fields.sync import Change
from syncadmin.store.rows import load_rows
from syncadmin.sync.fields import Direction, FieldRule, Winner
from syncadmin.sync.reconcile import reconcile
from syncadmin.sync.values import Value

#: People looked at while the page waits, and shown by name.
LOOKED_AT, SHOWN, PORTION = 10_000, 20, 2_000


@dataclass(frozen=True, slots=True)
class Differing:
    """One person whose value differs from what both sides last agreed on. ``there``: it would go to Salesforce."""

    person_id: int
    name: str
    label: str
    type: str
    old: Value
    new: Value
    there: bool


@dataclass(slots=True)
class Effect:
    """``people``: how many would change; ``unknown``: for so many only Salesforce knows; ``looked_at``: of so many."""

    people: int = 0
    unknown: int = 0
    looked_at: int = 0
    linked: int = 0
    samples: list[Differing] = field(default_factory=list)

    @property
    def is_partial(self) -> bool:
        """Too many are linked to look at everybody now."""
        return self.looked_at < self.linked


def effect_on_people(changes: Sequence[Change]) -> Effect:
    """What these changes would do to people who are linked. A field that is new is unknown for all of them."""
    rules = [rule for change in changes if (rule := _rule(change))]
    is_new = any(change.row.sync is None and change.choice.direction != Direction.OFF for change in changes)
    current = SyncState.objects.filter(is_deleted=False, is_duplicate=False)
    effect = Effect(linked=current.count() if rules or is_new else 0)
    if not rules:
        effect.unknown = effect.looked_at = effect.linked
        return effect
    last = ""
    while effect.looked_at < LOOKED_AT and (
        states := list(current.filter(pk__gt=last).order_by("pk")[:PORTION])
    ):
        last = states[-1].pk
        rows = load_rows([state.person_id for state in states], lock=False)
        for state in states:
            row = rows[state.person_id]
            columns = row.columns
            name = f"{columns['first_name']} {columns['last_name']}".strip() or columns["email"]
            _look(effect, rules, row.id, name, state.base, row.values(), is_new=is_new)
    return effect


def _rule(change: Change) -> FieldRule | None:
    """The rule as it would be, for a field that has been synced before."""
    sync, choice = change.row.sync, change.choice
    if sync is None or choice.direction == FieldSync.Direction.OFF:
        return None
    person_field = sync.field
    winner = choice.winner or Connection.objects.values_list("lead_winner", flat=True).first() or Winner.OURS
    return FieldRule(
        name=person_field.name, api_name="", type=person_field.type, direction=Direction(choice.direction),
        winner=Winner(winner), blank_never_overwrites=choice.blank_never_overwrites, label=person_field.label,
    )  # fmt: skip


def _look(
    effect: Effect, rules: Sequence[FieldRule], person_id: int, name: str, base: dict[str, Value],
    values: dict[str, Value], *, is_new: bool,
) -> None:  # fmt: skip
    effect.looked_at += 1
    known = [rule for rule in rules if rule.name in base]
    outcome = reconcile(base, values, base, known)
    changed = [(rule, there) for there, found in ((False, outcome.to_local), (True, outcome.to_remote))
               for rule in known if rule.name in found]  # fmt: skip
    effect.people += bool(changed)
    effect.unknown += not changed and (is_new or len(known) < len(rules))
    for rule, there in changed:
        if len(effect.samples) < SHOWN:
            ours, theirs = values.get(rule.name), base.get(rule.name)
            old, new = (theirs, ours) if there else (ours, theirs)
            effect.samples.append(Differing(person_id, name, rule.label, rule.type, old, new, there))
