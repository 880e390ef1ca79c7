"""The guard's arithmetic."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from syncadmin.sync.guards import Guard


@given(st.integers(0, 100), st.integers(0, 300), st.integers(0, 5_000), st.integers(0, 100_000))
def test_so_many_are_harmless_among_as_many_as_it_says_and_more_and_among_no_fewer(
    share: int, least: int, number: int, people: int
) -> None:
    guard = Guard(share, least)
    limit = guard.limit(people)
    assert (people >= guard.harmless_from(number)) == (limit is None or number < limit)
