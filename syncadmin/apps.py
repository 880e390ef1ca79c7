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
        from syncadmin import access, logs, schedules
        from syncadmin.services.schema import import_aliases

        logs.configure()
        register_aliases(import_aliases)
        post_migrate.connect(access.ensure_permissions, sender=self)
        post_migrate.connect(schedules.ensure_schedules, sender=self)
