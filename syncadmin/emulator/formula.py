"""The formula language of validation rules and formula fields, as far as those of this org use it.

Source: the Formula Operators and Functions page of Salesforce Help. Texts that are blank count as null; a
comparison with null is false, except that `=` finds two blanks equal.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from lark import Lark, Token, Transformer, v_args
from lark.exceptions import LarkError

GRAMMAR = r"""
start: expression
?expression: conjunction ("||" conjunction)* -> either
?conjunction: equality ("&&" equality)* -> both
?equality: relation (EQUAL relation)?
?relation: sum (COMPARE sum)?
?sum: product ((PLUS | MINUS | JOIN) product)*
?product: unary ((TIMES | OVER) unary)*
?unary: "!" unary -> negated
    | MINUS unary -> minus
    | atom
?atom: NAME "(" [expression ("," expression)*] ")" -> call
    | NAME -> field
    | NUMBER -> number
    | STRING -> text
    | "(" expression ")"
EQUAL: "==" | "=" | "!=" | "<>"
COMPARE: "<=" | ">=" | "<" | ">"
PLUS: "+"
MINUS: "-"
JOIN: "&"
TIMES: "*"
OVER: "/"
NAME: /[A-Z_$][A-Z0-9_$]*(\.[A-Z_][A-Z0-9_]*)*/i
NUMBER: /\d+(\.\d+)?/
STRING: /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/
COMMENT: /\/\*.*?\*\//s
%ignore /\s+/
%ignore COMMENT
"""


@dataclass(frozen=True, slots=True)
class Scene:
    """What a formula is about: the record, what it was before (None if it is new), and the moment."""

    record: Mapping[str, Any]
    before: Mapping[str, Any] | None = None
    now: Any = None


Node = Callable[[Scene], Any]


class FormulaError(ValueError):
    """The text isn't a formula this language knows."""


