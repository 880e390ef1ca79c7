"""Running searches: SQL finds what might match, and then it is looked at word by word.

Source: the Search and Parameterized Search pages of the REST API guide; reply and first error as recorded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from lark import Token

from syncadmin.emulator.errors import ApiError
from syncadmin.emulator.schema.model import Field
from syncadmin.emulator.schema.registry import View
from syncadmin.emulator.soql.ast import Item, Query
from syncadmin.emulator.soql.compile import Compiled, compile_query
from syncadmin.emulator.soql.report import query_error
from syncadmin.emulator.sosl.parse import Part, Search, parse
from syncadmin.emulator.sosl.terms import Term, Words, matches
from syncadmin.emulator.sosl.terms import parse as parse_term

if TYPE_CHECKING:
    from syncadmin.emulator.org import Org

MOST = 2000
LONGEST = 100_000
NAMES = frozenset({"FirstName", "LastName", "Company"})
IDLE = frozenset({"SPELL_CORRECTION", "DIVISION"})
PUNCTUATION = " -().+/"


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks, when, and below which address: `/services/data/vXX.0`."""

    user_id: str | None
    base: str
    today: date


def search(org: Org, sosl: str, asking: Asking) -> list[dict[str, Any]]:
    """The records found, object by object in the order of RETURNING."""
    if len(sosl) > LONGEST:
        raise ApiError(
            400, "MALFORMED_SEARCH", f"SOSL statements cannot be longer than {LONGEST} characters."
        )
    wanted = parse(sosl)
    _check_withs(wanted)
    term = parse_term(wanted.term)
    left = MOST if wanted.limit is None else min(wanted.limit, MOST)
    found: list[dict[str, Any]] = []
    for part in wanted.returning or _everything(org, asking):
        found += _records(org, wanted, sosl, part, term, asking, left - len(found))
    return found


def _check_withs(wanted: Search) -> None:
    for word, _ in wanted.withs:
        if word.upper() not in IDLE:
            raise ApiError(400, "MALFORMED_SEARCH", f"WITH {word} is not implemented by this emulator")


def _everything(org: Org, asking: Asking) -> tuple[Part, ...]:
    """Without RETURNING: the ids of all objects that can be searched (documented)."""
    schema = org.state.schema
    seen = (o for o in schema.objects.values() if o.searchable and schema.may("read", o, asking.user_id))
    return tuple(Part(Token("NAME", o.name, 0)) for o in seen)


def _records(
    org: Org, wanted: Search, sosl: str, part: Part, term: Term, asking: Asking, left: int
) -> list[dict[str, Any]]:
    known = org.state.schema.get(part.sobject)
    if known is not None and not known.searchable:
        text = f"entity type {part.sobject} does not support search"
        raise query_error("INVALID_TYPE", sosl, part.sobject.start_pos or 0, len(part.sobject), text)
    items = tuple(Item(name) for name in part.fields) or (Item(Token("NAME", "Id", 0)),)
    query = Query(items, part.sobject, None, where=part.where, order=part.order, limit=part.limit)
    compiled = compile_query(query, sosl, org.state.schema, asking.user_id, asking.today)
    if compiled.shape is None:
        raise ApiError(400, "MALFORMED_SEARCH", "aggregate functions can't be used in RETURNING")
    fields = _searched(compiled.scope.view, wanted.group)
    count = left if part.limit is None else min(left, part.limit)
    rows = _matching(org, compiled, fields, wanted.group, term, (part.offset or 0, count))
    return compiled.record_shape.records(rows, asking.base)


def _searched(view: View, group: str) -> list[Field]:
    """The fields to look into, of those the user sees. Source: the IN SearchGroup page."""
    kinds = {"EMAIL": ("email",), "PHONE": ("phone",), "SIDEBAR": ("email", "phone")}.get(group, ())
    texts = [f for f in view.fields.values() if f.is_text and f.stored]
    if group == "ALL":
        return texts
    named = group in ("NAME", "SIDEBAR")
    return [f for f in texts if f.type in kinds or (named and (f.name_field or f.name in NAMES))]


def _matching(
    org: Org, compiled: Compiled, fields: list[Field], group: str, term: Term, cut: tuple[int, int]
) -> list[tuple[Any, ...]]:
    if not fields or cut[1] <= 0:
        return []
    columns = [compiled.scope.column((), field.name) for field in fields]
    parameters: list[Any] = []
    condition = _condition(term, list(zip(fields, columns, strict=True)), group, parameters)
    selected = compiled.record_shape.columns
    sql = compiled.rows_sql([*selected, *columns], f" AND {condition}") + compiled.settled_order
    phones = [n for n, field in enumerate(fields) if field.type == "phone"]
    found: list[tuple[Any, ...]] = []
    with org.state.store.reading() as db:
        for row in db.execute(sql, [*compiled.parameters, *parameters]):
            values = row[len(selected) :]
            numbers = [re.sub(r"\D", "", values[n]) for n in phones if values[n]]
            if matches(term, [value for value in values if value], numbers):
                found.append(row[: len(selected)])
            if len(found) == sum(cut):
                break
    return found[cut[0] :]


def _condition(term: Term, columns: list[tuple[Field, str]], group: str, parameters: list[Any]) -> str:
    """SQL that every match meets, and few others."""
    if isinstance(term, Words):
        return _words(term, columns, group, parameters)
    if term.operator == "without":
        return _condition(term.parts[0], columns, group, parameters)
    joiner = " AND " if term.operator == "all" else " OR "
    return f"({joiner.join(_condition(part, columns, group, parameters) for part in term.parts)})"


def _words(term: Words, columns: list[tuple[Field, str]], group: str, parameters: list[Any]) -> str:
    """A whole address in e-mail fields is found by the index."""
    if group == "EMAIL" and "@" in term.text and not set("*? ") & set(term.text):
        parameters += [term.text] * len(columns)
        return f"({' OR '.join(f'{sql} = ?' for _, sql in columns)})"
    parts = []
    for field, sql in columns:
        if field.type == "phone" and len(term.digits) > 2:
            parameters.append(f"%{term.digits}%")
            parts.append(f"{_digits(sql)} LIKE ?")
        elif term.literal:
            parameters.append(f"%{term.literal}%")
            parts.append(f"{sql} LIKE ?")
    return f"({' OR '.join(parts)})" if parts else "0"


def _digits(sql: str) -> str:
    for character in PUNCTUATION:
        sql = f"replace({sql}, '{character}', '')"
    return sql
