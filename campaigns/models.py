"""Flow steps: what a marketer has the product do with people. A run of a step is the truth about it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from people.models import Person


class FlowStep(models.TextChoices):
    """The steps there are, under Marketo's names."""

    SYNC_PERSON_TO_SFDC = "sync_person_to_sfdc", _("Sync Person to SFDC")


class FlowStepRun(models.Model):
    """One flow step, run on some people: by a button, on a selection, or by a campaign.

    ``parameters`` by step — sync_person_to_sfdc: {"assign_to": "rules" | "user:ID" | "queue:ID"}.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("Queued")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")

    step = models.CharField(_("flow step"), max_length=30, choices=FlowStep)
    parameters = models.JSONField(default=dict)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.QUEUED)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    requested_at = models.DateTimeField(_("requested"))
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True)

    class Meta:
        ordering = ["-requested_at", "-id"]
        verbose_name = _("flow step run")

    def __str__(self) -> str:
        return f"{self.get_step_display()} #{self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("campaigns:flow-step-run", args=[self.pk])


class FlowStepItem(models.Model):
    """What the step did with one person."""

    class State(models.TextChoices):
        QUEUED = "queued", _("Queued")
        DONE = "done", _("Done")
        SKIPPED = "skipped", _("Skipped")
        FAILED = "failed", _("Failed")

    run = models.ForeignKey(FlowStepRun, on_delete=models.CASCADE, related_name="items")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="flow_step_items")
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.QUEUED)
    outcome = models.JSONField(
        default=dict, help_text=_("The SyncOutcome of syncadmin.services.sync_people.")
    )

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["run", "person"], name="person_once_in_run")]
        indexes = [models.Index(fields=["run", "state"], name="flow_step_item_state")]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.state}"
