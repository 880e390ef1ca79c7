"""The kinds of rows that are removed when they are old. A kind is one entry; whoever has rows of a kind registers it.

Never among the rows of a kind: what is open or under way, the newest cycle and the newest that succeeded.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db.models import Exists, Max, Model, OuterRef, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from people.models import Activity, ActivityType, Person
from people.stretches import FIRST, within
from syncadmin.models import (
    AlertDelivery,
    ApiRequest,
    ApiRequestPerson,
    GuardStop,
    PreviewItem,
    ReconcileFinding,
    ReconcileRun,
    ReconcileSeen,
    SyncConflict,
    SyncFailure,
    SyncPreview,
    SyncRun,
)

Rows = Callable[[], Sequence[QuerySet[Any]]]
Text = str | Promise


@dataclass(frozen=True)
class Kind:
    """Rows of one kind.

    ``rows``: those that may be removed one day, in parts. ``moment``: the column that tells how old a row is; parts are
    walked in its order. ``days``: how long they are kept unless somebody decides otherwise; None: for ever.
    ``parts_of``: rows that belong to one of these, and may be very many: (model, foreign key). They go first, a portion
    at a time. ``before``: the parts from before a moment, oldest first, where the database needs to be led to them.
    """

    name: str
    label: Text
    text: Text
    rows: Rows
    moment: str
    days: int | None
    parts_of: tuple[tuple[type[Model], str], ...] = ()
    before: Callable[[datetime], Sequence[QuerySet[Any]]] | None = None

    def older_than(self, moment: datetime) -> list[QuerySet[Any]]:
        """The rows from before this moment, oldest first."""
        if self.before is not None:
            return list(self.before(moment))
        return [
            part.filter(**{f"{self.moment}__lt": moment}).order_by(self.moment, "pk") for part in self.rows()
        ]

    def would_remove(self, days: int | None, now: datetime) -> int:
        """How many rows such a setting would remove now."""
        if days is None:
            return 0
        return sum(part.order_by().count() for part in self.older_than(now - timedelta(days=days)))


_KINDS: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Have rows of a kind removed when they are old; apps do so when they are ready."""
    _KINDS[kind.name] = kind


def kinds() -> list[Kind]:
    """All kinds, in the order in which they were registered."""
    return list(_KINDS.values())


# --- Failures and cycles ------------------------------------------------------------------------------
def _closed_failures() -> list[QuerySet[Any]]:
    return [SyncFailure.objects.exclude(state=SyncFailure.State.OPEN).filter(resolved_at__isnull=False)]


def _ended_runs() -> list[QuerySet[Any]]:
    """But for the newest, the newest good one, and those of which something is still open."""
    newest = SyncRun.objects.aggregate(any=Max("pk"), good=Max("pk", filter=Q(state=SyncRun.State.DONE)))
    runs = SyncRun.objects.filter(ended_at__isnull=False).exclude(state=SyncRun.State.RUNNING)
    runs = runs.exclude(pk__in=[pk for pk in newest.values() if pk])
    with_failures = SyncFailure.objects.filter(state=SyncFailure.State.OPEN, run__isnull=False).values("run")
    stopped = GuardStop.objects.filter(closed_at=None).values("run")
    return [runs.exclude(pk__in=with_failures).exclude(pk__in=stopped).exclude(bulk_jobs__state="open")]


# --- Activities ---------------------------------------------------------------------------------------
#: The families of activities: (name, label, what they tell, types).
FAMILIES: tuple[tuple[str, Text, Text, tuple[ActivityType, ...]], ...] = (
    (
        "activity_new", _("Activities: new people"), _("When and from where each person came."),
        (ActivityType.NEW_PERSON,),
    ),
    (
        "activity_values", _("Activities: changed values"),
        _("Old and new value, who changed it, and when. What still waits to be pushed stays."),
        (ActivityType.CHANGE_DATA_VALUE,),
    ),
    (
        "activity_syncs", _("Activities: synced to Salesforce"), _("What was sent, and with what result."),
        (ActivityType.SYNC_TO_SFDC, ActivityType.SYNC_UPDATES_TO_SFDC),
    ),
    (
        "activity_troubles", _("Activities: conflicts and refusals"),
        _("The value that lost a conflict, and what Salesforce refused. Of people who are failing it stays."),
        (
            ActivityType.CONFLICT, ActivityType.SYNC_FAILED, ActivityType.FIELD_STOPPED, ActivityType.FIELD_RELEASED,
        ),
    ),
    (
        "activity_lives", _("Activities: owners, conversions, merges, deletions"),
        _("What became of the person and of the records."),
        (
            ActivityType.CHANGE_OWNER, ActivityType.CONVERT_PERSON, ActivityType.MERGE_PEOPLE,
            ActivityType.DELETED_FROM_SFDC, ActivityType.RESTORED_IN_SFDC,
        ),
    ),
)  # fmt: skip
#: Entries that pages still need while the person is in such a state.
_NEEDED = {
    ActivityType.CHANGE_DATA_VALUE: Q(changed_at__isnull=False),
    ActivityType.SYNC_FAILED: Q(failed_at__isnull=False),
}
_BY_TYPE = ("type", "at", "id")


