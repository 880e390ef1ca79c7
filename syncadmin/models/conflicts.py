"""Conflicts, in a form that can be searched; fields that bounce; and decisions about many of either at once."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from people.models import Person
from syncadmin.models.choices import SObject, Winner


class Resolution(models.Model):
    """A decision about many conflicts, or many flip-flops, worked off in portions by a job.

    Those it is about point at it. ``changed``: done as decided; ``already``: nothing was left to do; ``overtaken``:
    edited since, and left alone; ``locked``: the field can't be edited here.
    """

    class Kind(models.TextChoices):
        TAKE_OTHER = "take_other", _("Take the other value")
        OURS = "ours", _("Keep ours once")
        THEIRS = "theirs", _("Keep Salesforce’s")
        AGAIN = "again", _("Try again")
        SETTINGS = "settings", _("The field syncs another way now")

    class State(models.TextChoices):
        QUEUED = "queued", _("Queued")
        RUNNING = "running", _("Under way")
        DONE = "done", _("Done")
        CANCELLED = "cancelled", _("Cancelled")
        FAILED = "failed", _("Failed")

    kind = models.CharField(_("what"), max_length=12, choices=Kind)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.QUEUED)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    requested_at = models.DateTimeField(_("requested"))
    heartbeat_at = models.DateTimeField()
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    error_code = models.CharField(max_length=80, blank=True)
    error_message = models.TextField(blank=True)
    total = models.PositiveIntegerField(_("to do"), default=0)
    changed = models.PositiveIntegerField(default=0)
    already = models.PositiveIntegerField(default=0)
    overtaken = models.PositiveIntegerField(default=0)
    locked = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(
                fields=["state"], condition=Q(state__in=["queued", "running"]), name="resolution_open"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} (#{self.pk})"

    def get_absolute_url(self) -> str:
        return reverse("resolution", args=[self.pk])

    @property
    def is_open(self) -> bool:
        return self.state in (self.State.QUEUED, self.State.RUNNING)

    @property
    def done(self) -> int:
        return self.changed + self.already + self.overtaken + self.locked


class SyncConflict(models.Model):
    """Both sides had a value of their own; one stayed. Its id is that of its entry on the activity log.

    The entry tells it on the person's page; this row is found by field, winner, object, state and day, which entries in
    a log of millions are not.
    """

    class State(models.TextChoices):
        STANDS = "stands", _("Stands")
        TAKEN = "taken", _("The other value was taken")
        OVERTAKEN = "overtaken", _("Edited since, left alone")

    id = models.BigIntegerField(primary_key=True)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="conflicts")
    at = models.DateTimeField(_("at"))
    object = models.CharField(_("object"), max_length=7, choices=SObject, blank=True)
    field = models.CharField(_("field"), max_length=80)
    label = models.CharField(max_length=120)
    ours = models.JSONField(null=True)
    theirs = models.JSONField(null=True)
    winner = models.CharField(_("winner"), max_length=10, choices=Winner)
    reason = models.CharField(_("why"), max_length=30)
    theirs_by = models.CharField(max_length=120, blank=True)
    source = models.CharField(max_length=120, blank=True)
    run_id = models.BigIntegerField(null=True, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.STANDS)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    resolution = models.ForeignKey(
        Resolution, on_delete=models.SET_NULL, null=True, blank=True, related_name="conflicts", db_index=False
    )

    class Meta:
        ordering = ["-at", "-id"]
        verbose_name = _("conflict")
        indexes = [
            models.Index(fields=["-at", "-id"], name="conflict_newest"),
            models.Index(fields=["field", "-at", "-id"], name="conflict_of_field"),
            models.Index(fields=["winner", "-at", "-id"], name="conflict_won_by"),
            models.Index(fields=["state", "-at", "-id"], name="conflict_in_state"),
            models.Index(fields=["object", "-at", "-id"], name="conflict_of_object"),
            models.Index(
                fields=["resolution", "id"], condition=Q(resolution__isnull=False), name="conflict_resolving"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label} ({self.person_id})"


class FlipFlop(models.Model):
    """A field of a person that bounced between two values until the sync stopped it.

    That it is stopped is told by the link (``SyncState.rounds``), which the engine has at hand; this row is what people
    see of it, written in the same transaction. ``theirs`` follows what Salesforce holds. ``in_our_save``: theirs was
    there under the sync user's own name, so that something in Salesforce rewrote what we had just pushed.
    """

    class State(models.TextChoices):
        STOPPED = "stopped", _("Stopped")
        RELEASED = "released", _("Syncs again")
        ENDED = "ended", _("Ended by itself")

    class Decision(models.TextChoices):
        OURS = "ours", _("Ours kept once")
        THEIRS = "theirs", _("Salesforce’s kept")
        AGAIN = "again", _("Tried again")
        SETTINGS = "settings", _("The field syncs another way now")
        EQUAL = "equal", _("Both sides were equal again")
        GONE = "gone", _("The record is gone, or another one")

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="flip_flops")
    object = models.CharField(_("object"), max_length=7, choices=SObject)
    field = models.CharField(_("field"), max_length=80)
    label = models.CharField(max_length=120)
    ours = models.JSONField(null=True)
    theirs = models.JSONField(null=True)
    ours_by = models.CharField(max_length=120, blank=True)
    theirs_by = models.CharField(max_length=120, blank=True)
    in_our_save = models.BooleanField(default=False)
    rounds = models.PositiveSmallIntegerField(_("rounds"))
    since = models.DateTimeField(_("since"))
    stopped_at = models.DateTimeField(_("stopped"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.STOPPED)
    decision = models.CharField(max_length=10, choices=Decision, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    resolution = models.ForeignKey(
        Resolution,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="flip_flops",
        db_index=False,
    )

    class Meta:
        ordering = ["-stopped_at", "-pk"]
        verbose_name = _("flip-flop")
        constraints = [
            models.UniqueConstraint(
                fields=["person", "field"], condition=Q(state="stopped"), name="one_open_flip_flop"
            )
        ]
        indexes = [
            models.Index(fields=["-stopped_at", "-id"], name="flip_flop_latest"),
            models.Index(fields=["state", "-stopped_at", "-id"], name="flip_flop_in_state"),
            models.Index(fields=["field", "-stopped_at", "-id"], name="flip_flop_of_field"),
            models.Index(
                fields=["resolution", "id"], condition=Q(resolution__isnull=False), name="flip_flop_resolving"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label} ({self.person_id})"
