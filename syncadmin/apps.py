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
        from people.signals import people_deleting
        from syncadmin import access, logs, schedules
        from syncadmin.services import on_requeue
        from syncadmin.services.alerts import looking_after, registry
        from syncadmin.services.fields import backfills
        from syncadmin.services.fields.schema import import_aliases
        from syncadmin.services.preview import previews
        from syncadmin.services.reconcile import checks as reconciling
        from syncadmin.services.reconcile import repairs
        from syncadmin.services.review import deleted_here
        from syncadmin.store import expressions

        logs.configure()
        expressions.register()
        register_aliases(import_aliases)
        people_deleting.connect(deleted_here.remember)
        on_requeue(backfills.SLICES.requeue_lost)
        on_requeue(previews.requeue_lost)
        on_requeue(reconciling.look_after)
        on_requeue(repairs.requeue_lost)
        registry.check()
        on_requeue(looking_after.look_after)
        post_migrate.connect(access.ensure_permissions, sender=self)
        post_migrate.connect(schedules.ensure_schedules, sender=self)
