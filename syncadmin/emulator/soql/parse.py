"""From the text of a query to its tree."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from lark import Lark, Token, Transformer, v_args
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken, VisitError

from syncadmin.emulator.errors import ApiError
from syncadmin.emulator.soql.ast import (
    Call,
    Comparison,
    Condition,
    Expression,
    Item,
    Literal,
    Logic,
    Order,
    Query,
    TypeOf,
)
from syncadmin.emulator.soql.grammar import GRAMMAR, RESERVED
from syncadmin.emulator.soql.report import malformed

ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
PLAIN = frozenset("\"'\\%_")
ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.S)
MOST_ROWS, REMEMBERED = 2**31 - 1, 2000


class Refused(ValueError):
    """What the grammar takes and the language doesn't; carries the token it is about."""

    def __init__(self, token: Token, text: str) -> None:
        super().__init__(text)
        self.token = token


def unescape(quoted: Token) -> str:
    """The value of a quoted string; `\\%` and `\\_` stay as they are, for LIKE.

    Any other use of the backslash is an error. Source: the Quoted String Escape Sequences page.
    """
    return _whole(ESCAPE.sub(lambda match: _unescape_one(match, quoted), quoted[1:-1]), quoted)


def like_pattern(quoted: Token) -> str:
    """The same as a pattern of SQL's LIKE with ESCAPE '\\': a backslash that is meant as one is none that escapes."""

    def one(match: re.Match[str]) -> str:
        value = _unescape_one(match, quoted)
        return "\\\\" if value == "\\" else value

    return _whole(ESCAPE.sub(one, quoted[1:-1]), quoted)


def _whole(text: str, quoted: Token) -> str:
    """`\ud83d\ude00` are two halves of one character."""
    try:
        return text.encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeDecodeError:
        raise Refused(quoted, f"Invalid string literal {quoted}. Half a character.") from None


def _unescape_one(match: re.Match[str], quoted: Token) -> str:
    code = match[1]
    if code[0] == "u" and len(code) == 5:
        return chr(int(code[1:], 16))
    if code in PLAIN:
        return match[0] if code in "%_" else code
    if code.lower() not in ESCAPES:
        text = f"Invalid string literal {quoted}. Illegal character sequence '{match[0]}' in string literal."
        raise Refused(quoted, text)
    return ESCAPES[code.lower()]


@v_args(inline=True)
class Conditions(Transformer[Token, Any]):
    """Builds what SOQL and SOSL have in common."""

    def where(self, condition: Condition) -> Condition:
        return condition

    having = where

    def conjunction(self, *parts: Condition) -> Logic:
        return Logic("AND", parts)

    def disjunction(self, *parts: Condition) -> Logic:
        return Logic("OR", parts)

    def negation(self, part: Condition) -> Logic:
        return Logic("NOT", (part,))

    def compare(self, expression: Expression, operator: Token, value: Literal) -> Comparison:
        return Comparison(expression, "!=" if operator == "<>" else str(operator), (value,))

    def like(self, expression: Expression, value: Literal) -> Comparison:
        return Comparison(expression, "LIKE", (value,))

    def within(self, expression: Expression, values: tuple[Literal, ...]) -> Comparison:
        return Comparison(expression, "IN", values)

    def without(self, expression: Expression, values: tuple[Literal, ...]) -> Comparison:
        return Comparison(expression, "NOT IN", values)

    def includes(self, expression: Expression, values: tuple[Literal, ...]) -> Comparison:
        return Comparison(expression, "INCLUDES", values)

    def excludes(self, expression: Expression, values: tuple[Literal, ...]) -> Comparison:
        return Comparison(expression, "EXCLUDES", values)

    def semi(self, expression: Expression, query: Query) -> Comparison:
        return Comparison(expression, "IN", (), query)

    def anti(self, expression: Expression, query: Query) -> Comparison:
        return Comparison(expression, "NOT IN", (), query)

    def values(self, *values: Literal) -> tuple[Literal, ...]:
        return values

    def call(self, function: Token, *arguments: Any) -> Call:
        return Call(function, tuple(a for a in arguments if a is not None))

    def text(self, token: Token) -> Literal:
        return Literal("text", unescape(token), token)

    def moment(self, token: Token) -> Literal:
        return Literal("datetime", str(token), token)

    def day(self, token: Token) -> Literal:
        return Literal("date", str(token), token)

    def time(self, token: Token) -> Literal:
        return Literal("time", str(token), token)

    def number(self, token: Token) -> Literal:
        return Literal("number", float(token) if "." in token else int(token), token)

    def currency(self, token: Token) -> Literal:
        return Literal("currency", str(token), token)

    def name(self, token: Token) -> Literal:
        return Literal("name", str(token), token)

    def true(self, token: Token) -> Literal:
        return Literal("boolean", 1, token)

    def false(self, token: Token) -> Literal:
        return Literal("boolean", 0, token)

    def null(self, token: Token) -> Literal:
        return Literal("null", None, token)

    def order(self, *keys: Order) -> tuple[Order, ...]:
        return keys

    def key(self, expression: Expression, descending: bool | None, nulls: str | None) -> Order:
        return Order(expression, bool(descending), nulls == "LAST")

    def direction(self, token: Token) -> bool:
        return token.upper() == "DESC"

    def nulls(self, place: Token) -> str:
        return place.upper()

    def limit(self, number: Token) -> int:
        if not number.isdecimal():
            raise Refused(number, f"unexpected token: '{number}'")
        return min(int(number), MOST_ROWS)

    offset = limit


