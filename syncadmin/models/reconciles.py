"""Full checks: both sides compared record by record, and what differs."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from people.models import Person
from syncadmin.models.choices import SObject


class ReconcileRun(models.Model):
    """One full check. Its counts are exact; of the findings the first are kept in detail.

    ``stage`` and ``position`` say how far it is: each object is read by key, then what was linked and not read is
    looked up. ``counts``: {object: {"there", "here", "linked", "equal", "differing", "duplicates", "missing_here",
    "missing_there"}}; ``reasons``: {reason: findings}.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        CANCELLED = "cancelled", _("Cancelled")
        FAILED = "failed", _("Failed")

    class Trigger(models.TextChoices):
        CLICK = "click", _("Click")
        SCHEDULE = "schedule", _("Schedule")
        COMMAND = "command", _("Command line")

    state = models.CharField(_("state"), max_length=10, choices=State, default=State.QUEUED)
    trigger = models.CharField(_("started by"), max_length=10, choices=Trigger, default=Trigger.CLICK)
    stage = models.CharField(max_length=20, blank=True)
    position = models.CharField(max_length=300, blank=True)
    total = models.PositiveIntegerField(_("to compare"), default=0)
    done = models.PositiveIntegerField(_("compared"), default=0)
    counts = models.JSONField(default=dict)
    reasons = models.JSONField(default=dict)
    differences = models.PositiveIntegerField(_("differences"), default=0)
    kept = models.PositiveIntegerField(_("kept in detail"), default=0)
    api_calls = models.PositiveIntegerField(_("API calls"), default=0)
    attempts = models.PositiveIntegerField(default=0, help_text=_("Begun since it last moved on."))
    error_code = models.CharField(max_length=80, blank=True)
    error_message = models.TextField(blank=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    requested_at = models.DateTimeField(_("requested"))
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    waits_until = models.DateTimeField(null=True, blank=True, help_text=_("For a bulk job of Salesforce."))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("full check")
        indexes = [
            models.Index(
                fields=["state"], condition=Q(state__in=["queued", "running"]), name="reconcile_open"
            )
        ]

    def __str__(self) -> str:
        return _("Full check #%s") % self.pk

    def get_absolute_url(self) -> str:
        return reverse("reconcile-detail", args=[self.pk])

    @property
    def is_open(self) -> bool:
        return self.state in (self.State.QUEUED, self.State.RUNNING)


class ReconcileSeen(models.Model):
    """A linked record that was read by the check under way. Forgotten when it ends."""

    run = models.ForeignKey(ReconcileRun, on_delete=models.CASCADE, related_name="seen", db_index=False)
    sfdc_id = models.CharField(max_length=18)

    class Meta:
        indexes = [models.Index(fields=["run", "sfdc_id"], name="reconcile_seen")]

    def __str__(self) -> str:
        return self.sfdc_id


class ReconcileFinding(models.Model):
    """One record that isn't the same on both sides.

    ``fields``: [{"name", "label", "type", "base", "here", "there", "reason"}]; ``field_names``: their names between
    bars, to be searched. ``detail``: what became of a record that is gone, or the code of its failure.
    """

    class Kind(models.TextChoices):
        DIFFERS = "differs", _("Values differ")
        MISSING_HERE = "missing_here", _("Only in Salesforce")
        MISSING_THERE = "missing_there", _("Only here")

    class Reason(models.TextChoices):
        UNEXPLAINED = "unexplained", _("Unexplained")
        NEVER_SEEN = "never_seen", _("Never seen")
        UNLINKED = "unlinked", _("Link lost")
        GONE = "gone", _("Gone in Salesforce")
        FAILED = "failed", _("Failed")
        STOPPED = "stopped", _("Stopped, bouncing")
        CONFLICT = "conflict", _("Conflict, undecided")
        NEVER_AGREED = "never_agreed", _("Never agreed on")
        FORMULA = "formula", _("Formula")
        EXCLUDED = "excluded", _("Excluded")
        OUTSIDE = "outside", _("Record filter")
        DELETED_HERE = "deleted_here", _("Deleted here")
        WAITING = "waiting", _("Waiting")
        ON_ITS_WAY = "on_its_way", _("On its way")
        ONE_WAY = "one_way", _("As the field is set")

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        QUEUED = "queued", _("Being repaired")
        WORKING = "working", _("Being repaired now")
        REPAIRED = "repaired", _("Repaired")
        FAILED = "failed", _("Not repaired")

    class Action(models.TextChoices):
        SYNC = "sync", _("Repair")
        THEIRS = "theirs", _("Take Salesforce’s values")
        OURS = "ours", _("Push ours")

    run = models.ForeignKey(ReconcileRun, on_delete=models.CASCADE, related_name="findings", db_index=False)
    kind = models.CharField(_("what"), max_length=15, choices=Kind)
    reason = models.CharField(_("why"), max_length=15, choices=Reason)
    detail = models.CharField(max_length=80, blank=True)
    object = models.CharField(_("object"), max_length=7, choices=SObject)
    sfdc_id = models.CharField(_("SFDC Id"), max_length=18)
    person = models.ForeignKey(
        Person, on_delete=models.SET_NULL, null=True, blank=True, db_constraint=False, related_name="+"
    )
    name = models.CharField(_("name"), max_length=200, blank=True)
    fields = models.JSONField(default=list)
    field_names = models.TextField(blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)
    action = models.CharField(max_length=10, choices=Action, blank=True)
    outcome = models.TextField(_("result"), blank=True)
    acted_at = models.DateTimeField(null=True, blank=True)
    acted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["pk"]
        verbose_name = _("finding")
        indexes = [
            models.Index(fields=["run", "reason"], name="finding_of_run"),
            models.Index(
                fields=["state"], condition=Q(state__in=["queued", "working"]), name="finding_under_repair"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reason} {self.object} {self.sfdc_id}"

    @property
    def is_repairable(self) -> bool:
        return self.state in (self.State.OPEN, self.State.FAILED)
