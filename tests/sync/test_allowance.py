"""Who has to wait for API calls, and until when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncadmin.sync.allowance import (
    HOUR,
    LOOK_AGAIN,
    WINDOW,
    Hour,
    Lane,
    OrgUse,
    Reason,
    allowed,
    decide,
    free_at,
    in_window,
)

NOW = datetime(2026, 11, 22, 12, 34, tzinfo=UTC)
THIS = NOW.replace(minute=0)
BACKGROUND, ASKED = Lane.BACKGROUND, Lane.ASKED


def ago(hours: int, calls: int) -> Hour:
    return Hour(THIS - HOUR * hours, calls)


def told(used: int, minutes: int = 1) -> OrgUse:
    return OrgUse(used, 1_000, NOW - timedelta(minutes=minutes))


NOTHING = OrgUse()


@pytest.mark.parametrize(
    ("used", "most", "org", "lane", "reason"),
    [
        (0, 0, NOTHING, BACKGROUND, None),  # nothing is known yet
        (500, 0, NOTHING, BACKGROUND, None),
        (749, 1_000, NOTHING, BACKGROUND, None),
        (750, 1_000, NOTHING, BACKGROUND, Reason.BACKGROUND),
        (750, 1_000, NOTHING, ASKED, None),
        (999, 1_000, NOTHING, ASKED, None),
        (1_000, 1_000, NOTHING, ASKED, Reason.ALLOWANCE),
        (1_000, 1_000, NOTHING, BACKGROUND, Reason.ALLOWANCE),
        (10, 1_000, told(949), BACKGROUND, None),
        (10, 1_000, told(950), BACKGROUND, Reason.ORG),  # other apps need the rest
        (10, 1_000, told(1_000), ASKED, None),  # Salesforce itself says when there are none
        (10, 1_000, told(990, minutes=31), BACKGROUND, None),  # that is old: ask again
        (800, 1_000, told(990), BACKGROUND, Reason.BACKGROUND),
        (0, 1_000, OrgUse(990, 1_000, None), BACKGROUND, None),
    ],
)
def test_background_work_waits_at_three_quarters_and_clicks_at_the_end(
    used: int, most: int, org: OrgUse, lane: Lane, reason: Reason | None
) -> None:
    held = decide([ago(3, used)], most, org, lane, NOW)
    assert (held.reason if held else None) == reason


def test_a_hold_says_what_was_used_and_when_it_ends() -> None:
    held = decide([ago(20, 300), ago(2, 500)], 1_000, NOTHING, BACKGROUND, NOW)
    assert held is not None
    assert (held.used, held.most) == (800, 1_000)
    assert (
        held.until == THIS - HOUR * 20 + HOUR + WINDOW
    )  # the older hour has left the window: 500 are below 750


def test_the_window_forgets_what_is_older_than_a_day_and_holds_the_first_hour_to_its_end() -> None:
    assert in_window([ago(25, 7), ago(24, 5), ago(0, 1)], NOW) == 6
    assert in_window([ago(24, 5), ago(0, 1)], NOW + HOUR) == 1


@pytest.mark.parametrize(
    ("allowance", "limit", "most"), [(None, 0, 0), (None, 15_000, 15_000), (2_000, 0, 2_000), (2_000, 15_000, 2_000),
                                     (20_000, 15_000, 15_000), (0, 15_000, 0)],
)  # fmt: skip
def test_the_allowance_is_what_is_set_and_never_more_than_the_org_has(
    allowance: int | None, limit: int, most: int
) -> None:
    assert allowed(allowance, limit) == most


HOURS = st.lists(
    st.builds(ago, st.integers(0, 30), st.integers(0, 500)), max_size=40, unique_by=lambda hour: hour.start
)


@given(HOURS, st.integers(1, 3_000))
def test_at_the_time_told_there_are_calls_again_if_none_is_made_until_then(
    hours: list[Hour], most: int
) -> None:
    held = decide(hours, most, NOTHING, ASKED, NOW)
    if held is None:
        assert in_window(hours, NOW) < most
    else:
        assert NOW < held.until <= THIS + HOUR + WINDOW
        assert decide(hours, most, NOTHING, ASKED, held.until) is None
        assert decide(hours, most, NOTHING, ASKED, held.until - timedelta(seconds=1)) is not None


def test_the_org_is_looked_at_again_after_half_an_hour() -> None:
    held = decide([], 1_000, told(980, minutes=10), BACKGROUND, NOW)
    assert held is not None
    assert held.until == NOW - timedelta(minutes=10) + LOOK_AGAIN


def test_a_share_of_nothing_comes_free_some_day() -> None:
    assert free_at([ago(1, 5)], 0, NOW) == NOW + WINDOW
