"""What a cycle would do: kept for whoever asked, until it is old."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from people.models import Person
from syncadmin.models.choices import SObject


class SyncPreview(models.Model):
    """One look ahead. Its counts are exact; of what would change in detail, the first items are kept.

    ``counts``: {"steps": […], "fields": […], "impact": {…}}, as :mod:`syncadmin.services.preview.previews` writes them.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    state = models.CharField(_("state"), max_length=10, choices=State, default=State.QUEUED)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    asked_at = models.DateTimeField(_("asked for"))
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    org_url = models.URLField(blank=True, help_text=_("The address that was connected."))
    is_first = models.BooleanField(default=False, help_text=_("Of a connection that wasn't started yet."))
    total = models.PositiveIntegerField(_("to look at"), null=True, blank=True)
    done = models.PositiveIntegerField(_("looked at"), default=0)
    api_calls = models.PositiveIntegerField(_("API calls it took"), default=0)
    calls_to_come = models.PositiveIntegerField(_("API calls the cycle would take"), default=0)
    people = models.PositiveIntegerField(_("people"), default=0)
    changes = models.PositiveIntegerField(_("changes"), default=0)
    counts = models.JSONField(default=dict)
    error_code = models.CharField(max_length=80, blank=True)
    error_message = models.TextField(blank=True)

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("preview")

    def __str__(self) -> str:
        return f"#{self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("preview-detail", args=[self.pk])

    @property
    def is_under_way(self) -> bool:
        return self.state in (self.State.QUEUED, self.State.RUNNING)


class PreviewItem(models.Model):
    """One thing the cycle would do: to a person, or to one field of a person."""

    class Kind(models.TextChoices):
        NEW = "new", _("New person")
        LINK = "link", _("Linked by e-mail")
        CHANGE = "change", _("Changed here")
        PUSH = "push", _("Changed in Salesforce")
        CREATE = "create", _("Created in Salesforce")
        CONFLICT = "conflict", _("Conflict; ours stays")
        DELETE = "delete", _("Marked as deleted")
        RESTORE = "restore", _("Restored")
        CONVERT = "convert", _("Converted")
        MERGE = "merge", _("Merged with another person")
        HOLD = "hold", _("Held for you to decide")
        OWNER = "owner", _("New owner")
        FAIL = "fail", _("Can't be synced")

    preview = models.ForeignKey(SyncPreview, on_delete=models.CASCADE, related_name="items")
    kind = models.CharField(_("what"), max_length=10, choices=Kind)
    person = models.ForeignKey(
        Person, on_delete=models.SET_NULL, null=True, db_constraint=False, related_name="+"
    )
    name = models.CharField(_("person"), max_length=200, blank=True)
    object = models.CharField(_("object"), max_length=7, choices=SObject, blank=True)
    sfdc_id = models.CharField(_("SFDC Id"), max_length=18, blank=True)
    field = models.CharField(_("field"), max_length=100, blank=True)
    label = models.CharField(_("field"), max_length=255, blank=True)
    old = models.JSONField(_("now"), null=True)
    new = models.JSONField(_("then"), null=True)
    winner = models.CharField(_("winner"), max_length=10, blank=True)
    reason = models.CharField(_("why"), max_length=200, blank=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.kind} {self.name} {self.field}"
