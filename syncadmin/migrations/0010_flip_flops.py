"""Conflicts get a table of their own, and those that the activity log tells of move into it; fields that bounce."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

STEP = 2_000


def carry_over(apps, schema_editor):
    """Every conflict of the activity log, a step after the other; what is there already stays as it is."""
    Activity = apps.get_model("people", "Activity")
    log = Activity.objects.filter(type="conflict").order_by("-at", "-id").select_related("person")
    step = []
    for entry in log.iterator(chunk_size=STEP):
        step.append(entry)
        if len(step) == STEP:
            _carry(apps, step)
            step = []
    _carry(apps, step)


def _carry(apps, entries):
    SyncConflict = apps.get_model("syncadmin", "SyncConflict")
    taken = _taken(apps, {entry.person_id for entry in entries})
    rows = []
    for entry in entries:
        told = entry.attributes
        field, ours, theirs = str(told.get("field", "")), told.get("ours"), told.get("theirs")
        winner = "ours" if told.get("winner") == "ours" else "salesforce"
        other = theirs if winner == "ours" else ours
        edits = taken.get((entry.person_id, field), [])
        decided = next((edit for edit in edits if edit[0] >= entry.at and edit[1] == other), None)
        rows.append(
            SyncConflict(
                id=entry.pk,
                person_id=entry.person_id,
                at=entry.at,
                object=entry.person.sfdc_type,
                field=field[:80],
                label=str(told.get("label", field))[:120],
                ours=ours,
                theirs=theirs,
                winner=winner,
                reason=str(told.get("reason", ""))[:30],
                theirs_by=str(told.get("theirs_by", ""))[:120],
                source=entry.source,
                run_id=entry.run_id,
                state="taken" if decided else "stands",
                decided_at=decided[0] if decided else None,
                decided_by_id=decided[2] if decided else None,
            )
        )
    SyncConflict.objects.bulk_create(rows, batch_size=500, ignore_conflicts=True)


def _taken(apps, people):
    """What *take the other value* has done so far: (at, value, who), by person and field."""
    Activity = apps.get_model("people", "Activity")
    log = Activity.objects.filter(person_id__in=people, type="change_data_value", source="Conflicts page")
    found = {}
    for person_id, at, told, actor in log.order_by("at").values_list(
        "person_id", "at", "attributes", "actor_id"
    ):
        found.setdefault((person_id, str(told.get("field", ""))), []).append((at, told.get("new"), actor))
    return found


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0003_conflicts"),
        ("syncadmin", "0009_decisions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="syncstate",
            name="rounds",
            field=models.JSONField(
                blank=True,
                help_text="What was pushed last, and which fields are stopped because they bounce (sync/flipflop.py).",
                null=True,
            ),
        ),
        migrations.AlterField(
            model_name="reconcilefinding",
            name="reason",
            field=models.CharField(
                choices=[
                    ("unexplained", "Unexplained"),
                    ("never_seen", "Never seen"),
                    ("unlinked", "Link lost"),
                    ("gone", "Gone in Salesforce"),
                    ("failed", "Failed"),
                    ("stopped", "Stopped, bouncing"),
                    ("conflict", "Conflict, undecided"),
                    ("never_agreed", "Never agreed on"),
                    ("formula", "Formula"),
                    ("excluded", "Excluded"),
                    ("outside", "Record filter"),
                    ("deleted_here", "Deleted here"),
                    ("waiting", "Waiting"),
                    ("on_its_way", "On its way"),
                    ("one_way", "As the field is set"),
                ],
                max_length=15,
                verbose_name="why",
            ),
        ),
        migrations.CreateModel(
            name="Resolution",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("take_other", "Take the other value"),
                            ("ours", "Keep ours once"),
                            ("theirs", "Keep Salesforce’s"),
                            ("again", "Try again"),
                            ("settings", "The field syncs another way now"),
                        ],
                        max_length=12,
                        verbose_name="what",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "Queued"),
                            ("running", "Under way"),
                            ("done", "Done"),
                            ("cancelled", "Cancelled"),
                            ("failed", "Failed"),
                        ],
                        default="queued",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("requested_at", models.DateTimeField(verbose_name="requested")),
                ("heartbeat_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended")),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("error_code", models.CharField(blank=True, max_length=80)),
                ("error_message", models.TextField(blank=True)),
                ("total", models.PositiveIntegerField(default=0, verbose_name="to do")),
                ("changed", models.PositiveIntegerField(default=0)),
                ("already", models.PositiveIntegerField(default=0)),
                ("overtaken", models.PositiveIntegerField(default=0)),
                ("locked", models.PositiveIntegerField(default=0)),
                (
                    "requested_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="FlipFlop",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "object",
                    models.CharField(
                        choices=[("Lead", "Lead"), ("Contact", "Contact")],
                        max_length=7,
                        verbose_name="object",
                    ),
                ),
                ("field", models.CharField(max_length=80, verbose_name="field")),
                ("label", models.CharField(max_length=120)),
                ("ours", models.JSONField(null=True)),
                ("theirs", models.JSONField(null=True)),
                ("ours_by", models.CharField(blank=True, max_length=120)),
                ("theirs_by", models.CharField(blank=True, max_length=120)),
                ("in_our_save", models.BooleanField(default=False)),
                ("rounds", models.PositiveSmallIntegerField(verbose_name="rounds")),
                ("since", models.DateTimeField(verbose_name="since")),
                ("stopped_at", models.DateTimeField(verbose_name="stopped")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("stopped", "Stopped"),
                            ("released", "Syncs again"),
                            ("ended", "Ended by itself"),
                        ],
                        default="stopped",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                (
                    "decision",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("ours", "Ours kept once"),
                            ("theirs", "Salesforce’s kept"),
                            ("again", "Tried again"),
                            ("settings", "The field syncs another way now"),
                            ("equal", "Both sides were equal again"),
                            ("gone", "The record is gone, or another one"),
                        ],
                        max_length=10,
                    ),
                ),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="flip_flops",
                        to="people.person",
                    ),
                ),
                (
                    "resolution",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="flip_flops",
                        to="syncadmin.resolution",
                    ),
                ),
            ],
            options={
                "verbose_name": "flip-flop",
                "ordering": ["-stopped_at", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="SyncConflict",
            fields=[
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField(verbose_name="at")),
                (
                    "object",
                    models.CharField(
                        blank=True,
                        choices=[("Lead", "Lead"), ("Contact", "Contact")],
                        max_length=7,
                        verbose_name="object",
                    ),
                ),
                ("field", models.CharField(max_length=80, verbose_name="field")),
                ("label", models.CharField(max_length=120)),
                ("ours", models.JSONField(null=True)),
                ("theirs", models.JSONField(null=True)),
                (
                    "winner",
                    models.CharField(
                        choices=[("ours", "Ours"), ("salesforce", "Salesforce's")],
                        max_length=10,
                        verbose_name="winner",
                    ),
                ),
                ("reason", models.CharField(max_length=30, verbose_name="why")),
                ("theirs_by", models.CharField(blank=True, max_length=120)),
                ("source", models.CharField(blank=True, max_length=120)),
                ("run_id", models.BigIntegerField(blank=True, null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("stands", "Stands"),
                            ("taken", "The other value was taken"),
                            ("overtaken", "Edited since, left alone"),
                        ],
                        default="stands",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="conflicts",
                        to="people.person",
                    ),
                ),
                (
                    "resolution",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="conflicts",
                        to="syncadmin.resolution",
                    ),
                ),
            ],
            options={
                "verbose_name": "conflict",
                "ordering": ["-at", "-id"],
            },
        ),
        migrations.AddIndex(
            model_name="resolution",
            index=models.Index(
                condition=models.Q(("state__in", ["queued", "running"])),
                fields=["state"],
                name="resolution_open",
            ),
        ),
        migrations.AddIndex(
            model_name="flipflop",
            index=models.Index(fields=["-stopped_at", "-id"], name="flip_flop_latest"),
        ),
        migrations.AddIndex(
            model_name="flipflop",
            index=models.Index(fields=["state", "-stopped_at", "-id"], name="flip_flop_in_state"),
        ),
        migrations.AddIndex(
            model_name="flipflop",
            index=models.Index(fields=["field", "-stopped_at", "-id"], name="flip_flop_of_field"),
        ),
        migrations.AddIndex(
            model_name="flipflop",
            index=models.Index(
                condition=models.Q(("resolution__isnull", False)),
                fields=["resolution", "id"],
                name="flip_flop_resolving",
            ),
        ),
        migrations.AddConstraint(
            model_name="flipflop",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "stopped")),
                fields=("person", "field"),
                name="one_open_flip_flop",
            ),
        ),
        migrations.AddIndex(
            model_name="syncconflict",
            index=models.Index(fields=["-at", "-id"], name="conflict_newest"),
        ),
        migrations.AddIndex(
            model_name="syncconflict",
            index=models.Index(fields=["field", "-at", "-id"], name="conflict_of_field"),
        ),
        migrations.AddIndex(
            model_name="syncconflict",
            index=models.Index(fields=["winner", "-at", "-id"], name="conflict_won_by"),
        ),
        migrations.AddIndex(
            model_name="syncconflict",
            index=models.Index(fields=["state", "-at", "-id"], name="conflict_in_state"),
        ),
        migrations.AddIndex(
            model_name="syncconflict",
            index=models.Index(fields=["object", "-at", "-id"], name="conflict_of_object"),
        ),
        migrations.AddIndex(
            model_name="syncconflict",
            index=models.Index(
                condition=models.Q(("resolution__isnull", False)),
                fields=["resolution", "id"],
                name="conflict_resolving",
            ),
        ),
        migrations.RunPython(carry_over, migrations.RunPython.noop, elidable=True),
    ]
