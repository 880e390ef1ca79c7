"""Why two sides differ: a decision table."""

from __future__ import annotations

from typing import Any

import pytest

from syncadmin.sync.comparing import (
    Cause,
    Fate,
    Side,
    Standing,
    differing,
    explain,
    fate_of,
    gravest,
    reads_next,
    settle,
)
from syncadmin.sync.fields import Direction, FieldRule, ObjectRules
from syncadmin.sync.overlap import Start
from syncadmin.sync.reconcile import reconcile
from syncadmin.sync.records import LinkedPerson

BOTH, FROM, TO = Direction.BOTH, Direction.FROM_SALESFORCE, Direction.TO_SALESFORCE
A, B, C = "a", "b", "c"


def rule(**options: Any) -> FieldRule:
    return FieldRule(**{"name": "city", "api_name": "City", "label": "City", **options})


def cause(base: dict[str, Any], ours: Any, theirs: Any, standing: Standing, **options: Any) -> Cause | None:
    """The cause of a difference in the one field; None if there is none."""
    rules = ObjectRules("Lead", (rule(**options),))
    person = LinkedPerson(1, 1, {"city": ours}, base=base)
    found = explain(person, differing(person, {"city": theirs}, rules), standing)
    return found[0].cause if found else None


KNOWN = {"city": A}
TABLE: list[tuple[str, dict[str, Any], Any, Any, dict[str, bool], dict[str, Any], Cause | None]] = [
    ("equal", KNOWN, B, B, {}, {}, None),
    ("ours waits", KNOWN, B, A, {"waits": True}, {}, Cause.WAITING),
    ("ours was refused", KNOWN, B, A, {"waits": True, "refused": True}, {}, Cause.FAILED),
    ("ours is excluded", KNOWN, B, A, {"waits": True, "excluded": True, "refused": True}, {}, Cause.EXCLUDED),
    ("ours is outside the filter", KNOWN, B, A, {"waits": True, "outside": True}, {}, Cause.OUTSIDE),
    ("ours was written past the sync", KNOWN, B, A, {}, {}, Cause.UNEXPLAINED),
    ("theirs is read next", KNOWN, A, B, {"reads_next": True}, {}, Cause.ON_ITS_WAY),
    ("theirs couldn't be stored", KNOWN, A, B, {"unstored": True, "reads_next": True}, {}, Cause.FAILED),
    ("theirs is outside the filter", KNOWN, A, B, {"outside": True}, {}, Cause.OUTSIDE),
    ("theirs was missed", KNOWN, A, B, {}, {}, Cause.UNEXPLAINED),
    ("theirs is computed", KNOWN, A, B, {}, {"direction": FROM, "updateable": False, "createable": False},
     Cause.FORMULA),
    ("both, and the pull decides", KNOWN, B, C, {"reads_next": True}, {}, Cause.CONFLICT),
    ("both, and the push decides", KNOWN, B, C, {"waits": True}, {}, Cause.CONFLICT),
    ("both, and refused", KNOWN, B, C, {"waits": True, "refused": True}, {}, Cause.FAILED),
    ("both, and excluded", KNOWN, B, C, {"waits": True, "excluded": True}, {}, Cause.EXCLUDED),
    ("both, and outside", KNOWN, B, C, {"waits": True, "outside": True}, {}, Cause.OUTSIDE),
    ("both, and nobody decides", KNOWN, B, C, {}, {}, Cause.UNEXPLAINED),
    ("never agreed on", {}, A, B, {}, {}, Cause.NEVER_AGREED),
    ("never agreed on, ours waits", {}, A, None, {"waits": True}, {}, Cause.WAITING),
    ("never agreed on, theirs is read next", {}, None, B, {"reads_next": True}, {}, Cause.ON_ITS_WAY),
    ("only from there, changed here", KNOWN, B, A, {"waits": True}, {"direction": FROM}, Cause.ONE_WAY),
    ("only from there, changed there", KNOWN, A, B, {"reads_next": True}, {"direction": FROM}, Cause.ON_ITS_WAY),
    ("only to there, changed there", KNOWN, A, B, {"reads_next": True}, {"direction": TO}, Cause.ONE_WAY),
    ("only to there, changed here", KNOWN, B, A, {"waits": True}, {"direction": TO}, Cause.WAITING),
    ("only to there, never sent", {}, B, None, {}, {"direction": TO}, Cause.NEVER_AGREED),
    ("a blank there never overwrites", KNOWN, A, None, {}, {"blank_never_overwrites": True}, Cause.ONE_WAY),
    ("a blank here never overwrites", KNOWN, None, A, {}, {"blank_never_overwrites": True}, Cause.ONE_WAY),
    ("can't be written there", KNOWN, B, A, {"waits": True}, {"updateable": False}, Cause.ONE_WAY),
    ("an untouched checkbox is not ticked", {}, None, False, {}, {"type": "boolean"}, None),
    ("a checkbox ticked past the sync", {"city": False}, True, False, {}, {"type": "boolean"}, Cause.UNEXPLAINED),
]  # fmt: skip


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "standing", "options", "expected"),
    [row[1:] for row in TABLE],
    ids=[row[0] for row in TABLE],
)
def test_every_difference_has_its_cause(
    base: Any, ours: Any, theirs: Any, standing: Any, options: Any, expected: Cause | None
) -> None:
    assert cause(base, ours, theirs, Standing(**standing), **options) == expected


