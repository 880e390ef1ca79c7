"""Fields that are read, or filled, for everybody who is linked: the truth about such a job, and what it kept."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from people.models import Person


class Backfill(models.Model):
    """Fields brought into step for all linked people, whenever their records were last changed.

    ``fields``: person field names. ``stage`` and ``position`` say how far it is: the stages are "convert", "Lead",
    "Contact" and "push", each walked by key, so that a job that was killed goes on where it was.
    """

    class Kind(models.TextChoices):
        FILL = "fill", _("Backfill")
        REFRESH = "refresh", _("Refresh")
        CONVERT = "convert", _("Conversion")

    class State(models.TextChoices):
        QUEUED = "queued", _("Queued")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        CANCELLED = "cancelled", _("Cancelled")
        FAILED = "failed", _("Failed")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    fields = models.JSONField(default=list)
    labels = models.JSONField(default=list)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.QUEUED)
    stage = models.CharField(max_length=10, blank=True)
    position = models.CharField(max_length=20, blank=True)
    total = models.PositiveIntegerField(_("to do"), default=0)
    done = models.PositiveIntegerField(_("done"), default=0)
    updated = models.PositiveIntegerField(_("updated here"), default=0)
    to_push = models.PositiveIntegerField(_("to be pushed"), default=0)
    conflicts = models.PositiveIntegerField(_("conflicts"), default=0)
    kept = models.PositiveIntegerField(_("kept apart"), default=0)
    failed = models.PositiveIntegerField(_("failed"), default=0)
    api_calls = models.PositiveIntegerField(_("API calls"), default=0)
    error_code = models.CharField(max_length=80, blank=True)
    error_message = models.TextField(blank=True)
    attempts = models.PositiveIntegerField(default=0, help_text=_("Begun since it last moved on."))
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    requested_at = models.DateTimeField(_("requested"))
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        ordering = ["-requested_at", "-id"]
        verbose_name = _("backfill")
        indexes = [
            models.Index(fields=["state"], condition=Q(state__in=["queued", "running"]), name="backfill_open")
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} #{self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("backfill", args=[self.pk])

    @property
    def is_open(self) -> bool:
        return self.state in (self.State.QUEUED, self.State.RUNNING)


class KeptValue(models.Model):
    """A value that doesn't fit its field's new type: taken out of the way, and never thrown away."""

    backfill = models.ForeignKey(Backfill, on_delete=models.CASCADE, related_name="kept_values")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="kept_values")
    field = models.CharField(_("field"), max_length=80)
    value = models.JSONField(_("value"))
    kept_at = models.DateTimeField(_("kept"))

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["backfill", "person", "field"], name="kept_value_once")
        ]

    def __str__(self) -> str:
        return f"{self.field} of {self.person_id}"
