"""People whom a cycle creates in Salesforce, and those who go with an owner that somebody asked for."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from people.models import Person
from syncadmin.models import SyncFailure
from syncadmin.store import who
from syncadmin.store.conditions import people_where
from syncadmin.store.waiting import held
from syncadmin.sync.retries import Stopped

#: What the failures of pushes say of those whom nobody asked for.
BY_ITSELF = ("", "keep", "included")


def newcomers(now: datetime) -> QuerySet[Person]:
    """People who aren't in Salesforce and shall be created there by themselves."""
    rule = who.inclusion()
    if rule is None:
        return Person.objects.none()
    nowhere = Person.objects.filter(sfdc_type="", sfdc_id="", sfdc_is_deleted=False)
    return nowhere.filter(_not_held(now), who.not_excluded(now), people_where(rule, who.days(now)))


def asked_again(now: datetime, changed: Collection[int] = ()) -> list[tuple[int, str]]:
    """(person id, owner asked for) of what was asked for and refused, and may succeed by now.

    A transient refusal is tried again when its time has come; any other one when the person, the record or the settings
    have changed. ``changed``: people whose records changed, although the database doesn't say so (a rehearsal).
    """
    asked = SyncFailure.objects.filter(
        state=SyncFailure.State.OPEN, direction=SyncFailure.Direction.PUSH, person__isnull=False
    ).exclude(assign_to__in=BY_ITSELF)
    ready = _not_held(now) | Q(pk__in=_waiting_for_record(asked, changed)) if changed else _not_held(now)
    people = Person.objects.filter(ready, who.not_excluded(now), pk__in=asked.values("person_id"))
    wish = asked.filter(person=OuterRef("pk")).values("assign_to")[:1]
    return list(people.annotate(asked=Subquery(wish)).order_by("pk").values_list("pk", "asked"))


def _waiting_for_record(asked: QuerySet[SyncFailure], changed: Collection[int]) -> list[int]:
    """Those of these people who were refused for good."""
    waiting = asked.filter(retry_at=None).exclude(stopped=Stopped.CANCELLED.value)
    return sorted(set(waiting.values_list("person_id", flat=True)) & set(changed))


def _not_held(now: datetime) -> Q:
    """Who was refused for good, or is ignored, waits until something changes."""
    return ~Exists(held(now).filter(person=OuterRef("pk"), person_version=OuterRef("version")))
