"""*Merge people*: in Salesforce first, if they are both there, then here. Nothing is done twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils.translation import gettext as _

from people import sfdc
from people.models import Person
from people.services import edit_person
from people.values import Stored
from syncadmin.models import SyncState
from syncadmin.services.failure_words import in_words
from syncadmin.services.people import NotConnectedError
from syncadmin.services.review.held import Desk, HeldError, open_desk
from syncadmin.services.review.merge_plans import MergeError, MergePlan, plan_merge
from syncadmin.store.batch import Origin
from syncadmin.store.merging import join_people
from syncadmin.sync.ports import RawRecord, WriteResult

SOURCE = "Merge page"
CONVERT, KEEP = "convert", "keep"


def merge_chosen(
    person_ids: Sequence[int],
    winner_id: int,
    values: Mapping[str, Stored],
    *,
    leads: str = "",
    actor: AbstractBaseUser | None = None,
    now: datetime,
) -> Person:
    """Merge people; the winner, as it is then. MergeError, in words, if Salesforce refuses: nothing is done here then.

    ``values``: what somebody chose for the fields in which they differ. ``leads``: ``convert`` or ``keep``, for Leads
    that meet a Contact. May be called again after it broke off anywhere.
    """
    plan = plan_merge(person_ids, winner_id)
    if plan.leads and leads not in (CONVERT, KEEP):
        raise MergeError(_("Choose what is to become of the Lead: a Lead and a Contact can’t be merged."))
    actor_id = actor.pk if actor else None
    gone: set[str] = set()
    if plan.merged or (plan.leads and leads == CONVERT):
        try:
            with open_desk(now, actor_id, SOURCE) as desk:
                gone = _merge_there(desk, plan, leads)
        except (HeldError, NotConnectedError) as error:
            raise MergeError(str(error)) from error
    _merge_here(plan, values, leads, gone, actor, Origin(now, SOURCE, actor_id=actor_id))
    return Person.objects.get(pk=plan.winner.pk)


# --- There --------------------------------------------------------------------------------------------
def _merge_there(desk: Desk, plan: MergePlan, leads: str) -> set[str]:
    """Merge the records, convert the Leads; the ids of those that were gone before, and just end."""
    assert plan.master is not None  # noqa: S101 - there are others
    master = plan.master.sfdc_id
    raws = _look(desk, plan)
    _check_master(raws.get(master))
    gone = {state.sfdc_id for state in [*plan.merged, *plan.leads] if _is_gone(raws.get(state.sfdc_id))}
    if waiting := [state.sfdc_id for state in plan.merged if state.sfdc_id not in gone]:
        result = desk.org.merge(plan.master.object, master, waiting)
        _insist(desk, plan, result, waiting)
    for state in plan.leads if leads == CONVERT else []:
        if state.sfdc_id not in gone:
            result = desk.org.convert_lead(
                state.sfdc_id,
                master,
                account=raws[master].get("AccountId") or "",
                owner=raws[master]["OwnerId"],
            )
            _insist(desk, plan, result, [state.sfdc_id])
    return gone


def _look(desk: Desk, plan: MergePlan) -> dict[str, RawRecord]:
    """The records as they are at this moment. What the sync user can't see may be anything: nothing is done then."""
    found: dict[str, RawRecord] = {}
    by_object: dict[str, list[str]] = {}
    for state in [plan.master, *plan.merged, *plan.leads]:
        if state is not None:
            by_object.setdefault(state.object, []).append(state.sfdc_id)
    for object, ids in by_object.items():
        names = ["AccountId"] if object == "Contact" else []
        found |= desk.org.fetch(object, ids, names)
        if hidden := [sfdc_id for sfdc_id in ids if sfdc_id not in found]:
            raise MergeError(
                _("The sync user can’t see %s in Salesforce, so nothing was merged.") % ", ".join(hidden)
            )
    return found


def _is_gone(raw: RawRecord | None) -> bool:
    """Deleted, merged already (an earlier try, whose answer was lost), or converted."""
    return raw is None or bool(raw.get("IsDeleted") or raw.get("IsConverted"))


def _check_master(raw: RawRecord | None) -> None:
    if _is_gone(raw):
        raise MergeError(
            _(
                "The record that was to remain was deleted, merged or converted in Salesforce in the meantime. "
                "Nothing was merged; sync, and look again."
            )
        )


def _insist(desk: Desk, plan: MergePlan, result: WriteResult, ids: Sequence[str]) -> None:
    """It was done, or MergeError. If the answer was lost, look before anybody does it again."""
    if result.lost:
        raws = _look(desk, plan)
        if all(_is_gone(raws.get(sfdc_id)) for sfdc_id in ids):
            return
        raise MergeError(
            _("The connection to Salesforce broke, and nothing was merged there. Try again in a moment.")
        )
    if result.errors:
        error = result.errors[0]
        words = in_words(error.code, error.message, error.fields)
        raise MergeError(f"{words.title}: {error.message} {words.advice}")


# --- Here ---------------------------------------------------------------------------------------------
def _merge_here(
    plan: MergePlan, values: Mapping[str, Stored], leads: str, gone: set[str], actor: AbstractBaseUser | None,
    origin: Origin,
) -> None:  # fmt: skip
    with transaction.atomic():
        here = set(
            Person.objects.select_for_update()
            .filter(pk__in=[p.pk for p in plan.people])
            .values_list("pk", flat=True)
        )
        if plan.winner.pk not in here:
            raise MergeError(
                _("The person that was to stay is gone: somebody deleted or merged it meanwhile.")
            )
        _close_records(plan, leads, gone, origin)
        for loser in plan.losers:
            if loser.pk in here:  # a cycle that ran meanwhile may have merged it
                join_people(
                    plan.winner.pk, loser.pk, {}, source=SOURCE, origin=origin, values=values, actor=actor
                )
        edit_person(plan.winner.pk, values, actor=actor, source=SOURCE, now=origin.now)
        _put_in_place(plan, origin)


def _close_records(plan: MergePlan, leads: str, gone: set[str], origin: Origin) -> None:
    """Of each record but the master: it is gone, or the person's second one."""
    successor = plan.master.sfdc_id if plan.master else ""
    closed = [state.sfdc_id for state in plan.merged]
    closed += [state.sfdc_id for state in plan.leads if leads == CONVERT or state.sfdc_id in gone]
    SyncState.objects.filter(pk__in=closed).update(is_deleted=True, successor=successor, synced_at=origin.now)
    kept = [state.sfdc_id for state in plan.leads if state.sfdc_id not in closed]
    SyncState.objects.filter(pk__in=kept).update(is_duplicate=True, synced_at=origin.now)


def _put_in_place(plan: MergePlan, origin: Origin) -> None:
    """The winner is the record that remains, whosever that was."""
    if plan.master is None:
        return
    owner = next((p.owner_id for p in plan.people if p.pk == plan.master.person_id), None)
    sfdc.set_sfdc_facts(
        plan.winner.pk, sfdc_type=plan.master.object, sfdc_id=plan.master.sfdc_id, sfdc_is_deleted=False,
        owner_id=owner, now=origin.now,
    )  # fmt: skip
    sfdc.mark_waiting([plan.winner.pk], origin.now)
