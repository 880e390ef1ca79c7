"""Who may sync: the rules that administrators made, compiled for the engine."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime

import orjson
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from people.models import PersonField
from syncadmin.models import ObjectField, SyncRule, SyncState
from syncadmin.store.conditions import people_where
from syncadmin.sync.conditions import Rule, condition
from syncadmin.sync.fields import TYPE_OF_SALESFORCE
from syncadmin.sync.filters import RecordFilter

INCLUSION, EXCLUSION = SyncRule.Kind.INCLUSION, SyncRule.Kind.EXCLUSION


class BrokenRuleError(Exception):
    """The rule asks about a field that is gone, or whose type has changed; the message says which."""


def days(now: datetime) -> datetime:
    """``now`` in the zone in which days begin for everybody: that of the installation."""
    return timezone.localtime(now, timezone.get_default_timezone())


def compiled(kept: SyncRule, types: Mapping[str, str]) -> Rule:
    """A stored rule; BrokenRuleError if it makes no sense with these fields ({name: type})."""
    found = []
    for each in kept.conditions:
        name = each["field"]
        if name not in types:
            raise BrokenRuleError(f"there is no field {name} any more")
        try:
            found.append(condition(name, types[name], each["operator"], each["values"]))
        except ValueError as error:
            raise BrokenRuleError(f"the field {name} is now of the type {types[name]}: {error}") from error
    return Rule(tuple(found), any=kept.match_any)


def person_types() -> dict[str, str]:
    """The fields of people, and their types."""
    return dict(PersonField.objects.values_list("name", "type"))


def object_types(object: str) -> dict[str, str]:
    """The fields of a Salesforce object that the sync user may see, and our names for their types."""
    fields = ObjectField.objects.filter(object=object, is_present=True, type__in=TYPE_OF_SALESFORCE)
    return {name: TYPE_OF_SALESFORCE[type] for name, type in fields.values_list("name", "type")}


def inclusion() -> Rule | None:
    """Who is pushed without being asked for; None: nobody. Nobody as well if the rule can't be read."""
    try:
        return _of_people(INCLUSION)
    except BrokenRuleError:
        return None


def exclusion() -> Rule | None:
    """Who is never pushed; None: nobody is excluded. If the rule can't be read everybody is: that can be put right."""
    try:
        return _of_people(EXCLUSION)
    except BrokenRuleError:
        return Rule()


def _of_people(kind: str) -> Rule | None:
    kept = SyncRule.objects.filter(kind=kind, is_on=True).first()
    return compiled(kept, person_types()) if kept else None


def record_filters(now: datetime) -> dict[str, RecordFilter]:
    """The record filters that are on, by object."""
    kinds = [SyncRule.Kind.LEAD, SyncRule.Kind.CONTACT]
    return {
        kept.kind: record_filter(kept, now) for kept in SyncRule.objects.filter(kind__in=kinds, is_on=True)
    }


def record_filter(kept: SyncRule, now: datetime) -> RecordFilter:
    """One record filter; with a problem, in words, if it can't be applied."""
    content = orjson.dumps([kept.conditions, kept.match_any])
    key = hashlib.sha256(content).hexdigest()[:40]
    try:
        return RecordFilter(compiled(kept, object_types(kept.kind)), days(now), key)
    except BrokenRuleError as error:
        message = f"The record filter for {kept.kind}s can't be applied: {error}. An administrator has to change it."
        return RecordFilter(Rule(), days(now), key, message)


# --- Whom that leaves -----------------------------------------------------------------------------------


def not_excluded(now: datetime) -> Q:
    """Whom no exclusion rule keeps from being pushed."""
    rule = exclusion()
    if rule is None:
        return Q()
    return ~people_where(rule, days(now)) if rule.conditions else Q(pk__in=[])


def not_outside() -> Q:
    """Whose record the record filter lets sync."""
    return ~Exists(
        SyncState.objects.filter(
            person=OuterRef("pk"), outside_since__isnull=False, is_deleted=False, is_duplicate=False
        )
    )
