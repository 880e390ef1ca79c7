"""The campaigns app."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CampaignsConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "campaigns"
    verbose_name = _("Smart campaigns")

    def ready(self) -> None:
        from campaigns import merges, queries, retention
        from campaigns.services import requeue_lost
        from people.signals import people_merging
        from syncadmin.services import on_backlog, on_requeue

        people_merging.connect(merges.follow)
        on_requeue(requeue_lost)
        retention.register_own()
        on_backlog(queries.waiting)
