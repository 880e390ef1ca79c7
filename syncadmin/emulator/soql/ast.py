"""A parsed query. Names are lark tokens: texts that know where in the query they stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lark import Token


@dataclass(frozen=True, slots=True)
class Literal:
    """A value: kind is text, number, boolean, null, date, datetime or name (a date literal)."""

    kind: str
    value: Any
    token: Token


@dataclass(frozen=True, slots=True)
class Item:
    """Something selected: a field, or a function of one."""

    name: Token | None
    function: Token | None = None
    alias: Token | None = None

    @property
    def token(self) -> Token:
        """Where it stands in the query."""
        return self.function or self.name or Token("NAME", "")


@dataclass(frozen=True, slots=True)
class Comparison:
    """field operator values; values is a list of literals, or a query for a semi-join."""

    name: Token
    operator: str
    values: tuple[Literal, ...]
    query: Query | None = None


@dataclass(frozen=True, slots=True)
class Logic:
    """Conditions joined by AND or OR, or one under NOT."""

    operator: str
    parts: tuple[Condition, ...]


Condition = Comparison | Logic


@dataclass(frozen=True, slots=True)
class Order:
    """One key of ORDER BY."""

    item: Item
    descending: bool
    nulls_last: bool


@dataclass(frozen=True, slots=True)
class Query:
    """A whole query."""

    items: tuple[Item, ...]
    sobject: Token
    alias: Token | None
    where: Condition | None
    group: tuple[Token, ...]
    having: Condition | None
    order: tuple[Order, ...]
    limit: int | None
    offset: int | None
    all_rows: bool
