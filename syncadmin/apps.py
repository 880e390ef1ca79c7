"""The syncadmin app."""

from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class SyncadminConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "syncadmin"
    verbose_name = _("Salesforce sync")

    def ready(self) -> None:
        from people.imports import register_aliases
        from people.signals import people_deleting, people_edited, people_merging
        from syncadmin import access, logs, schedules
        from syncadmin.services import on_requeue, workers
        from syncadmin.services.alerts import looking_after, registry
        from syncadmin.services.fields import backfills
        from syncadmin.services.fields.schema import import_aliases
        from syncadmin.services.preview import previews
        from syncadmin.services.reconcile import checks as reconciling
        from syncadmin.services.reconcile import repairs
        from syncadmin.services.retention import pruning
        from syncadmin.services.review import deleted_here, resolving
        from syncadmin.store import causes, conflict_rows, decisions, expressions, flipflops

        logs.configure()
        expressions.register()
        register_aliases(import_aliases)
        people_deleting.connect(deleted_here.remember)
        on_requeue(workers.tell)
        people_edited.connect(causes.note_edited)
        people_merging.connect(conflict_rows.follow_merge)
        people_merging.connect(flipflops.follow_merge)
        people_merging.connect(decisions.follow_merge)
        on_requeue(backfills.SLICES.requeue_lost)
        on_requeue(previews.requeue_lost)
        on_requeue(reconciling.look_after)
        on_requeue(repairs.requeue_lost)
        on_requeue(pruning.look_after)
        on_requeue(resolving.SLICES.requeue_lost)
        registry.check()
        on_requeue(looking_after.look_after)
        post_migrate.connect(access.ensure_permissions, sender=self)
        post_migrate.connect(schedules.ensure_schedules, sender=self)
