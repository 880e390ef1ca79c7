"""The functions of the formula language, on values: text, number, True/False, date, datetime, or None for blank.

Source: the Formula Operators and Functions page of Salesforce Help. Numbers that are blank stay blank ("treat
blank fields as blanks"); a text that is blank counts as null. Percent fields are fractions inside a formula.
"""

from __future__ import annotations

import calendar
import math
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any

from syncadmin.emulator.clock import parse_moment, wire

LONGEST = 131_072


def blank(value: Any) -> bool:
    """Whether ISBLANK finds nothing there."""
    return value is None or (isinstance(value, str) and not value.strip())


def text(value: Any) -> str:
    """As TEXT and `&` write it."""
    if isinstance(value, float):
        return f"{value:.15g}"
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    return "" if value is None else value.isoformat() if isinstance(value, date) else str(value)


def same(left: Any, right: Any) -> bool:
    """`=`: two blanks are equal; texts compare with their case."""
    if blank(left) or blank(right):
        return blank(left) and blank(right)
    if isinstance(left, str) != isinstance(right, str):
        return False
    return bool(left == right)


def ordered(operator: str, left: Any, right: Any) -> bool:
    """`<` and its kin; a comparison with null, or of unlike types, is false."""
    if left is None or right is None or _kind(left) != _kind(right):
        return False
    below, equal = bool(left < right), bool(left == right)
    return {"<": below, "<=": below or equal, ">": not below and not equal, ">=": not below}[operator]


def _kind(value: Any) -> str:
    if isinstance(value, datetime):
        return "moment"
    return "date" if isinstance(value, date) else "text" if isinstance(value, str) else "number"


def calculate(operator: str, left: Any, right: Any) -> Any:
    """`+ - * / ^ &`; arithmetic with null is null, `&` and `+` join texts."""
    if operator == "&" or (operator == "+" and (isinstance(left, str) or isinstance(right, str))):
        return text(left) + text(right)
    if left is None or right is None or (operator == "/" and not right):
        return None
    if isinstance(left, date) or isinstance(right, date):
        return _dated(operator, left, right)
    if operator in "+-":
        return left + right if operator == "+" else left - right
    return left**right if operator == "^" else left * right if operator == "*" else left / right


def or_null(work: Callable[..., Any], *values: Any) -> Any:
    """What comes of it; null where an org shows `#Error!`, or hadn't taken the formula for the types in it."""
    try:
        found = work(*values)
    except (ArithmeticError, TypeError, ValueError, re.error):
        return None
    return None if isinstance(found, complex) else found


def _dated(operator: str, left: Any, right: Any) -> Any:
    """Days are added to and subtracted from dates; the difference of two is days."""
    if operator == "-" and isinstance(left, date) and isinstance(right, date):
        return (left - right) / timedelta(days=1)
    day, days = (left, right) if isinstance(left, date) else (right, left)
    if isinstance(days, date | str) or operator not in "+-":
        return None
    step = timedelta(days=days if isinstance(day, datetime) else int(days))
    return day + step if operator == "+" else day - step


def to_date(value: Any) -> date | None:
    """DATEVALUE: of a moment, or of a text `2026-01-31`; null if it is none."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).date()
    try:
        return value if isinstance(value, date) else date.fromisoformat(str(value)[:10])
    except ValueError:
        return None


def to_moment(value: Any) -> datetime | None:
    """DATETIMEVALUE: of a date (midnight, GMT) or of a text; null if it is none."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime.combine(value, time(), UTC)
    try:
        return value if isinstance(value, datetime) else parse_moment(str(value))
    except ValueError:
        return None


def stored(value: Any) -> Any:
    """The value as a record keeps it."""
    if isinstance(value, datetime):
        return wire(value)
    return value.isoformat() if isinstance(value, date) else value


def _make_date(year: Any, month: Any, day: Any) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except (TypeError, ValueError):
        return None


def _add_months(value: Any, months: Any) -> Any:
    """The last day of a month stays a last day."""
    if not isinstance(value, date) or months is None:
        return None
    total = value.year * 12 + value.month - 1 + int(months)
    year, month = divmod(total, 12)
    last = calendar.monthrange(year, month + 1)[1]
    ends = value.day == calendar.monthrange(value.year, value.month)[1]
    return value.replace(year=year, month=month + 1, day=last if ends else min(value.day, last))


