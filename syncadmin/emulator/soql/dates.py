"""Date literals: the range of days each of them means. Source: the Date Formats and Date Literals page.

The fiscal year is the calendar year: the standard one, beginning in January.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

Range = tuple[date, date]


def _month(day: date, shift: int) -> date:
    index = day.year * 12 + day.month - 1 + shift
    return date(index // 12, index % 12 + 1, 1)


def _week(day: date) -> date:
    """Weeks begin on Sunday, as in the en_US locale."""
    return day - timedelta(days=(day.weekday() + 1) % 7)


def _units(unit: str, today: date, shift: int) -> Range:
    """The whole day, week, month, quarter or year that is `shift` of them away; the end is exclusive."""
    if unit == "DAY":
        start = today + timedelta(days=shift)
        return start, start + timedelta(days=1)
    if unit == "WEEK":
        start = _week(today) + timedelta(weeks=shift)
        return start, start + timedelta(weeks=1)
    months = {"MONTH": 1, "QUARTER": 3, "YEAR": 12}[unit]
    first = _month(today, -((today.month - 1) % months) + shift * months)
    return first, _month(first, months)


SIMPLE = {"YESTERDAY": ("DAY", -1), "TODAY": ("DAY", 0), "TOMORROW": ("DAY", 1)} | {
    f"{when}_{unit}": (unit, shift)
    for when, shift in (("LAST", -1), ("THIS", 0), ("NEXT", 1))
    for unit in ("WEEK", "MONTH", "QUARTER", "YEAR")
}


def date_range(literal: str, today: date) -> Range | None:
    """First day, and the day after the last; None if this is no date literal."""
    name, _, count = literal.upper().replace("FISCAL_", "").partition(":")
    if "FISCAL_" in literal.upper() and not re.search("(QUARTER|YEAR)S?(_AGO)?$", name):
        return None
    if name in SIMPLE and not count:
        unit, shift = SIMPLE[name]
        return _units(unit, today, shift)
    if name in ("LAST_90_DAYS", "NEXT_90_DAYS") and not count:
        return _last_days(today, 90) if name[0] == "L" else (today + timedelta(1), today + timedelta(91))
    return _counted(name, int(count), today) if count else None


def _last_days(today: date, count: int) -> Range:
    """LAST_N_DAYS includes today: it starts n days ago at midnight and goes on to now."""
    return today - timedelta(days=count), today + timedelta(days=1)


def _counted(name: str, count: int, today: date) -> Range | None:
    if name == "LAST_N_DAYS":
        return _last_days(today, count)
    if name == "NEXT_N_DAYS":
        return today + timedelta(days=1), today + timedelta(days=count + 1)
    ago = name.startswith("N_") and name.endswith("S_AGO")
    unit = name[2:-5] if ago else name[7:-1]
    if unit not in ("DAY", "WEEK", "MONTH", "QUARTER", "YEAR") or not (
        ago or name[:7] in ("LAST_N_", "NEXT_N_")
    ):
        return None
    if ago:
        return _units(unit, today, -count)
    if name.startswith("LAST_N_"):
        return _units(unit, today, -count)[0], _units(unit, today, -1)[1]
    return _units(unit, today, 1)[0], _units(unit, today, count)[1]
