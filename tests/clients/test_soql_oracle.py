"""The grammar of SOQL against a parser nobody here wrote: both take a text or both refuse it, and what both take they
understand alike.
"""

from __future__ import annotations

import json
from typing import Any

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
from syncadmin.emulator.soql.parse import parse
from tests.emulator.soql_corpus import INVALID, VALID

from .conftest import Run

#: Texts the other parser takes and we don't, with the reason why we stay as we are.
THEY_TAKE = {
    "SELECT Id FROM Lead WHERE AND Name = 'a'": "the SELECT Syntax page has no operator before a condition",
    "SELECT Id FROM Lead WHERE Name = 'a' Email = 'b'": "conditions are joined by AND or OR (Condition Expressions)",
    "SELECT Id FROM Lead WHERE Name IN 'a'": "values of IN stand in parentheses (Comparison Operators)",
    "SELECT Id FROM Lead OFFSET": "OFFSET begins a clause; they read it as an alias of Lead",
    "SELECT Owner. FROM Lead": "a name doesn't end in a dot",
}
Form = Any


def theirs(node: Run, queries: list[str]) -> list[Form]:
    done = node("parse_soql.mjs", input=json.dumps(queries))
    assert done.returncode == 0, done.stderr
    return list(json.loads(done.stdout))


def ours(soql: str) -> Query | None:
    try:
        return parse(soql)
    except ApiError:
        return None


def test_the_corpus_is_taken_and_refused_as_it_says() -> None:
    assert [soql for soql in VALID if ours(soql) is None] == []
    assert [soql for soql in INVALID if ours(soql) is not None] == []


def test_the_other_parser_takes_and_refuses_the_same(node: Run) -> None:
    queries = [*VALID, *INVALID]
    other = theirs(node, queries)
    differ = {q for q, tree in zip(queries, other, strict=True) if (tree is None) != (ours(q) is None)}
    assert differ == set(THEY_TAKE)


def test_the_other_parser_understands_the_same(node: Run) -> None:
    for soql, tree in zip(VALID, theirs(node, VALID), strict=True):
        mine = ours(soql)
        assert mine is not None
        assert query_form(mine) == their_query(tree), soql


# --- Ours in a form that both can have


def query_form(query: Query) -> Form:
    return {
        "fields": [_item(item) for item in query.items],
        "from": query.sobject.lower(),
        "alias": (query.alias or "").lower(),
        "scope": (query.scope or "").lower(),
        "where": _condition(query.where),
        "group": [_text(e) for e in query.group],
        "having": _condition(query.having),
        "order": [_order(key) for key in query.order],
        "limit": query.limit,
        "offset": query.offset,
    }


def _item(item: Item | TypeOf | Query) -> Form:
    if isinstance(item, Query):
        return query_form(item)
    if isinstance(item, TypeOf):
        cases = [[name.lower(), [n.lower() for n in names]] for name, names in item.cases]
        return [item.relation.lower(), cases, [n.lower() for n in item.otherwise]]
    return [_text(item.expression), (item.alias or "").lower()]


def _text(expression: Expression | Literal) -> str:
    if isinstance(expression, Call):
        return f"{expression.name.lower()}({','.join(map(_text, expression.arguments))})"
    return str(expression.token if isinstance(expression, Literal) else expression).lower()


def _order(key: Order) -> Form:
    return [_text(key.expression), key.descending, key.nulls_last]


def _condition(condition: Condition | None) -> Form:
    if condition is None:
        return None
    if isinstance(condition, Logic):
        return _flat(condition.operator, [_condition(part) for part in condition.parts])
    return _comparison(condition)


def _comparison(comparison: Comparison) -> Form:
    inner: Form = [_text(value) for value in comparison.values]
    if comparison.query:
        inner = query_form(comparison.query)
    return [_text(comparison.expression), comparison.operator, inner]


def _flat(operator: str, parts: list[Form]) -> Form:
    """AND within AND is one AND."""
    made: list[Form] = []
    for part in parts:
        made += part["parts"] if isinstance(part, dict) and part["is"] == operator != "NOT" else [part]
    return {"is": operator, "parts": made}


# --- Theirs in that form


def their_query(tree: Form) -> Form:
    prefix = ".".join(tree.get("sObjectPrefix") or [])
    name = tree.get("sObject") or tree["relationshipName"]
    return {
        "fields": [_their_item(field) for field in tree["fields"]],
        "from": f"{prefix}.{name}".strip(".").lower(),
        "alias": (tree.get("sObjectAlias") or "").lower(),
        "scope": (tree.get("usingScope") or "").lower(),
        "where": _their_condition(tree.get("where")),
        "group": [_their_expression(one) for one in _listed(tree.get("groupBy"))],
        "having": _their_condition(tree.get("having")),
        "order": [_their_order(one) for one in _listed(tree.get("orderBy"))],
        "limit": tree.get("limit"),
        "offset": tree.get("offset"),
    }


def _listed(found: Form) -> list[Form]:
    return found if isinstance(found, list) else [found] if found else []


def _their_item(field: Form) -> Form:
    if field["type"] == "FieldSubquery":
        return their_query(field["subquery"])
    if field["type"] == "FieldTypeof":
        lists = [
            [c.get("objectType", "").lower(), [n.lower() for n in c["fieldList"]]]
            for c in field["conditions"]
        ]
        otherwise = [names for name, names in lists if not name]
        return [field["field"].lower(), [case for case in lists if case[0]], (otherwise or [[]])[0]]
    return [_their_expression(field), (field.get("alias") or "").lower()]


def _their_expression(one: Form) -> str:
    if isinstance(one, str):
        return one.lower()
    one = one.get("fn", one)
    if "functionName" in one:
        return (
            f"{one['functionName']}({','.join(map(_their_expression, one.get('parameters') or []))})".lower()
        )
    path = [
        *([one["objectPrefix"]] if one.get("objectPrefix") else []),
        *one.get("relationships", []),
        one["field"],
    ]
    return ".".join(path).lower()


def _their_order(one: Form) -> Form:
    return [_their_expression(one), one.get("order") == "DESC", one.get("nulls") == "LAST"]


def _their_condition(tree: Form) -> Form:
    """Their conditions are a chain with counts of parentheses; as a list of words first, then a tree."""
    if tree is None:
        return None
    words: list[Form] = []
    while tree:
        left, operator = tree.get("left"), tree.get("operator")
        words += ["("] * ((left or {}).get("openParen") or 0)
        if operator == "NOT":
            words.append("NOT")
        else:
            words += [_their_comparison(left), *[")"] * (left.get("closeParen") or 0)]
            words += [operator] if operator else []
        tree = tree.get("right")
    return _tree(words)


def _tree(words: list[Form]) -> Form:
    parts, operator = [_unary(words)], ""
    while words and words[0] in ("AND", "OR"):
        operator = words.pop(0)
        parts.append(_unary(words))
    return _flat(operator, parts) if operator else parts[0]


def _unary(words: list[Form]) -> Form:
    first = words.pop(0)
    if first == "NOT":
        return _flat("NOT", [_unary(words)])
    if first != "(":
        return first
    inner = _tree(words)
    assert words.pop(0) == ")"
    return inner


def _their_comparison(one: Form) -> Form:
    operator = {"<>": "!="}.get(one["operator"], one["operator"])
    if "valueQuery" in one:
        return [_their_expression(one), operator, their_query(one["valueQuery"])]
    return [_their_expression(one), operator, [str(value).lower() for value in _listed(one["value"])]]
