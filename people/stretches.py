"""A stretch of an index: from one row to another, as both databases walk it, whatever they think of the numbers.

``(a, b) > (x, y)`` compares whole rows, for which an index on (a, b) leads to the very place. Said column by column, or
with an equality of a column that very many rows share, PostgreSQL may choose another index and walk past millions.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.db.models import BooleanField, F, Func, Model, Q, Value

#: Before and after everything.
FIRST, LAST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2999, 12, 31, tzinfo=UTC)
LARGEST_ID = 2**63 - 1


class Beyond(Func):
    """``(a, b) > (x, y)``: first the columns, then as many values; the operator is an option."""

    output_field = BooleanField()

    def as_sql(self, compiler: Any, connection: Any, **_: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        half = len(self.source_expressions) // 2
        sides, params = [], []
        for part in (self.source_expressions[:half], self.source_expressions[half:]):
            compiled = [compiler.compile(expression) for expression in part]
            sides.append("({})".format(", ".join(sql for sql, _ in compiled)))
            params += [param for _, values in compiled for param in values]
        return f"{sides[0]} {self.extra['operator']} {sides[1]}", params


def beyond(model: type[Model], columns: Sequence[str], place: Sequence[Any], operator: str) -> Q:
    """Rows on one side of a place; "id" is the key."""
    fields = [model._meta.pk if column == "id" else model._meta.get_field(column) for column in columns]
    values = [Value(value, output_field=field) for value, field in zip(place, fields, strict=True)]
    return Q(Beyond(*map(F, columns), *values, operator=operator))


def within(model: type[Model], columns: Sequence[str], low: Sequence[Any], high: Sequence[Any]) -> Q:
    """From one row to another, both included."""
    return beyond(model, columns, low, ">=") & beyond(model, columns, high, "<=")
