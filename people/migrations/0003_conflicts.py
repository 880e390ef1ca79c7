"""Activities that tell of fields which bounce."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("people", "0002_standard_fields"),
    ]

    operations = [
        migrations.AlterField(
            model_name='activity',
            name='type',
            field=models.CharField(choices=[('new_person', 'New Person'), ('change_data_value', 'Change Data Value'), ('sync_to_sfdc', 'Sync Person to SFDC'), ('sync_updates_to_sfdc', 'Sync Person Updates to SFDC'), ('change_owner', 'Change Owner'), ('convert_person', 'Convert Person'), ('merge_people', 'Merge People'), ('deleted_from_sfdc', 'Delete Person from SFDC'), ('restored_in_sfdc', 'Person Restored in SFDC'), ('conflict', 'Sync Conflict'), ('sync_failed', 'Sync to SFDC Failed'), ('field_stopped', 'Field Sync Stopped'), ('field_released', 'Field Sync Resumed')], max_length=30, verbose_name='type'),
        ),
    ]
