"""Cycles and their steps: the truth about a run stands here, not in the queue."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class SyncRun(models.Model):
    """One sync cycle. A partial unique index allows one running at a time; the heartbeat is its lease."""

    class State(models.TextChoices):
        RUNNING = "running", _("Running")
        DONE = "done", _("Succeeded")
        FAILED = "failed", _("Failed")
        INCOMPLETE = "incomplete", _("Incomplete")
        STOPPED = "stopped", _("Stopped by the guard")
        WAITING = "waiting", _("Waiting for API calls")

    class Trigger(models.TextChoices):
        SCHEDULE = "schedule", _("Schedule")
        CLICK = "click", _("Sync now")
        COMMAND = "command", _("Command line")

    state = models.CharField(_("state"), max_length=10, choices=State, default=State.RUNNING)
    trigger = models.CharField(_("started by"), max_length=10, choices=Trigger, default=Trigger.SCHEDULE)
    started_at = models.DateTimeField(_("started"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    heartbeat_at = models.DateTimeField()
    worker = models.CharField(max_length=80, blank=True, help_text=_("Machine and process that work on it."))
    api_calls = models.PositiveIntegerField(_("API calls"), default=0)
    error_code = models.CharField(max_length=80, blank=True)
    error_message = models.TextField(blank=True)
    unguarded_by = models.CharField(
        max_length=150, blank=True, help_text=_("Who let it run although the guard would have stopped it.")
    )

    class Meta:
        ordering = ["-started_at", "-id"]
        verbose_name = _("sync cycle")
        indexes = [models.Index(fields=["started_at"], name="run_started")]
        constraints = [
            models.UniqueConstraint(fields=["state"], condition=Q(state="running"), name="one_running_cycle")
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("run", args=[self.pk])


class SyncStep(models.Model):
    """One step of a cycle: an object and an operation, with what it did."""

    class Operation(models.TextChoices):
        OWNERS = "owners", _("Users and queues")
        SCHEMA = "schema", _("Sync schema")
        RECOVER = "recover", _("Recover lost answers")
        PULL = "pull", _("Pull updates")
        PUSH = "push", _("Push updates")

    class State(models.TextChoices):
        RUNNING = "running", _("In process")
        DONE = "done", _("Succeeded")
        FAILED = "failed", _("Failed")
        INCOMPLETE = "incomplete", _("Incomplete")

    run = models.ForeignKey(SyncRun, on_delete=models.CASCADE, related_name="steps")
    object = models.CharField(_("object"), max_length=10)
    operation = models.CharField(_("operation"), max_length=10, choices=Operation)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.RUNNING)
    started_at = models.DateTimeField(_("started"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    total = models.PositiveIntegerField(_("to do"), null=True, blank=True)
    done = models.PositiveIntegerField(_("done"), default=0)
    new = models.PositiveIntegerField(_("new"), default=0)
    updated = models.PositiveIntegerField(_("updated"), default=0)
    deleted = models.PositiveIntegerField(_("deleted"), default=0)
    failed = models.PositiveIntegerField(_("failed"), default=0)
    skipped = models.PositiveIntegerField(_("skipped"), default=0)
    conflicts = models.PositiveIntegerField(_("conflicts"), default=0)
    note = models.TextField(blank=True, default="", db_default="")
    api_calls = models.PositiveIntegerField(_("API calls"), default=0, db_default=0)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["started_at"], name="step_started")]

    def __str__(self) -> str:
        return f"{self.object} {self.operation}"
