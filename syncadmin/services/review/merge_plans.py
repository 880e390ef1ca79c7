"""What merging some people would mean, here and in Salesforce: said before it is done, and decided again when it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from people.models import Person
from syncadmin.models import PendingCreate, SyncState

#: Salesforce merges a master and at most two others.
MOST = 3


class MergeError(Exception):
    """It can't be done; the message says why, and what to do."""


@dataclass(slots=True)
class MergePlan:
    """``master``: the record that remains, if any of them is in Salesforce. ``merged``: records of the same object
    that are merged into it. ``leads``: Leads that can't be, for the master is a Contact: converted into it, or kept.
    """

    winner: Person
    losers: list[Person]
    master: SyncState | None = None
    merged: list[SyncState] = field(default_factory=list)
    leads: list[SyncState] = field(default_factory=list)

    @property
    def people(self) -> list[Person]:
        return [self.winner, *self.losers]

    @property
    def asks_salesforce(self) -> bool:
        return bool(self.merged or self.leads)

    def record_of(self, person: Person) -> SyncState | None:
        """The person's record, if it is there."""
        records = [self.master, *self.merged, *self.leads]
        return next((state for state in records if state and state.person_id == person.pk), None)


def plan_merge(person_ids: Sequence[int], winner_id: int = 0) -> MergePlan:
    """Two or three people → what becomes of them. Without a winner: who is a Contact, a Lead, or was updated last."""
    found = Person.objects.select_related("owner").in_bulk(list(dict.fromkeys(person_ids)))
    people = [found[pk] for pk in dict.fromkeys(person_ids) if pk in found]
    if not 2 <= len(people) <= MOST:
        raise MergeError(_("Choose two or three people: so many can be merged at once."))
    if PendingCreate.objects.filter(person__in=people).exists():
        raise MergeError(
            _("One of them is being created in Salesforce at this moment. Try again in a minute.")
        )
    winner = found.get(winner_id) or max(people, key=_rank)
    plan = MergePlan(winner, [person for person in people if person.pk != winner.pk])
    _plan_records(plan)
    return plan


def _rank(person: Person) -> tuple[bool, bool, object]:
    there = person.is_in_salesforce
    return there and person.sfdc_type == "Contact", there, person.updated_at


def _plan_records(plan: MergePlan) -> None:
    states = SyncState.objects.filter(person__in=plan.people, is_duplicate=False, is_deleted=False)
    mine = {state.person_id: state for state in states}
    records = [mine[person.pk] for person in plan.people if person.pk in mine]  # the winner's first
    if not records:
        return
    # A Contact can't become a Lead: it remains, whoever's values stay.
    plan.master = next((state for state in records if state.object == "Contact"), records[0])
    others = [state for state in records if state is not plan.master]
    plan.merged = [state for state in others if state.object == plan.master.object]
    plan.leads = [state for state in others if state.object != plan.master.object]
