"""Text in CSV files that spreadsheets would run as a formula, made harmless; and back again.

A cell that begins with ``= + - @``, a tab or a line break (or the wide forms of these signs) gets an apostrophe in
front, which Excel, LibreOffice and Google Sheets take as "this is text". Only text made of digits and
``+ - ( ) . /`` and spaces is left alone: phone numbers (+49 30 1234) and negative numbers, which can call nothing.
Text that begins with apostrophes before such a sign gets one more, so that an import, which takes one away, gives
back exactly what was exported.
"""

from __future__ import annotations

import re

_DANGEROUS = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
_ESCAPED = re.compile(r"''*[=+\-@\t\r\n＝＋－＠]")
_PHONE_OR_NUMBER = re.compile(r"[+-][0-9+\-(). /]*", re.ASCII)


def harmless(text: str) -> str:
    """A cell for an export."""
    if _DANGEROUS.match(text) and not _PHONE_OR_NUMBER.fullmatch(text):
        return "'" + text
    return text


def restored(text: str) -> str:
    """A cell of an import."""
    return text[1:] if _ESCAPED.match(text) else text
