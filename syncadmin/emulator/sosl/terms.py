"""What is searched for: words, "phrases", wildcards, AND, OR, AND NOT. Source: the FIND {SearchQuery} page.

Values and terms are cut into words where anything but letters and digits stands; so ann@x.example is three words
in a row. Words side by side all have to be there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from lark import Lark, Token, Transformer, v_args
from lark.exceptions import UnexpectedInput

from syncadmin.emulator.errors import ApiError

GRAMMAR = r"""
start: either
?either: both | either _OR both -> any
?both: one | both _AND one -> all | both _ANDNOT one -> without | both one -> all
?one: WORD -> word | PHRASE -> word | "(" either ")"
_ANDNOT.4: /AND\s+NOT(?=[\s("])/i
_AND.3: /AND(?=[\s("])/i
_OR.3: /OR(?=[\s("])/i
PHRASE.2: /"(?:\\.|[^"\\])*"/s
WORD: /(?:\\.|[^\s"()\\])+/s
%ignore /\s+/
"""
SHORTEST, MOST_WILDCARDS = 2, 5
PIECE = re.compile(r"[^\W_]+", re.UNICODE)


@dataclass(frozen=True, slots=True)
class Words:
    """Words in a row; `*` and `?` in them are wildcards."""

    patterns: tuple[re.Pattern[str], ...]
    literal: str
    digits: str
    text: str

    def within(self, value: str) -> bool:
        """Whether the words stand in a value, one after the other."""
        words = PIECE.findall(value.lower())
        count = len(self.patterns)
        starts = range(len(words) - count + 1)
        return any(all(p.fullmatch(words[s + n]) for n, p in enumerate(self.patterns)) for s in starts)


@dataclass(frozen=True, slots=True)
class Logic:
    """Terms under all, any or without."""

    operator: str
    parts: tuple[Term, ...]


Term = Words | Logic


@v_args(inline=True)
class _Build(Transformer[Token, Any]):
    def start(self, term: Term) -> Term:
        return term

    def word(self, token: Token) -> Term:
        return words(token[1:-1] if token.type == "PHRASE" else str(token))

    def all(self, *parts: Term) -> Logic:
        return Logic("all", parts)

    def any(self, *parts: Term) -> Logic:
        return Logic("any", parts)

    def without(self, *parts: Term) -> Logic:
        return Logic("without", parts)


_parser = Lark(GRAMMAR, parser="lalr", propagate_positions=False)


def words(text: str) -> Words:
    """The words of a term. An escaped character is no wildcard, only what it is."""
    marked = re.sub(r"\\(.)", lambda m: " " if m[1] in "*?" else m[1], text, flags=re.S).lower()
    found = re.findall(r"[\w*?]+", marked.replace("_", " "))
    patterns = tuple(re.compile(re.escape(w).replace(r"\*", ".*").replace(r"\?", ".")) for w in found)
    pieces = re.findall(r"[^\W_]+", " ".join(found))
    digits = "".join(re.findall(r"\d", marked)) if not re.search(r"[^\d\s()+.*?-]", marked) else ""
    return Words(patterns, max(pieces, key=len, default=""), digits, marked)


def parse(braced: str) -> Term:
    """The term within the braces; MALFORMED_SEARCH if it is none, or too short (text from memory)."""
    text = braced[1:-1]
    if any(len(re.findall("[*?]", word)) > MOST_WILDCARDS for word in text.split()):
        raise ApiError(
            400, "MALFORMED_SEARCH", f"more than {MOST_WILDCARDS} wildcards in a word: FIND {braced}"
        )
    if len(re.sub(r"[\W_]", "", text)) < SHORTEST:
        shown = f"search term must be longer than one character: FIND {braced}"
        raise ApiError(400, "MALFORMED_SEARCH", shown)
    try:
        term: Term = _Build().transform(_parser.parse(text))
    except UnexpectedInput as error:
        raise ApiError(400, "MALFORMED_SEARCH", f"unexpected token in search term: FIND {braced}") from error
    return term


def matches(term: Term, values: list[str], phones: list[str]) -> bool:
    """Whether a record with these values, and these telephone numbers among them, is one."""
    if isinstance(term, Words):
        by_digits = len(term.digits) > SHORTEST and any(term.digits in phone for phone in phones)
        return by_digits or (bool(term.patterns) and any(term.within(value) for value in values))
    found = [matches(part, values, phones) for part in term.parts]
    if term.operator == "without":
        return found[0] and not found[1]
    return all(found) if term.operator == "all" else any(found)
