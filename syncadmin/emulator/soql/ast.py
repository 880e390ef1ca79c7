"""A parsed query. Names are lark tokens: texts that know where in the query they stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lark import Token


@dataclass(frozen=True, slots=True)
class Literal:
    """A value: kind is text, number, boolean, null, date, datetime, time, currency or name (a date literal)."""

    kind: str
    value: Any
    token: Token


@dataclass(frozen=True, slots=True)
class Call:
    """A function and what it is applied to."""

    function: Token
    arguments: tuple[Expression | Literal, ...]

    @property
    def name(self) -> str:
        """The function in capitals."""
        return self.function.upper()


Expression = Token | Call


@dataclass(frozen=True, slots=True)
class Item:
    """Something selected: a field, or a function of one."""

    expression: Expression
    alias: Token | None = None

    @property
    def token(self) -> Token:
        """Where it stands in the query."""
        return token_of(self.expression)

    @property
    def call(self) -> Call | None:
        """The function call, if it is one."""
        return self.expression if isinstance(self.expression, Call) else None

    @property
    def function(self) -> Token | None:
        """The name of the function, if it is a call."""
        return self.call.function if self.call else None

    @property
    def name(self) -> Token | None:
        """The field: itself, or what the function is applied to; None for COUNT() and nested functions."""
        found = self.expression if not self.call else next(iter(self.call.arguments), None)
        return found if isinstance(found, Token) else None


@dataclass(frozen=True, slots=True)
class TypeOf:
    """TYPEOF relation WHEN object THEN fields … ELSE fields END."""

    relation: Token
    cases: tuple[tuple[Token, tuple[Token, ...]], ...]
    otherwise: tuple[Token, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """expression operator values; values are literals, or there is a query for a semi-join."""

    expression: Expression
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

    expression: Expression
    descending: bool
    nulls_last: bool


@dataclass(frozen=True, slots=True)
class Query:
    """A whole query. `items` may hold queries: those of child relationships. `related` are the aliases of
    `FROM Contact c, c.Account a`. `clauses` are words that select nothing: FOR VIEW, UPDATE TRACKING, WITH ….
    """

    items: tuple[Item | TypeOf | Query, ...]
    sobject: Token
    alias: Token | None
    related: tuple[tuple[Token, Token], ...] = ()
    scope: Token | None = None
    where: Condition | None = None
    group: tuple[Expression, ...] = ()
    having: Condition | None = None
    order: tuple[Order, ...] = ()
    limit: int | None = None
    offset: int | None = None
    clauses: tuple[Token, ...] = ()


def token_of(expression: Expression | Literal) -> Token:
    """The token an expression begins with."""
    if isinstance(expression, Call):
        return expression.function
    return expression.token if isinstance(expression, Literal) else expression


def spelled(expression: Expression | Literal) -> str:
    """The expression as text, the same however it was spaced and capitalised: to find it again by."""
    if isinstance(expression, Call):
        return f"{expression.name}({','.join(map(spelled, expression.arguments))})"
    return str(token_of(expression)).lower()
