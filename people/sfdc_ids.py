"""Ids of Salesforce records: 15 characters that differ in case alone, or 18 that don't need it."""

from __future__ import annotations

_SUFFIX = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


def id18(text: str) -> str:
    """The form of 18 characters: each group of five tells in a last character which of them are capitals."""
    if len(text) != 15:
        return text
    groups = (text[start : start + 5] for start in (0, 5, 10))
    return text + "".join(
        _SUFFIX[sum(1 << place for place, char in enumerate(group) if "A" <= char <= "Z")] for group in groups
    )
