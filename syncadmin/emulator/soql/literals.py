"""Literals as values of a field, and which operators a field takes."""

from __future__ import annotations

from datetime import date
from typing import Any

from syncadmin.emulator.clock import parse_moment, wire
from syncadmin.emulator.errors import ApiError
from syncadmin.emulator.ids import is_id, to18
from syncadmin.emulator.schema.model import NUMBERS, Field
from syncadmin.emulator.soql.ast import Comparison, Literal, token_of
from syncadmin.emulator.soql.report import bad_value, malformed, query_error

LONGEST_TEXT = 4000
LARGEST = 2**63 - 1
KINDS = dict.fromkeys(NUMBERS, "number") | {k: k for k in ("boolean", "date", "datetime", "time")}
UNORDERED = frozenset({"boolean", "multipicklist"})
SAID = {"datetime": "date time", "id": "id", "reference": "id", "double": "double", "int": "int"}


def kind_of(field: Field) -> str:
    """The kind of literal a field is compared with."""
    return KINDS.get(field.type, "text")


def shown_type(field: Field) -> str:
    """The type of a field as an error names it."""
    return "string" if kind_of(field) == "text" else field.type


def check_operator(soql: str, comparison: Comparison, field: Field) -> None:
    """LIKE is for texts, INCLUDES for multi-select picklists, < and > not for checkboxes.

    Source: the Comparison Operators page; the text from memory of live calls.
    """
    operator, kind = comparison.operator, kind_of(field)
    wrong = (
        (operator == "LIKE" and (kind != "text" or field.is_reference or field.type == "multipicklist"))
        or (operator in ("INCLUDES", "EXCLUDES") and field.type != "multipicklist")
        or (operator in ("<", ">", "<=", ">=") and field.type in UNORDERED)
    )
    if wrong:
        token = token_of(comparison.expression)
        text = f"invalid operator on {SAID.get(field.type, field.type)} field"
        raise query_error("INVALID_QUERY_FILTER_OPERATOR", soql, token.start_pos or 0, len(token), text)


def database_value(soql: str, field: Field, literal: Literal) -> Any:
    """The stored value a literal means; an error if it can't be one of this field."""
    if literal.kind == "null" or literal.value == "":
        return None
    if literal.kind == "currency":
        raise _one_currency(soql, literal)
    if literal.kind == "text" and len(literal.value) > LONGEST_TEXT:
        text = f"strings of a condition can't be longer than {LONGEST_TEXT} characters"
        raise malformed(soql, literal.token.start_pos or 0, 20, text)
    if field.is_reference:
        return _id(soql, literal)
    if literal.kind != kind_of(field):
        raise bad_type(soql, field, literal, shown_type(field))
    try:
        return _stored(literal)
    except (ValueError, OverflowError):
        place = literal.token.start_pos or 0
        raise malformed(soql, place, len(literal.token), f"Invalid date: {literal.value}") from None


def _stored(literal: Literal) -> Any:
    if literal.kind == "datetime":
        return wire(parse_moment(literal.value.upper()))
    if literal.kind == "date":
        return date.fromisoformat(literal.value).isoformat()
    if literal.kind == "time":
        return f"{literal.value[:8]}.{literal.value[8:].strip('.Zz').ljust(3, '0')[:3]}Z"
    if literal.kind == "number" and abs(literal.value) > LARGEST:
        return float(literal.value)
    return literal.value


def _id(soql: str, literal: Literal) -> str:
    if literal.kind == "text" and is_id(literal.value):
        return to18(literal.value)
    place, text = literal.token.start_pos or 0, f"invalid ID field: {literal.value}"
    raise query_error("INVALID_QUERY_FILTER_OPERATOR", soql, place, len(literal.token), text)


def bad_type(soql: str, field: Field, literal: Literal, shown: str) -> ApiError:
    """The literal is of another type than the field."""
    return bad_value(soql, literal.token.start_pos or 0, len(literal.token), field.name, shown)


def _one_currency(soql: str, literal: Literal) -> ApiError:
    """`USD5000` is for orgs with several currencies (documented); the text is from memory."""
    text = f"currency literal {literal.value}: multiple currencies are not enabled in this organization"
    return query_error("INVALID_FIELD", soql, literal.token.start_pos or 0, len(literal.token), text)
