"""What *Sync Person to SFDC* will do, said before it is done: for how many, and as what."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from people.models import LeadOwner, Person, SfdcType
from syncadmin import services as sync

_THERE = ~Q(sfdc_id="") & Q(sfdc_is_deleted=False)


@dataclass(frozen=True, slots=True)
class Effect:
    """How many people are what in Salesforce, and what the choice of an owner means for them."""

    new: int
    deleted: int
    leads: int
    contacts: int
    assign_to: str = "rules"
    owner: str = ""
    """The owner's name; blank: the assignment rules."""
    matches_email: bool = True
    """Who is new is linked to the one Lead or Contact with the same e-mail, if there is one."""
    refuses_queue: bool = False
    """Contacts are not given to queues, not even as a duplicate Lead."""

    @property
    def total(self) -> int:
        return self.new + self.deleted + self.leads + self.contacts

    @property
    def created(self) -> int:
        return self.new + self.deleted

    @property
    def to_queue(self) -> bool:
        return self.assign_to.startswith("queue:")

    @property
    def contacts_to_queue(self) -> int:
        """Contacts for whom a queue can't be the owner: to be confirmed before anything is done."""
        return self.contacts if self.to_queue else 0


def effect_of(people: QuerySet[Person], assign_to: str = "rules") -> Effect:
    """Count the people, in one query."""
    counts = people.order_by().aggregate(
        new=Count("pk", filter=Q(sfdc_id="", sfdc_is_deleted=False)),
        deleted=Count("pk", filter=Q(sfdc_is_deleted=True)),
        leads=Count("pk", filter=_THERE & Q(sfdc_type=SfdcType.LEAD)),
        contacts=Count("pk", filter=_THERE & Q(sfdc_type=SfdcType.CONTACT)),
    )
    connection = sync.ready_connection()
    return Effect(
        **counts,
        assign_to=assign_to,
        owner=owner_name(assign_to),
        matches_email=connection.matching == "email",
        refuses_queue=connection.contact_queue == "refuse",
    )


def owner_name(assign_to: str) -> str:
    """The name of the user or queue in ``user:ID`` or ``queue:ID``; blank for the assignment rules."""
    return owner_names([assign_to])[assign_to]


def owner_names(assign_tos: Iterable[str]) -> dict[str, str]:
    """The same for several, in one query; an owner that isn't known has its id for a name."""
    ids = {assign_to: assign_to.partition(":")[2] for assign_to in assign_tos}
    wanted = {sfdc_id for sfdc_id in ids.values() if sfdc_id}
    known = dict(LeadOwner.objects.filter(pk__in=wanted).values_list("pk", "name")) if wanted else {}
    return {assign_to: known.get(sfdc_id, sfdc_id) for assign_to, sfdc_id in ids.items()}