def _rounded(value: Any, places: Any) -> Any:
    if value is None or places is None:
        return None
    step = Decimal(1).scaleb(-int(places))
    return float(Decimal(repr(float(value))).quantize(step, ROUND_HALF_UP))


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _find(part: Any, whole: Any, start: Any = 1) -> int:
    return text(whole).find(text(part), max(int(start or 1) - 1, 0)) + 1 if text(part) else 0


def _middle(value: Any, start: Any, count: Any) -> str:
    first = max(int(start or 1) - 1, 0)
    return text(value)[first : first + max(int(count or 0), 0)]


@lru_cache(maxsize=256)
def _pattern(source: str) -> re.Pattern[str]:
    return re.compile(source)


def _regex(value: Any, pattern: Any) -> bool:
    return _pattern(text(pattern)).fullmatch(text(value)) is not None


def _padded(value: Any, size: Any, filling: Any = " ", *, left: bool) -> str:
    whole, wanted = text(value), min(int(size or 0), LONGEST)
    pad = (text(filling) or " ") * wanted
    more = max(wanted - len(whole), 0)
    return (pad[:more] + whole if left else whole + pad[:more])[:wanted]


def _known(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, but null if its first argument is."""
    return lambda *values: None if values[0] is None else function(*values)


def _part(name: str) -> Callable[..., Any]:
    return _known(lambda value: getattr(value, name, None))


Function = tuple[int, int, Callable[..., Any]]
FUNCTIONS: dict[str, Function] = {
    "ISBLANK": (1, 1, blank),
    "ISNULL": (1, 1, lambda v: v is None),
    "ISNUMBER": (1, 1, lambda v: _number(v) is not None),
    "NOT": (1, 1, lambda v: not v),
    "LEN": (1, 1, lambda v: len(text(v))),
    "TEXT": (1, 1, text),
    "VALUE": (1, 1, _number),
    "UPPER": (1, 2, lambda v, _="": text(v).upper()),
    "LOWER": (1, 2, lambda v, _="": text(v).lower()),
    "TRIM": (1, 1, lambda v: text(v).strip()),
    "LEFT": (2, 2, lambda v, n: text(v)[: max(int(n or 0), 0)]),
    "RIGHT": (2, 2, lambda v, n: text(v)[-int(n) :] if n and n > 0 else ""),
    "MID": (3, 3, _middle),
    "FIND": (2, 3, _find),
    "SUBSTITUTE": (3, 3, lambda v, old, new: text(v).replace(text(old), text(new)) if old else text(v)),
    "LPAD": (2, 3, lambda v, n, pad=" ": _padded(v, n, pad, left=True)),
    "RPAD": (2, 3, lambda v, n, pad=" ": _padded(v, n, pad, left=False)),
    "BR": (0, 0, lambda: "\n"),
    "ISPICKVAL": (2, 2, lambda v, wanted: text(v) == text(wanted)),
    "INCLUDES": (2, 2, lambda v, wanted: text(wanted) in text(v).split(";")),
    "CONTAINS": (2, 2, lambda v, part: text(part) in text(v)),
    "BEGINS": (2, 2, lambda v, part: text(v).startswith(text(part))),
    "REGEX": (2, 2, _regex),
    "BLANKVALUE": (2, 2, lambda v, other: other if blank(v) else v),
    "NULLVALUE": (2, 2, lambda v, other: other if v is None else v),
    "ABS": (1, 1, _known(abs)),
    "CEILING": (1, 1, _known(math.ceil)),
    "FLOOR": (1, 1, _known(math.floor)),
    "ROUND": (2, 2, _rounded),
    "SQRT": (1, 1, _known(lambda v: math.sqrt(v) if v >= 0 else None)),
    "MOD": (2, 2, _known(lambda v, n: v % n if n else None)),
    "MAX": (1, 99, lambda *v: None if None in v else max(v)),
    "MIN": (1, 99, lambda *v: None if None in v else min(v)),
    "DATE": (3, 3, _make_date),
    "DATEVALUE": (1, 1, _known(to_date)),
    "DATETIMEVALUE": (1, 1, _known(to_moment)),
    "YEAR": (1, 1, _part("year")),
    "MONTH": (1, 1, _part("month")),
    "DAY": (1, 1, _part("day")),
    "WEEKDAY": (1, 1, _known(lambda v: v.isoweekday() % 7 + 1)),
    "ADDMONTHS": (2, 2, _add_months),
}