def _blank(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _text(value: Any) -> str:
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _same(left: Any, right: Any) -> bool:
    if _blank(left) or _blank(right):
        return _blank(left) and _blank(right)
    if isinstance(left, str) != isinstance(right, str):
        return False
    return bool(left == right)


def _ordered(operator: str, left: Any, right: Any) -> bool:
    if left is None or right is None or isinstance(left, str) != isinstance(right, str):
        return False
    below, same = bool(left < right), bool(left == right)
    return {"<": below, "<=": below or same, ">": not below and not same, ">=": not below}[operator]


def _math(operator: str, left: Any, right: Any) -> Any:
    if operator == "&" or isinstance(left, str) or isinstance(right, str):
        return _text(left) + _text(right)
    if left is None or right is None or (operator == "/" and not right):
        return None
    return (
        {"+": left + right, "-": left - right, "*": left * right}.get(operator)
        if operator != "/"
        else left / right
    )


def _regex(value: Any, pattern: Any) -> bool:
    return re.fullmatch(_text(pattern), _text(value)) is not None


FUNCTIONS: dict[str, tuple[int, Callable[..., Any]]] = {
    "ISBLANK": (1, _blank),
    "ISNULL": (1, lambda v: v is None),
    "NOT": (1, lambda v: not v),
    "LEN": (1, lambda v: len(_text(v))),
    "TEXT": (1, _text),
    "VALUE": (1, lambda v: float(v) if v else None),
    "UPPER": (1, lambda v: _text(v).upper()),
    "LOWER": (1, lambda v: _text(v).lower()),
    "TRIM": (1, lambda v: _text(v).strip()),
    "ABS": (1, lambda v: None if v is None else abs(v)),
    "ISPICKVAL": (2, lambda v, wanted: _text(v) == _text(wanted)),
    "INCLUDES": (2, lambda v, wanted: _text(wanted) in _text(v).split(";")),
    "CONTAINS": (2, lambda v, part: _text(part) in _text(v)),
    "BEGINS": (2, lambda v, part: _text(v).startswith(_text(part))),
    "LEFT": (2, lambda v, n: _text(v)[: int(n)]),
    "RIGHT": (2, lambda v, n: _text(v)[-int(n) :] if n else ""),
    "BLANKVALUE": (2, lambda v, other: other if _blank(v) else v),
    "REGEX": (2, _regex),
}
LAZY = {"AND", "OR", "IF", "ISCHANGED", "ISNEW", "PRIORVALUE", "TODAY"}


@v_args(inline=True)
class _Compile(Transformer[Token, Node]):
    def start(self, node: Node) -> Node:
        return node

    def either(self, *parts: Node) -> Node:
        return parts[0] if len(parts) == 1 else lambda s: any(part(s) for part in parts)

    def both(self, *parts: Node) -> Node:
        return parts[0] if len(parts) == 1 else lambda s: all(part(s) for part in parts)

    def equality(self, left: Node, operator: Token, right: Node) -> Node:
        wanted = operator in ("=", "==")
        return lambda s: _same(left(s), right(s)) == wanted

    def relation(self, left: Node, operator: Token, right: Node) -> Node:
        return lambda s: _ordered(operator, left(s), right(s))

    def sum(self, first: Node, *rest: Any) -> Node:
        node = first
        for operator, right in zip(rest[::2], rest[1::2], strict=True):
            node = _pair(str(operator), node, right)
        return node

    product = sum

    def negated(self, node: Node) -> Node:
        return lambda s: not node(s)

    def minus(self, _: Token, node: Node) -> Node:
        return lambda s: _math("-", 0, node(s))

    def number(self, token: Token) -> Node:
        value = float(token)
        return lambda s: value

    def text(self, token: Token) -> Node:
        value = re.sub(r"\\(.)", r"\1", token[1:-1])
        return lambda s: value

    def field(self, token: Token) -> Node:
        name = str(token)
        if name.upper() in ("TRUE", "FALSE", "NULL"):
            constant = {"TRUE": True, "FALSE": False}.get(name.upper())
            return lambda s: constant
        return lambda s: s.record.get(name)

    def call(self, token: Token, *arguments: Node | None) -> Node:
        nodes = [a for a in arguments if a is not None]
        name = token.upper()
        if name in LAZY:
            return _lazy(name, nodes)
        if name not in FUNCTIONS or FUNCTIONS[name][0] != len(nodes):
            raise FormulaError(f"Unknown function {token} of {len(nodes)} parameters.")
        function = FUNCTIONS[name][1]
        return lambda s: function(*[node(s) for node in nodes])


def _pair(operator: str, left: Node, right: Node) -> Node:
    return lambda s: _math(operator, left(s), right(s))


def _lazy(name: str, nodes: list[Node]) -> Node:
    """Functions that don't need all of their arguments, or need to know the record as it was."""
    if name == "AND":
        return lambda s: all(node(s) for node in nodes)
    if name == "OR":
        return lambda s: any(node(s) for node in nodes)
    if name == "IF":
        test, yes, no = nodes
        return lambda s: yes(s) if test(s) else no(s)
    if name == "ISNEW":
        return lambda s: s.before is None
    if name == "TODAY":
        return lambda s: s.now.date().isoformat() if s.now else None
    field = nodes[0]
    if name == "ISCHANGED":
        return lambda s: s.before is not None and field(s) != field(Scene(s.before))
    return lambda s: field(Scene(s.before)) if s.before is not None else None


_parser = Lark(GRAMMAR, parser="lalr", maybe_placeholders=True)


@lru_cache(maxsize=512)
def compile_formula(text: str) -> Node:
    """A function of a scene; FormulaError if the text can't be understood."""
    try:
        node: Node = _Compile().transform(_parser.parse(text))
        return node
    except LarkError as error:
        raise FormulaError(f"Syntax error in the formula: {error.__class__.__name__}") from error
