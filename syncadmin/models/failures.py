"""What was refused, kept until it works."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from people.models import Person
from syncadmin.models.choices import SObject
from syncadmin.models.runs import SyncRun


class SyncFailure(models.Model):
    """Something Salesforce, or a rule of ours, refused. Open until it works, or somebody ignores it."""

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        RESOLVED = "resolved", _("Resolved")
        IGNORED = "ignored", _("Ignored")

    class Direction(models.TextChoices):
        PUSH = "push", _("To Salesforce")
        PULL = "pull", _("From Salesforce")

    person = models.ForeignKey(
        Person, on_delete=models.CASCADE, null=True, blank=True, related_name="failures"
    )
    direction = models.CharField(_("direction"), max_length=4, choices=Direction)
    object = models.CharField(_("object"), max_length=7, choices=SObject)
    sfdc_id = models.CharField(_("SFDC Id"), max_length=18, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)
    code = models.CharField(_("code"), max_length=80)
    message = models.TextField(_("message"))
    advice = models.TextField(_("what to do"), blank=True)
    fields = models.JSONField(_("fields"), default=list, help_text=_("Person field names, where known."))
    values = models.JSONField(_("values"), default=dict)
    assign_to = models.CharField(max_length=30, blank=True, help_text=_("The owner that was asked for."))
    is_permanent = models.BooleanField(default=True)
    person_version = models.PositiveBigIntegerField(default=0)
    attempts = models.PositiveIntegerField(_("attempts"), default=1)
    retry_at = models.DateTimeField(_("next try"), null=True, blank=True)
    run = models.ForeignKey(
        SyncRun, on_delete=models.SET_NULL, null=True, blank=True, related_name="failures"
    )
    first_at = models.DateTimeField(_("since"))
    last_at = models.DateTimeField(_("last tried"))
    resolved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-last_at", "-id"]
        verbose_name = _("failure")
        indexes = [
            models.Index(fields=["state", "-last_at", "-id"], name="failure_by_time"),
            models.Index(fields=["state", "code", "direction"], name="failure_by_code"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "direction"], condition=Q(state="open"), name="one_open_failure"
            ),
            models.UniqueConstraint(
                fields=["sfdc_id"], condition=Q(state="open", direction="pull"), name="one_open_pull_failure"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"
