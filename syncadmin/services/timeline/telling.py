"""Entries of a page, told: with the names of fields, what became of a refusal, and what can be done about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from people.models import Activity, ActivityType, Person, PersonField
from syncadmin.models import Decision, FieldSync, SyncConflict, SyncFailure, SyncRun
from syncadmin.services.failures import ExplainedFailure, explained
from syncadmin.services.review.conflicts import Conflict
from syncadmin.services.timeline.entries import Row, place_of
from syncadmin.services.timeline.words import GROUPS, Names, Told, tell_activity, tell_decision

_Direction = FieldSync.Direction


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry as the page shows it. ``failure``: of a refusal, what it has become; ``conflict``: to take the other
    value of; ``run_id``: of a cycle that is still kept."""

    row: Row
    told: Told
    type: str = ""
    failure: ExplainedFailure | None = None
    conflict: Conflict | None = None
    run_id: int | None = None

    @property
    def key(self) -> str:
        return place_of(self.row).key

    @property
    def group(self) -> str:
        return str(GROUPS[self.told.group])

    @property
    def source(self) -> str:
        return self.row.source if isinstance(self.row, Activity) else self.row.by

    @property
    def first_at(self) -> datetime | None:
        """Since when it was decided so again and again."""
        return self.row.first_at if isinstance(self.row, Decision) and self.row.times > 1 else None

    @property
    def times(self) -> int:
        return self.row.times if isinstance(self.row, Decision) else 1

    @property
    def records(self) -> list[str]:
        """Ids of the records that it is about."""
        if isinstance(self.row, Decision):
            return [self.row.sfdc_id] if self.row.sfdc_id else []
        found = (self.row.attributes.get(name) for name in ("sfdc_id", "from", "to"))
        return list(dict.fromkeys(str(sfdc_id) for sfdc_id in found if sfdc_id))


class Teller:
    """What is needed to tell the entries of one person; the fields are read once."""

    def __init__(self, person: Person, now: datetime) -> None:
        self.person, self.now = person, now
        self.fields = {field.name: field for field in PersonField.objects.all()}
        labels = {name: field.label for name, field in self.fields.items()}
        self.names = Names(labels, self._unpushed() if person.sfdc_id else {})

    def _unpushed(self) -> dict[str, str]:
        """Fields that aren't sent, as they are set now."""
        syncs = dict(FieldSync.objects.values_list("field__name", "direction"))
        words = {
            _Direction.OFF: _("It is not pushed: the field’s direction is Off."),
            _Direction.FROM_SALESFORCE: _(
                "It is not pushed: the field comes from Salesforce alone, and the next sync sets it back."
            ),
        }
        found = {name: words[_Direction(way)] for name, way in syncs.items() if _Direction(way) in words}
        unmatched = _("It is not pushed: the field isn’t matched with one of Salesforce.")
        return found | {name: unmatched for name in self.fields if name not in syncs}

    def tell(self, rows: Sequence[Row]) -> list[Entry]:
        """Entries in words, in four statements at most."""
        refused = [row for row in rows if isinstance(row, Activity) and row.type == ActivityType.SYNC_FAILED]
        held = [row for row in rows if isinstance(row, Decision) and row.kind == Decision.Kind.HELD]
        failures = self._failures(refused) | self._held(held)
        self.conflicts = self._conflicts(rows)
        runs = {row.run_id for row in rows if row.run_id}
        kept = set(SyncRun.objects.filter(pk__in=runs).values_list("pk", flat=True)) if runs else set()
        return [self._entry(row, failures.get(place_of(row).key), kept) for row in rows]

    def _entry(self, row: Row, failure: ExplainedFailure | None, runs: set[int]) -> Entry:
        run_id = row.run_id if row.run_id in runs else None
        if isinstance(row, Decision):
            told = tell_decision(row.kind, row.object, row.by, str(row.details.get("reason", "")))
            return Entry(row, told, failure=failure, run_id=run_id)
        told = tell_activity(row.type, row.attributes, row.source, self.names)
        field = self.fields.get(told.field)
        found = self.conflicts.get(row.pk)
        conflict = Conflict(found, field) if found else None
        return Entry(row, told, field.type if field else "", failure, conflict, run_id)

    def _conflicts(self, rows: Sequence[Row]) -> dict[int, SyncConflict]:
        """Of those of the page; a conflict has the id of its entry."""
        ids = [row.pk for row in rows if isinstance(row, Activity) and row.type == ActivityType.CONFLICT]
        found = SyncConflict.objects.in_bulk(ids) if ids else {}
        for conflict in found.values():
            conflict.person = self.person
        return found

    def _failures(self, refused: Sequence[Activity]) -> dict[str, ExplainedFailure]:
        """What the refusals of this page have become; a failure that was told again belongs to the newest."""
        if not refused:
            return {}
        moments = {row.at: place_of(row).key for row in refused}
        mine = SyncFailure.objects.filter(person=self.person, last_at__in=moments, direction="push")
        return {
            moments[one.failure.last_at]: one for one in explained(mine.select_related("person"), self.now)
        }

    def _held(self, held: Sequence[Decision]) -> dict[str, ExplainedFailure]:
        if not held:
            return {}
        ids = {row.sfdc_id: place_of(row).key for row in reversed(held)}
        mine = SyncFailure.objects.filter(sfdc_id__in=ids, direction="pull").order_by("pk")
        return {ids[one.failure.sfdc_id]: one for one in explained(mine, self.now)}
