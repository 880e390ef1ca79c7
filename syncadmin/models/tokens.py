"""Tokens with which other programs read from the API."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class ApiToken(models.Model):
    """A program's way in. The token itself is shown once; what stands here is its beginning, and a hash of the whole.

    Rows stay when the token is revoked: who let whom read what, and until when, is told as long as there is anybody
    to ask. ``minute`` and ``minute_calls`` count the calls of the minute that the last one was in.
    """

    class Scope(models.TextChoices):
        READ = "read", _("Read data and metrics")
        METRICS = "metrics", _("Read metrics only")

    class State(models.TextChoices):
        ACTIVE = "active", _("Active")
        EXPIRED = "expired", _("Expired")
        REVOKED = "revoked", _("Revoked")

    name = models.CharField(_("name"), max_length=80)
    scope = models.CharField(_("may"), max_length=10, choices=Scope, default=Scope.READ)
    prefix = models.CharField(max_length=8, unique=True)
    digest = models.CharField(max_length=64, help_text=_("SHA-256 of the whole token, in hexadecimal."))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(_("created"))
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)
    calls = models.PositiveBigIntegerField(_("calls"), default=0)
    minute = models.DateTimeField(null=True, blank=True)
    minute_calls = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("API token")

    def __str__(self) -> str:
        return self.name

    def state_at(self, now: datetime) -> State:
        """Whether it lets anybody in."""
        if self.revoked_at is not None:
            return self.State.REVOKED
        if self.expires_at is not None and self.expires_at <= now:
            return self.State.EXPIRED
        return self.State.ACTIVE
