"""The workers that are there: what a monitor asks for first when cycles don't begin."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Worker(models.Model):
    """A supervisor of queues (manage.py worker), which tells of itself every few seconds."""

    name = models.CharField(max_length=80, primary_key=True, help_text=_("Machine and process."))
    started_at = models.DateTimeField(_("started"))
    seen_at = models.DateTimeField(_("last seen"))

    class Meta:
        ordering = ["name"]
        verbose_name = _("worker")

    def __str__(self) -> str:
        return self.name
