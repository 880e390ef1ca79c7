"""Users and queues that may own Leads: refreshed in each cycle, offered as administrators choose."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from people.models import LeadOwner
from syncadmin.sync.ports import Owner

_REFRESHED = ["kind", "name", "email", "title", "is_active", "refreshed_at"]


def refresh_owners(owners: Iterable[Owner], now: datetime) -> int:
    """Store the org's users and queues; one that is gone is marked inactive, for people may still be owned by it."""
    rows = [
        LeadOwner(
            sfdc_id=owner.id, kind=owner.kind, name=owner.name[:255], email=(owner.email or "")[:255],
            title=(owner.title or "")[:255], is_active=owner.is_active, refreshed_at=now,
        )
        for owner in owners
    ]  # fmt: skip
    with transaction.atomic():
        LeadOwner.objects.bulk_create(
            rows, batch_size=500, update_conflicts=True, unique_fields=["sfdc_id"], update_fields=_REFRESHED
        )
        LeadOwner.objects.exclude(pk__in=[row.pk for row in rows]).update(is_active=False, refreshed_at=now)
        LeadOwner.objects.filter(is_active=False, is_default=True).update(is_default=False)
    return len(rows)


def offered_owners() -> dict[str, list[LeadOwner]]:
    """Who may be chosen for a Lead: {"user": […], "queue": […]}; inactive ones never."""
    offered: dict[str, list[LeadOwner]] = {"user": [], "queue": []}
    for owner in LeadOwner.objects.filter(is_active=True, is_offered=True).order_by("name"):
        offered[owner.kind].append(owner)
    return offered


def save_offered(offered_ids: Iterable[str], default_id: str) -> None:
    """Store which owners marketers may choose, and the default (blank: the assignment rules)."""
    offered = set(offered_ids)
    with transaction.atomic():
        LeadOwner.objects.filter(is_default=True).update(is_default=False)
        LeadOwner.objects.filter(is_active=True).exclude(pk__in=offered).update(is_offered=False)
        LeadOwner.objects.filter(is_active=True, pk__in=offered).update(is_offered=True)
        LeadOwner.objects.filter(pk=default_id, is_active=True, is_offered=True).update(is_default=True)


def owner_names() -> dict[str, str]:
    """Names of users and queues by SFDC Id, for the activity log."""
    return dict(LeadOwner.objects.values_list("sfdc_id", "name"))
