"""Why a record was read: a decision table."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from syncadmin.sync.causes import OWNER, Cause, CauseKind, Seen, cause_of, edited, kept_ours
from syncadmin.sync.fields import Winner
from syncadmin.sync.reconcile import Conflict, Reason
from syncadmin.sync.records import LinkedPerson, PullIntent, PullKind

K, P = CauseKind, PullKind
POLLED, EARLIER, LATER = (f"2026-11-27T{hour:02}:00:00.000+0000" for hour in (11, 10, 12))
AT = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
HOURS = timedelta(hours=1)
LONG_AGO, JUST_NOW = AT - 5 * HOURS, AT - timedelta(seconds=3)
ANN, OURS = "005ann", "005sync"
PERSON = LinkedPerson(1, 1, {})


def reason(kind: PullKind, *, stamp: str = LATER, who: str = ANN, seen: Seen | None, left_out: bool = False,
           **values: Any) -> Cause | None:  # fmt: skip
    raw = {"Id": "00Q", "SystemModstamp": stamp, "LastModifiedById": who}
    intent = PullIntent(kind, raw, PERSON if seen else None, **values)
    return cause_of(intent, seen, polled_at=POLLED, ours=OURS, left_out=left_out, through={"company"})


KNOWN = Seen(EARLIER, LONG_AGO)
CONFLICT = Conflict("title", "a", "b", Winner.OURS, Reason.BOTH_CHANGED)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (reason(P.UPDATE, seen=KNOWN, values={"phone": "1", "city": "x"}), Cause(K.CHANGED, ANN, ("phone", "city"))),
        (reason(P.UPDATE, seen=KNOWN, conflicts=[CONFLICT]), Cause(K.CHANGED, ANN, ("title",))),
        (reason(P.UPDATE, seen=KNOWN), Cause(K.CHANGED, ANN, (OWNER,))),
        # the Account was renamed, which doesn't move the Contact's own stamp
        (reason(P.UPDATE, seen=Seen(LATER, LONG_AGO), values={"company": "x"}), Cause(K.CHANGED, "", ("company",))),
        # within the second of the change before
        (reason(P.UPDATE, seen=Seen(LATER, LONG_AGO), values={"phone": "x"}), Cause(K.CHANGED, ANN, ("phone",))),
        (reason(P.UNCHANGED, seen=KNOWN), Cause(K.UNSYNCED, ANN)),
        # read again within the overlap
        (reason(P.UNCHANGED, seen=Seen(LATER, LONG_AGO)), None),
        # our own push moved the stamp
        (reason(P.UNCHANGED, who=OURS, seen=Seen(EARLIER, JUST_NOW)), Cause(K.ECHO, OURS)),
        # somebody else works under the sync's own user
        (reason(P.UNCHANGED, who=OURS, seen=KNOWN), Cause(K.UNSYNCED, OURS)),
        (reason(P.NEW, seen=None), Cause(K.NEW, ANN)),
        (reason(P.LINK, seen=None), Cause(K.NEW, ANN)),
        (reason(P.HOLD, seen=None), Cause(K.NEW, ANN)),
        (reason(P.HOLD, seen=None, stamp=EARLIER), None),
        (reason(P.IGNORE, seen=None, left_out=True), Cause(K.LEFT_OUT, ANN)),
        (reason(P.IGNORE, seen=None, stamp=EARLIER, left_out=True), None),
        (reason(P.OUTSIDE, seen=KNOWN, left_out=True), Cause(K.LEFT_OUT, ANN)),
        (reason(P.IGNORE, seen=None), None),  # a create of ours whose answer is on its way
        (reason(P.IGNORE, seen=KNOWN), None),  # synced by a click since the page was read
    ],
)  # fmt: skip
def test_why_a_record_was_read(found: Cause | None, expected: Cause | None) -> None:
    assert found == expected


def test_a_conflict_that_ours_won_makes_our_value_wait() -> None:
    lost = Conflict("city", "a", "b", Winner.SALESFORCE, Reason.BOTH_CHANGED)
    assert kept_ours([CONFLICT, lost]) == ("title",)


def test_an_edit_counts_as_unsynced_only_if_none_of_its_fields_goes_there() -> None:
    assert edited(["notes", "phone"], {"phone"}) is K.CHANGED
    assert edited(["notes"], {"phone"}) is K.UNSYNCED
