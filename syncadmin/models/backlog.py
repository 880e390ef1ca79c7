"""How much waited over time, and who or what made it wait."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from syncadmin.models.choices import SObject
from syncadmin.models.failures import SyncFailure


class BacklogSample(models.Model):
    """How much waited at a moment. Thinned out by age.

    ``figures``: {"push": {object: {due, retrying, held, excluded, outside, in_bulk}}, "pull": {object: number},
    "steps": number}; the object "" are people who are to be created in Salesforce. ``took_ms``: how long it took to
    count, which decides whether a page counts anew.
    """

    at = models.DateTimeField(_("counted"), db_index=True)
    figures = models.JSONField()
    took_ms = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-at", "-id"]
        verbose_name = _("backlog sample")

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"


class ChangeCause(models.Model):
    """So many changes of one kind by one author. Only ever added to, so that nobody waits for anybody's row.

    ``field`` "": the number of records, or people; a field's name: in how many of them it changed. ``at``: the
    beginning of ten minutes; rows of full hours are folded into one (``is_folded``). ``who``: from Salesforce, a
    user's id; to Salesforce, what made the change in words, as on the activity log, with the user as ``actor``.
    """

    class Kind(models.TextChoices):
        CHANGED = "changed", _("Fields that sync")
        UNSYNCED = "unsynced", _("Only fields that don’t sync")
        NEW = "new", _("New")
        ECHO = "echo", _("Our own pushes, read back")
        GONE = "gone", _("Deleted, converted or merged")
        LEFT_OUT = "left_out", _("Left out by the record filter")

    at = models.DateTimeField()
    direction = models.CharField(_("direction"), max_length=4, choices=SyncFailure.Direction)
    object = models.CharField(_("object"), max_length=7, choices=SObject, blank=True)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    who = models.CharField(_("changed by"), max_length=120, blank=True)
    actor = models.CharField(max_length=150, blank=True)
    field = models.CharField(_("field"), max_length=80, blank=True)
    records = models.PositiveIntegerField(_("records"))
    is_folded = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("cause of changes")
        indexes = [
            models.Index(fields=["at"], name="cause_at"),
            models.Index(fields=["at"], condition=Q(is_folded=False), name="cause_to_fold"),
        ]

    def __str__(self) -> str:
        return f"{self.who}: {self.field or self.kind} × {self.records}"
