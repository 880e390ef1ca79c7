"""The records a person has, or had, in Salesforce besides the one it is."""

from __future__ import annotations

from collections.abc import Mapping

from django import template

from people.models import Person
from syncadmin.models import SyncState

register = template.Library()


@register.simple_tag
def other_records(person: Person) -> dict[str, list[SyncState]]:
    """``{% other_records person as records %}``: duplicate Leads that are alive, and former records."""
    states = SyncState.objects.filter(person=person).exclude(pk=person.sfdc_id).order_by("-synced_at", "pk")
    kept = list(states)
    return {
        "duplicates": [state for state in kept if state.is_duplicate and not state.is_deleted],
        "former": [state for state in kept if state.is_deleted],
    }


@register.filter
def at(mapping: Mapping[str, str] | None, key: str) -> str:
    """``{{ labels|at:name }}``; the key itself if there is nothing."""
    return (mapping or {}).get(key, key)
