"""SQL that means the same on SQLite and on PostgreSQL: text in lower case, and typed values of custom fields."""

from __future__ import annotations

import json
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.db.models import BooleanField, F, Field, FloatField, Func, TextField, Value

_LOWER = "UNICODE_LOWER"


class Lowered(Func):
    """Text in lower case as Python has it; SQLite's own LOWER knows ASCII alone, PostgreSQL's asks the locale."""

    output_field: Field[Any, Any] = TextField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, function=_LOWER, **context)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(
            compiler, connection, template='LOWER((%(expressions)s) COLLATE "und-x-icu")', **context
        )


class Bytewise(Func):
    """Text whose order is that of its characters, whatever the locale."""

    output_field: Field[Any, Any] = TextField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="%(expressions)s", **context)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template='(%(expressions)s) COLLATE "C"', **context)


class _CustomValue(Func):
    """The value of a custom field if it has the type that is wanted, else null. Never an error."""

    sqlite = postgresql = ""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(F("custom"))

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self._filled(self.sqlite, f"$.{json.dumps(self.name)}", compiler)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self._filled(self.postgresql, self.name, compiler)

    def _filled(self, template: str, key: str, compiler: Any) -> Any:
        column, params = compiler.compile(self.source_expressions[0])
        times = template.count("%s")
        return template.replace("{}", column), [*params * template.count("{}"), *[key] * times]


class CustomText(_CustomValue):
    output_field: Field[Any, Any] = TextField()
    sqlite = "CASE WHEN JSON_TYPE({}, %s) = 'text' THEN JSON_EXTRACT({}, %s) END"
    postgresql = "CASE WHEN jsonb_typeof({} -> %s) = 'string' THEN {} ->> %s END"


class CustomNumber(_CustomValue):
    output_field: Field[Any, Any] = FloatField()
    sqlite = "CASE WHEN JSON_TYPE({}, %s) IN ('integer', 'real') THEN CAST(JSON_EXTRACT({}, %s) AS REAL) END"
    postgresql = "CASE WHEN jsonb_typeof({} -> %s) = 'number' THEN ({} ->> %s)::double precision END"


class CustomFlag(_CustomValue):
    """Whether a checkbox is ticked; never null."""

    output_field: Field[Any, Any] = BooleanField()
    sqlite = "COALESCE(JSON_TYPE({}, %s) = 'true', 0)"
    postgresql = "COALESCE(({} -> %s) = 'true'::jsonb, false)"


def text(value: str) -> Value:
    """A text as a parameter of known type (PostgreSQL asks for it)."""
    return Value(value, output_field=TextField())


def add_functions(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Called for each new connection: what SQLite lacks."""
    if connection.vendor == "sqlite":
        connection.connection.create_function(_LOWER, 1, _lower, deterministic=True)


def _lower(value: Any) -> str | None:
    return None if value is None else str(value).lower()


def register() -> None:
    """From now on every connection has the functions."""
    connection_created.connect(add_functions, dispatch_uid="syncadmin.store.expressions")
