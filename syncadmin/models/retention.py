"""How long what has happened is kept, and the daily job that removes the rest."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Retention(models.Model):
    """What somebody decided for one kind, and what is known of its rows. A kind without a row has its default.

    ``kind``: a name of :mod:`syncadmin.services.retention.kinds`.
    """

    kind = models.CharField(max_length=40, primary_key=True)
    is_set = models.BooleanField(default=False, help_text=_("Somebody decided; else the default holds."))
    days = models.PositiveIntegerField(_("days"), null=True, blank=True, help_text=_("Blank: for ever."))
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    changed_at = models.DateTimeField(null=True, blank=True)
    rows = models.PositiveBigIntegerField(null=True, help_text=_("As counted last."))
    oldest_at = models.DateTimeField(null=True)
    counted_at = models.DateTimeField(null=True)
    pruned_at = models.DateTimeField(null=True)
    pruned = models.PositiveBigIntegerField(
        default=0, help_text=_("Rows removed by the last job that was here.")
    )
    pruned_ever = models.PositiveBigIntegerField(default=0)

    class Meta:
        verbose_name = _("retention")

    def __str__(self) -> str:
        return self.kind


class Pruning(models.Model):
    """One job that removes what is older than the settings say: one a day, and one whenever somebody asks.

    ``kind``: what it is at; kinds come in the order of the registry. ``removed``: {kind: rows}.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        CANCELLED = "cancelled", _("Cancelled")
        FAILED = "failed", _("Failed")

    state = models.CharField(_("state"), max_length=10, choices=State, default=State.QUEUED)
    day = models.DateField(
        null=True, unique=True, help_text=_("Of the daily one; blank if somebody asked for it.")
    )
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    requested_at = models.DateTimeField(_("requested"))
    heartbeat_at = models.DateTimeField(null=True)
    waits_until = models.DateTimeField(null=True, help_text=_("Something else goes first."))
    ended_at = models.DateTimeField(_("ended"), null=True)
    kind = models.CharField(max_length=40, blank=True)
    removed = models.JSONField(default=dict)
    attempts = models.PositiveIntegerField(default=0, help_text=_("Begun since it last moved on."))
    error_code = models.CharField(max_length=80, blank=True)
    error_message = models.TextField(blank=True)

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("pruning")
        indexes = [
            models.Index(fields=["state"], condition=Q(state__in=["queued", "running"]), name="pruning_open")
        ]

    def __str__(self) -> str:
        return f"pruning #{self.pk}"

    @property
    def is_open(self) -> bool:
        return self.state in (self.State.QUEUED, self.State.RUNNING)

    @property
    def total(self) -> int:
        """Rows it has removed so far."""
        return sum(self.removed.values())