def test_a_record_is_listed_by_the_gravest_of_its_causes() -> None:
    assert gravest([Cause.ONE_WAY, Cause.WAITING, Cause.UNEXPLAINED, Cause.FORMULA]) is Cause.UNEXPLAINED


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        (Start(""), True),
        (Start("2026-01-02T00:00:00.000+0000"), True),
        (Start("2026-01-02T00:00:01.000+0000"), False),
        (Start("", ("2026-01-02T00:00:00.000+0000", "00Q1")), True),
        (Start("", ("2026-01-02T00:00:00.000+0000", "00Q2")), False),
    ],
)
def test_a_record_is_read_next_if_the_next_poll_begins_before_it(start: Start, expected: bool) -> None:
    assert reads_next(start, {"Id": "00Q2", "SystemModstamp": "2026-01-02T00:00:00.000+0000"}) is expected


@pytest.mark.parametrize(
    ("raw", "fate"),
    [
        (None, Fate.HIDDEN),
        ({"IsDeleted": True}, Fate.DELETED),
        ({"IsDeleted": True, "MasterRecordId": "00Q1"}, Fate.MERGED),
        ({"IsConverted": True}, Fate.CONVERTED),
        ({"IsDeleted": False}, None),
    ],
)
def test_what_became_of_a_record_that_was_not_read(raw: Any, fate: Fate | None) -> None:
    assert fate_of(raw) is fate


@pytest.mark.parametrize("base", [{}, {"city": A}, {"city": B}, {"city": C}])
def test_after_settling_the_sync_goes_the_way_that_was_chosen(base: dict[str, Any]) -> None:
    rules = ObjectRules("Lead", (rule(),))
    person = LinkedPerson(1, 1, {"city": B}, base=base)
    theirs = settle({"City": C}, rules, person, Side.THEIRS)
    assert (theirs.values, theirs.agreed, theirs.to_push) == ({"city": C}, {"city": C}, False)
    ours = settle({"City": C}, rules, person, Side.OURS)
    assert (ours.values, ours.to_push) == ({}, True)
    decided = reconcile({**base, **ours.agreed}, person.values, {"city": C}, rules.fields)
    assert (decided.to_remote, decided.to_local) == ({"city": B}, {})


@pytest.mark.parametrize("options", [{"direction": FROM}, {"updateable": False}])
def test_ours_is_not_pushed_where_salesforce_does_not_take_it(options: dict[str, Any]) -> None:
    rules = ObjectRules("Lead", (rule(**options),))
    intent = settle({"City": C}, rules, LinkedPerson(1, 1, {"city": B}), Side.OURS)
    assert (intent.agreed, intent.to_push) == ({}, False)
