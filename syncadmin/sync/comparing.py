"""Compare both sides of a linked record, and say of each difference why it is there. Pure; writes nothing anywhere.

A difference is no error by itself: most of them are on their way in one direction or the other. What nothing
explains is: a value that was written past the sync, or a bug.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from syncadmin.sync.fields import Direction, FieldRule, ObjectRules
from syncadmin.sync.overlap import Start
from syncadmin.sync.ports import RawRecord
from syncadmin.sync.records import LinkedPerson, PullIntent, PullKind
from syncadmin.sync.values import Value, is_blank


class Cause(StrEnum):
    """Why the sides differ; the gravest first."""

    UNEXPLAINED = "unexplained"
    NEVER_SEEN = "never_seen"
    UNLINKED = "unlinked"
    GONE = "gone"
    FAILED = "failed"
    STOPPED = "stopped"
    CONFLICT = "conflict"
    NEVER_AGREED = "never_agreed"
    FORMULA = "formula"
    EXCLUDED = "excluded"
    OUTSIDE = "outside"
    DELETED_HERE = "deleted_here"
    WAITING = "waiting"
    ON_ITS_WAY = "on_its_way"
    ONE_WAY = "one_way"


_GRAVITY = {cause: place for place, cause in enumerate(Cause)}


def gravest(causes: Iterable[Cause]) -> Cause:
    """The one by which a record is listed."""
    return min(causes, key=_GRAVITY.__getitem__)


class Fate(StrEnum):
    """What became of a record that isn't among those that were read."""

    HIDDEN = "hidden"
    DELETED = "deleted"
    MERGED = "merged"
    CONVERTED = "converted"


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a pair beside its values.

    ``waits``: our change is noted and waits for its push. ``refused``, ``unstored``: an open failure of the push, of
    the pull. ``reads_next``: the next cycle reads the record.
    """

    waits: bool = False
    refused: bool = False
    unstored: bool = False
    excluded: bool = False
    outside: bool = False
    reads_next: bool = False


@dataclass(frozen=True, slots=True)
class Difference:
    """One field with its three values; what was never agreed on has a blank base."""

    rule: FieldRule
    base: Value
    ours: Value
    theirs: Value
    cause: Cause


class _Unknown:
    """No base: this field was never agreed on."""


_UNKNOWN = _Unknown()
Pair = tuple[FieldRule, Value, Value]


def differing(person: LinkedPerson, theirs: Mapping[str, Value], rules: ObjectRules) -> list[Pair]:
    """(rule, our value, their value) of the fields that aren't equal; all values in normal form."""
    ours, found = person.values, []
    for rule in rules.fields:
        one, other = ours.get(rule.name), theirs.get(rule.name)
        if one != other and not (rule.type == "boolean" and bool(one) == bool(other)):
            found.append((rule, one, other))
    return found


def explain(person: LinkedPerson, pairs: Sequence[Pair], standing: Standing) -> list[Difference]:
    """Why each of these fields differs."""
    return [
        Difference(
            rule, person.base.get(rule.name), ours, theirs, _cause(person, rule, ours, theirs, standing)
        )
        for rule, ours, theirs in pairs
    ]


def _cause(person: LinkedPerson, rule: FieldRule, ours: Value, theirs: Value, standing: Standing) -> Cause:
    if person.rounds and person.rounds.get(rule.name, {}).get("stopped"):
        return Cause.STOPPED
    known: Value | _Unknown = person.base.get(rule.name, _UNKNOWN)
    if rule.type == "boolean" and known is None:
        known = False
    if person.is_carried and is_blank(theirs) and not is_blank(ours):
        known = theirs  # as the sync decides it: ours goes there
    cause = _decide(rule, known, ours, theirs, standing)
    return Cause.NEVER_AGREED if cause is Cause.UNEXPLAINED and known is _UNKNOWN else cause


