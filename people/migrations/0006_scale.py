"""Indexes for a million people: for the lists' orders and filters, for the search, and for the push.

Two that Django makes by itself (for LIKE, on e-mail and owner) go: every change of a person had to write them as well.
"""

from __future__ import annotations

from django.apps.registry import Apps
from django.db import DatabaseError, migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import Q

from people.indexing import AddIndexInUse, RemoveIndexInUse, drop_named_like

#: As people/search.py asks for it.
SEARCH = """
CREATE INDEX CONCURRENTLY IF NOT EXISTS person_search ON people_person USING gin
(upper(' ' || first_name || ' ' || last_name || ' ' || email || ' ' || company) gin_trgm_ops)
"""


def drop_twins(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for column in ("email", "owner_id"):
        drop_named_like(schema_editor, "people_person", f"people_person_{column}_")


def make_searchable(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Without the right to install pg_trgm the search works all the same, and takes longer."""
    if schema_editor.connection.vendor != "postgresql":
        return
    with schema_editor.connection.cursor() as cursor:
        try:
            cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        except DatabaseError as error:
            print(f"The search of people stays slow: pg_trgm can't be installed ({error}).")  # noqa: T201
            return
        cursor.execute(SEARCH)


def forget_search(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    schema_editor.execute("DROP INDEX IF EXISTS person_search")


class Migration(migrations.Migration):
    atomic = False  # PostgreSQL makes the indexes while people are edited
    dependencies = [("people", "0005_retention")]
    operations = [
        AddIndexInUse("person", models.Index(fields=["email"], name="person_email")),
        AddIndexInUse("person", models.Index(fields=["owner"], name="person_owner")),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(drop_twins, migrations.RunPython.noop)],
            state_operations=[
                migrations.AlterField(
                    "person",
                    "email",
                    models.CharField(blank=True, default="", max_length=255, verbose_name="Email Address"),
                ),
                migrations.AlterField(
                    "person",
                    "owner",
                    models.ForeignKey(
                        blank=True, db_constraint=False, db_index=False, null=True,
                        on_delete=models.deletion.DO_NOTHING, related_name="people", to="people.leadowner",
                        verbose_name="Lead Owner",
                    ),
                ),
            ],
        ),
        AddIndexInUse("person", models.Index(fields=["company", "id"], name="person_by_company")),
        RemoveIndexInUse("person", "person_company"),
        AddIndexInUse("person", models.Index(fields=["sfdc_type", "id"], name="person_by_type")),
        RemoveIndexInUse("person", "person_sfdc_type"),
        AddIndexInUse(
            "person",
            models.Index(fields=["id"], condition=Q(changed_at__isnull=False), name="person_waiting_id"),
        ),
        AddIndexInUse(
            "person",
            models.Index(
                fields=["sfdc_type", "id"], condition=Q(changed_at__isnull=False), name="person_waiting_type"
            ),
        ),
        AddIndexInUse(
            "person", models.Index(fields=["updated_at"], condition=Q(sfdc_is_deleted=True), name="person_gone")
        ),
        AddIndexInUse(
            "person", models.Index(fields=["updated_at"], condition=Q(sfdc_id=""), name="person_nowhere")
        ),
        migrations.RunPython(make_searchable, forget_search),
    ]
