"""Decide what one person means for Salesforce. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from syncadmin.sync import flipflop
from syncadmin.sync.assignment import Action, AssignTo, Step, decide_step, missing, with_defaults
from syncadmin.sync.fields import Direction, ObjectRules
from syncadmin.sync.ports import Operation, RawRecord, Write
from syncadmin.sync.reconcile import Conflict, reconcile
from syncadmin.sync.records import LinkedPerson
from syncadmin.sync.values import Value


class Purpose(StrEnum):
    """What a write is for."""

    CREATE = "create"
    UPDATE = "update"
    DUPLICATE = "duplicate"
    MOVE_DUPLICATE = "move_duplicate"


@dataclass(frozen=True, slots=True)
class PushSettings:
    """What the administrator chose. ``defaults``: API name → value, filled in at creation only."""

    rules: Mapping[str, ObjectRules]
    defaults: dict[str, Value] = field(default_factory=dict)
    refuse_contact_queue: bool = False
    external_id_field: str = ""
    external_id_prefix: str = ""
    """Of this installation: another one, or a restored database, counts people from 1 as well."""
    now: datetime | None = None
    """By it the rounds of a bounce are told; without it nothing is stopped."""
    close: timedelta = flipflop.CLOSE


@dataclass(slots=True)
class PushPlan:
    """What shall be sent and stored for one person."""

    person: LinkedPerson
    step: Step
    writes: list[tuple[Purpose, Write]] = field(default_factory=list)
    to_local: dict[str, Value] = field(default_factory=dict)
    to_remote: dict[str, Value] = field(default_factory=dict)
    agreed: dict[str, Value] = field(default_factory=dict)
    conflicts: list[Conflict] = field(default_factory=list)
    stops: flipflop.Stops = flipflop.NONE
    missing: tuple[str, ...] = ()
    """Required API names without a value: nothing is sent."""


def decide_push(
    person: LinkedPerson, remote: RawRecord | None, assign: AssignTo, settings: PushSettings
) -> PushPlan:
    """One person → one plan. ``remote``: the linked record as it is at this moment; None for a person without one."""
    step = decide_step(
        object=person.object,
        is_deleted=person.is_deleted,
        has_duplicate=bool(person.duplicate_lead_id),
        assign=assign,
        refuse_contact_queue=settings.refuse_contact_queue,
    )
    plan = PushPlan(person, step)
    if step.action is Action.CREATE_LEAD:
        _create(plan, settings, Purpose.CREATE)
    elif step.action is not Action.NOT_SENT and remote is not None:
        _update(plan, remote, settings.rules[person.object], settings)
        _second_lead(plan, settings)
    return plan


def _create(plan: PushPlan, settings: PushSettings, purpose: Purpose) -> None:
    rules = settings.rules["Lead"]
    sent = {
        rule.name: plan.person.values.get(rule.name)
        for rule in rules.fields
        if rule.direction is not Direction.FROM_SALESFORCE
        and rule.createable
        and plan.person.values.get(rule.name) is not None
    }
    fields = with_defaults(rules.to_salesforce(sent, creating=True), settings.defaults)
    if purpose is Purpose.CREATE and settings.external_id_field:
        value = f"{settings.external_id_prefix}-{plan.person.person_id}"
        fields.setdefault(settings.external_id_field, value)
    plan.missing = missing(fields, rules.required)
    if plan.missing:
        return
    if plan.step.owner_id:
        fields["OwnerId"] = plan.step.owner_id
    if purpose is Purpose.CREATE:
        plan.to_remote = sent
    plan.writes.append((purpose, Write(Operation.CREATE, "Lead", fields, auto_assign=plan.step.auto_assign)))


def _update(plan: PushPlan, remote: RawRecord, rules: ObjectRules, settings: PushSettings) -> None:
    person, theirs = plan.person, rules.read(remote)
    playing, plan.stops = flipflop.in_play(person.rounds, person.values, theirs, rules.fields)
    outcome = reconcile(person.base, person.values, theirs, playing, carried=person.is_carried)
    plan.to_local, plan.agreed, plan.conflicts = outcome.to_local, outcome.agreed, outcome.conflicts
    # What Salesforce doesn't take is not what it holds: it stays out of the base.
    plan.to_remote = {n: value for n, value in outcome.to_remote.items() if rules.by_name[n].updateable}
    _stop(plan, theirs, rules, settings)
    fields: dict[str, Any] = rules.to_salesforce(plan.to_remote)
    if plan.step.action is Action.UPDATE and plan.step.owner_id not in ("", remote.get("OwnerId")):
        fields["OwnerId"] = plan.step.owner_id
    if fields:
        plan.writes.append(
            (Purpose.UPDATE, Write(Operation.UPDATE, plan.person.object, fields, id=plan.person.sfdc_id))
        )


def _stop(plan: PushPlan, theirs: Mapping[str, Value], rules: ObjectRules, settings: PushSettings) -> None:
    """What bounces isn't pushed once more; everything else is."""
    if settings.now is None or not plan.person.rounds:
        return
    stops = flipflop.to_stop(plan.person.rounds, plan.to_remote, theirs, settings.now, settings.close)
    if stops:
        plan.stops = replace(plan.stops, new=stops)
        plan.to_remote = {name: value for name, value in plan.to_remote.items() if name not in stops}
        ticks = flipflop.ticks_that_stay(stops, rules.by_name)
        plan.to_local, plan.agreed = plan.to_local | ticks, plan.agreed | ticks


def _second_lead(plan: PushPlan, settings: PushSettings) -> None:
    """A Contact was given to a queue: the queue gets a Lead of its own."""
    if plan.step.action is Action.UPDATE_AND_DUPLICATE:
        _create(plan, settings, Purpose.DUPLICATE)
    elif plan.step.action is Action.UPDATE_AND_MOVE_DUPLICATE:
        fields = {"OwnerId": plan.step.owner_id}
        write = Write(Operation.UPDATE, "Lead", fields, id=plan.person.duplicate_lead_id)
        plan.writes.append((Purpose.MOVE_DUPLICATE, write))


def choose_match(records: Mapping[str, Sequence[RawRecord]]) -> tuple[str, RawRecord] | list[str] | None:
    """A person who is not in Salesforce, and the records there with the same e-mail.

    Nothing → None (create); exactly one → (object, record) (link); several → their ids (hold, never guess).
    """
    found = [(object, raw) for object, raws in records.items() for raw in raws]
    if not found:
        return None
    return found[0] if len(found) == 1 else [raw["Id"] for _, raw in found]
