"""What pushes would do, as findings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import partial

from django.db.models import Q

from syncadmin.models import Connection, SyncFailure
from syncadmin.store import newcomers, pushes, waiting
from syncadmin.store import who as rules_of_whom
from syncadmin.store.batch import Origin
from syncadmin.store.memory import Memory
from syncadmin.store.passing import in_passing
from syncadmin.store.pushed import Pushed
from syncadmin.store.rehearsed_departures import who_is
from syncadmin.sync.assignment import INCLUDED, AssignTo
from syncadmin.sync.fields import ObjectRules
from syncadmin.sync.findings import Findings, Item, Who
from syncadmin.sync.predicates import holds
from syncadmin.sync.pushes import Purpose
from syncadmin.sync.retries import Stopped


def note_push(item: Pushed, rules: Mapping[str, ObjectRules], findings: Findings) -> None:
    """One person's plan: what would change there, and here; or why nothing can."""
    plan, person = item.plan, item.plan.person
    who = Who(person.person_id if person.person_id > 0 else None, _name(item), person.object, person.sfdc_id)
    if item.failure is not None:
        findings.note(Item("fail", who, reason=item.failure.code, new=item.failure.message))
        return
    if item.linked:
        findings.note(Item("link", who, reason="same e-mail"))
    if any(purpose is Purpose.CREATE for purpose, _ in plan.writes):
        findings.note(Item("create", who))
        return
    if not person.object:
        return
    object_rules = rules[person.object]
    theirs = object_rules.read(item.remote) if item.remote is not None else {}
    lost = {conflict.name: conflict for conflict in plan.conflicts}
    for name, value in plan.to_local.items():
        label, old = object_rules.by_name[name].label, person.values.get(name)
        findings.change_here(who, name, label, old, value, lost.pop(name, None), "Salesforce")
    for name, conflict in lost.items():
        findings.conflict(who, object_rules.by_name[name].label, conflict)
    for name, value in plan.to_remote.items() if plan.writes else ():
        findings.change_there(who, name, object_rules.by_name[name].label, theirs.get(name), value)


def _name(item: Pushed) -> str:
    values = item.plan.person.values
    name = f"{values.get('first_name') or ''} {values.get('last_name') or ''}".strip()
    return name or str(values.get("email") or "")


def recall_created(
    memory: Memory,
    connection: Connection,
    rules: Mapping[str, ObjectRules],
    found: Mapping[int, Pushed],
    origin: Origin,
    findings: Findings,
) -> None:
    """Leads that were created although the answer was lost: linked by the cycle's own code, and undone."""
    items = list(found.values())
    ids = [sfdc_id for item in items for sfdc_id in (item.created, item.duplicate) if sfdc_id]
    in_passing(memory, ids, found, origin, partial(pushes.remember, connection, rules, items, origin))
    memory.relinked |= found.keys()
    for person_id in found:
        findings.note(Item("link", who_is(memory.rows[person_id]), reason="lost answer"))


# --- Who would be pushed --------------------------------------------------------------------------
def waiting_people(memory: Memory, now: datetime, among: int | None = None) -> list[int]:
    """Who would be pushed once the pull is done, in order (``store.waiting.pending``, by then).

    ``among``: the one person that is asked about; everybody without it.
    """
    pending = waiting.pending(now).filter(pk=among) if among else waiting.pending(now)
    there = set(pending.values_list("pk", flat=True)) - memory.rows.keys() - memory.gone
    changed = {
        pk: row.columns["version"]
        for pk, row in memory.rows.items()
        if (not among or pk == among)
        and row.columns["changed_at"] is not None
        and row.columns["sfdc_id"]
        and not row.columns["sfdc_is_deleted"]
        and not memory.is_outside(pk)
    }
    asking = waiting.asking_for_owner().filter(person_id__in=changed).values_list("person_id", flat=True)
    mine = changed.keys() - _held(memory, changed, now) - (set(asking) - memory.relinked)
    return sorted(there | (mine - _excluded(memory, mine, now)))


def people_to_create(
    memory: Memory, now: datetime, among: int | None = None
) -> list[tuple[AssignTo, list[int]]]:
    """Who would be created: by the owner that was asked for, then by the inclusion rule. ``among``: as above."""
    groups: dict[str, list[int]] = {}
    for person_id, assign_to in newcomers.asked_again(now, memory.changed_records):
        if among in (None, person_id) and person_id not in memory.gone | memory.relinked:
            groups.setdefault(assign_to, []).append(person_id)
    found = [(AssignTo.parse(assign_to), ids) for assign_to, ids in groups.items()]
    coming = newcomers.newcomers(now).filter(pk=among) if among else newcomers.newcomers(now)
    ids = coming.order_by("pk").values_list("pk", flat=True)
    included = [person_id for person_id in ids if _is_nowhere(memory, person_id)]
    return [*found, (INCLUDED, included)] if included else found


def _is_nowhere(memory: Memory, person_id: int) -> bool:
    """The pull brought the person no record."""
    row = memory.rows.get(person_id)
    linked = row is not None and row.columns["sfdc_id"] and not row.columns["sfdc_is_deleted"]
    return not linked and person_id not in memory.gone


def _held(memory: Memory, versions: Mapping[int, int], now: datetime) -> set[int]:
    """Who was refused, and waits until something changes."""
    held = waiting.held(now).filter(person_id__in=versions, state=SyncFailure.State.OPEN)
    ignored = waiting.held(now).filter(person_id__in=versions, state=SyncFailure.State.IGNORED)
    going_on = Q(retry_at=None) & ~Q(stopped=Stopped.CANCELLED.value)
    freed = set(held.filter(going_on).values_list("person_id", flat=True)) & memory.changed_records
    rows = [
        *held.values_list("person_id", "person_version"),
        *ignored.values_list("person_id", "person_version"),
    ]
    return {pk for pk, version in rows if version == versions[pk]} - freed - memory.relinked


def _excluded(memory: Memory, ids: Iterable[int], now: datetime) -> set[int]:
    rule, today = rules_of_whom.exclusion(), rules_of_whom.days(now)
    if rule is None:
        return set()
    return {pk for pk in ids if holds(rule, memory.rows[pk].values(), today)}
