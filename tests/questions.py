"""Random rules and values, for the tests that state that a rule means the same everywhere."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import strategies as st

from syncadmin.sync.conditions import BARE, OPERATORS, Condition, Kind, Operator, Rule, condition, kind_of

COLOURS = ["Red", "Green", "Blue"]
DAYS = ["2026-11-18", "2026-11-20", "2026-11-21", "2026-11-22", "2026-11-23"]
MOMENTS = [f"{day}T{time}Z" for day in DAYS for time in ("00:00:00", "12:00:00", "22:59:59", "23:00:00")]
IDS = ["005Fe0000000001IAA", "005Fe0000000002IAA"]
NUMBERS = [-1, 0, 1, 0.1, 2.5, 10**14]


def texts(alphabet: str) -> st.SearchStrategy[str]:
    """Short texts that often contain one another."""
    return st.text(alphabet, min_size=1, max_size=4).map(str.strip).map(lambda text: text or alphabet[0])


def values_of(type: str, alphabet: str) -> st.SearchStrategy[Any]:
    """A stored value of a type, or a blank."""
    found: dict[Kind, st.SearchStrategy[Any]] = {
        Kind.TEXT: texts(alphabet), Kind.CHOICE: st.sampled_from(COLOURS), Kind.NUMBER: st.sampled_from(NUMBERS),
        Kind.CHOICES: st.sets(st.sampled_from(COLOURS), min_size=1).map(lambda parts: ";".join(sorted(parts))),
        Kind.DATE: st.sampled_from(DAYS), Kind.MOMENT: st.sampled_from(MOMENTS), Kind.ID: st.sampled_from(IDS),
        Kind.BOOLEAN: st.booleans(),
    }  # fmt: skip
    kind = kind_of(type)
    if type == "integer":
        return st.none() | st.integers(-2, 12)
    return found[kind] if kind is Kind.BOOLEAN else st.none() | found[kind]


def conditions(fields: dict[str, str], alphabet: str) -> st.SearchStrategy[Condition]:
    """Any condition on any of the fields ({name: type})."""

    @st.composite
    def one(draw: st.DrawFn) -> Condition:
        name = draw(st.sampled_from(sorted(fields)))
        type, kind = fields[name], kind_of(fields[name])
        operator = draw(st.sampled_from(OPERATORS[kind]))
        if operator in BARE:
            return condition(name, type, operator, [])
        if operator is Operator.PAST_DAYS:
            return condition(name, type, operator, [draw(st.integers(0, 3))])
        if kind in (Kind.DATE, Kind.MOMENT):
            return condition(name, type, operator, [draw(st.sampled_from(DAYS).map(date.fromisoformat))])
        wanted = values_of("picklist" if kind is Kind.CHOICES else type, alphabet).filter(
            lambda value: value is not None
        )
        most = 3 if operator is Operator.ONE_OF else 1
        return condition(name, type, operator, draw(st.lists(wanted, min_size=1, max_size=most)))

    return one()


def rules(fields: dict[str, str], alphabet: str) -> st.SearchStrategy[Rule]:
    """Up to three conditions, all or any."""
    return st.builds(
        lambda parts, any: Rule(tuple(parts), any),
        st.lists(conditions(fields, alphabet), max_size=3),
        st.booleans(),
    )
