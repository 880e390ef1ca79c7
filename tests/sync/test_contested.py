"""Which advice a field gets that conflicts often."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncadmin.sync.contested import OFTEN, Advice, Contested, advise

TABLE = [
    # conflicts, won by us, taken back from us, from them → advice
    (OFTEN - 1, OFTEN - 1, 0, 0, None),
    (OFTEN, OFTEN, 0, 0, Advice.LET_SALESFORCE),
    (120, 115, 0, 0, Advice.LET_SALESFORCE),
    (100, 80, 0, 0, Advice.LET_SALESFORCE),
    (100, 79, 0, 0, Advice.ONE_HOME),
    (100, 50, 0, 0, Advice.ONE_HOME),
    (100, 21, 0, 0, Advice.ONE_HOME),
    (100, 19, 0, 0, Advice.LET_OURS),
    (100, 0, 0, 0, Advice.LET_OURS),
    # whoever takes the other value by hand has said who should win
    (100, 100, 25, 0, Advice.WINNER_TO_SALESFORCE),
    (100, 100, 24, 0, Advice.LET_SALESFORCE),
    (100, 0, 0, 25, Advice.WINNER_TO_OURS),
    (100, 50, 13, 20, Advice.WINNER_TO_SALESFORCE),
    (100, 50, 5, 20, Advice.WINNER_TO_OURS),
]


@pytest.mark.parametrize(("conflicts", "ours", "from_us", "from_them", "advice"), TABLE)
def test_the_advice_follows_from_who_wins_and_who_takes_it_back(
    conflicts: int, ours: int, from_us: int, from_them: int, advice: Advice | None
) -> None:
    assert advise(Contested(conflicts, ours, from_us, from_them)) is advice


@pytest.mark.parametrize("no_more", [{"both_ways": False}, {"opted_out": True}])
def test_a_field_that_can_not_conflict_any_more_or_that_guards_opt_outs_gets_none(
    no_more: dict[str, bool],
) -> None:
    assert advise(Contested(1_000, 1_000, **no_more)) is None


@given(ours=st.integers(0, 500), theirs=st.integers(0, 500))
def test_the_two_sides_are_advised_alike(ours: int, theirs: int) -> None:
    mirrored = {Advice.LET_SALESFORCE: Advice.LET_OURS, Advice.LET_OURS: Advice.LET_SALESFORCE}
    one, other = advise(Contested(ours + theirs, ours)), advise(Contested(ours + theirs, theirs))
    share = ours / (ours + theirs) if ours + theirs else 0
    if share not in (0.2, 0.8):  # floating point decides there
        assert (mirrored.get(one, one) if one else None) == other
