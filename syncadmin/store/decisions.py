"""Note what was decided about people without changing anything: at most one set-based statement for a page.

A first pull notes nothing, for a new person's log says so; nor does a record that is read again as it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from people import bulk
from syncadmin.models import Decision, SyncState
from syncadmin.store.batch import Origin
from syncadmin.store.known import Known
from syncadmin.store.rows import PersonRow, to_db, to_json
from syncadmin.sync.fields import ObjectRules
from syncadmin.sync.ports import RawRecord
from syncadmin.sync.records import LinkedPerson, PullIntent, PullKind

Kind = Decision.Kind
_KEY = ("person_id", "kind", "sfdc_id", "since")
_COLUMNS = (
    *_KEY, "object", "first_at", "at", "times", "by", "actor_id", "run_id", "stamp", "details",
)  # fmt: skip
#: People to whom it is told that a record with their e-mail is held; more have no use for it.
TOLD = 20
_WITH_ENTRIES = frozenset({PullKind.NEW, PullKind.UPDATE, PullKind.LINK})


@dataclass(frozen=True, slots=True)
class Note:
    """One decision about one person. ``stamp``: the same one again, with the same ``since``, is not noted twice."""

    person_id: int
    kind: Kind
    since: datetime
    object: str = ""
    sfdc_id: str = ""
    by: str = ""
    stamp: str = ""
    details: dict[str, Any] = field(default_factory=dict)


def write_notes(notes: Iterable[Note], origin: Origin) -> None:
    """Write them in the caller's transaction."""
    rows = {}
    for note in notes:
        key = (note.person_id, note.kind.value, note.sfdc_id, to_db(note.since))
        rows[key] = (
            *key, note.object, origin.now_db, origin.now_db, 1, note.by[:120], origin.actor_id, origin.run_id,
            note.stamp, to_json(note.details),
        )  # fmt: skip
    bulk.note_rows(
        Decision, _COLUMNS, [rows[key] for key in sorted(rows)], key=_KEY, adds="times", unless_same="stamp"
    )


# --- While records are read -------------------------------------------------------------------------------
def note_page(
    intents: Sequence[PullIntent], known: Known, rules: ObjectRules, origin: Origin, sync_user: str
) -> None:
    """What becomes of records of a page that change nobody; to be called before the page is written."""
    notes = []
    for intent in intents:
        if intent.kind is PullKind.HOLD:
            notes += _held(intent, known, rules, origin)
        elif intent.kind not in _WITH_ENTRIES and (note := _passed(intent, known, rules, origin, sync_user)):
            notes.append(note)
    if notes:
        write_notes(notes, origin)


def _held(intent: PullIntent, known: Known, rules: ObjectRules, origin: Origin) -> list[Note]:
    raw = intent.raw
    people = [known.rows[pk] for pk in intent.candidates[:TOLD] if isinstance(pk, int) and pk in known.rows]
    version = datetime.fromisoformat(raw["SystemModstamp"])
    return [_note(row, Kind.HELD, raw, rules, origin, version) for row in people]


def _passed(
    intent: PullIntent, known: Known, rules: ObjectRules, origin: Origin, sync_user: str
) -> Note | None:
    raw = intent.raw
    state = known.states.get(raw["Id"])
    if state is None or state.person_id not in known.rows:
        return None
    is_news = state.system_modstamp != raw["SystemModstamp"] or intent.kind is PullKind.OUTSIDE
    kind = _kind_of(intent, state, sync_user) if is_news else None
    if kind is None:
        return None
    row = known.rows[state.person_id]
    # Outside the filter the link keeps its old stamp, so that all of it is one row, from the day the record left.
    since = (state.outside_since or origin.now) if kind is Kind.OUTSIDE else last_event(row, origin.now)
    return _note(row, kind, raw, rules, origin, since)


def _kind_of(intent: PullIntent, state: SyncState, sync_user: str) -> Kind | None:
    if intent.kind is PullKind.OUTSIDE:
        return Kind.OUTSIDE
    if state.is_duplicate:
        return Kind.SECOND
    if state.is_deleted:
        return None  # a former record: whose it is now is told where it is held
    if intent.kind is PullKind.IGNORE:
        return Kind.STALE
    return Kind.ECHO if sync_user and intent.raw.get("LastModifiedById") == sync_user else Kind.UNCHANGED


def _note(
    row: PersonRow, kind: Kind, raw: RawRecord, rules: ObjectRules, origin: Origin, since: datetime
) -> Note:
    by = origin.salesforce_source(raw.get("LastModifiedById"))
    return Note(row.id, kind, since, rules.object, raw["Id"], by, str(raw["SystemModstamp"]))


def last_event(row: PersonRow, now: datetime) -> datetime:
    """When something last happened to the person, here or by the sync."""
    moments = (_moment(row.columns["updated_at"]), _moment(row.columns["synced_at"]))
    return max((moment for moment in moments if moment), default=now)


def _moment(column: Any) -> datetime | None:
    """A column that another record of this page may have set already, as the driver takes it."""
    if isinstance(column, str):
        return datetime.fromisoformat(column).replace(tzinfo=UTC)
    return column if isinstance(column, datetime) else None


# --- While people are pushed -------------------------------------------------------------------------------
def nothing_to_push(person: LinkedPerson, origin: Origin) -> Note:
    """A cycle, or somebody, looked at the person: Salesforce has all of it that is to go there."""
    return Note(
        person.person_id,
        Kind.NOTHING,
        origin.now,
        person.object,
        person.sfdc_id,
        origin.source,
        origin.now_db,
    )


# --- When people become one ----------------------------------------------------------------------------------
def follow_merge(sender: Any, *, winner_id: int, loser_id: int, **_: Any) -> None:
    """Receiver of ``people.signals.people_merging``: what was decided about the loser goes along."""
    taken = set(Decision.objects.filter(person=winner_id).values_list("kind", "sfdc_id", "since"))
    rows = Decision.objects.filter(person=loser_id).values_list("pk", "kind", "sfdc_id", "since")
    free = [pk for pk, *key in rows if tuple(key) not in taken]
    Decision.objects.filter(pk__in=free).update(person=winner_id)
