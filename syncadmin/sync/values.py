"""Values in normal form, so that the two sides can be compared.

Salesforce trims text, turns "" into null, lower-cases e-mail addresses, keeps whole seconds and answers with
18-character ids (seen in recorded traffic); comparing raw values would make both sides bounce for ever.
A normal value is JSON: ``None`` (blank), ``str``, ``bool``, ``int``, ``float``. Dates are ``YYYY-MM-DD``, moments
``YYYY-MM-DDTHH:MM:SSZ`` (UTC), multi-select picklists ``A;B`` in alphabetical order.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

Value = str | bool | int | float | None
Normaliser = Callable[[Any], Value]

_ID_SUFFIX = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


def id18(value: str) -> str:
    """The 18-character form of an id; 15-character ids differ in case alone.

    Each group of five characters gives one suffix character: bit i is set if character i is a capital.
    """
    if len(value) != 15:
        return value
    groups = (value[start : start + 5] for start in (0, 5, 10))
    return value + "".join(
        _ID_SUFFIX[sum(1 << i for i, char in enumerate(group) if "A" <= char <= "Z")] for group in groups
    )


def _text(value: Any) -> Value:
    if value is None:
        return None
    return (value if type(value) is str else str(value)).strip() or None


def _lines(value: Any) -> Value:
    text = _text(value)
    return text.replace("\r\n", "\n").replace("\r", "\n") if isinstance(text, str) else None


def _email(value: Any) -> Value:
    text = _text(value)
    return text.lower() if isinstance(text, str) else None


def _boolean(value: Any) -> Value:
    if value is None:
        return False
    return value if type(value) is bool else str(value).strip().lower() in ("true", "1", "yes")


def _number(value: Any) -> Value:
    if value is None or value == "":
        return None
    number = value if isinstance(value, (int, float)) else float(Decimal(str(value)))
    return int(number) if number == int(number) else float(number)


def _integer(value: Any) -> Value:
    number = _number(value)
    return None if number is None else int(number)


def _date(value: Any) -> Value:
    if not value:
        return None
    return value.isoformat()[:10] if isinstance(value, date) else str(value)[:10]


def _moment(value: Any) -> Value:
    if not value:
        return None
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _choices(value: Any) -> Value:
    parts = {part.strip() for part in str(value or "").split(";")} - {""}
    return ";".join(sorted(parts)) or None


def _reference(value: Any) -> Value:
    text = _text(value)
    return id18(text) if isinstance(text, str) else None


_NORMALISERS: dict[str, Normaliser] = {
    "text": _text,
    "textarea": _lines,
    "email": _email,
    "phone": _text,
    "url": _text,
    "picklist": _text,
    "multipicklist": _choices,
    "boolean": _boolean,
    "integer": _integer,
    "number": _number,
    "currency": _number,
    "percent": _number,
    "date": _date,
    "datetime": _moment,
    "reference": _reference,
}


def normaliser(type: str) -> Normaliser:
    """The function that brings values of a field type into normal form (unknown types are text)."""
    return _NORMALISERS.get(type, _text)


def normalise(type: str, value: Any) -> Value:
    """One value in normal form. Raises ValueError (or decimal's) for what is no value of the type."""
    return normaliser(type)(value)


def is_blank(value: Value) -> bool:
    """Nothing to lose: no value, or a checkbox that isn't ticked."""
    return value is None or value is False
