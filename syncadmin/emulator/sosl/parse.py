"""From the text of a search to its tree. Grammar after the SOSL Syntax page of the SOQL and SOSL Reference."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from lark import Lark, Token, v_args
from lark.exceptions import UnexpectedInput, VisitError

from syncadmin.emulator.errors import ApiError
from syncadmin.emulator.soql.ast import Condition, Expression, Order
from syncadmin.emulator.soql.grammar import CONDITIONS, QUERY, TOKENS, WORDS
from syncadmin.emulator.soql.parse import QueryBuilder, Refused, refusal
from syncadmin.emulator.soql.report import malformed

SEARCH = r"""
start: search
search: _FIND TERM may_in may_returning withs clauses may_limit
?may_in: [in_]
?may_returning: [returning]
in_: _IN NAME _FIELDS
returning: _RETURNING part ("," part)*
part: NAME
    | NAME "(" expressions may_where may_order may_limit may_offset ")"
expressions: expression ("," expression)*
withs: with_word*
with_word: _WITH NAME
    | _WITH NAME OPERATOR literal
    | _WITH NAME "(" NAME OPERATOR NUMBER ")"
_FIND: "FIND"i
_FIELDS: "FIELDS"i
_RETURNING: "RETURNING"i
TERM: /\{(?:\\.|[^{}\\])*\}/s
"""
GRAMMAR = "\n".join((SEARCH, QUERY.replace("start: query", ""), CONDITIONS, WORDS, TOKENS))
NO_TERM = "No search term found. The search term must be enclosed in braces."
GROUPS = frozenset({"ALL", "NAME", "EMAIL", "PHONE", "SIDEBAR"})


@dataclass(frozen=True, slots=True)
class Part:
    """An object of RETURNING."""

    sobject: Token
    fields: tuple[Expression, ...] = ()
    where: Condition | None = None
    order: tuple[Order, ...] = ()
    limit: int | None = None
    offset: int | None = None


@dataclass(frozen=True, slots=True)
class Search:
    """A whole search. group: ALL, NAME, EMAIL, PHONE or SIDEBAR; withs: the words of WITH and their values."""

    term: Token
    group: str
    returning: tuple[Part, ...]
    withs: tuple[tuple[Token, Any], ...]
    limit: int | None


@v_args(inline=True)
class _Build(QueryBuilder):
    def search(
        self, term: Token, group: Token | None, returning: Any, withs: Any, clauses: Any, limit: int | None
    ) -> Search:
        name = str(group or "ALL").upper()
        if group and name not in GROUPS:
            raise Refused(group, f"unexpected token: '{group}'")
        return Search(term, name, returning or (), withs, limit)

    def in_(self, name: Token) -> Token:
        return name

    def part(self, sobject: Token, fields: Any = (), *rest: Any) -> Part:
        where, order, limit, offset = rest or (None, None, None, None)
        return Part(sobject, fields, where, order or (), limit, offset)

    def returning(self, *parts: Any) -> tuple[Any, ...]:
        return parts

    expressions = withs = returning

    def with_word(self, name: Token, *rest: Any) -> tuple[Token, Any]:
        return name, (rest[-1].value if len(rest) == 2 else None)


_parser = Lark(GRAMMAR, parser="lalr", maybe_placeholders=True, propagate_positions=False)


@lru_cache(maxsize=256)
def _parse(sosl: str) -> Search:
    search: Search = _Build().transform(_parser.parse(sosl))
    return search


def parse(sosl: str) -> Search:
    """The tree of a search; ApiError MALFORMED_SEARCH if it is none (recorded for a term without braces)."""
    if "{" not in sosl:
        raise ApiError(400, "MALFORMED_SEARCH", NO_TERM)
    try:
        return _parse(sosl)
    except UnexpectedInput as error:
        raise ApiError(400, "MALFORMED_SEARCH", refusal(sosl, error).message) from error
    except (VisitError, RecursionError) as error:
        inner = error.orig_exc if isinstance(error, VisitError) else error
        token = inner.token if isinstance(inner, Refused) else Token("NAME", " ", 0)
        text = malformed(sosl, token.start_pos or 0, len(token), str(inner)).message
        raise ApiError(400, "MALFORMED_SEARCH", text) from error
