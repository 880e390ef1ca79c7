"""Fields that conflict often, with what to do about them, in words."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from syncadmin.models import FieldSync, SyncConflict, Winner
from syncadmin.models.choices import OPTED_OUT
from syncadmin.sync.contested import DAYS, Advice, Contested, advise
from syncadmin.sync.reconcile import Reason

WORDS: dict[Advice, Promise] = {
    Advice.WINNER_TO_SALESFORCE: gettext_lazy(
        "Often somebody took Salesforce’s value afterwards: let Salesforce win, and nobody has to."
    ),
    Advice.WINNER_TO_OURS: gettext_lazy(
        "Often somebody took our value back afterwards: let ours win, and nobody has to."
    ),
    Advice.LET_SALESFORCE: gettext_lazy(
        "People or programs at Salesforce keep changing it, and are overwritten: let Salesforce win, or have it come "
        "From Salesforce alone."
    ),
    Advice.LET_OURS: gettext_lazy(
        "People or programs here keep changing it in vain: let ours win, or have it come From Salesforce alone, so "
        "that nobody edits it here."
    ),
    Advice.ONE_HOME: gettext_lazy(
        "Now this side wins, now that one. Agree where it is edited, and have it sync in that direction alone."
    ),
}


@dataclass(frozen=True, slots=True)
class ContestedField:
    """A card of the conflicts page. ``sync_id``: the field's line on the field sync page."""

    name: str
    label: str
    sync_id: int
    counts: Contested
    advice: Advice

    @property
    def words(self) -> str:
        return str(WORDS[self.advice])

    @property
    def ours_percent(self) -> int:
        return round(100 * self.counts.our_share)

    @property
    def theirs_percent(self) -> int:
        return 100 - self.ours_percent


def contested_fields(now: datetime) -> list[ContestedField]:
    """Those of the last days, the worst first. Two statements; one if there was no conflict."""
    counted = _counted(now - timedelta(days=DAYS))
    if not counted:
        return []
    syncs = FieldSync.objects.filter(field__name__in=counted).select_related("field")
    found = [_card(sync, counted[sync.field.name]) for sync in syncs]
    return sorted(filter(None, found), key=lambda card: (-card.counts.conflicts, card.label))


Counts = dict[tuple[str, bool], int]


def _counted(since: datetime) -> dict[str, Counts]:
    """{field: {(winner, whether the other value was taken): conflicts}}; what differed when it was linked is none."""
    recent = SyncConflict.objects.filter(at__gte=since).exclude(reason=Reason.FIRST_LINK.value).order_by()
    found: dict[str, Counts] = defaultdict(lambda: defaultdict(int))
    for field, winner, state, number in recent.values_list("field", "winner", "state").annotate(Count("pk")):
        found[field][winner, state == SyncConflict.State.TAKEN] += number
    return found


def _card(sync: FieldSync, counts: Counts) -> ContestedField | None:
    ours, theirs = Winner.OURS.value, Winner.SALESFORCE.value
    contested = Contested(
        conflicts=sum(counts.values()),
        won_by_us=counts[ours, True] + counts[ours, False],
        taken_from_us=counts[ours, True],
        taken_from_them=counts[theirs, True],
        both_ways=sync.direction == FieldSync.Direction.BOTH,
        opted_out=sync.field.type == "boolean" and sync.winner in ("", OPTED_OUT),
    )
    advice = advise(contested)
    if advice is None:
        return None
    return ContestedField(sync.field.name, sync.field.label, sync.pk, contested, advice)
