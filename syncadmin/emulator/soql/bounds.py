"""What an OR of conditions says about an indexed field in all its parts: the least it can be.

A client that pages by key asks `(SystemModstamp = x AND Id > y) OR SystemModstamp > x`; both parts mean
`SystemModstamp >= x`, and with that said, the rows come straight from the index in their order.
"""

from __future__ import annotations

from collections.abc import Sequence

from syncadmin.emulator.soql.ast import Comparison, Condition, Literal, Logic

KEYS = ("systemmodstamp", "id", "createddate", "lastmodifieddate")
LOWER = ("=", ">", ">=")
KINDS = ("datetime", "text")


def implied(parts: Sequence[Condition]) -> Comparison | None:
    """`field >= value` that follows from every one of the parts; None if there is none."""
    for key in KEYS:
        found = [_lowest(part, key) for part in parts]
        known = [one for one in found if one is not None]
        if len(known) == len(found) and len({_form(one.values[0]) for one in known}) == 1:
            first = min(known, key=lambda one: str(one.values[0].value))
            return Comparison(first.expression, ">=", first.values)
    return None


def _form(literal: Literal) -> tuple[str, int, str]:
    """Literals of one form are in the order of their texts."""
    text = str(literal.value)
    return literal.kind, len(text), text[19:] if literal.kind == "datetime" else ""


def _lowest(condition: Condition, key: str) -> Comparison | None:
    """The comparison within a part that says how low the field can be."""
    if isinstance(condition, Logic):
        if condition.operator != "AND":
            return None
        return next((found for part in condition.parts if (found := _lowest(part, key))), None)
    literal = condition.values[0] if condition.values else None
    if literal is None or literal.kind not in KINDS or condition.operator not in LOWER:
        return None
    return condition if str(condition.expression).lower() == key else None
