"""Compare a page of records with what is here: a constant number of statements, and nothing is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q

from people import bulk
from people.models import Person
from syncadmin.models import Connection, PullCursor, SyncFailure, SyncState, Tombstone
from syncadmin.store import who
from syncadmin.store.known import Known, creates_in_flight, known_of, people_concerned
from syncadmin.store.rows import PersonRow, load_rows
from syncadmin.sync.comparing import (
    Cause,
    Difference,
    Fate,
    Pair,
    Standing,
    differing,
    explain,
    fate_of,
    gravest,
    reads_next,
)
from syncadmin.sync.fields import ObjectRules
from syncadmin.sync.overlap import Start, resume
from syncadmin.sync.ports import RawRecord
from syncadmin.sync.predicates import holds

DIFFERS, MISSING_HERE, MISSING_THERE = "differs", "missing_here", "missing_there"


@dataclass(frozen=True, slots=True)
class Found:
    """One record that isn't the same on both sides. ``kind``: see ReconcileFinding."""

    kind: str
    cause: Cause
    sfdc_id: str
    person_id: int | None = None
    name: str = ""
    detail: str = ""
    differences: tuple[Difference, ...] = ()


@dataclass(slots=True)
class Compared:
    """What a page came to. ``counts``: in the names of ReconcileRun.counts; ``seen``: linked records that are there."""

    counts: Counter[str] = field(default_factory=Counter)
    found: list[Found] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)

    def add(self, other: Compared) -> None:
        """Join another page of the same portion."""
        self.counts.update(other.counts)
        self.found += other.found
        self.seen += other.seen

    def note(self, found: Found) -> None:
        self.found.append(found)
        self.counts["differing" if found.kind == DIFFERS else found.kind] += 1


@dataclass(frozen=True, slots=True)
class Desk:
    """What every page of an object is compared by. ``read_at``: when its reading began, by our clock.

    ``start``: where the next cycle begins to read the object.
    """

    connection: Connection
    rules: ObjectRules
    start: Start
    read_at: datetime


def desk(connection: Connection, rules: ObjectRules, read_at: datetime) -> Desk:
    """What the pages read since then are compared by."""
    cursor = PullCursor.objects.filter(object=rules.object).first()
    if cursor is None:
        return Desk(connection, rules, Start(""), read_at)
    position = (cursor.position_stamp, cursor.position_id) if cursor.position_stamp else None
    return Desk(connection, rules, resume(cursor.polled_at, cursor.began_at, position), read_at)


def compare_page(at: Desk, raws: Sequence[RawRecord]) -> Compared:
    """Records that are there, with the people who have them, and those whom nobody has."""
    ids = [raw["Id"] for raw in raws]
    rows = load_rows(people_concerned(ids, ()), lock=False)
    states = {state.pk: state for state in SyncState.objects.filter(person_id__in=rows)} if rows else {}
    known = known_of(ids, (), rows, states)
    compared = Compared()
    compared.counts["there"] = len(raws)
    unequal: list[tuple[RawRecord, list[Pair]]] = []
    alone: list[RawRecord] = []
    for raw in raws:
        person = known.linked.get(raw["Id"])
        if person is None or person.is_deleted:
            alone.append(raw)
            continue
        compared.seen.append(raw["Id"])
        if person.is_duplicate_lead:
            compared.counts["duplicates"] += 1
            continue
        compared.counts["linked"] += 1
        # Synced a moment ago, while the page was on its way: the two have just agreed on newer values.
        newer = states[raw["Id"]].synced_at > at.read_at
        pairs = [] if newer else differing(person, at.rules.read(raw), at.rules)
        if pairs:
            unequal.append((raw, pairs))
        else:
            compared.counts["equal"] += 1
    _explain_unequal(at, unequal, known, compared)
    _explain_alone(at, alone, known, compared)
    return compared


# --- Linked, and not equal ----------------------------------------------------------------------------
def _explain_unequal(
    at: Desk, unequal: Sequence[tuple[RawRecord, list[Pair]]], known: Known, compared: Compared
) -> None:
    if not unequal:
        return
    failures = open_failures([raw["Id"] for raw, _ in unequal], known.rows)
    rule, today = who.exclusion(), who.days(at.read_at)
    for raw, pairs in unequal:
        person = known.linked[raw["Id"]]
        row = known.rows[person.person_id]
        standing = Standing(
            waits=row.columns["changed_at"] is not None,
            refused=person.person_id in failures,
            unstored=raw["Id"] in failures,
            excluded=rule is not None and holds(rule, person.values, today),
            outside=at.rules.is_outside(raw),
            reads_next=reads_next(at.start, raw),
        )
        differences = tuple(explain(person, pairs, standing))
        cause = gravest(each.cause for each in differences)
        detail = ""
        if cause is Cause.FAILED:
            detail = failures.get(person.person_id) or failures.get(raw["Id"], "")
        compared.note(Found(DIFFERS, cause, raw["Id"], person.person_id, _name(row), detail, differences))


