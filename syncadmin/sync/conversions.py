"""Values of one type as values of another, for a field whose type was changed in Salesforce. Pure.

Strict on purpose: what isn't plainly a value of the new type doesn't fit, and is kept apart for somebody to look at.
Converting a value that has the new type already changes nothing, so a conversion may be repeated.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime

from syncadmin.sync.values import Value, id18, normalise

_NUMBER = re.compile(r"[+-]?\d{1,15}(\.\d{1,15})?", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)
_ID = re.compile(r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?", re.ASCII)
_WORDS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


class DoesNotFitError(ValueError):
    """The value can't be one of the new type."""


def convert(value: Value, type: str) -> Value:
    """The value as one of this type, in normal form; DoesNotFitError if it can't be."""
    if value is None:
        return normalise(type, None)
    try:
        return _CONVERTERS.get(type, _text)(value)
    except (ValueError, OverflowError):
        raise DoesNotFitError(f"{value!r} is no {type}") from None


def _text(value: Value) -> Value:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _number(value: Value) -> Value:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return normalise("number", value)
    raise ValueError(value)


def _integer(value: Value) -> Value:
    number = _number(value)
    if not isinstance(number, int):
        raise ValueError(value)
    return number


def _boolean(value: Value) -> Value:
    if isinstance(value, bool):
        return value
    if str(value).lower() not in _WORDS:
        raise ValueError(value)
    return _WORDS[str(value).lower()]


def _day(value: Value) -> Value:
    if isinstance(value, str) and (_DAY.fullmatch(value) or _MOMENT.fullmatch(value)):
        return date.fromisoformat(value[:10]).isoformat()
    raise ValueError(value)


def _moment(value: Value) -> Value:
    if isinstance(value, str) and (_DAY.fullmatch(value) or _MOMENT.fullmatch(value)):
        return normalise("datetime", datetime.fromisoformat(value))
    raise ValueError(value)


def _reference(value: Value) -> Value:
    if isinstance(value, str) and _ID.fullmatch(value):
        return id18(value)
    raise ValueError(value)


_CONVERTERS: dict[str, Callable[[Value], Value]] = {
    "integer": _integer,
    "number": _number,
    "currency": _number,
    "percent": _number,
    "boolean": _boolean,
    "date": _day,
    "datetime": _moment,
    "reference": _reference,
    "multipicklist": lambda value: normalise("multipicklist", _text(value)),
}
