"""The rows of fields that bounce: stopped, seen again, ended. Written with the batch that found them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from people.models import Activity, ActivityType
from syncadmin.models import Connection, FlipFlop
from syncadmin.sync.flipflop import ROUNDS, Stop
from syncadmin.sync.values import Value

if TYPE_CHECKING:
    from syncadmin.store.batch import Batch

_WRITTEN = ("object", "ours", "theirs", "ours_by", "theirs_by", "in_our_save", "rounds", "since", "stopped_at", "state",
            "decision", "decided_at")  # fmt: skip
#: Whose edit our value was is looked for so long before the first round.
BEFORE = timedelta(days=1)
Key = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Flip:
    """News of one stopped field. ``stop``: it is stopped now; ``ended``: both sides are equal."""

    person_id: int
    name: str
    label: str = ""
    object: str = ""
    theirs: Value = None
    stop: Stop | None = None
    ended: bool = False
    by: str = ""
    by_id: str = ""


def write_flips(batch: Batch, flips: Sequence[Flip]) -> None:
    """Bring the rows up to date, and tell on the activity log what was stopped. Four statements at most."""
    now = batch.origin.now
    stopped = FlipFlop.objects.filter(state=FlipFlop.State.STOPPED)
    known = {
        (row.person_id, row.field): row
        for row in stopped.filter(person_id__in={flip.person_id for flip in flips})
    }
    news = [flip for flip in flips if flip.stop]
    authors = _authors_here(news) if news else {}
    user_id = Connection.objects.values_list("user_id", flat=True).first() if news else ""
    changed: dict[Key, FlipFlop] = {}
    for flip in flips:
        key = (flip.person_id, flip.name)
        row = known.get(key) or changed.get(key)
        if flip.stop:
            row = row or FlipFlop(person_id=flip.person_id, field=flip.name)
            _stop(row, flip, flip.stop, authors.get(key, ""), now)
            row.in_our_save = bool(flip.by_id) and flip.by_id == user_id
            _tell(batch, row)
        elif row is None or (not flip.ended and row.theirs == flip.theirs):
            continue
        elif flip.ended:
            row.state, row.decision, row.decided_at = FlipFlop.State.ENDED, FlipFlop.Decision.EQUAL, now
        else:
            row.theirs, row.theirs_by = flip.theirs, flip.by or row.theirs_by
        changed[key] = row
    FlipFlop.objects.bulk_create([row for row in changed.values() if row.pk is None], batch_size=500)
    FlipFlop.objects.bulk_update(
        [row for row in changed.values() if row.pk is not None], _WRITTEN, batch_size=200
    )


def _stop(row: FlipFlop, flip: Flip, stop: Stop, ours_by: str, now: datetime) -> None:
    row.object, row.label = flip.object, flip.label[:120]
    row.ours, row.theirs, row.rounds = stop.ours, stop.theirs, ROUNDS
    row.ours_by, row.theirs_by = ours_by[:120], flip.by[:120]
    row.since, row.stopped_at = datetime.fromtimestamp(stop.since, UTC), now
    row.state = FlipFlop.State.STOPPED


def _tell(batch: Batch, row: FlipFlop) -> None:
    batch.log(
        row.person_id, ActivityType.FIELD_STOPPED,
        {"field": row.field, "label": row.label, "ours": row.ours, "theirs": row.theirs, "rounds": row.rounds,
         "ours_by": row.ours_by, "theirs_by": row.theirs_by, "in_our_save": row.in_our_save},
    )  # fmt: skip


def _authors_here(news: Iterable[Flip]) -> dict[Key, str]:
    """Who or what set our value last, in words, by person and field. One statement."""
    wanted = {(flip.person_id, flip.name) for flip in news}
    since = datetime.fromtimestamp(min(flip.stop.since for flip in news if flip.stop), UTC) - BEFORE
    log = Activity.objects.filter(
        person_id__in={person_id for person_id, _ in wanted}, type=ActivityType.CHANGE_DATA_VALUE,
        at__gte=since, run_id=None,
    )  # fmt: skip
    found: dict[Key, str] = {}
    rows = log.order_by("at", "pk").values_list("person_id", "attributes", "source", "actor__username")
    for person_id, attributes, source, user in rows:
        key = (person_id, str(attributes.get("field")))
        if key in wanted and not source.startswith("Salesforce"):
            found[key] = f"{source} ({user})" if user else source
    return found
