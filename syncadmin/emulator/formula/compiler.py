"""The formula language of validation rules, formula fields and assignment rules.

Source: the Formula Operators and Functions page of Salesforce Help. A name may be a field, a path to a field of
a parent (`Account.Name`, `Owner:User.Email`) or a global (`$User.Username`, `$Profile.Name`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from lark import Lark, Token, Transformer, v_args
from lark.exceptions import LarkError

from syncadmin.emulator.formula.functions import (
    FUNCTIONS,
    calculate,
    or_null,
    ordered,
    same,
    to_date,
    to_moment,
)

GRAMMAR = r"""
start: expression
?expression: conjunction ("||" conjunction)* -> either
?conjunction: equality ("&&" equality)* -> both
?equality: relation (EQUAL relation)?
?relation: sum (COMPARE sum)?
?sum: product ((PLUS | MINUS | JOIN) product)*
?product: power ((TIMES | OVER) power)*
?power: unary (POWER unary)*
?unary: "!" unary -> negated
    | MINUS unary -> minus
    | PLUS unary -> plus
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
POWER: "^"
NAME: /[A-Z_$][A-Z0-9_$]*([.:][A-Z_][A-Z0-9_]*)*/i
NUMBER: /\d+(\.\d+)?|\.\d+/
STRING: /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/
COMMENT: /\/\*.*?\*\//s
%ignore /\s+/
%ignore COMMENT
"""
CONSTANTS = {"TRUE": True, "FALSE": False, "NULL": None}
LAZY = {
    "AND": (1, 99),
    "OR": (1, 99),
    "IF": (3, 3),
    "CASE": (4, 999),
    "IFERROR": (2, 2),
    "ISCHANGED": (1, 1),
    "PRIORVALUE": (1, 1),
    "ISNEW": (0, 0),
    "TODAY": (0, 0),
    "NOW": (0, 0),
}
READERS: dict[str, Callable[[Any], Any]] = {
    "date": to_date,
    "datetime": to_moment,
    "percent": lambda value: value / 100,
    "boolean": bool,
}
Kinds = frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Scene:
    """What a formula is about: the record, what it was before (None if it is new), and the moment.

    `parent` finds the value at the end of a path such as `Account.Name`; `world` has the globals by name.
    """

    record: Mapping[str, Any]
    before: Mapping[str, Any] | None = None
    now: Any = None
    parent: Callable[[Mapping[str, Any], str], Any] | None = None
    world: Mapping[str, Any] = field(default_factory=dict)


Node = Callable[[Scene], Any]


class FormulaError(ValueError):
    """The text isn't a formula this language knows."""


