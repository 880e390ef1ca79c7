"""From the text of a query to its tree. Grammar after the SOQL SELECT Syntax page of the SOQL Reference."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from lark import Lark, Token, Transformer, v_args
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken, VisitError

from syncadmin.emulator.errors import ApiError
from syncadmin.emulator.soql.ast import Comparison, Condition, Item, Literal, Logic, Order, Query
from syncadmin.emulator.soql.report import malformed

GRAMMAR = r"""
start: query
// Optional parts are rules of their own: written with brackets here, they would make 1,024 forms of a query,
// and three seconds of grammar.
query: _SELECT items _FROM NAME may_alias may_scope may_where may_with may_group may_having may_order may_limit \
       may_offset for_* may_all
?may_alias: [alias]
?may_scope: [scope]
?may_where: [where]
?may_with: [with_]
?may_group: [group]
?may_having: [having]
?may_order: [order]
?may_limit: [limit]
?may_offset: [offset]
?may_all: [all_rows]
items: item ("," item)*
item: NAME [alias] -> field
    | NAME "(" [NAME] ")" [alias] -> call
alias: [_AS] NAME
scope: _USING _SCOPE NAME
where: _WHERE condition
with_: _WITH NAME
?condition: unary | conjunction | disjunction
conjunction: unary (_AND unary)+
disjunction: unary (_OR unary)+
?unary: comparison | negation | "(" condition ")"
negation: _NOT unary
comparison: NAME OPERATOR literal -> compare
    | NAME _LIKE literal -> like
    | NAME _IN values -> within
    | NAME _NOT _IN values -> without
    | NAME _INCLUDES values -> includes
    | NAME _EXCLUDES values -> excludes
    | NAME _IN "(" query ")" -> semi
    | NAME _NOT _IN "(" query ")" -> anti
    | NAME "(" [NAME] ")" OPERATOR literal -> aggregate
values: "(" literal ("," literal)* ")"
literal: STRING -> text
    | DATETIME -> moment
    | DATE -> day
    | NUMBER -> number
    | RANGE -> name
    | TRUE -> true
    | FALSE -> false
    | NULL -> null
    | NAME -> name
group: _GROUP _BY NAME ("," NAME)*
having: _HAVING condition
order: _ORDER _BY key ("," key)*
key: key_item [direction] [nulls]
key_item: NAME -> key_field
    | NAME "(" [NAME] ")" -> key_call
direction: ASC | DESC
nulls: _NULLS (FIRST | LAST)
limit: _LIMIT NUMBER
offset: _OFFSET NUMBER
for_: _FOR NAME
all_rows: _ALL _ROWS

