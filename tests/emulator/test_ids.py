from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncadmin.emulator.ids import is_id, make_id, number_of, to18


@pytest.mark.parametrize(
    "recorded", ["0015500001QdZPKAA3", "0035500001H9kZuAAJ", "003ak00000jvIfpAAE", "001ak00000OQTieAAH"]
)
def test_checksum_agrees_with_recorded_ids(recorded: str) -> None:
    assert to18(recorded[:15]) == recorded


@given(st.integers(min_value=0, max_value=62**6 - 1))
def test_ids_are_well_formed_and_remember_their_number(number: int) -> None:
    made = make_id("00Q", number)
    assert is_id(made)
    assert is_id(made[:15])
    assert number_of(made) == number


@pytest.mark.parametrize("value", ["", "00Q", "00QFe0000000001MAB", "00QFe0000000001!", None, 5])
def test_other_values_are_no_ids(value: object) -> None:
    assert not is_id(value)
