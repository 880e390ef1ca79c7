"""Sync people at once: what the button, a selection, a flow step and the command line call."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.utils import timezone

from people.models import LeadOwner, Person, SfdcType
from syncadmin.models import Connection, Purpose, SyncFailure
from syncadmin.services.api.meter import Meter
from syncadmin.services.org import close_org, open_org
from syncadmin.services.outcomes import SyncOutcome
from syncadmin.services.owners import owner_names
from syncadmin.services.push import Push
from syncadmin.services.refusals import refusal
from syncadmin.services.who.exclusion import CODE
from syncadmin.store.batch import Origin
from syncadmin.store.linked import load_people
from syncadmin.store.pushed import Pushed
from syncadmin.store.pushes import remember
from syncadmin.store.rules import load_rules
from syncadmin.sync.allowance import Lane
from syncadmin.sync.assignment import Action, AssignTo, Step
from syncadmin.sync.ports import RecordError, SyncError
from syncadmin.sync.pushes import PushPlan

#: People per round: one look-up, one write and one read-back each.
BATCH = 1_000


class NotConnectedError(Exception):
    """There is no connection that has worked yet; the message says where to make one."""

    def __init__(self) -> None:
        super().__init__(
            "There is no connection to Salesforce yet. An administrator makes it on the Connection page."
        )


def sync_people(
    person_ids: Sequence[int],
    assign_to: str,
    *,
    now: datetime,
    source: str,
    actor_id: int | None = None,
    look_up: bool = True,
    step_run_id: int | None = None,
) -> list[SyncOutcome]:
    """*Sync Person to SFDC* for these people, now; works while the background sync is paused.

    ``assign_to``: ``rules``, ``user:SFDCID`` or ``queue:SFDCID`` (ValueError for anything else, and for an owner
    that marketers may not choose). Never raises for what Salesforce says: that is in the outcomes. NotConnectedError
    without a connection. ``look_up`` False: somebody says that they are none of the records with the same e-mail.
    ``step_run_id``: the run of the flow step that asks for it, by which its failures are found.
    """
    connection = ready_connection()
    assign = AssignTo.parse(assign_to)
    check_owner(assign)
    origin = Origin(now, source, actor_id=actor_id, step_run_id=step_run_id, owners=owner_names())
    org = open_org(connection, Purpose.CLICK)
    meter = Meter(connection, Lane.ASKED, timezone.now)
    push = Push(org, connection, load_rules(connection), origin, assign, look_up=look_up)
    outcomes: list[SyncOutcome] = []
    for start in range(0, len(person_ids), BATCH):
        outcomes += _sync_batch(push, meter, person_ids[start : start + BATCH], origin)
    close_org(connection, org)
    return outcomes


def ready_connection() -> Connection:
    """The connection, if it is ready; NotConnectedError otherwise."""
    connection = Connection.objects.first()
    if connection is None or not connection.is_ready:
        raise NotConnectedError
    return connection


def check_owner(assign: AssignTo) -> None:
    """ValueError, in words, for an owner that may not be chosen."""
    if not assign.owner_id:
        return
    owner = LeadOwner.objects.filter(pk=assign.owner_id, kind=assign.kind.value).first()
    if owner is None:
        raise ValueError(f"Salesforce has no {assign.kind} {assign.owner_id} that the sync knows of.")
    if not owner.is_active:
        raise ValueError(_why_not(owner))
    if not owner.is_offered:
        raise ValueError(f"{owner.name} is not offered as a lead owner (see the Lead owners page).")


def _why_not(owner: LeadOwner) -> str:
    """What became of an owner, and what to do."""
    if owner.kind == LeadOwner.Kind.QUEUE:
        return (
            f"The queue {owner.name} isn't in Salesforce any more, or is no queue for Leads. Choose another owner, or "
            "ask your Salesforce administrator."
        )
    return (
        f"{owner.name} is inactive in Salesforce and can't own records. Choose another owner, or ask your Salesforce "
        "administrator to activate the user."
    )


def contacts_among(person_ids: Iterable[int]) -> int:
    """How many of these people are Contacts, for whom a queue means a duplicate Lead."""
    people = Person.objects.filter(pk__in=list(person_ids), sfdc_type=SfdcType.CONTACT, sfdc_is_deleted=False)
    return people.count()


def _sync_batch(push: Push, meter: Meter, person_ids: Sequence[int], origin: Origin) -> list[SyncOutcome]:
    try:
        meter.check(push.org)
        items = push.run(person_ids)
    except SyncError as error:
        items = _refused(push, person_ids, error)
    outcomes = {item.plan.person.person_id: _outcome(item, push.assign, origin) for item in items}
    return [outcomes.get(person_id, _gone(person_id, push.assign)) for person_id in person_ids]


def _outcome(item: Pushed, assign: AssignTo, origin: Origin) -> SyncOutcome:
    person = item.plan.person
    outcome = SyncOutcome(
        person.person_id, action=_action(item), object=person.object, sfdc_id=person.sfdc_id, asked=str(assign),
        duplicate_id=item.duplicate, fields=tuple(item.pushed),
    )  # fmt: skip
    if item.created:
        outcome.object, outcome.sfdc_id = "Lead", item.created
    outcome.owner_id = (item.after or {}).get("OwnerId") or person.owner_id
    outcome.owner = origin.owner_name(outcome.owner_id)
    if item.excluded:
        outcome.status, outcome.code, outcome.message = "skipped", CODE, item.excluded
    elif item.failure is not None:
        outcome.status = "skipped" if item.busy else "failed"
        _explain(outcome, item.failure)
    elif outcome.action in ("unchanged", "not_sent"):
        outcome.status = "skipped" if outcome.action == "not_sent" else "done"
    return outcome


def _action(item: Pushed) -> str:
    if item.created:
        return "created"
    if item.duplicate:
        return "duplicate_created"
    if item.busy or item.excluded:
        return "not_sent"
    if item.failure is not None:
        return "failed"
    if item.plan.step.action is Action.UPDATE_AND_MOVE_DUPLICATE:
        return "duplicate_moved"
    if not item.plan.person.sfdc_id:
        return "not_sent"
    if item.linked:
        return "linked"
    return "updated" if item.pushed or item.moved_owner else "unchanged"


def _explain(outcome: SyncOutcome, failure: SyncFailure) -> None:
    outcome.code, outcome.message, outcome.advice = failure.code, failure.message, failure.advice
    outcome.refused = {name: failure.values.get(name) for name in failure.fields}


def _refused(push: Push, person_ids: Sequence[int], error: SyncError) -> list[Pushed]:
    """The whole request failed: everybody in it fails, on the activity log too."""
    record_error = RecordError(error.code, error.message, transient=not error.permanent)
    items = []
    for person in load_people(person_ids).values():
        object = person.object or "Lead"
        item = Pushed(PushPlan(person, Step(Action.NOT_SENT)))
        item.failure = refusal(person, object, [record_error], push.rules[object], str(push.assign))
        items.append(item)
    remember(push.connection, push.rules, items, push.origin)
    return items


def _gone(person_id: int, assign: AssignTo) -> SyncOutcome:
    return SyncOutcome(
        person_id, "failed", "failed", asked=str(assign), code="PERSON_GONE",
        message="This person doesn't exist any more.",
    )  # fmt: skip
