"""Error texts of the query language, with the place and a window of the query around it (recorded)."""

from __future__ import annotations

import re

from syncadmin.emulator.errors import ApiError

LEFT, RIGHT = 33, 30
COLUMN_HINT = (
    " If you are attempting to use a custom field, be sure to append the '__c' after the custom field name."
    " Please reference your WSDL or the describe call for the appropriate names."
)
OBJECT_HINT = (
    " If you are attempting to use a custom object, be sure to append the '__c' after the entity name."
    " Please reference your WSDL or the describe call for the appropriate names."
)
RELATION_HINT = (
    " If you are attempting to use a custom relationship, be sure to append the '__r' after the custom"
    " relationship name. Please reference your WSDL or the describe call for the appropriate names."
)


def window(line: str, start: int, end: int) -> tuple[str, int]:
    """The words around line[start:end] that the message echoes, and where in them that place is.

    The recorded windows hold whole words: up to about 33 characters before the place and 30 after it.
    """
    words = [m.span() for m in re.finditer(r"[^\s,]+,?", line)]
    first = min([a for a, _ in words if start - LEFT <= a <= start], default=start)
    last = max([b for _, b in words if b <= end + RIGHT], default=end)
    return line[first : max(last, end)].rstrip(", "), start - first


def query_error(code: str, soql: str, position: int, length: int, text: str) -> ApiError:
    """A 400 with the text, placed at soql[position]."""
    before = soql[:position]
    row, begin = before.count("\n") + 1, before.rfind("\n") + 1
    end = soql.find("\n", position)
    line = soql[begin : end if end >= 0 else len(soql)]
    echoed, caret = window(line, position - begin, position - begin + length)
    where = f"ERROR at Row:{row}:Column:{position - begin + 1}"
    return ApiError(400, code, f"\n{echoed}\n{' ' * caret}^\n{where}\n{text}")


def no_column(soql: str, position: int, name: str, entity: str) -> ApiError:
    """The field doesn't exist, or the user doesn't see it."""
    text = f"No such column '{name}' on entity '{entity}'.{COLUMN_HINT}"
    return query_error("INVALID_FIELD", soql, position, len(name), text)


def no_object(soql: str, position: int, name: str) -> ApiError:
    """The object doesn't exist."""
    text = f"sObject type '{name}' is not supported.{OBJECT_HINT}"
    return query_error("INVALID_TYPE", soql, position, len(name), text)


def no_relation(soql: str, position: int, name: str) -> ApiError:
    """The path goes through something that isn't a relationship (documented text)."""
    text = f"Didn't understand relationship '{name}' in field path.{RELATION_HINT}"
    return query_error("INVALID_FIELD", soql, position, len(name), text)


def bad_value(soql: str, position: int, length: int, name: str, type_: str) -> ApiError:
    """A literal of the wrong type (from memory of live calls)."""
    shown = {"datetime": "dateTime", "currency": "double", "percent": "double"}.get(type_, type_)
    quoted = "be enclosed in quotes" if type_ == "string" else "not be enclosed in quotes"
    text = f"value of filter criterion for field '{name}' must be of type {shown} and should {quoted}"
    return query_error("INVALID_FIELD", soql, position, length, text)


def malformed(soql: str, position: int, length: int, text: str) -> ApiError:
    """The query isn't SOQL, or asks for something SOQL doesn't allow."""
    return query_error("MALFORMED_QUERY", soql, position, length, text)
