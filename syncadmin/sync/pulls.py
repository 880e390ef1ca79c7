"""Decide what one record that was read from Salesforce means for us. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from syncadmin.sync.fields import ObjectRules
from syncadmin.sync.flipflop import in_play
from syncadmin.sync.matching import Candidate, Verdict, match
from syncadmin.sync.ports import RawRecord
from syncadmin.sync.reconcile import reconcile
from syncadmin.sync.records import LinkedPerson, PullIntent, PullKind


def decide_pull(
    raw: RawRecord,
    rules: ObjectRules,
    linked: LinkedPerson | None,
    namesakes: Sequence[LinkedPerson] = (),
) -> PullIntent:
    """One record that is there (neither deleted nor converted) → one intent.

    ``linked``: the person who has this record. ``namesakes``: people with the record's e-mail, given for a record
    that nobody has; a namesake without ``sfdc_id`` is free to be linked.
    """
    if linked is not None and linked.is_duplicate_lead:
        return PullIntent(PullKind.IGNORE, raw, linked)
    if linked is not None and linked.is_former:
        return _is_back(raw, rules, linked, namesakes)
    if rules.keeps_back(raw):
        return _outside(raw, linked)
    intent = _unknown_record(raw, rules, namesakes) if linked is None else _known_record(raw, rules, linked)
    intent.is_outside = rules.is_outside(raw)
    return intent


def _is_back(
    raw: RawRecord, rules: ObjectRules, former: LinkedPerson, namesakes: Sequence[LinkedPerson]
) -> PullIntent:
    """Undeleted, after its person went on as another record: whose it is now is nobody's guess."""
    if rules.keeps_back(raw):
        return PullIntent(PullKind.IGNORE, raw)
    candidates = dict.fromkeys([former.person_id, *(person.person_id for person in namesakes)])
    return PullIntent(PullKind.HOLD, raw, candidates=tuple(candidates))


def _outside(raw: RawRecord, linked: LinkedPerson | None) -> PullIntent:
    """Nobody's record stays nobody's; of a linked one only what became of the record itself is told."""
    if linked is None:
        return PullIntent(PullKind.IGNORE, raw)
    kind = PullKind.UPDATE if linked.is_deleted else PullKind.OUTSIDE
    return PullIntent(kind, raw, linked, is_restored=linked.is_deleted, is_outside=True)


def _unknown_record(raw: RawRecord, rules: ObjectRules, namesakes: Sequence[LinkedPerson]) -> PullIntent:
    found = match([Candidate(person.person_id, bool(person.sfdc_id)) for person in namesakes])
    if found.verdict is Verdict.HOLD:
        return PullIntent(PullKind.HOLD, raw, candidates=tuple(p.person_id for p in namesakes))
    if found.verdict is Verdict.CREATE:
        values = rules.read(raw)
        return PullIntent(PullKind.NEW, raw, values=values, agreed=values)
    intent = _known_record(raw, rules, namesakes[0])
    intent.kind = PullKind.LINK
    intent.is_restored = False  # it is another record than the one that was deleted
    return intent


def _known_record(raw: RawRecord, rules: ObjectRules, linked: LinkedPerson) -> PullIntent:
    theirs = rules.read(raw)
    fields, stops = in_play(linked.rounds, linked.values, theirs, rules.fields)
    outcome = reconcile(linked.base, linked.values, theirs, fields, carried=linked.is_carried)
    intent = PullIntent(
        PullKind.UPDATE,
        raw,
        linked,
        values=outcome.to_local,
        agreed=outcome.agreed,
        conflicts=outcome.conflicts,
        to_push=bool(outcome.to_remote),
        is_restored=linked.is_deleted,
        stops=stops,
    )
    owner_moved = bool(raw.get("OwnerId")) and raw.get("OwnerId") != linked.owner_id
    if not (intent.values or intent.conflicts or intent.is_restored or owner_moved):
        intent.kind = PullKind.UNCHANGED
    return intent