@v_args(inline=True)
class QueryBuilder(Conditions):
    """Builds queries."""

    def start(self, query: Query) -> Query:
        return query

    def query(self, items: tuple[Any, ...], name: Token, alias: Token | None, *rest: Any) -> Query:
        related, scope, where, with_, group, having, order, limit, offset, clauses = rest
        if name.upper() in RESERVED - {"GROUP"}:
            raise Refused(name, f"unexpected token: '{name}'")
        words = (*((with_,) if with_ else ()), *clauses)
        return Query(
            items, name, alias, related, scope, where, group or (), having, order or (), limit, offset, words
        )

    def items(self, *items: Any) -> tuple[Any, ...]:
        return items

    names = group = clauses = items

    def item(self, expression: Expression, alias: Token | None) -> Item:
        return Item(expression, alias)

    def child(self, query: Query) -> Query:
        return query

    def typeof(self, relation: Token, *parts: Any) -> TypeOf:
        return TypeOf(relation, parts[:-1], parts[-1] or ())

    def when(self, sobject: Token, names: tuple[Token, ...]) -> tuple[Token, tuple[Token, ...]]:
        return sobject, names

    def else_(self, names: tuple[Token, ...]) -> tuple[Token, ...]:
        return names

    def alias(self, *parts: Any) -> Token:
        name: Token = parts[-1]
        if name.upper() in RESERVED or "." in name:
            raise Refused(name, f"unexpected token: '{name}'")
        return name

    def related(self, *parts: Token) -> tuple[tuple[Token, Token], ...]:
        return tuple(zip(parts[::2], parts[1::2], strict=True))

    def scope(self, name: Token) -> Token:
        return name

    with_ = clause = scope

    def category_filter(self, word: Token, *_: Any) -> Token:
        return word


_parser = Lark(GRAMMAR, parser="lalr", maybe_placeholders=True, propagate_positions=False)


def _tree(soql: str) -> Query:
    query: Query = QueryBuilder().transform(_parser.parse(soql))
    return query


_remembered = lru_cache(maxsize=1024)(_tree)


def parse(soql: str) -> Query:
    """The tree of a query; ApiError MALFORMED_QUERY if it is none."""
    try:
        # Long ones list ids, and don't come twice; a thousand of them would be 200 MB.
        return _remembered(soql) if len(soql) <= REMEMBERED else _tree(soql)
    except UnexpectedInput as error:
        raise refusal(soql, error) from error
    except RecursionError as error:
        raise malformed(soql, 0, 1, "conditions are nested too deep for this emulator") from error
    except VisitError as error:
        if isinstance(error.orig_exc, Refused):
            token = error.orig_exc.token
            raise malformed(soql, token.start_pos or 0, len(token), str(error.orig_exc)) from error
        raise malformed(soql, 0, 1, "unknown error parsing query") from error


def refusal(soql: str, error: UnexpectedInput) -> ApiError:
    """What an org says of a text that isn't a query.

    `unexpected token` is recorded; the words of bind variables, strings without end and stray characters
    are from memory of live calls.
    """
    if isinstance(error, UnexpectedToken) and error.token.type != "$END":
        found, position = str(error.token), error.token.start_pos or 0
        return malformed(soql, position, len(found), f"unexpected token: '{found}'")
    if isinstance(error, UnexpectedCharacters):
        return _stray(soql, error.pos_in_stream or 0)
    return malformed(soql, len(soql), 0, "unexpected token: '<EOF>'")


def _stray(soql: str, position: int) -> ApiError:
    """A character that begins nothing."""
    found = soql[position]
    if found == ":":
        return malformed(soql, position, 1, "Bind variables only allowed in Apex code")
    row, column = soql.count("\n", 0, position) + 1, position - soql.rfind("\n", 0, position) - 1
    if found == "'":
        return ApiError(
            400, "MALFORMED_QUERY", f"line {row}:{len(soql)} mismatched character '<EOF>' expecting '''"
        )
    if found.isalnum() or found in "()_.,=<>!":
        word = re.match(r"\w+|.", soql[position:])
        shown = word[0] if word else found
        return malformed(soql, position, len(shown), f"unexpected token: '{shown}'")
    return ApiError(
        400, "MALFORMED_QUERY", f"line {row}:{column} no viable alternative at character '{found}'"
    )
