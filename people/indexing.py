"""Operations of migrations that index large tables in use: PostgreSQL goes on writing meanwhile, SQLite is fast.

A migration that has them is not atomic. If it breaks in the middle, an index may be left that PostgreSQL calls invalid;
drop it, and migrate again.
"""

from __future__ import annotations

from typing import Any

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


class AddIndexInUse(migrations.AddIndex):
    """CREATE INDEX CONCURRENTLY, where there is such a thing."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        model = to_state.apps.get_model(app_label, self.model_name)
        options = {"concurrently": True} if schema_editor.connection.vendor == "postgresql" else {}
        schema_editor.add_index(model, self.index, **options)


class RemoveIndexInUse(migrations.RemoveIndex):
    """DROP INDEX CONCURRENTLY, where there is such a thing."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        model = from_state.apps.get_model(app_label, self.model_name)
        index = from_state.models[app_label, self.model_name_lower].get_index_by_name(self.name)
        options = {"concurrently": True} if schema_editor.connection.vendor == "postgresql" else {}
        schema_editor.remove_index(model, index, **options)


def drop_named_like(schema_editor: BaseDatabaseSchemaEditor, table: str, beginning: str) -> None:
    """Drop the indexes of a table to which Django once gave a name that begins so, their twins for LIKE included."""
    connection = schema_editor.connection
    with connection.cursor() as cursor:
        names = connection.introspection.get_constraints(cursor, table)
        found = [name for name, what in names.items() if what["index"] and name.startswith(beginning)]
        how = "CONCURRENTLY " if connection.vendor == "postgresql" else ""
        for name in found:
            cursor.execute(f"DROP INDEX {how}{connection.ops.quote_name(name)}")