def _decide(
    rule: FieldRule, known: Value | _Unknown, ours: Value, theirs: Value, standing: Standing
) -> Cause:
    here, there = ours != known, theirs != known
    kept = rule.blank_never_overwrites
    if rule.direction is Direction.TO_SALESFORCE:
        return _why_ours_stays(rule, standing) if here and not (ours is None and kept) else Cause.ONE_WAY
    if rule.direction is Direction.FROM_SALESFORCE:
        return Cause.ONE_WAY if (theirs is None and kept) or not there else _why_theirs_stays(rule, standing)
    if here and there and known is not _UNKNOWN:
        return _why_both_stay(rule, standing)
    if known is _UNKNOWN:
        ours_first = standing.waits and not is_blank(ours)
        return _why_ours_stays(rule, standing) if ours_first else _why_theirs_stays(rule, standing)
    if here:
        return _blank_kept(standing) if ours is None and kept else _why_ours_stays(rule, standing)
    return _blank_kept(standing) if theirs is None and kept else _why_theirs_stays(rule, standing)


def _why_ours_stays(rule: FieldRule, standing: Standing) -> Cause:
    """Changed here, and not there: what keeps it from being pushed?"""
    if not rule.updateable:
        return Cause.ONE_WAY
    if standing.outside:
        return Cause.OUTSIDE
    if standing.excluded:
        return Cause.EXCLUDED
    if standing.refused:
        return Cause.FAILED
    return Cause.WAITING if standing.waits else Cause.UNEXPLAINED


def _why_theirs_stays(rule: FieldRule, standing: Standing) -> Cause:
    """Changed there, and not here: what keeps it from being read?"""
    if standing.outside:
        return Cause.OUTSIDE
    if standing.unstored:
        return Cause.FAILED
    if standing.reads_next:
        return Cause.ON_ITS_WAY
    # What nobody can write is computed; its change moves no stamp, so that no cycle sees it.
    return Cause.UNEXPLAINED if rule.updateable or rule.createable else Cause.FORMULA


def _why_both_stay(rule: FieldRule, standing: Standing) -> Cause:
    if standing.outside:
        return Cause.OUTSIDE
    if standing.refused or standing.unstored:
        return Cause.FAILED
    if standing.reads_next or (standing.waits and not standing.excluded):
        return Cause.CONFLICT
    return Cause.EXCLUDED if standing.excluded and standing.waits else Cause.UNEXPLAINED


def _blank_kept(standing: Standing) -> Cause:
    """A blank that doesn't overwrite: the value goes back to where it was blanked, when somebody looks."""
    if standing.waits:
        return Cause.WAITING
    return Cause.ON_ITS_WAY if standing.reads_next else Cause.ONE_WAY


# --- Records that one side alone has ------------------------------------------------------------------
def reads_next(start: Start, raw: RawRecord) -> bool:
    """Whether the next cycle reads this record."""
    at = (str(raw["SystemModstamp"]), str(raw["Id"]))
    return at[0] >= start.since and (start.after is None or at > start.after)


def fate_of(raw: RawRecord | None) -> Fate | None:
    """What became of a linked record that wasn't among those read; None: it is there after all."""
    if raw is None:
        return Fate.HIDDEN
    if raw.get("MasterRecordId"):
        return Fate.MERGED
    if raw.get("IsConverted"):
        return Fate.CONVERTED
    return Fate.DELETED if raw.get("IsDeleted") else None


# --- Putting right ------------------------------------------------------------------------------------
class Side(StrEnum):
    """Whose values somebody wants."""

    OURS = "ours"
    THEIRS = "theirs"


def settle(raw: RawRecord, rules: ObjectRules, person: LinkedPerson, side: Side) -> PullIntent:
    """Somebody has decided whose values these fields take, whatever they were before.

    Theirs are taken at once. For ours to be pushed theirs become the base, so that ours is an ordinary change; of
    fields that Salesforce doesn't take nothing is changed.
    """
    intent = PullIntent(PullKind.UNCHANGED, raw, person)
    for rule, _ours, theirs in differing(person, rules.read(raw), rules):
        if side is Side.THEIRS:
            intent.kind = PullKind.UPDATE
            intent.values[rule.name] = intent.agreed[rule.name] = theirs
        elif rule.updateable and rule.direction is not Direction.FROM_SALESFORCE:
            intent.agreed[rule.name] = theirs
            intent.to_push = True
    return intent
