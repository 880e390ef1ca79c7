"""People who aren't in Salesforce, and whom a cycle creates there."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from people.models import Person
from syncadmin.models import SyncFailure
from syncadmin.store import who
from syncadmin.store.conditions import people_where
from syncadmin.store.waiting import held

#: What the failures of pushes say of those whom nobody asked for.
BY_ITSELF = ("", "keep", "included")


def newcomers(now: datetime) -> QuerySet[Person]:
    """People who aren't in Salesforce and shall be created there by themselves."""
    rule = who.inclusion()
    if rule is None:
        return Person.objects.none()
    nowhere = Person.objects.filter(sfdc_type="", sfdc_id="", sfdc_is_deleted=False)
    return nowhere.filter(_not_held(now), who.not_excluded(now), people_where(rule, who.days(now)))


def asked_again(now: datetime) -> list[tuple[int, str]]:
    """(person id, owner asked for) of creates that were asked for and refused, and that may succeed by now.

    A transient refusal is tried again when its time has come; any other one when the person was edited.
    """
    refused = SyncFailure.objects.filter(
        state=SyncFailure.State.OPEN, direction=SyncFailure.Direction.PUSH, person__isnull=False
    ).exclude(assign_to__in=BY_ITSELF)
    nowhere = Q(sfdc_id="") | Q(sfdc_is_deleted=True)
    ready = Person.objects.filter(
        nowhere, _not_held(now), who.not_excluded(now), pk__in=refused.values("person_id")
    )
    asked = refused.filter(person=OuterRef("pk")).values("assign_to")[:1]
    return list(ready.annotate(asked=Subquery(asked)).order_by("pk").values_list("pk", "asked"))


def _not_held(now: datetime) -> Q:
    """Who was refused for good, or is ignored, waits until somebody edits it."""
    return ~Exists(held(now).filter(person=OuterRef("pk"), person_version=OuterRef("version")))
