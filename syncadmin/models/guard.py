"""Cycles that the guard stopped."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from syncadmin.models.runs import SyncRun


class GuardStop(models.Model):
    """The guard stopped a cycle; it stays open, and goes on stopping, until it is settled.

    ``reading``: where the reading stood, by object: as long as it is the same, nobody needs to plan again.
    ``told``: what the words are made of: the field and the user most changes come from.
    """

    run = models.ForeignKey(SyncRun, on_delete=models.CASCADE, related_name="guard_stops")
    at = models.DateTimeField()
    last_at = models.DateTimeField()
    share = models.PositiveSmallIntegerField()
    least = models.PositiveIntegerField()
    people = models.PositiveIntegerField()
    deleted = models.PositiveIntegerField(default=0)
    unlinked = models.PositiveIntegerField(default=0)
    overwritten_here = models.PositiveIntegerField(default=0)
    overwritten_there = models.PositiveIntegerField(default=0)
    reading = models.JSONField(default=dict)
    told = models.JSONField(default=dict)
    allowed_by = models.CharField(max_length=150, blank=True)
    allowed_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("stop by the guard")

    def __str__(self) -> str:
        return f"cycle {self.run_id}"

    @property
    def affected_here(self) -> int:
        """People who would be marked as deleted, merged away or overwritten here."""
        return self.deleted + self.unlinked + self.overwritten_here

    @property
    def is_allowed(self) -> bool:
        """An administrator let the next cycle run."""
        return self.allowed_at is not None
