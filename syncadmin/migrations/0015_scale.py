"""Indexes for long lists; and one less to write with every link that moves."""

from __future__ import annotations

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from people.indexing import AddIndexInUse, drop_named_like


def drop_twin(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Django's second index of a key that is text, for LIKE, by which nobody looks for SFDC Ids."""
    drop_named_like(schema_editor, "syncadmin_syncstate", "syncadmin_syncstate_sfdc_id_")


class Migration(migrations.Migration):
    atomic = False  # PostgreSQL makes the indexes while the sync goes on
    dependencies = [("syncadmin", "0014_programs_and_retention")]
    operations = [
        AddIndexInUse(
            "syncfailure", models.Index(fields=["state", "code", "direction"], name="failure_by_code")
        ),
        AddIndexInUse(
            "tombstone", models.Index(fields=["-deleted_at", "sfdc_id"], name="tombstone_by_time")
        ),
        migrations.RunPython(drop_twin, migrations.RunPython.noop),
    ]
