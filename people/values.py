"""The values of a person's fields: what was typed or imported becomes what is stored, or a reason why not.

Stored values: a standard field holds what its column holds (blank text is ``""``, an unknown number or date is
``None``); a custom field holds JSON (text, numbers, booleans, ``YYYY-MM-DD``, ``YYYY-MM-DDTHH:MM:SSZ`` in UTC,
``A;B`` in alphabetical order), and a blank one is absent. ``canonical`` brings both to the JSON form, in which
values are compared and logged.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from people.models import STANDARD_NAMES, FieldType, PersonField
from people.sfdc_ids import id18

Stored = str | bool | int | float | Decimal | date | None
Json = str | bool | int | float | None

MAX_TEXT = 131_072  # the longest text field Salesforce has
MAX_COLUMN = 255  # text columns of Person
MAX_NUMBER = 10**15  # beyond it, floats (JSON's and SQLite's) lose whole numbers
YEARS = range(1700, 4001)  # the dates Salesforce accepts

_TRUE = {"true", "yes", "y", "t", "on", "1", "x"}
_FALSE = {"false", "no", "n", "f", "off", "0", ""}
_NUMBER = re.compile(r"[+-]?\d{1,40}(\.\d{1,40})?", re.ASCII)
_GERMAN_DATE = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})(?:[ T](\d{1,2}:\d{2}(?::\d{2})?))?", re.ASCII)
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_ISO_START = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}", re.ASCII)
_SFDC_ID = re.compile(r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?", re.ASCII)
_is_email = EmailValidator()

MULTILINE = frozenset({FieldType.TEXTAREA})
NUMBERS = frozenset({FieldType.INTEGER, FieldType.NUMBER, FieldType.CURRENCY, FieldType.PERCENT})


def clean_value(field: PersonField, raw: object) -> Stored:
    """What to store for ``raw``. Raises ValidationError, in words a marketer can act on."""
    if field.type == FieldType.MULTIPICKLIST and isinstance(raw, (list, tuple, set)):
        raw = ";".join(str(part) for part in raw)
    text = _text(raw, multiline=field.type in MULTILINE)
    if field.type == FieldType.BOOLEAN:
        return _boolean(text)
    if not text:
        return blank(field)
    return _CLEANERS.get(field.type, _any_text)(field, text)


def blank(field: PersonField) -> Stored:
    """How "not known" is stored."""
    if field.type == FieldType.BOOLEAN:
        return False
    is_text_column = not field.is_custom and field.type not in NUMBERS and field.type not in _MOMENTS
    return "" if is_text_column else None


def canonical(value: object) -> Json:
    """A stored value as JSON; blanks of every kind are None."""
    if value is None or value == "":
        return None
    if isinstance(value, Decimal):
        return _plain_number(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        return value.replace("\r\n", "\n").replace("\r", "\n").strip() or None
    return value if isinstance(value, (bool, int, float)) else str(value)


def is_same(old: object, new: object) -> bool:
    """Whether a change would change nothing (a checkbox that was never ticked equals an unticked one)."""
    return canonical(old) == canonical(new) or (is_blank(old) and is_blank(new))


def is_blank(value: object) -> bool:
    """No value, or a checkbox that isn't ticked. (Zero is a value.)"""
    plain = canonical(value)
    return plain is None or plain is False


def as_text(value: object) -> str:
    """A stored value as exports write it and ``clean_value`` reads it."""
    plain = canonical(value)
    if isinstance(plain, bool):
        return "true" if plain else "false"
    if isinstance(plain, float):
        return format(Decimal(repr(plain)), "f")
    return "" if plain is None else str(plain)


def display(field: PersonField, value: object) -> str:
    """A stored value for the reader of a page; blank if there is none."""
    plain = canonical(value)
    if field.type == FieldType.BOOLEAN:
        return _("Yes") if plain else _("No")
    if plain is None:
        return ""
    if field.type in NUMBERS and isinstance(plain, (int, float)):
        return _display_number(field, plain)
    if field.type in _MOMENTS:
        return _display_moment(str(plain))
    return str(plain).replace(";", "; ") if field.type == FieldType.MULTIPICKLIST else str(plain)


def is_standard(name: str) -> bool:
    """Whether the field is a column of Person."""
    return name in STANDARD_NAMES


# --- Text -----------------------------------------------------------------------------------------------


def _text(raw: object, *, multiline: bool) -> str:
    text = "" if raw is None else as_text(raw) if not isinstance(raw, str) else raw
    if len(text) > 2 * MAX_TEXT:
        raise ValidationError(too_long(len(text), MAX_TEXT))
    if "\0" in text:
        raise ValidationError(_("It holds NUL characters, which are not text."))
    if not text.isascii() and any("\ud800" <= char <= "\udfff" for char in text):
        raise ValidationError(_("It holds characters that are not valid Unicode."))
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return (text if multiline else text.replace("\n", " ")).strip()


def too_long(length: int, allowed: int) -> str:
    return _("It is too long: %(length)s characters, and at most %(allowed)s fit.") % {
        "length": formats.number_format(length, force_grouping=True),
        "allowed": formats.number_format(allowed, force_grouping=True),
    }


def _any_text(field: PersonField, text: str) -> str:
    has_short_column = not field.is_custom and field.type not in MULTILINE
    allowed = min(field.length or MAX_TEXT, MAX_COLUMN if has_short_column else MAX_TEXT)
    if len(text) > allowed:
        raise ValidationError(too_long(len(text), allowed))
    return text


