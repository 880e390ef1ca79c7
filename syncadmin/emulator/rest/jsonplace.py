"""A JSON value of the wrong type: what the JSON reader of an org says about it, and where it stands.

Source: the text as quoted from live calls ("Cannot deserialize instance of date from VALUE_STRING value … or
request may be missing a required field at [line:1, column:129]"); that the column is that of the first character
after the opening quote is from memory.
"""

from __future__ import annotations

import json
import re
from typing import Any

from syncadmin.emulator.errors import ApiError

SCALARS = {str: "VALUE_STRING", int: "VALUE_NUMBER_INT", float: "VALUE_NUMBER_FLOAT"}


def token_of(value: Any) -> tuple[str, str]:
    """The name of the JSON token a value begins with, and its text as the message shows it."""
    if isinstance(value, dict | list):
        return ("START_OBJECT", "{") if isinstance(value, dict) else ("START_ARRAY", "[")
    if value is None or isinstance(value, bool):
        return f"VALUE_{json.dumps(value).upper()}", json.dumps(value)
    return SCALARS[type(value)], str(value)


def place_of(source: bytes, name: str, value: Any) -> tuple[int, int]:
    """Line and column, from one, of the value of this key; the beginning if it isn't found."""
    text = source.decode(errors="replace")
    for match in re.finditer(rf'"{re.escape(name)}"\s*:\s*', text, re.I):
        written = text[match.end() :]
        if _begins(written, value):
            start = match.end() + (1 if isinstance(value, str | dict | list) else 0)
            before = text[:start]
            return before.count("\n") + 1, start - (before.rfind("\n") + 1) + 1
    return 1, 2


def _begins(written: str, value: Any) -> bool:
    try:
        return bool(json.JSONDecoder().raw_decode(written)[0] == value)
    except ValueError:
        return False


def unreadable(source: bytes, name: str, kind: str, value: Any) -> ApiError:
    """JSON_PARSER_ERROR for the whole request. kind is the describe type of the field."""
    token, shown = token_of(value)
    line, column = place_of(source, name, value)
    text = (
        f"Cannot deserialize instance of {kind} from {token} value {shown}"
        f" or request may be missing a required field at [line:{line}, column:{column}]"
    )
    return ApiError(400, "JSON_PARSER_ERROR", text)