def open_failures(sfdc_ids: Sequence[str], people: Iterable[int]) -> dict[int | str, str]:
    """The codes of open failures: of pulls by SFDC Id, of pushes by person."""
    wanted = Q(direction="pull", sfdc_id__in=sfdc_ids) | Q(direction="push", person__in=list(people))
    rows = SyncFailure.objects.filter(wanted, state=SyncFailure.State.OPEN)
    found: dict[int | str, str] = {}
    for direction, person_id, sfdc_id, code in rows.values_list("direction", "person_id", "sfdc_id", "code"):
        found[sfdc_id if direction == "pull" else person_id] = code
    return found


def _name(row: PersonRow) -> str:
    columns = row.columns
    return f"{columns['first_name']} {columns['last_name']}".strip() or columns["email"] or f"#{row.id}"


# --- There, and nobody's --------------------------------------------------------------------------------
def _explain_alone(at: Desk, raws: Sequence[RawRecord], known: Known, compared: Compared) -> None:
    if not raws:
        return
    ids = [raw["Id"] for raw in raws]
    failures = open_failures(ids, ())
    stones = set(Tombstone.objects.filter(pk__in=ids).values_list("pk", flat=True))
    coming = creates_in_flight(at.connection, raws, known)
    found = []
    for raw in raws:
        cause = _why_alone(at, raw, raw["Id"] in failures, raw["Id"] in stones, raw["Id"] in coming)
        found.append((raw, cause))
    lost = _links_lost([raw["Id"] for raw, cause in found if cause is Cause.NEVER_SEEN])
    for raw, cause in found:
        former = known.linked.get(raw["Id"])
        person_id = lost.get(raw["Id"]) or (former.person_id if former else None)
        cause = Cause.UNLINKED if raw["Id"] in lost else cause
        detail = failures.get(raw["Id"], "") if cause is Cause.FAILED else ""
        compared.note(Found(MISSING_HERE, cause, raw["Id"], person_id, name_of(raw), detail))


def _why_alone(at: Desk, raw: RawRecord, unstored: bool, buried: bool, coming: bool) -> Cause:
    if unstored:
        return Cause.FAILED
    if at.rules.is_outside(raw):
        return Cause.OUTSIDE
    if buried:
        return Cause.DELETED_HERE
    return Cause.ON_ITS_WAY if coming or reads_next(at.start, raw) else Cause.NEVER_SEEN


def _links_lost(sfdc_ids: Sequence[str]) -> dict[str, int]:
    """People who say that they are these records, although nothing links them any more."""
    # Their column has no index: it is looked through only if there is a record that nothing else explains.
    rows: list[tuple[Any, ...]] = bulk.select_in(Person, ["sfdc_id", "id"], "sfdc_id", sfdc_ids)
    linked = set(
        SyncState.objects.filter(
            person__in=[row[1] for row in rows], is_deleted=False, is_duplicate=False
        ).values_list("person_id", flat=True)
    )
    return {sfdc_id: person_id for sfdc_id, person_id in rows if person_id not in linked}


def name_of(raw: RawRecord) -> str:
    """What to call a record that nobody here has."""
    name = f"{raw.get('FirstName') or ''} {raw.get('LastName') or ''}".strip()
    return (name or str(raw.get("Email") or raw["Id"]))[:200]


# --- Here, and not there --------------------------------------------------------------------------------
def compare_missing(
    at: Desk, states: Sequence[SyncState], raws: dict[str, RawRecord], purged: Collection[str]
) -> Compared:
    """Linked records that weren't read, with their people; ``raws``: what looking them up by id has found.

    ``purged``: those that were deleted for good, which no cycle is told of.
    """
    compared = Compared()
    for state in states:
        raw = raws.get(state.pk)
        fate = Fate.DELETED if state.pk in purged else fate_of(raw)
        if fate is None:
            continue  # it came, or was linked, while the check went on
        follows = raw is not None and reads_next(at.start, raw)
        cause = Cause.ON_ITS_WAY if follows else Cause.GONE
        compared.note(Found(MISSING_THERE, cause, state.pk, state.person_id, str(state.person), Fate(fate)))
    return compared
