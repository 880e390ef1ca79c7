"""From the JSON value of a request to the value that is stored, or the error the org answers.

Recorded: e-mail in lower case, messages that begin with the field's label. Quoted from live calls: which dates and
moments can be read. From memory of live calls: trimming, "" as null, and the text for numbers out of range.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from syncadmin.emulator.clock import parse_moment, wire
from syncadmin.emulator.errors import RecordError
from syncadmin.emulator.ids import is_id, to18
from syncadmin.emulator.schema.model import Field

EMAIL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+\Z")
Converter = Callable[[Field, Any], Any]
DAY = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?\Z", re.I | re.ASCII)
XSD = {
    "boolean": "xsd:boolean",
    "double": "xsd:double",
    "currency": "xsd:double",
    "percent": "xsd:double",
    "int": "xsd:int",
    "date": "xsd:date",
    "datetime": "xsd:dateTime",
}
INTEGERS = range(-(2**31), 2**31)
NUMERAL = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\Z", re.I | re.ASCII)


def convert(field: Field, value: Any) -> Any:
    """The stored value; RecordError if the org wouldn't take it."""
    if isinstance(value, str):
        value = value.strip()
    if value is None or value == "":
        if field.type == "boolean":
            raise wrong_type(field, value)
        return None
    converter: Converter = CONVERTERS.get(field.type, _text)
    return converter(field, value)


class WrongType(RecordError):
    """The value isn't one of the field's type.

    A request in JSON can't be read then, see `jsonplace`; Bulk says which xsd type the value doesn't have.
    """

    def __init__(self, field: Field, value: Any) -> None:
        text = f"{field.label}: value not of required type: {'' if value is None else value}"
        super().__init__("INVALID_TYPE_ON_FIELD_IN_RECORD", text, [field.name])
        self.field, self.value, self.xsd = field, value, XSD.get(field.type, "xsd:string")


def wrong_type(field: Field, value: Any) -> RecordError:
    """The error for a value that isn't one of the field's type."""
    return WrongType(field, value)


def read_number(value: Any) -> float:
    """A number, as JSON, XML and CSV write it (Python takes more: `1_000`, other digits); ValueError if it is
    none. One that is too large for any field is infinite.
    """
    if isinstance(value, bool) or (isinstance(value, str) and not NUMERAL.match(value)):
        raise ValueError(f"not a number: {value}")
    try:
        return float(value)
    except (TypeError, OverflowError) as error:
        if isinstance(value, int):
            return math.inf
        raise ValueError(f"not a number: {value}") from error


def read_integer(value: Any) -> int:
    """A whole number; ValueError if it is none."""
    if isinstance(value, str) and NUMERAL.match(value):
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"not a whole number: {value}")
    return int(value)


def read_date(value: Any) -> str:
    """A day; of a moment its day. ValueError if it is neither."""
    text = str(value)
    return date.fromisoformat(text[:10] if DAY.match(text) else "").isoformat()


def read_moment(value: Any) -> str:
    """A moment; of a day its midnight. ValueError if it is neither."""
    text = str(value)
    try:
        return wire(parse_moment(text.upper() if DAY.match(text) else ""))
    except OverflowError as error:
        raise ValueError(f"not a moment: {value}") from error


#: How a text in CSV or XML is read, by the type of its field; in other types it is what it says.
READERS: dict[str, Callable[[str], Any]] = {
    "double": read_number,
    "currency": read_number,
    "percent": read_number,
    "int": read_integer,
    "date": read_date,
    "datetime": read_moment,
}


def _text(field: Field, value: Any) -> str:
    if isinstance(value, dict | list):
        raise wrong_type(field, value)
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if field.length and len(text) > field.length:
        raise RecordError(
            "STRING_TOO_LONG",
            f"{field.label}: data value too large: {text} (max length={field.length})",
            [field.name],
        )
    return text


def _email(field: Field, value: Any) -> str:
    text = _text(field, value)
    if not EMAIL.match(text) or ".." in text:
        raise RecordError(
            "INVALID_EMAIL_ADDRESS", f"{field.label}: invalid email address: {text}", [field.name]
        )
    return text.lower()


def _boolean(field: Field, value: Any) -> int:
    if isinstance(value, bool):
        return int(value)
    if str(value).lower() in ("true", "1", "false", "0"):
        return int(str(value).lower() in ("true", "1"))
    raise wrong_type(field, value)


def _number(field: Field, value: Any) -> float:
    try:
        number = read_number(value)
    except ValueError:
        raise wrong_type(field, value) from None
    if number != number or abs(number) >= 10 ** (field.precision - field.scale):
        raise RecordError(
            "NUMBER_OUTSIDE_VALID_RANGE",
            f"{field.label}: value outside of valid range on numeric field: {value}",
            [field.name],
        )
    return _rounded(number, field.scale)


def _rounded(number: float, scale: int) -> float:
    """Half a unit is rounded up, as an org does it."""
    if number == round(number, scale):
        return number
    return float(Decimal(repr(number)).quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP))


def _integer(field: Field, value: Any) -> int:
    try:
        number = read_integer(value)
    except ValueError:
        raise wrong_type(field, value) from None
    if number not in INTEGERS or len(str(abs(number))) > field.digits:
        raise RecordError(
            "NUMBER_OUTSIDE_VALID_RANGE",
            f"{field.label}: value outside of valid range on numeric field: {value}",
            [field.name],
        )
    return number


def _date(field: Field, value: Any) -> str:
    try:
        return read_date(value)
    except ValueError:
        raise wrong_type(field, value) from None


def _moment(field: Field, value: Any) -> str:
    try:
        return read_moment(value)
    except ValueError:
        raise wrong_type(field, value) from None


def _pick(field: Field, value: Any) -> str:
    text = _text(field, value)
    if field.restricted:
        _check_choice(field, text, text)
    return text


def _check_choice(field: Field, one: str, shown: str) -> None:
    if not any(choice.active and choice.value == one for choice in field.choices):
        raise RecordError(
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            f"{field.label}: bad value for restricted picklist field: {shown}",
            [field.name],
        )


def _multipick(field: Field, value: Any) -> str | None:
    """Values are kept once each and in picklist order; unknown ones come last."""
    parts = list(dict.fromkeys(part.strip() for part in str(value).split(";") if part.strip()))
    if field.restricted:
        for part in parts:
            _check_choice(field, part, str(value))
    known = [choice.value for choice in field.choices if choice.value in parts]
    return ";".join([*known, *(part for part in parts if part not in known)]) or None


def _reference(field: Field, value: Any) -> str:
    if not is_id(value):
        raise RecordError("MALFORMED_ID", f"{field.label}: id value of incorrect type: {value}", [field.name])
    return to18(value)


CONVERTERS: dict[str, Converter] = {
    "email": _email,
    "boolean": _boolean,
    "double": _number,
    "currency": _number,
    "percent": _number,
    "int": _integer,
    "date": _date,
    "datetime": _moment,
    "picklist": _pick,
    "multipicklist": _multipick,
    "reference": _reference,
    "id": _reference,
}