def _email(field: PersonField, text: str) -> str:
    address = _any_text(field, text).lower()
    try:
        _is_email(address)
    except ValidationError:
        raise ValidationError(_("“%s” is not an e-mail address.") % shortened(text)) from None
    return address


def _reference(field: PersonField, text: str) -> str:
    if not _SFDC_ID.fullmatch(text):
        raise ValidationError(
            _("“%s” is not a Salesforce id (15 or 18 letters and digits).") % shortened(text)
        )
    return id18(text)


def _picklist(field: PersonField, text: str) -> str:
    _refuse_unknown(field, [text])
    return _any_text(field, text)


def _multipicklist(field: PersonField, text: str) -> str | None:
    parts = sorted({part.strip() for part in text.split(";")} - {""})
    _refuse_unknown(field, parts)
    return _any_text(field, ";".join(parts)) or None


def _refuse_unknown(field: PersonField, values: Iterable[str]) -> None:
    unknown = [value for value in values if field.choices and value not in field.choices]
    if not unknown:
        return
    known = ", ".join(str(choice) for choice in field.choices[:8]) + (", …" if len(field.choices) > 8 else "")
    message = ngettext(
        "“%(unknown)s” is not one of the values of this picklist (%(known)s).",
        "“%(unknown)s” are not values of this picklist (%(known)s).",
        len(unknown),
    )
    raise ValidationError(message % {"unknown": shortened(", ".join(unknown)), "known": known})


def shortened(text: str, length: int = 60) -> str:
    """As much of a value as a message should repeat."""
    return text if len(text) <= length else text[: length - 1] + "…"


# --- Checkboxes, numbers, dates -----------------------------------------------------------------------


def _boolean(text: str) -> bool:
    if text.lower() in _TRUE:
        return True
    if text.lower() in _FALSE:
        return False
    raise ValidationError(_("“%s” is neither yes nor no. Write true or false.") % shortened(text))


def _number(field: PersonField, text: str) -> Decimal | int | float:
    try:
        number = Decimal(text) if _NUMBER.fullmatch(text) else None
    except InvalidOperation:
        number = None
    if number is None:
        raise ValidationError(_("“%s” is not a number. Write it like 1234.56.") % shortened(text))
    if abs(number) >= MAX_NUMBER:
        raise ValidationError(_("The number is too large: at most 15 digits before the point."))
    if field.type == FieldType.INTEGER:
        return _integer(number, text)
    return _plain_number(number) if field.is_custom else number.quantize(Decimal("0.01"))


def _integer(number: Decimal, text: str) -> int:
    if number != number.to_integral_value():
        raise ValidationError(_("“%s” is not a whole number.") % shortened(text))
    return int(number)


def _plain_number(number: Decimal) -> int | float:
    return int(number) if number == number.to_integral_value() else float(number)


def _date(field: PersonField, text: str) -> date | str:
    day = _parse_moment(text, with_time=False)
    return day.strftime("%Y-%m-%d") if field.is_custom else day.date()


def _datetime(field: PersonField, text: str) -> str:
    moment = _parse_moment(text, with_time=True)
    if timezone.is_naive(moment):
        moment = timezone.make_aware(moment)  # in the zone of whoever wrote it
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _parse_moment(text: str, *, with_time: bool) -> datetime:
    message = (
        _("“%s” is not a date and time. Write it like 2026-01-31 14:30 or 31.01.2026 14:30.")
        if with_time
        else _("“%s” is not a date. Write it like 2026-01-31 or 31.01.2026.")
    )
    try:
        moment = datetime.fromisoformat(_as_iso(text, with_time=with_time))
    except ValueError:
        raise ValidationError(message % shortened(text)) from None
    if moment.year not in YEARS:
        raise ValidationError(_("The year %s is out of bounds (1700 to 4000).") % moment.year)
    return moment


def _as_iso(text: str, *, with_time: bool) -> str:
    german = _GERMAN_DATE.fullmatch(text)
    if german:
        day, month, year, time = german.groups()
        text = f"{year}-{month:0>2}-{day:0>2}" + (f" {time:0>5}" if time else "")
    if _ISO_DATE.fullmatch(text) or (with_time and _ISO_START.match(text)):
        return text
    raise ValueError(text)


def _display_number(field: PersonField, number: int | float) -> str:
    places = 2 if field.type == FieldType.CURRENCY else None
    shown = formats.number_format(Decimal(repr(number)), places, use_l10n=True, force_grouping=True)
    return f"{shown} %" if field.type == FieldType.PERCENT else shown


def _display_moment(text: str) -> str:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    if len(text) <= len("2026-01-31"):
        return formats.date_format(moment.date())
    return formats.date_format(timezone.localtime(moment), "DATETIME_FORMAT")


_MOMENTS = frozenset({FieldType.DATE, FieldType.DATETIME})
_CLEANERS: dict[str, Callable[[PersonField, str], Any]] = {
    FieldType.EMAIL: _email,
    FieldType.PICKLIST: _picklist,
    FieldType.MULTIPICKLIST: _multipicklist,
    FieldType.INTEGER: _number,
    FieldType.NUMBER: _number,
    FieldType.CURRENCY: _number,
    FieldType.PERCENT: _number,
    FieldType.DATE: _date,
    FieldType.DATETIME: _datetime,
    FieldType.REFERENCE: _reference,
}
