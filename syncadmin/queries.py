"""Questions about the sync, answered in SQL: what its pages show."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from people.models import LeadOwner, Person
from syncadmin.models import Connection, ObjectField, SObject, SyncFailure, SyncRun, SyncStep

#: What a step counts, in the order of the columns.
COUNTS = ("new", "updated", "deleted", "failed", "skipped", "conflicts")
SECRETS = ("client_secret", "password", "security_token", "access_token")


def connection() -> Connection | None:
    """The connection without its secrets: pages don't show them, and so need no key to decrypt them."""
    return Connection.objects.defer(*SECRETS).first()


# --- Cycles ---------------------------------------------------------------------------------------
def runs() -> QuerySet[SyncRun]:
    """Cycles, newest first, each with the sums of its steps as ``sum_new``, ``sum_updated`` …"""
    return SyncRun.objects.annotate(**{f"sum_{name}": _sum_of_steps(name) for name in COUNTS}).order_by("-pk")


def _sum_of_steps(name: str) -> Coalesce:
    """A subquery, so that a page of cycles adds up its own steps and not those of all cycles ever."""
    steps = SyncStep.objects.filter(run=OuterRef("pk")).order_by().values("run")
    return Coalesce(Subquery(steps.annotate(sum=Sum(name)).values("sum")), 0)


def last_run() -> SyncRun | None:
    """The newest cycle, under way or ended."""
    return SyncRun.objects.order_by("-pk").first()


def last_ended_id() -> int:
    """The id of the newest cycle that has ended; 0 if there is none."""
    ended = SyncRun.objects.exclude(state=SyncRun.State.RUNNING).order_by("-pk")
    return ended.values_list("pk", flat=True).first() or 0


def step_under_way(run: SyncRun) -> SyncStep | None:
    """What a running cycle is doing."""
    return run.steps.filter(state=SyncStep.State.RUNNING).order_by("-pk").first()


def started_between(
    queryset: QuerySet[SyncRun], since: datetime | None, until: datetime | None
) -> QuerySet[SyncRun]:
    """Cycles that started in a span of time; None leaves an end open."""
    queryset = queryset.filter(started_at__gte=since) if since else queryset
    return queryset.filter(started_at__lte=until) if until else queryset


# --- Failures -------------------------------------------------------------------------------------
def open_failures_by_code(limit: int) -> list[dict[str, Any]]:
    """The codes that most open failures have: {"code", "direction", "number"}."""
    rows = SyncFailure.objects.filter(state=SyncFailure.State.OPEN).order_by().values("code", "direction")
    return list(rows.annotate(number=Count("pk")).order_by("-number", "code", "direction")[:limit])


def open_failures() -> int:
    """How many failures are open."""
    return SyncFailure.objects.filter(state=SyncFailure.State.OPEN).count()


def failures_of(run: SyncRun) -> QuerySet[SyncFailure]:
    """What failed in a cycle, with the person."""
    return run.failures.select_related("person", "stopped_by").order_by("-last_at", "-pk")


# --- Owners and fields ----------------------------------------------------------------------------
def owners(text: str = "") -> QuerySet[LeadOwner]:
    """Users and queues with the number of people they own; those whose name or e-mail has the text."""
    owned = Person.objects.filter(owner=OuterRef("pk")).order_by().values("owner").annotate(n=Count("*"))
    found = LeadOwner.objects.annotate(owned=Coalesce(Subquery(owned.values("n")), 0))
    found = found.order_by("kind", "-is_active", "name", "pk")
    return found.filter(Q(name__icontains=text) | Q(email__icontains=text)) if text else found


def owners_refreshed_at() -> datetime | None:
    """When the users and queues were last read."""
    newest = LeadOwner.objects.exclude(refreshed_at=None).order_by("-refreshed_at")
    return newest.values_list("refreshed_at", flat=True).first()


def active_owner_ids(ids: Iterable[str]) -> set[str]:
    """Those of these owners that exist and may own records."""
    return set(LeadOwner.objects.filter(pk__in=list(ids), is_active=True).values_list("pk", flat=True))


def external_id_fields() -> list[tuple[str, str]]:
    """Fields of Lead that Salesforce guarantees to be unique: (API name, label)."""
    fields = ObjectField.objects.filter(
        object=SObject.LEAD, is_external_id=True, is_present=True, type="string"
    )
    return list(fields.order_by("label").values_list("name", "label"))


def fields_refreshed_at() -> datetime | None:
    """When the fields of Lead and Contact were last read."""
    return ObjectField.objects.order_by("-refreshed_at").values_list("refreshed_at", flat=True).first()
