"""The registry of fields, filled with those every person has."""

from __future__ import annotations

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from people.standard_fields import standard_rows


def fill(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    PersonField = apps.get_model("people", "PersonField")
    PersonField.objects.bulk_create(
        [PersonField(**row) for row in standard_rows()], ignore_conflicts=True
    )


class Migration(migrations.Migration):
    dependencies = [("people", "0001_initial")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