_SELECT: "SELECT"i
_FROM: "FROM"i
_AS: "AS"i
_USING: "USING"i
_SCOPE: "SCOPE"i
_WHERE: "WHERE"i
_WITH: "WITH"i
_AND: "AND"i
_OR: "OR"i
_NOT: "NOT"i
_LIKE: "LIKE"i
_IN: "IN"i
_INCLUDES: "INCLUDES"i
_EXCLUDES: "EXCLUDES"i
_GROUP: "GROUP"i
_BY: "BY"i
_HAVING: "HAVING"i
_ORDER: "ORDER"i
_NULLS: "NULLS"i
_LIMIT: "LIMIT"i
_OFFSET: "OFFSET"i
_FOR: "FOR"i
_ALL: "ALL"i
_ROWS: "ROWS"i
ASC: "ASC"i
DESC: "DESC"i
FIRST: "FIRST"i
LAST: "LAST"i
TRUE: "TRUE"i
FALSE: "FALSE"i
NULL: "NULL"i
OPERATOR: "=" | "!=" | "<>" | "<=" | ">=" | "<" | ">"
RANGE.2: /[A-Z_]+:[0-9]+/i
NAME: /[A-Z_][A-Z0-9_]*(\.[A-Z_][A-Z0-9_]*)*/i
STRING: /'(?:[^'\\]|\\.)*'/
DATETIME.3: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)/i
DATE.2: /\d{4}-\d\d-\d\d/
NUMBER: /[+-]?\d+(?:\.\d*)?/
%ignore /\s+/
"""
ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "N": "\n", "R": "\r", "T": "\t"}
ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.S)


def unescape(quoted: str) -> str:
    """The value of a quoted string; `\\%` and `\\_` stay as they are, for LIKE."""
    return ESCAPE.sub(_unescape_one, quoted[1:-1])


def _unescape_one(match: re.Match[str]) -> str:
    code = match[1]
    if code[0] == "u" and len(code) == 5:
        return chr(int(code[1:], 16))
    return match[0] if code in "%_" else ESCAPES.get(code, code)


@v_args(inline=True)
class _Build(Transformer[Token, Query]):
    def start(self, query: Query) -> Query:
        return query

    def query(self, items: tuple[Item, ...], name: Token, *rest: Any) -> Query:
        alias, _, where, _, group, having, order, limit, offset, *_, all_rows = rest
        return Query(
            items, name, alias, where, group or (), having, order or (), limit, offset, bool(all_rows)
        )

    def items(self, *items: Item) -> tuple[Item, ...]:
        return items

    def field(self, name: Token, alias: Token | None) -> Item:
        return Item(name, None, alias)

    def call(self, function: Token, name: Token | None, alias: Token | None) -> Item:
        return Item(name, function, alias)

    def alias(self, *parts: Any) -> Token:
        name: Token = parts[-1]
        return name

    def where(self, condition: Condition) -> Condition:
        return condition

    having = where

    def conjunction(self, *parts: Condition) -> Logic:
        return Logic("AND", parts)

    def disjunction(self, *parts: Condition) -> Logic:
        return Logic("OR", parts)

    def negation(self, part: Condition) -> Logic:
        return Logic("NOT", (part,))

    def compare(self, name: Token, operator: Token, value: Literal) -> Comparison:
        return Comparison(name, "!=" if operator == "<>" else str(operator), (value,))

    def like(self, name: Token, value: Literal) -> Comparison:
        return Comparison(name, "LIKE", (value,))

    def within(self, name: Token, values: tuple[Literal, ...]) -> Comparison:
        return Comparison(name, "IN", values)

    def without(self, name: Token, values: tuple[Literal, ...]) -> Comparison:
        return Comparison(name, "NOT IN", values)

    def includes(self, name: Token, values: tuple[Literal, ...]) -> Comparison:
        return Comparison(name, "INCLUDES", values)

    def excludes(self, name: Token, values: tuple[Literal, ...]) -> Comparison:
        return Comparison(name, "EXCLUDES", values)

    def semi(self, name: Token, query: Query) -> Comparison:
        return Comparison(name, "IN", (), query)

    def anti(self, name: Token, query: Query) -> Comparison:
        return Comparison(name, "NOT IN", (), query)

    def aggregate(self, function: Token, name: Token | None, operator: Token, value: Literal) -> Comparison:
        return Comparison(
            Token.new_borrow_pos("CALL", f"{function}({name or ''})", function), str(operator), (value,)
        )

    def values(self, *values: Literal) -> tuple[Literal, ...]:
        return values

    def text(self, token: Token) -> Literal:
        return Literal("text", unescape(token), token)

    def moment(self, token: Token) -> Literal:
        return Literal("datetime", str(token), token)

    def day(self, token: Token) -> Literal:
        return Literal("date", str(token), token)

    def number(self, token: Token) -> Literal:
        return Literal("number", float(token) if "." in token else int(token), token)

    def name(self, token: Token) -> Literal:
        return Literal("name", str(token), token)

    def true(self, token: Token) -> Literal:
        return Literal("boolean", 1, token)

    def false(self, token: Token) -> Literal:
        return Literal("boolean", 0, token)

    def null(self, token: Token) -> Literal:
        return Literal("null", None, token)

    def group(self, *names: Token) -> tuple[Token, ...]:
        return names

    def order(self, *keys: Order) -> tuple[Order, ...]:
        return keys

    def key(self, item: Item, descending: bool | None, nulls: str | None) -> Order:
        return Order(item, bool(descending), nulls == "LAST")

    def key_field(self, name: Token) -> Item:
        return Item(name)

    def key_call(self, function: Token, name: Token | None) -> Item:
        return Item(name, function)

    def direction(self, token: Token) -> bool:
        return token.upper() == "DESC"

    def nulls(self, place: Token) -> str:
        return place.upper()

    def limit(self, number: Token) -> int:
        return int(number)

    offset = limit

    def all_rows(self) -> bool:
        return True


_parser = Lark(GRAMMAR, parser="lalr", maybe_placeholders=True, propagate_positions=False)


@lru_cache(maxsize=1024)
def _parse(soql: str) -> Query:
    query: Query = _Build().transform(_parser.parse(soql))
    return query


def parse(soql: str) -> Query:
    """The tree of a query; ApiError MALFORMED_QUERY if it is none."""
    try:
        return _parse(soql)
    except UnexpectedInput as error:
        raise _refusal(soql, error) from error
    except (VisitError, ValueError) as error:
        raise malformed(soql, 0, 1, "unknown error parsing query") from error


def _refusal(soql: str, error: UnexpectedInput) -> ApiError:
    if isinstance(error, UnexpectedToken) and error.token.type != "$END":
        found, position = str(error.token), error.token.start_pos or 0
    elif isinstance(error, UnexpectedCharacters):
        position = error.pos_in_stream or 0
        found = soql[position:].split(maxsplit=1)[0]
    else:
        return malformed(soql, len(soql), 0, "unexpected token: '<EOF>'")
    return malformed(soql, position, len(found), f"unexpected token: '{found}'")
