"""The people app."""

from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class PeopleConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "people"
    verbose_name = _("People")

    def ready(self) -> None:
        from people import access

        post_migrate.connect(access.create_standard_fields, sender=self)
        post_migrate.connect(access.create_groups, sender=self)
