"""What the sync tells about people: facts of Salesforce that no marketer edits."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import F

from people.models import FieldType, Person, PersonField

_FACTS = frozenset({"sfdc_type", "sfdc_id", "sfdc_is_deleted", "owner_id", "synced_at"})


def set_sfdc_facts(person_id: int, *, now: datetime, **facts: Any) -> None:
    """Set the SFDC fields of one person. TypeError for anything that is not one of them."""
    if unknown := facts.keys() - _FACTS:
        raise TypeError(f"not a fact of Salesforce: {', '.join(sorted(unknown))}")
    Person.objects.filter(pk=person_id).update(**facts, updated_at=now)


def mark_waiting(person_ids: Iterable[int], now: datetime) -> None:
    """These people are compared with their records, and pushed if they differ; who waits keeps the earlier time."""
    Person.objects.filter(pk__in=list(person_ids), changed_at__isnull=True).update(changed_at=now)


def mark_decided(person_ids: Iterable[int], now: datetime) -> None:
    """Somebody decided something about these people that changes no value: a push under way knows nothing of it."""
    Person.objects.filter(pk__in=list(person_ids)).update(changed_at=now, version=F("version") + 1)


def mark_failing(person_ids: Iterable[int], now: datetime) -> None:
    """Salesforce, or a rule of ours, refused these people; who fails already keeps the earlier time."""
    Person.objects.filter(pk__in=list(person_ids), failed_at__isnull=True).update(failed_at=now)


def mark_working(person_ids: Iterable[int]) -> None:
    """These people fail no more."""
    Person.objects.filter(pk__in=list(person_ids), failed_at__isnull=False).update(failed_at=None)


def set_read_only(field_ids: Iterable[int], *, read_only: bool) -> None:
    """Fields that Salesforce alone writes are shown on people's pages, and not edited there."""
    PersonField.objects.filter(pk__in=list(field_ids)).exclude(is_read_only=read_only).update(
        is_read_only=read_only
    )


def set_choices(field_id: int, choices: list[str]) -> None:
    """The values of a picklist, as Salesforce has them."""
    PersonField.objects.filter(pk=field_id).update(choices=choices)


def set_label(field_id: int, label: str) -> None:
    """What a custom field is called in Salesforce by now; its name here stays."""
    PersonField.objects.filter(pk=field_id, is_custom=True).update(label=label[:120])


def set_type(field_id: int, type: str, length: int | None = None) -> None:
    """The type, and the length, that a custom field has in Salesforce by now. Values are not touched."""
    PersonField.objects.filter(pk=field_id, is_custom=True).update(type=FieldType(type), length=length)
