"""IN and NOT IN with a query inside. Source: the Comparison Operators page, semi-joins and their restrictions;
texts from memory of live calls.
"""

# ruff: noqa: S608 - names in the SQL come from the schema, values are parameters
from __future__ import annotations

from typing import TYPE_CHECKING

from lark import Token

from syncadmin.emulator.errors import ApiError
from syncadmin.emulator.soql.ast import Call, Comparison, Condition, Item, Query, token_of
from syncadmin.emulator.soql.report import malformed
from syncadmin.emulator.soql.scope import Scope, Target

if TYPE_CHECKING:
    from syncadmin.emulator.soql.where import Where

MOST = 2


def semi_join(outer: Where, comparison: Comparison, target: Target, query: Query) -> str:
    """The SQL of `target IN (query)`; the parameters of the query join the outer ones."""
    from syncadmin.emulator.soql.where import Where, live_only, seen_only

    outer.joins += 1
    base = outer.scope
    scope = Scope(base.schema, base.user_id, base.soql, query.sobject, query.alias, outer.joins)
    selected = scope.resolve(_selected(outer, query))
    _check(outer, comparison, target, query, scope, selected)
    inner = Where(scope, outer.today)
    conditions = [f"{selected.sql} IS NOT NULL", *live_only(scope), *seen_only(scope)]
    conditions += [inner.compile(query.where)] if query.where else []
    outer.parameters += inner.parameters
    negated = "NOT " if comparison.operator == "NOT IN" else ""
    rows = f"SELECT {selected.sql} FROM {scope.from_sql} WHERE {' AND '.join(conditions)}"
    if negated:
        return f"({target.sql} IN ({rows})) IS NOT TRUE"
    return f"{target.sql} IN ({rows})"


def _selected(outer: Where, query: Query) -> Token:
    first = query.items[0]
    if len(query.items) != 1 or not isinstance(first, Item) or not isinstance(first.expression, Token):
        raise _error(outer, query.sobject, "semi join sub-selects can only query id fields")
    return first.expression


def _check(
    outer: Where, comparison: Comparison, target: Target, query: Query, scope: Scope, selected: Target
) -> None:
    left, inner = token_of(comparison.expression), token_of(query.items[0].expression)  # type: ignore[union-attr]
    if outer.joins > MOST:
        raise _error(outer, query.sobject, f"Maximum {MOST} semi join sub-selects are allowed")
    if not target.field.is_reference:
        text = "The left operand field in the where expression for outer query should be an id or reference"
        raise _error(outer, left, f"{text} field, cannot use: '{left}'")
    if not selected.field.is_reference:
        text = "The inner select field in a semi join should be an id or reference field"
        raise _error(outer, inner, f"{text}, cannot use: '{inner}'")
    if scope.sobject.name == outer.scope.sobject.name:
        raise _error(
            outer, query.sobject, "The inner and outer selects should not be on the same object type"
        )
    if not _objects(target, outer.scope) & _objects(selected, scope):
        text = (
            f"The selected field '{inner}' in the subquery and the left operand field in the where expression in"
            f" the outer query '{left}' should point to the same object type"
        )
        raise _error(outer, inner, text)
    if query.order or query.limit is not None or query.offset is not None or query.group or query.clauses:
        raise _error(outer, query.sobject, "semi join sub-selects take no ORDER BY, LIMIT, GROUP BY or FOR")
    if query.where and _nests(query.where):
        raise _error(outer, query.sobject, "Nesting of semi join sub-selects is not supported")


def _objects(target: Target, scope: Scope) -> set[str]:
    """The objects whose ids a field holds."""
    if target.field.type == "id":
        return {scope.view_at(target.path).sobject.name}
    return set(target.field.reference_to)


def _nests(condition: Condition) -> bool:
    if isinstance(condition, Comparison):
        return condition.query is not None
    return any(_nests(part) for part in condition.parts)


def _error(outer: Where, token: Token | Call, text: str) -> ApiError:
    place = token if isinstance(token, Token) else token.function
    return malformed(outer.scope.soql, place.start_pos or 0, len(place), text)