@v_args(inline=True)
class _Compile(Transformer[Token, Node]):
    """Makes a function of a scene out of a tree; kinds has the fields by name, in lower case."""

    def __init__(self, kinds: Kinds) -> None:
        super().__init__()
        self.kinds = {name.lower(): (name, kind) for name, kind in kinds}

    def start(self, node: Node) -> Node:
        return node

    def either(self, *parts: Node) -> Node:
        return parts[0] if len(parts) == 1 else lambda s: any(part(s) for part in parts)

    def both(self, *parts: Node) -> Node:
        return parts[0] if len(parts) == 1 else lambda s: all(part(s) for part in parts)

    def equality(self, left: Node, operator: Token, right: Node) -> Node:
        wanted = operator in ("=", "==")
        return lambda s: same(left(s), right(s)) == wanted

    def relation(self, left: Node, operator: Token, right: Node) -> Node:
        sign = str(operator)
        return lambda s: ordered(sign, left(s), right(s))

    def sum(self, first: Node, *rest: Any) -> Node:
        node = first
        for operator, right in zip(rest[::2], rest[1::2], strict=True):
            node = _pair(str(operator), node, right)
        return node

    product = power = sum

    def negated(self, node: Node) -> Node:
        return lambda s: not node(s)

    def minus(self, _: Token, node: Node) -> Node:
        return _pair("-", lambda s: 0, node)

    def plus(self, _: Token, node: Node) -> Node:
        return node

    def number(self, token: Token) -> Node:
        value = float(token)
        return lambda s: value

    def text(self, token: Token) -> Node:
        value = re.sub(r"\\(.)", r"\1", token[1:-1])
        return lambda s: value

    def field(self, token: Token) -> Node:
        name = str(token)
        if name.upper() in CONSTANTS:
            constant = CONSTANTS[name.upper()]
            return lambda s: constant
        if name.startswith("$"):
            return lambda s: s.world.get(name.lower())
        if "." in name:
            return lambda s: s.parent(s.record, name) if s.parent else None
        known, kind = self.kinds.get(name.lower(), (name, ""))
        if self.kinds and name.lower() not in self.kinds:
            raise FormulaError(f"Field {name} does not exist. Check spelling.")
        return _reader(known, READERS.get(kind))

    def call(self, token: Token, *arguments: Node | None) -> Node:
        nodes = [a for a in arguments if a is not None]
        name = token.upper()
        least, most = LAZY.get(name) or FUNCTIONS.get(name, (1, 0))[:2]
        if not least <= len(nodes) <= most or (name == "CASE" and len(nodes) % 2):
            raise FormulaError(f"Unknown function {token} of {len(nodes)} parameters.")
        if name in LAZY:
            return _lazy(name, nodes)
        function = FUNCTIONS[name][2]
        return lambda s: or_null(function, *[node(s) for node in nodes])


def _pair(operator: str, left: Node, right: Node) -> Node:
    return lambda s: or_null(calculate, operator, left(s), right(s))


def _reader(name: str, read: Callable[[Any], Any] | None) -> Node:
    """The value of a field, as the formula language has it."""
    if read is None:
        return lambda s: s.record.get(name)

    def value(scene: Scene) -> Any:
        found = scene.record.get(name)
        return None if found is None else read(found)

    return value


def _lazy(name: str, nodes: list[Node]) -> Node:
    """Functions that don't need all of their arguments, or need to know the record as it was."""
    if name == "AND":
        return lambda s: all(node(s) for node in nodes)
    if name == "OR":
        return lambda s: any(node(s) for node in nodes)
    if name == "IF":
        return lambda s: nodes[1](s) if nodes[0](s) else nodes[2](s)
    if name == "CASE":
        return _case(nodes)
    if name == "IFERROR":
        return lambda s: nodes[1](s) if nodes[0](s) is None else nodes[0](s)
    return _history(name, nodes)


def _case(nodes: list[Node]) -> Node:
    subject, *pairs, other = nodes

    def choose(scene: Scene) -> Any:
        value = subject(scene)
        for wanted, result in zip(pairs[::2], pairs[1::2], strict=True):
            if same(value, wanted(scene)):
                return result(scene)
        return other(scene)

    return choose


def _history(name: str, nodes: list[Node]) -> Node:
    """What was before, and what time it is."""
    if name == "ISNEW":
        return lambda s: s.before is None
    if name == "NOW":
        return lambda s: s.now
    if name == "TODAY":
        return lambda s: s.now.date() if s.now else None
    node = nodes[0]
    if name == "ISCHANGED":
        return lambda s: s.before is not None and not same(node(s), node(replace(s, record=s.before)))
    return lambda s: node(s) if s.before is None else node(replace(s, record=s.before))


_parser = Lark(GRAMMAR, parser="lalr", maybe_placeholders=True)


@lru_cache(maxsize=512)
def compile_formula(text: str, kinds: Kinds = frozenset()) -> Node:
    """A function of a scene; FormulaError if the text can't be understood.

    kinds: the name and describe type of every field there is; without any, names aren't verified.
    """
    try:
        node: Node = _Compile(kinds).transform(_parser.parse(text))
        return node
    except LarkError as error:
        if isinstance(error.__context__, FormulaError):
            raise error.__context__ from None
        raise FormulaError(f"Syntax error in the formula: {error.__class__.__name__}") from error