def _activities(types: tuple[ActivityType, ...]) -> list[QuerySet[Any]]:
    return [_not_needed(Activity.objects.filter(type=type), type) for type in types]


def _old_activities(types: tuple[ActivityType, ...], moment: datetime) -> list[QuerySet[Any]]:
    """A part for each type: a stretch of the index by type, whose order no other index has."""
    stretches = [
        within(Activity, _BY_TYPE, (type.value, FIRST, 0), (type.value, moment, 0)) for type in types
    ]
    parts = [Activity.objects.filter(stretch).order_by(*_BY_TYPE) for stretch in stretches]
    return [_not_needed(part, type) for part, type in zip(parts, types, strict=True)]


def _not_needed(part: QuerySet[Any], type: ActivityType) -> QuerySet[Any]:
    if type not in _NEEDED:
        return part
    return part.exclude(Exists(Person.objects.filter(_NEEDED[type], pk=OuterRef("person_id"))))


# --- Looking ahead, looking back -------------------------------------------------------------------------
def _ended_previews() -> list[QuerySet[Any]]:
    return [SyncPreview.objects.filter(ended_at__isnull=False)]


def _ended_checks() -> list[QuerySet[Any]]:
    """But for the newest, and those whose findings are being repaired."""
    newest = ReconcileRun.objects.aggregate(pk=Max("pk"))["pk"]
    checks = ReconcileRun.objects.filter(ended_at__isnull=False).exclude(pk=newest)
    states = ReconcileFinding.State
    return [checks.exclude(findings__state__in=[states.QUEUED, states.WORKING])]


def _delivered() -> list[QuerySet[Any]]:
    over = [AlertDelivery.State.SENT, AlertDelivery.State.FAILED]
    return [AlertDelivery.objects.filter(state__in=over)]


def _register_own() -> None:
    """What the sync itself leaves behind; first, as whoever registers others has imported this."""
    register(Kind(
        "failures", _("Failures that are over"),
        _("Resolved; counted from that moment. Open and ignored ones still hold people back, and are always kept."),
        _closed_failures, "resolved_at", 365,
    ))  # fmt: skip
    register(Kind(
        "runs", _("Sync cycles and their steps"),
        _("The newest one, the newest that succeeded, and those with open failures are always kept."),
        _ended_runs, "started_at", 180,
    ))  # fmt: skip
    for name, label, text, types in FAMILIES:
        before = partial(_old_activities, types)
        register(Kind(name, label, text, partial(_activities, types), "at", None, before=before))
    register(Kind(
        "previews", _("Previews"), _("At most ten are kept in any case."), _ended_previews, "ended_at", 30,
        ((PreviewItem, "preview"),),
    ))  # fmt: skip
    register(Kind(
        "checks", _("Full checks and their findings"),
        _("The newest one is always kept, and at most ten in any case."), _ended_checks, "ended_at", 180,
        ((ReconcileFinding, "run"), (ReconcileSeen, "run")),
    ))  # fmt: skip
    register(Kind(
        "conflicts", _("Conflicts on their page"),
        _("Both values, who won, and what was decided since. The person’s activity log has its own entry."),
        lambda: [SyncConflict.objects.all()], "at", None,
    ))  # fmt: skip
    register(Kind(
        "alert_deliveries", _("Delivered alerts"),
        _("What was sent to whom by e-mail or webhook. What is still to be sent is always kept."),
        _delivered, "created_at", 90,
    ))  # fmt: skip
    register(Kind(
        "requests", _("Requests to Salesforce"),
        _("What was asked and answered, with people’s data in it. The numbers on the page API use stay."),
        lambda: [ApiRequest.objects.all()], "at", 7, ((ApiRequestPerson, "request"),),
    ))  # fmt: skip


_register_own()
