"""What a refusal was about, whomever it hit: the message with everything folded that changes from person to person.

Salesforce writes values, ids and numbers into its messages. Two people who were refused for the same cause get the
same text here, and two causes get two.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

FOLD = "…"
#: Longest text of a cause. What is longer is cut between two words.
LONGEST = 500
#: Shortest value of a person that is looked for: shorter ones occur in any sentence.
SHORTEST = 4
#: The message is the company's own: a rule's text is its name, so "10 digits" and "11 digits" are two rules.
_OWN_WORDS = frozenset({"FIELD_CUSTOM_VALIDATION_EXCEPTION", "FIELD_FILTER_VALIDATION_EXCEPTION"})
#: What stands in quotes is the name of a field, a flow or a rule.
_QUOTES_NAME = _OWN_WORDS | {
    "CANNOT_EXECUTE_FLOW_TRIGGER", "INVALID_FIELD", "INVALID_FIELD_FOR_INSERT_UPDATE", "INVALID_TYPE",
}  # fmt: skip

#: Values that stand in Salesforce's sentences without quotes.
_TAILS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?<=data value too large: ).+?(?= \(max length=|$)",
        r"(?<=value for restricted picklist field: ).+$",
        r"(?<=invalid email address: ).+$",
        r"(?<=value not of required type: ).+$",
        r"(?<=outside of valid range on numeric field: ).+$",
        r"(?<=incorrect type: ).+$",
        r"(?<=malformed id ).+$",
        r"(?<=from VALUE_STRING value ).+?(?= or request may|$)",
        r"(?<=Foreign key external ID: ).+?(?= not found|$)",
    )
)
_EVERYWHERE = (
    re.compile(r"https?://\S+"),
    re.compile(r"[^\s@<>()\[\],;:\"']+@[^\s@<>()\[\],;:\"']+\.[A-Za-z0-9-]+"),
    re.compile(r"(?<!\w)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?!\w)", re.IGNORECASE),
    re.compile(r"(?<!\w)\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[-+]\d\d:?\d\d)?)?(?!\w)"),
    # 15 or 18 letters and digits, the first three saying of what kind: a record's id.
    re.compile(r"(?<!\w)(?=[A-Za-z]{0,2}\d)[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?(?!\w)"),
    re.compile(r"\S{100,}"),
)
_QUOTED = (
    re.compile(r"\"[^\"]*\""),
    re.compile(r"“[^”]*”"),
    re.compile(r"«[^»]*»"),
    re.compile(r"‘[^’]*’"),
    re.compile(r"(?<!\w)'[^']*'(?!\w)"),
)
_NUMBER = re.compile(r"(?<![\w…])[-+]?\d+(?:[.,:/-]\d+)*(?!\w|[.,:/-]\d)")
_LONG_NUMBER = re.compile(r"(?<![\w…])[-+]?\d{5,}(?!\w|[.,:/-]\d)")
_RUN = re.compile(rf"{FOLD}(?:[\s,;]*{FOLD})+")


@dataclass(frozen=True, slots=True)
class Cause:
    """One cause of refusals. ``key`` is what is stored and counted by; ``text`` is what people read."""

    key: str
    text: str


def cause_of(
    direction: str, code: str, message: str, fields: Iterable[str] = (), values: Iterable[str] = ()
) -> Cause:
    """The cause of one refusal. ``values``: what the message may say of this person alone, such as the name."""
    text = fold(message, values, code=code)
    parts = (direction, code, text, *sorted(set(fields)))
    return Cause(hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32], text)


def fold(message: str, values: Iterable[str] = (), *, code: str = "") -> str:
    """The message with its changing parts as ``…``; folding it again changes nothing."""
    mine = _pattern_of(values, code)
    before, text = "", _plain(message)
    while text != before:
        before, text = text, _shortened(_fold_once(text, mine, code))
    return text


def _plain(text: str) -> str:
    return " ".join(text.replace("\0", " ").split())


def _pattern_of(values: Iterable[str], code: str) -> re.Pattern[str] | None:
    known = {_plain(value) for value in values}
    if code in _OWN_WORDS:
        # A city or a company may be what the rule is about; a full name, an address or a number is not.
        known = {value for value in known if re.search(r"[\s@\d]", value)}
    listed = sorted((value for value in known if len(value) >= SHORTEST), key=lambda one: (-len(one), one))
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, listed))})(?!\w)") if listed else None


def _fold_once(text: str, mine: re.Pattern[str] | None, code: str) -> str:
    if mine is not None:
        text = mine.sub(FOLD, text)
    if code not in _OWN_WORDS:
        for tail in _TAILS:
            text = tail.sub(FOLD, text)
    for pattern in _EVERYWHERE:
        text = pattern.sub(FOLD, text)
    if code not in _QUOTES_NAME:
        for pattern in _QUOTED:
            text = pattern.sub(FOLD, text)
    text = (_LONG_NUMBER if code in _OWN_WORDS else _NUMBER).sub(FOLD, text)
    return _plain(_RUN.sub(FOLD, text))


def _shortened(text: str) -> str:
    if len(text) <= LONGEST:
        return text
    return text[:LONGEST].rpartition(" ")[0] or FOLD
