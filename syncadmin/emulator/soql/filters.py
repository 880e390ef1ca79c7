"""USING SCOPE, WITH, FOR and ALL ROWS: words that narrow a query, or only sound as if they did."""

from __future__ import annotations

from lark import Token

from syncadmin.emulator.errors import ApiError
from syncadmin.emulator.soql.ast import Query
from syncadmin.emulator.soql.report import malformed
from syncadmin.emulator.soql.scope import Scope

IDLE = frozenset({"VIEW", "REFERENCE", "UPDATE", "TRACKING", "VIEWSTAT"})
MODES = frozenset({"SECURITY_ENFORCED", "USER_MODE", "SYSTEM_MODE"})
SCOPES = {
    "everything": None,
    "mine": "{0} = {1}",
    "queue_owned": "{0} LIKE '00G%'",
    "user_owned": "{0} LIKE '005%'",
}


def check_clauses(query: Query, soql: str) -> None:
    """ALL ROWS is for Apex only; field-level security holds in every REST query, so WITH USER_MODE changes
    nothing. FOR VIEW, FOR REFERENCE, FOR UPDATE and UPDATE TRACKING leave no trace here.

    Source: the SELECT Syntax page; the text about ALL ROWS from memory of live calls.
    """
    for word in query.clauses:
        known = word.upper()
        if known == "ALL":
            raise _error(soql, word, "ALL ROWS not allowed in this context")
        if known == "DATA":
            raise _error(soql, word, "WITH DATA CATEGORY is not implemented by this emulator")
        if known not in IDLE and known not in MODES:
            raise _error(soql, word, f"unexpected token: '{word}'")


def scoped(query: Query, scope: Scope) -> list[str]:
    """The condition of USING SCOPE; describe says which scopes an object has."""
    if query.scope is None:
        return []
    name = query.scope.lower()
    if name not in {known.lower() for _, known in scope.sobject.scopes}:
        raise _error(
            scope.soql, query.scope, f"scope '{query.scope}' is not supported on {scope.sobject.name}"
        )
    if name not in SCOPES:
        raise _error(scope.soql, query.scope, f"scope '{query.scope}' is not implemented by this emulator")
    pattern = SCOPES[name]
    user = scope.user_id if scope.user_id and scope.user_id.isalnum() else ""
    return [pattern.format(scope.column((), "OwnerId"), f"'{user}'")] if pattern else []


def _error(soql: str, token: Token, text: str) -> ApiError:
    return malformed(soql, token.start_pos or 0, len(token), text)
