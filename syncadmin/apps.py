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
        from syncadmin import access, logs, schedules

        logs.configure()
        post_migrate.connect(access.ensure_permissions, sender=self)
        post_migrate.connect(schedules.ensure_schedules, sender=self)
